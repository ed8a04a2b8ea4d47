use super::*;

fn check(text: &str, expected: &str) {
    let read = match parse(text, "APP") {
        Read::Ticket(ticket) => {
            let on: Vec<String> = ticket.depends_on.keys().map(ToString::to_string).collect();
            let notes: Vec<&str> = ticket.notes.iter().map(|note| note.what.as_str()).collect();
            format!(
                "{} `{}` {} on [{}] ref {} notes {:?}",
                ticket.key,
                ticket.title,
                ticket.priority.as_deref().unwrap_or("-"),
                on.join(" "),
                ticket.external_ref.as_deref().unwrap_or("-"),
                notes
            )
        }
        Read::Other(why) => format!("other: {why}"),
        Read::Bad(wrong) => format!("line {}: {}", wrong.line, wrong.what),
    };
    assert_eq!(read, expected, "{text}");
}

#[test]
fn the_form_of_the_requirement_documents_is_read() {
    check(
        "# Ticket #108: Multi-Agent Orchestration - Isolated Architecture\n\n\
         **Status:** 🟢 READY TO IMPLEMENT\n**Priority:** High\n**Estimated Time:** 8-12 hours\n\
         \n---\n\n## Executive Summary\n\nBased on lessons from ticket #107, …",
        "APP-108 `Multi-Agent Orchestration - Isolated Architecture` high on [] ref 108 notes []",
    );
}

#[test]
fn dependencies_are_read_from_fields_and_from_their_section() {
    check(
        "# Ticket #3: c\n**Depends on:** #1, APP-2 (see #1)\n\n## Dependencies\n- Ticket #4: d\n\
         - [ ] #5\n- Redis 7\n- **APP-6** first\n\n## Notes\n- #99 is not one\n",
        "APP-3 `c` - on [APP-1 APP-2 APP-4 APP-5 APP-6] ref 3 notes []",
    );
    check("# Ticket #3: c\n**Dependencies:** None\n", "APP-3 `c` - on [] ref 3 notes []");
    check(
        "# Ticket #3: c\n**Dependencies:** Redis\n",
        "APP-3 `c` - on [] ref 3 notes [\"no ticket is named in `dependencies: Redis`\"]",
    );
}

#[test]
fn a_ticket_says_who_may_work_on_it() {
    let text = "# Ticket #3: c\n**Labels:** cart, `agent:backend`\n**Capabilities:** python, sql\n\
                **Agent:** backend\n**Estimated Time:** 2 h\n";
    let Read::Ticket(ticket) = parse(text, "APP") else { panic!("it is a ticket") };
    assert_eq!(ticket.labels, ["cart", "agent:backend"]);
    assert_eq!(ticket.capabilities, ["python", "sql"]);
    assert_eq!(ticket.agent.as_deref(), Some("backend"));
    let none = "# Ticket #3: c\n**Agent:** none\n**Capabilities:** -\n";
    let Read::Ticket(ticket) = parse(none, "APP") else { panic!("it is a ticket") };
    assert_eq!((ticket.agent, ticket.capabilities), (None, vec![]));
}

#[test]
fn whole_keys_are_read_too() {
    check("# APP-12: Title", "APP-12 `Title` - on [] ref - notes []");
    check("\u{feff}\n# ticket XY-7 – Title\n", "XY-7 `Title` - on [] ref - notes []");
    check("# Ticket 9 - Title", "APP-9 `Title` - on [] ref 9 notes []");
}

#[test]
fn what_is_no_ticket_is_told_apart_from_a_broken_one() {
    check("", "other: it is empty");
    check("Some text", "other: it does not begin with a heading");
    check("# Ticketing for beginners", "other: its heading is not `# Ticket #N: title`");
    check("# Contributing", "other: its heading is not `# Ticket #N: title`");
    check("# Ticket #: x", "line 1: `#` is not a ticket key such as APP-12: it has no dash");
    check(
        "\n# Ticket #007: x",
        "line 2: `APP-007` is not a ticket key such as APP-12: behind the dash stands a number without leading zeros",
    );
    check("# Ticket #5", "line 1: APP-5 has no title: write `# Ticket #N: title`");
    check(
        "# Ticket #5: x\n\n**Priority:** ASAP",
        "line 3: `ASAP` is not a priority; one is critical, high, medium or low",
    );
    check("# Ticket #5: x\n**Depends on:** #abc", "line 2: `#abc` names no ticket");
}

#[test]
fn examples_in_fences_are_not_meant() {
    check(
        "# Ticket #5: x\n```\n**Priority:** ASAP\n```\n**Priority:** low\n",
        "APP-5 `x` low on [] ref 5 notes []",
    );
}

#[test]
fn a_scope_is_what_stands_between_backticks() {
    let scope = |value: &str| {
        let text = format!("# Ticket #3: c\n**Scope:** {value}\n");
        let Read::Ticket(ticket) = parse(&text, "APP") else { panic!("it is a ticket") };
        (ticket.scope.join(" "), ticket.anywhere, ticket.notes.len())
    };
    assert_eq!(scope("`src/**`, `docs/*.md`"), ("src/** docs/*.md".to_owned(), false, 0));
    assert_eq!(scope("anywhere"), (String::new(), true, 0));
    assert_eq!(scope("none"), (String::new(), false, 0));
    // Prose is no pattern: it would forbid every change.
    assert_eq!(scope("Backend only"), (String::new(), false, 1));
}

#[test]
fn what_is_accepted_is_counted_and_unknown_fields_are_told_with_their_line() {
    let text = "# Ticket #3: c\n**Status:** ready\n\n## Acceptance\n\n- a test\n- [ ] another\n-\n\n\
                ## Notes\n- none\n";
    let Read::Ticket(ticket) = parse(text, "APP") else { panic!("it is a ticket") };
    assert_eq!(ticket.acceptance, 2);
    let what = "there is no field `status`".to_owned();
    assert_eq!(ticket.unknown, [Wrong { line: 2, what }]);
}
