//! What simulated agents do: every fault that real ones have.

use std::collections::BTreeMap;

use gangline_domain::budget::Usage;
use gangline_domain::ids::Timestamp;
use gangline_domain::job::{AttemptEnd, EndKind, Infra};
use gangline_domain::proposal::{Proposal, Proposed};
use gangline_domain::reviewer::{AgentReview, Finding, ReviewEnd};
use gangline_domain::spec::TicketSpec;
use gangline_domain::ticket::{AlertKind, Ticket};
use gangline_domain::verdict::Claim;

use crate::rng::Rng;

/// What one attempt will do, decided when it starts.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// Seconds from its start to its checkout.
    pub(crate) checkout_s: u64,
    /// Asks a question first, and waits for the answer.
    pub(crate) asks: bool,
    /// Gives people something to look at, and then not any more.
    pub(crate) alerts: Option<AlertKind>,
    /// Seconds of work.
    pub(crate) works_s: u64,
    /// Files it commits, and their content.
    pub(crate) commits: Vec<(u8, u32)>,
    /// Content that it leaves uncommitted.
    pub(crate) dirt: Option<(u8, u32)>,
    /// How it ends.
    pub(crate) end: EndKind,
    /// What it spends, within its allotment.
    pub(crate) usage: Usage,
}

/// Contents are numbered, so that each piece of work can be told from every other.
pub(crate) fn script(
    rng: &mut Rng,
    ticket: &Ticket,
    now: Timestamp,
    content: &mut u32,
    calm: bool,
) -> Script {
    let allotment = ticket.running_attempt().map(|attempt| attempt.allotment).unwrap_or_default();
    let mut write = |rng: &mut Rng, bad_percent: u64| {
        *content += 1;
        // Multiples of 8 are bad; others are good unless they clash.
        let n = if rng.chance(bad_percent) { *content * 8 } else { *content * 8 + 1 };
        (u8::try_from(rng.below(6)).expect("BUG: below 6"), n)
    };
    let bad = if calm { 0 } else { 25 };
    let honest = calm || rng.chance(60);
    let commits = match honest || rng.chance(50) {
        true => (0..rng.between(1, 2)).map(|_| write(rng, bad)).collect(),
        false => vec![],
    };
    let dirt = (!calm && rng.chance(25)).then(|| write(rng, bad));
    let end = match honest {
        true => EndKind::Finished,
        false => dishonest(rng, now),
    };
    let wanted = rng.between(1, 40);
    let tokens = wanted.min(allotment.tokens.unwrap_or(u64::MAX));
    // What it is allotted does not suffice for what it is at.
    let end = if wanted > tokens { EndKind::BudgetSpent } else { end };
    let works_s = rng.between(5, 900);
    Script {
        checkout_s: rng.between(0, 4),
        asks: !calm && rng.chance(12),
        alerts: rng.chance(10).then(|| match rng.chance(50) {
            true => AlertKind::Silence,
            false => AlertKind::Uncommitted,
        }),
        works_s,
        commits,
        dirt,
        end,
        usage: Usage { tokens, cost_microusd: 0, wall_ms: works_s * 1_000 },
    }
}

fn dishonest(rng: &mut Rng, now: Timestamp) -> EndKind {
    let said = || "said".to_owned();
    match rng.below(9) {
        0 | 1 => EndKind::Finished,
        2 => EndKind::GaveUp(said()),
        3 => EndKind::Crashed(said()),
        4 => EndKind::TimedOut,
        5 => EndKind::NoChangeNeeded,
        6 => EndKind::Quota {
            until: rng.chance(50).then(|| now.plus_ms(rng.between(60_000, 3_600_000))),
            message: said(),
        },
        7 => EndKind::Infra(gangline_domain::job::Infra::SetupFailed(said())),
        _rare => match rng.chance(20) {
            true => EndKind::AuthFailed(said()),
            false => EndKind::Crashed(said()),
        },
    }
}

/// What comes of a review whose process died.
pub(crate) fn unread(died: Infra) -> AgentReview {
    AgentReview { end: ReviewEnd::Ended(EndKind::Infra(died)), usage: Usage::default() }
}

/// What comes of a review.
pub(crate) fn reading(rng: &mut Rng, ticket: &Ticket, now: Timestamp, calm: bool) -> AgentReview {
    let allotment = ticket.reviewer().map(|by| by.allotment).unwrap_or_default();
    let wanted = rng.between(1, 12);
    let tokens = wanted.min(allotment.tokens.unwrap_or(u64::MAX));
    let usage = Usage { tokens, cost_microusd: 0, wall_ms: 1_000 };
    let finding = |blocking| Finding {
        file: "0".to_owned(),
        line: Some(1),
        blocking,
        text: "it is wrong".to_owned(),
    };
    let said = || "said".to_owned();
    let end = if wanted > tokens {
        ReviewEnd::Ended(EndKind::BudgetSpent)
    } else if calm || rng.chance(70) {
        let blocking = !calm && rng.chance(30);
        let findings = (0..rng.between(0, 2)).map(|n| finding(blocking && n == 0)).collect();
        ReviewEnd::Answered { summary: said(), findings, left_out: 0 }
    } else {
        match rng.below(6) {
            0 => ReviewEnd::Unreadable(said()),
            1 => ReviewEnd::Ended(EndKind::TimedOut),
            2 => ReviewEnd::Ended(EndKind::Crashed(said())),
            3 => ReviewEnd::Ended(EndKind::Quota {
                until: rng.chance(50).then(|| now.plus_ms(rng.between(60_000, 3_600_000))),
                message: said(),
            }),
            4 => ReviewEnd::Ended(EndKind::GaveUp(said())),
            _rare => match rng.chance(20) {
                true => ReviewEnd::Ended(EndKind::AuthFailed(said())),
                false => ReviewEnd::Ended(EndKind::Stopped),
            },
        }
    };
    AgentReview { end, usage }
}

/// The end of an attempt as its job reports it.
pub(crate) fn ending(how: EndKind, usage: Usage, serial: u64) -> AttemptEnd {
    let claim = Claim { summary: format!("run {serial}"), ..Claim::default() };
    AttemptEnd { how, claim, session: Some(format!("session-{serial}")), usage }
}

/// The end of an attempt whose process died.
pub(crate) fn ending_dead(died: Infra) -> AttemptEnd {
    ending(EndKind::Infra(died), Usage::default(), 0)
}

/// What a red check says: one of three tests, with what differs from run to run.
pub(crate) fn failing_test(rng: &mut Rng, serial: u64) -> String {
    let (name, ms) = (rng.below(3), rng.between(1, 900));
    format!("failed: t{name} after {ms} ms, see /tmp/run-{serial}/out.txt")
}

/// What a planner proposes; now and then something that waits for a ticket that is not there.
pub(crate) fn proposed(rng: &mut Rng, calm: bool) -> Proposal {
    let mut tickets = BTreeMap::new();
    for number in 1..=rng.between(1, 3) {
        let mut spec = TicketSpec::titled(format!("change something, {number}"));
        if !calm && rng.chance(8) {
            spec.depends_on.insert("S-999".parse().expect("BUG: a constant form"));
        }
        let after = (1..number).filter(|_| rng.chance(50)).collect();
        tickets.insert(number, Proposed { spec: Box::new(spec), after });
    }
    Proposal { overview: String::new(), tickets }
}
