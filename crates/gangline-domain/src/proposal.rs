//! What a planner proposes: tickets that depend on one another, in one Markdown text.
//!
//! ```text
//! What the plan is about                    the overview, for people
//!
//! # Ticket #1: Parse the input              as in an import; the number is the plan's own
//! **Priority:** high
//! **Scope:** `src/parse/**`
//!
//! What is wanted, and where.
//!
//! ## Acceptance
//! - a test that …
//!
//! # Ticket #2: Use the parser
//! **Depends on:** #1, APP-3                 tickets of the plan by number, others by key
//! **Scope:** anywhere
//! …
//! ```
//!
//! Stricter than an import: what is not understood is told, so that the planner can mend it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::command::NewTicket;
use crate::deps::find_cycle;
use crate::ids::{TicketId, TicketKey};
use crate::level::Level;
use crate::readme::{Read, Readme, Wrong, is_heading, parse};
use crate::scope::Scope;
use crate::spec::{Priority, TicketSpec};
use crate::ticket::Ticket;

/// The plan's file in the output folder.
pub const PLAN_FILE: &str = "plan.md";
/// Bytes that a plan may have.
pub const PLAN_BYTES_MAX: usize = 128 * 1024;
/// Tickets that a plan may propose.
pub const PLAN_TICKETS_MAX: usize = 40;
/// What a label begins with that names the plan which a ticket comes from.
pub const PLAN_LABEL: &str = "plan:";

/// Bytes that a label may have.
const LABEL_BYTES_MAX: usize = 64;
/// Flaws of a plan that are told at once.
const FLAWS_MAX: usize = 20;

/// A plan that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// What stands above its first ticket; may be empty.
    pub overview: String,
    /// Its tickets, by their numbers in the plan, from 1 to [`PLAN_TICKETS_MAX`] of them. None
    /// waits for itself.
    pub tickets: BTreeMap<u64, Proposed>,
}

/// One proposed ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// What is asked for; of its dependencies, those that are tickets already.
    pub spec: Box<TicketSpec>,
    /// Tickets of the plan that must have landed before it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub after: BTreeSet<u64>,
}

impl Proposal {
    /// Reads a plan of a project whose keys begin with `prefix`, or says all that is wrong with it,
    /// by line: the first [`FLAWS_MAX`] flaws.
    pub fn read(text: &str, prefix: &str) -> Result<Self, Vec<Wrong>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.len() > PLAN_BYTES_MAX {
            let what = format!("{} bytes are more than {PLAN_BYTES_MAX}", text.len());
            return Err(vec![Wrong { line: 1, what }]);
        }
        // Numbers of the plan are told apart from tickets that are there by a prefix of their own.
        let own = if prefix == "PLAN" { "PROPOSED" } else { "PLAN" };
        let lines: Vec<&str> = text.lines().collect();
        let starts = starts(&lines, own);
        let Some(first) = starts.first() else {
            let what = "there is no ticket: each begins with `# Ticket #1: title`".to_owned();
            return Err(vec![Wrong { line: 1, what }]);
        };
        let mut reading = Reading { own, prefix, ..Reading::default() };
        for (at, start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).copied().unwrap_or(lines.len());
            reading.section(&lines[*start..end], *start);
        }
        reading.finish(lines[..*first].join("\n").trim().to_owned())
    }

    /// The plan's tickets under these keys, of which there are as many: drafts, for `plan`.
    pub fn drafts(&self, plan: &Ticket, keys: &[TicketKey]) -> BTreeMap<TicketKey, NewTicket> {
        let keys: BTreeMap<u64, &TicketKey> = self.tickets.keys().copied().zip(keys).collect();
        let draft = |(number, proposed): (&u64, &Proposed)| {
            let mut spec = proposed.spec.clone();
            spec.depends_on.extend(proposed.after.iter().map(|on| keys[on].clone()));
            // What a plan may call itself, its label is not: whatever it says, it is this plan's.
            spec.labels.retain(|label| !label.starts_with(PLAN_LABEL));
            spec.labels.insert(label(&plan.id));
            spec.labels.extend(level_of(plan, &spec));
            (keys[number].clone(), NewTicket { spec, draft: true })
        };
        self.tickets.iter().map(draft).collect()
    }
}

/// What the drafts of a plan are labelled with.
pub fn label(plan: &TicketId) -> String {
    format!("{PLAN_LABEL}{}", plan.key)
}

/// What makes a draft as confidential as the plan that it comes from.
fn level_of(plan: &Ticket, spec: &TicketSpec) -> Option<String> {
    let level = plan.level();
    let own = Level::of_labels(spec.labels.iter().map(String::as_str));
    (own < level).then(|| format!("{level:?}").to_lowercase())
}

/// The lines at which tickets begin, from 0: headings of the first degree outside of fenced code,
/// from the first one on that is meant as a ticket's.
fn starts(lines: &[&str], own: &str) -> Vec<usize> {
    let mut starts: Vec<usize> = vec![];
    let mut fenced = false;
    for (at, line) in lines.iter().enumerate() {
        let line = line.trim();
        fenced ^= line.starts_with("```") || line.starts_with("~~~");
        let Some(heading) = line.strip_prefix("# ").filter(|_| !fenced) else { continue };
        if !starts.is_empty() || is_heading(heading, own) {
            starts.push(at);
        }
    }
    starts
}

/// A plan that is being read.
#[derive(Default)]
struct Reading<'p> {
    own: &'p str,
    prefix: &'p str,
    /// Each with the line of its heading, from 1.
    tickets: BTreeMap<u64, (usize, Proposed)>,
    /// Numbers that the plan names, and where first.
    named: BTreeMap<u64, usize>,
    wrong: Vec<Wrong>,
}

