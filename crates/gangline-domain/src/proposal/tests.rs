use super::*;
use crate::ids::{Actor, Timestamp};

const GOOD: &str = "Carts are slow, for two reasons.

# Ticket #1: Cache prices
**Priority:** high
**Scope:** `src/prices/**`, `tests/prices.rs`
**Labels:** carts, plan:APP-1

Prices are looked up once for each line. See **prices.rs**.

```
# Ticket #9: an example
```

## Acceptance
- `cargo test prices` has a case with two equal lines

# Ticket #2: Use the cache
**Depends on:** #1, APP-3
**Scope:** anywhere

## Dependencies
- Ticket #1: the cache

## Acceptance
- [ ] the slow test takes less than a second
";

fn flaws(text: &str) -> String {
    match Proposal::read(text, "APP") {
        Ok(proposal) => format!("{} tickets", proposal.tickets.len()),
        Err(wrong) => {
            let line = |wrong: &Wrong| format!("{}: {}", wrong.line, wrong.what);
            wrong.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    }
}

/// A ticket of a plan, with further lines below its heading.
fn ticket(number: u64, fields: &str) -> String {
    format!(
        "# Ticket #{number}: t{number}\n**Scope:** anywhere\n{fields}\n## Acceptance\n- it works\n"
    )
}

fn plan(labels: &[&str]) -> Ticket {
    let id = TicketId { project: "shop".parse().unwrap(), key: "APP-7".parse().unwrap() };
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    let spec = TicketSpec { labels, ..TicketSpec::titled("faster carts") };
    Ticket::new(id, spec, Actor::Gangline, Timestamp(0))
}

#[test]
fn a_plan_is_read_with_what_its_tickets_wait_for() {
    let proposal = Proposal::read(GOOD, "APP").unwrap();
    assert_eq!(proposal.overview, "Carts are slow, for two reasons.");
    assert_eq!(proposal.tickets.keys().copied().collect::<Vec<_>>(), [1, 2]);
    let (first, second) = (&proposal.tickets[&1], &proposal.tickets[&2]);
    assert_eq!(first.spec.title, "Cache prices");
    assert_eq!(first.spec.priority, Priority::High);
    assert_eq!(first.spec.scope.patterns(), ["src/prices/**", "tests/prices.rs"]);
    assert!(first.spec.body.contains("# Ticket #9: an example"), "{}", first.spec.body);
    assert!(first.spec.body.ends_with("with two equal lines"), "{}", first.spec.body);
    assert_eq!(second.after, BTreeSet::from([1]));
    assert_eq!(second.spec.depends_on, BTreeSet::from(["APP-3".parse().unwrap()]));
    assert!(second.spec.scope.is_empty());
}

#[test]
fn drafts_depend_on_one_another_and_are_the_plans() {
    let proposal = Proposal::read(GOOD, "APP").unwrap();
    let keys: [TicketKey; 2] = ["APP-8".parse().unwrap(), "APP-9".parse().unwrap()];
    let drafts = proposal.drafts(&plan(&["c2"]), &keys);
    assert!(drafts.values().all(|new| new.draft));
    let labels: Vec<&str> = drafts[&keys[0]].spec.labels.iter().map(String::as_str).collect();
    // No less confidential than the plan, and of no other one than it is of.
    assert_eq!(labels, ["c2", "carts", "plan:APP-7"]);
    let on: Vec<String> =
        drafts[&keys[1]].spec.depends_on.iter().map(ToString::to_string).collect();
    assert_eq!(on, ["APP-3", "APP-8"]);
}

#[test]
fn every_flaw_is_told_with_its_line() {
    insta::assert_snapshot!(flaws("# A plan\n\nDo it.\n"), @"1: there is no ticket: each begins with `# Ticket #1: title`");
    insta::assert_snapshot!(flaws(&format!("Hello\n\n{}", ticket(1, "**Priority:** soon"))), @"5: `soon` is not a priority; one is critical, high, medium or low");
    insta::assert_snapshot!(flaws(&ticket(1, "**Estimate:** 3 h\n**Depends on:** the rest\n")), @r"
    3: there is no field `estimate`
    4: no ticket is named in `depends on: the rest`
    ");
    insta::assert_snapshot!(flaws("# Ticket #1: bare\n\nText.\n"), @r"
    1: it does not say how it is accepted: a section `## Acceptance` with a list
    1: it has no scope: **Scope:** `src/**`, or anywhere
    ");
    insta::assert_snapshot!(flaws(&format!("{}\n# Notes\n", ticket(1, ""))), @"7: its heading is not `# Ticket #N: title`");
    insta::assert_snapshot!(flaws("# APP-4: keyed\n**Scope:** anywhere\n## Acceptance\n- x"), @"1: APP-4 is a key: number it, as in `# Ticket #1: title`");
    insta::assert_snapshot!(flaws("# Ticket #1: t\n**Scope:** `/etc/[`\n## Acceptance\n- x\n"), @"1: `/etc/[` is not a path pattern: it must stay below the repository's root");
}

#[test]
fn tickets_wait_for_what_there_is_and_never_for_themselves() {
    let text = [ticket(1, "**Depends on:** #2"), ticket(2, "**Depends on:** #1")].concat();
    insta::assert_snapshot!(flaws(&text), @"1: these tickets would wait for one another: #1 → #2 → #1");
    insta::assert_snapshot!(flaws(&ticket(1, "**Depends on:** #1")), @"1: these tickets would wait for one another: #1 → #1");
    insta::assert_snapshot!(flaws(&ticket(1, "**Depends on:** #5")), @"3: the plan has no ticket #5");
    insta::assert_snapshot!(flaws(&ticket(1, "**Depends on:** UTF-8")), @"3: UTF-8 is no ticket of this project: APP-1 is one");
    insta::assert_snapshot!(flaws(&[ticket(1, ""), ticket(1, "")].concat()), @"6: #1 stands in the plan twice");
}

#[test]
fn a_plan_has_bounds() {
    let many: String = (1..=41).map(|number| ticket(number, "")).collect();
    assert_eq!(flaws(&many), "1: 41 tickets are more than 40");
    assert_eq!(flaws(&"x".repeat(PLAN_BYTES_MAX + 1)), "1: 131073 bytes are more than 131072");
}

#[test]
fn a_project_may_be_called_like_a_plan() {
    let text = ticket(1, "") + &ticket(2, "**Depends on:** #1, PLAN-1");
    let proposal = Proposal::read(&text, "PLAN").unwrap();
    let second = &proposal.tickets[&2];
    assert_eq!(second.after, BTreeSet::from([1]));
    assert_eq!(second.spec.depends_on, BTreeSet::from(["PLAN-1".parse().unwrap()]));
}
