//! The end of the tale: for each attempt, what was claimed beside what was measured.

use gangline_api::ticket::{AttemptView, TicketDetail};

use super::play::Scene;
use crate::screen::{Cell, Out, Table, Tone};

/// The table, as lines.
pub(super) fn told(scenes: &[Scene], out: Out) -> Vec<String> {
    let mut lines = vec![String::new(), out.paint(Tone::Strong, "Claim beside fact:")];
    let mut table = Table::new(["ticket", "try", "the agent claimed", "Gangline measured", "so"]);
    for Scene { detail } in scenes {
        let last = detail.attempts.len().saturating_sub(1);
        for (at, attempt) in detail.attempts.iter().enumerate() {
            let so = if at == last { detail.ticket.state.as_str() } else { "sent back" };
            let tone = match so {
                "landed" => Tone::Good,
                "escalated" => Tone::Attention,
                _back => Tone::Bad,
            };
            let claim = attempt.claim.as_ref().map(|claim| claim.summary.clone());
            table.row([
                Cell::new(detail.ticket.key.clone()),
                Cell::new(attempt.try_no.to_string()),
                Cell::new(claim.unwrap_or_default()),
                Cell::new(measured(detail, attempt, at == last)),
                Cell::toned(tone, so),
            ]);
        }
    }
    lines.extend(table.render(out));
    lines
}

/// What was found about an attempt, in one line.
fn measured(detail: &TicketDetail, attempt: &AttemptView, last: bool) -> String {
    let record = detail.records.iter().find(|record| record.job == attempt.job);
    if let Some(record) = record {
        return record.error.lines().next().unwrap_or_default().to_owned();
    }
    let report = detail.report.as_ref().filter(|_| last);
    let facts = report.into_iter().flat_map(|report| &report.checks);
    let facts: Vec<String> = facts
        // Trials are told by `show`: here a line is a line.
        .filter(|check| check.required && !check.name.contains(':'))
        .filter(|check| check.evidence.is_some() || check.name == "commits")
        .map(|check| format!("{}: {}", check.name, check.fact))
        .collect();
    match facts.is_empty() {
        true => attempt.verdict.clone().unwrap_or_default(),
        false => facts.join("; "),
    }
}
