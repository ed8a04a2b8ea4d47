//! What a person can do next about a ticket, each with the exact command.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ticket::TicketDetail;

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    /// In one word, such as `more_context`.
    pub name: String,
    /// What it does, as a lowercase fragment.
    pub what: String,
    /// The command that does it. A `…` in it is for the person to fill in.
    pub command: String,
}

/// One of the actions below, for every ticket alike: name, what it does, and the command.
type Known = (&'static str, &'static str, &'static str);

const START: Known = ("start", "open it, so that it is scheduled", "gangline start KEY");
const ANSWER: Known = ("answer", "answer the agent's question", "gangline answer KEY \"…\"");
const LOGS: Known = ("logs", "watch what its agent does", "gangline logs -f KEY");
const PAST: Known = ("logs", "read what its agent did", "gangline logs KEY");
const WORKLOG: Known = ("worklog", "see who worked on it", "gangline worklog KEY");
const STOP: Known = ("stop", "end its agent, keep its work, and hold it", "gangline stop KEY");
const APPROVE: Known = ("approve", "let the verified commit land", "gangline approve KEY");
const REJECT: Known = ("reject", "send it back, with a reason", "gangline reject KEY \"…\"");
const DIFF: Known = ("diff", "read all of what changed", "gangline diff KEY");
const RUN: Known = ("run", "watch it to its end", "gangline run KEY");
const HOLD: Known = ("hold", "keep it from going on", "gangline hold KEY");
const RESUME: Known = ("resume", "let it go on", "gangline resume KEY");
const CANCEL: Known =
    ("cancel", "end it; what was done stays in rescue refs", "gangline cancel KEY");
const OPEN: Known = ("open", "go to its worktree", "cd \"$(gangline open KEY)\"");
const HAND_BACK: Known =
    ("hand_back", "have what is in its worktree verified", "gangline take-over KEY --done");
const RECHECK: Known =
    ("recheck", "verify what it offered last once more, without a try", "gangline recheck KEY");
const MORE_CONTEXT: Known = (
    "more_context",
    "give it all its tries again, with a word to the next one",
    "gangline retry KEY --hint \"…\"",
);
const SIMPLIFY: Known =
    ("simplify", "ask for less, and let it go on", "gangline edit KEY && gangline retry KEY");
const SPLIT: Known = (
    "split",
    "make smaller tickets of its parts, and cancel it",
    "gangline split KEY \"first part\" \"second part\"",
);
const TAKE_OVER: Known = (
    "take_over",
    "work on it yourself (--shell opens a shell there), then have that verified",
    "gangline take-over KEY",
);
const DISCARD: Known =
    ("discard", "end it; what was done stays in rescue refs", "gangline cancel KEY");
const MEND_MACHINE: Known = (
    "mend_machine",
    "mend what fails on this machine, then let it go on",
    "gangline doctor && gangline retry KEY",
);
const CALM: Known =
    ("calm", "when the target branch has come to rest, let it go on", "gangline retry KEY");

/// What can be done, the likeliest first.
pub fn actions(detail: &TicketDetail) -> Vec<Action> {
    let key = &detail.ticket.key;
    let of = |known: &[Known]| known.iter().map(|known| of(known, key)).collect();
    match detail.ticket.state.as_str() {
        "draft" => of(&[START, CANCEL]),
        "working" if !detail.questions.is_empty() => of(&[ANSWER, LOGS]),
        "working" => of(&[LOGS, STOP]),
        "review" => of(&[APPROVE, REJECT, DIFF]),
        "held" if detail.taken_over => of(&[HAND_BACK, OPEN]),
        "held" => of(&[RESUME, CANCEL]),
        "parked" if !detail.questions.is_empty() => of(&[ANSWER]),
        "parked" | "backoff" => of(&[RESUME, HOLD]),
        "escalated" => escalated(detail),
        "landed" | "delivered" | "cancelled" => of(&[WORKLOG, PAST]),
        _under_way => of(&[RUN, HOLD]),
    }
}

fn of((name, what, command): &Known, key: &str) -> Action {
    let command = command.replace("KEY", key);
    Action { name: (*name).to_owned(), what: (*what).to_owned(), command }
}

/// What the last report asks leave for, and what the escalation itself suggests.
fn escalated(detail: &TicketDetail) -> Vec<Action> {
    let key = &detail.ticket.key;
    let mut actions = vec![];
    if let Some(permit) = permit(detail) {
        actions.extend([permit, of(&RECHECK, key)]);
    }
    let suggestions = detail.escalation.iter().flat_map(|escalation| &escalation.suggestions);
    let known = suggestions.filter_map(|suggestion| match suggestion.as_str() {
        "more_context" => Some(MORE_CONTEXT),
        "split" => Some(SPLIT),
        "take_over" => Some(TAKE_OVER),
        "discard" => Some(DISCARD),
        "mend_machine" => Some(MEND_MACHINE),
        "simplify" => Some(SIMPLIFY),
        "calm" => Some(CALM),
        _newer => None,
    });
    let suggested: Vec<Known> = known.collect();
    let suggested = if suggested.is_empty() { vec![MORE_CONTEXT] } else { suggested };
    actions.extend(suggested.iter().map(|known| of(known, key)));
    actions
}

/// What permits what the last report missed a permission for.
fn permit(detail: &TicketDetail) -> Option<Action> {
    let failed = detail.report.iter().flat_map(|report| &report.checks);
    let mut paths: Vec<&str> = failed
        .filter(|check| check.required && check.verdict == "fail")
        .flat_map(|check| check.permit.iter().map(String::as_str))
        .collect();
    paths.sort_unstable();
    paths.dedup();
    let quoted: Vec<String> = paths.iter().map(|path| quoted(path)).collect();
    (!paths.is_empty()).then(|| Action {
        name: "permit".to_owned(),
        what: "let its agents change what the last report names, then judge it again".to_owned(),
        command: format!("gangline permit {} {}", detail.ticket.key, quoted.join(" ")),
    })
}

/// As a shell reads it as one word.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}
