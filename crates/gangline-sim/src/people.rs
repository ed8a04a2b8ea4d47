//! What simulated people ask for.

use std::collections::BTreeSet;

use gangline_domain::board::Board;
use gangline_domain::budget::Budget;
use gangline_domain::command::Command;
use gangline_domain::ids::{ProjectId, TicketId, TicketKey};
use gangline_domain::project::{
    AgentFacts, Budgets, LandingMode, Limits, ProjectSettings, ReviewPolicy, ScopeCollision,
};
use gangline_domain::spec::{Priority, TicketSpec};
use gangline_domain::ticket::{
    Held, HeldFrom, Parked, ParkedFor, Stage, StopHow, TicketState, Working,
};

use crate::rng::Rng;

pub(crate) fn project() -> ProjectId {
    "sim".parse().expect("BUG: a constant name")
}

/// A project whose bounds differ from run to run.
pub(crate) fn settings(rng: &mut Rng) -> ProjectSettings {
    let agent = "worker".parse().expect("BUG: a constant name");
    let facts = AgentFacts {
        kind: "scripted".parse().expect("BUG: a constant name"),
        max_concurrent: None,
        fallback: None,
    };
    let tokens = rng.chance(40).then(|| rng.between(50, 400));
    ProjectSettings {
        repo: "/person".to_owned(),
        target: "main".parse().expect("BUG: a constant name"),
        key_prefix: "S".to_owned(),
        policy_sha256: String::new(),
        policy_snapshot: None,
        review: if rng.chance(50) { ReviewPolicy::Required } else { ReviewPolicy::None },
        landing: LandingMode::Local,
        limits: Limits {
            agents: u32::try_from(rng.between(1, 4)).expect("BUG: small"),
            per_definition: u32::try_from(rng.between(1, 3)).expect("BUG: small"),
            scope_collision: ScopeCollision::Ignore,
            ..Limits::default()
        },
        budgets: Budgets { ticket: Budget { tokens, ..Budget::default() }, ..Budgets::default() },
        default_agent: agent,
        agents: [("worker".parse().expect("BUG: a constant name"), facts)].into(),
    }
}

/// A new ticket that may depend on some that are there.
pub(crate) fn add(rng: &mut Rng, board: &Board) -> Command {
    let there: Vec<&TicketId> = board.tickets.keys().collect();
    let mut depends_on: BTreeSet<TicketKey> = BTreeSet::new();
    if !there.is_empty() && rng.chance(35) {
        depends_on.insert(rng.pick(&there).key.clone());
    }
    let priorities = [Priority::Low, Priority::Medium, Priority::High, Priority::Critical];
    let spec = TicketSpec {
        priority: *rng.pick(&priorities),
        depends_on,
        ..TicketSpec::titled("change something")
    };
    Command::Add { project: project(), key: None, spec: Box::new(spec), draft: rng.chance(10) }
}

/// Something a person would do with a ticket in its present state, or, rarely, would not.
pub(crate) fn poke(rng: &mut Rng, board: &Board) -> Option<Command> {
    let there: Vec<&TicketId> = board.tickets.keys().collect();
    if there.is_empty() {
        return None;
    }
    let ticket = (*rng.pick(&there)).clone();
    let feedback = || "do better".to_owned();
    Some(match rng.below(14) {
        0 => Command::Hold { ticket },
        1 => Command::Cancel { ticket },
        2 => Command::Stop { ticket, how: StopHow::Stop },
        3 => Command::Stop { ticket, how: StopHow::Kill },
        4 => Command::TakeOver { ticket },
        5 => Command::Reject { ticket, feedback: feedback() },
        6 => Command::Resume { ticket },
        7 => Command::PauseProject { project: project() },
        8 => Command::ResumeProject { project: project() },
        _helpful => settle(board, &ticket)?,
    })
}

/// What a helpful person does about a ticket that waits for one.
pub(crate) fn settle(board: &Board, id: &TicketId) -> Option<Command> {
    let ticket = id.clone();
    Some(match &board.ticket(id)?.state {
        TicketState::Draft => Command::Start { ticket },
        TicketState::Review(_) => Command::Approve { ticket, commit: None },
        TicketState::Held(Held { from: HeldFrom::TakenOver(_), .. }) => {
            Command::HandBack { ticket }
        }
        TicketState::Held(_) => Command::Resume { ticket },
        TicketState::Escalated(_) => Command::Retry { ticket, hint: Some("try".to_owned()) },
        TicketState::Parked(Parked { why: ParkedFor::Answer(_), .. }) => {
            Command::Answer { ticket, question: None, text: "this".to_owned() }
        }
        TicketState::Working(Working { stage: Stage::Running { questions, .. }, .. })
            if !questions.is_empty() =>
        {
            Command::Answer { ticket, question: None, text: "that".to_owned() }
        }
        TicketState::Open
        | TicketState::Backoff(_)
        | TicketState::Parked(_)
        | TicketState::Working(_)
        | TicketState::Verifying(_)
        | TicketState::Queued(_)
        | TicketState::Landing(_)
        | TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Cancelled { .. } => return None,
    })
}