impl Reading<'_> {
    fn section(&mut self, lines: &[&str], before: usize) {
        let at = |wrong: Wrong| Wrong { line: wrong.line + before, ..wrong };
        let readme = match parse(&lines.join("\n"), self.own) {
            Read::Ticket(readme) => *readme,
            Read::Other(why) => {
                return self.wrong.push(Wrong { line: before + 1, what: why.to_owned() });
            }
            Read::Bad(wrong) => return self.wrong.push(at(wrong)),
        };
        let mut wrong: Vec<Wrong> =
            readme.unknown.iter().chain(&readme.notes).cloned().map(at).collect();
        let mut flaw = |what: String| wrong.push(Wrong { line: before + 1, what });
        if readme.key.prefix() != self.own || readme.external_ref.is_none() {
            flaw(format!("{} is a key: number it, as in `# Ticket #1: title`", readme.key));
        }
        if readme.acceptance == 0 {
            flaw(
                "it does not say how it is accepted: a section `## Acceptance` with a list".into(),
            );
        }
        if readme.scope.is_empty() && !readme.anywhere {
            flaw("it has no scope: **Scope:** `src/**`, or anywhere".to_owned());
        }
        let (after, depends_on) = self.dependencies(&readme, before, &mut wrong);
        let number = readme.key.number();
        match proposed(readme, depends_on) {
            Ok(spec) if self.tickets.contains_key(&number) => {
                drop(spec);
                let what = format!("#{number} stands in the plan twice");
                wrong.push(Wrong { line: before + 1, what });
            }
            Ok(spec) => {
                self.tickets.insert(number, (before + 1, Proposed { spec, after }));
            }
            Err(what) => wrong.push(Wrong { line: before + 1, what }),
        }
        self.wrong.extend(wrong);
    }

    /// Tickets of the plan, and tickets that are there.
    fn dependencies(
        &mut self,
        readme: &Readme,
        before: usize,
        wrong: &mut Vec<Wrong>,
    ) -> (BTreeSet<u64>, BTreeSet<TicketKey>) {
        let (mut after, mut there) = (BTreeSet::new(), BTreeSet::new());
        for (key, line) in &readme.depends_on {
            let line = line + before;
            if key.prefix() == self.own {
                self.named.entry(key.number()).or_insert(line);
                after.insert(key.number());
            } else if key.prefix() == self.prefix {
                there.insert(key.clone());
            } else {
                let what = format!("{key} is no ticket of this project: {}-1 is one", self.prefix);
                wrong.push(Wrong { line, what });
            }
        }
        (after, there)
    }

    fn finish(mut self, overview: String) -> Result<Proposal, Vec<Wrong>> {
        for (number, line) in &self.named {
            // A ticket that could not be read is told of already.
            if !self.tickets.contains_key(number) && self.wrong.is_empty() {
                let what = format!("the plan has no ticket #{number}");
                self.wrong.push(Wrong { line: *line, what });
            }
        }
        let count = self.tickets.len();
        if count > PLAN_TICKETS_MAX {
            let what = format!("{count} tickets are more than {PLAN_TICKETS_MAX}");
            self.wrong.push(Wrong { line: 1, what });
        }
        if let Some((line, cycle)) = self.cycle() {
            let what = format!("these tickets would wait for one another: {cycle}");
            self.wrong.push(Wrong { line, what });
        }
        if self.wrong.is_empty() {
            let tickets =
                self.tickets.into_iter().map(|(number, (_, proposed))| (number, proposed));
            return Ok(Proposal { overview, tickets: tickets.collect() });
        }
        self.wrong.sort_by_key(|wrong| wrong.line);
        self.wrong.truncate(FLAWS_MAX);
        Err(self.wrong)
    }

    fn cycle(&self) -> Option<(usize, String)> {
        let key = |number: &u64| TicketKey::new(self.own, *number).ok();
        let graph = self.tickets.iter().filter_map(|(number, (_, proposed))| {
            Some((key(number)?, proposed.after.iter().filter_map(key).collect()))
        });
        let cycle = find_cycle(&graph.collect())?;
        let shown: Vec<String> = cycle.iter().map(|key| format!("#{}", key.number())).collect();
        Some((self.tickets[&cycle.first()?.number()].0, shown.join(" → ")))
    }
}

/// What is asked for.
fn proposed(readme: Readme, depends_on: BTreeSet<TicketKey>) -> Result<Box<TicketSpec>, String> {
    let spec = TicketSpec {
        title: readme.title,
        body: readme.body,
        priority: match readme.priority.as_deref() {
            Some("critical") => Priority::Critical,
            Some("high") => Priority::High,
            Some("low") => Priority::Low,
            Some(_) | None => Priority::Medium,
        },
        labels: readme.labels.into_iter().collect(),
        depends_on,
        scope: Scope::try_from(readme.scope).map_err(|error| error.to_string())?,
        agent: readme.agent.map(|agent| agent.parse()).transpose().map_err(|_| {
            // The parser lets no other name through.
            "its agent has no name".to_owned()
        })?,
        capabilities: readme.capabilities.into_iter().collect(),
        ..TicketSpec::default()
    };
    if let Some(label) = spec.labels.iter().find(|label| label.len() > LABEL_BYTES_MAX) {
        let shown: String = label.chars().take(40).collect();
        return Err(format!(
            "the label `{}…` has more than {LABEL_BYTES_MAX} bytes",
            shown.escape_debug()
        ));
    }
    spec.check().map_err(|error| error.to_string())?;
    Ok(Box::new(spec))
}

#[cfg(test)]
mod tests;
