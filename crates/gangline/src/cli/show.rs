//! `gangline show`: a ticket, claim beside fact.

mod evidence;

use clap::Args;
use gangline_api::next::actions;
use gangline_api::ticket::{AttemptView, LandingView, RecordView, TicketDetail};

use super::context::{Context, now_us};
use super::list;
use super::place;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Out, Table, Tone, age, date, dollars, plain, plain_block, span};

/// Lines of a ticket's body that are shown unless all of it is asked for.
const BODY_LINES: usize = 8;

/// `gangline show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The ticket
    key: String,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let detail = client.ticket(&ticket).await?;
        match context.json {
            true => context.out.json(&detail)?,
            false => context.out.lines(rendered(&detail, context.out, now_us()))?,
        }
        Ok(Exit::Done)
    }
}

/// The whole page.
pub(crate) fn rendered(detail: &TicketDetail, out: Out, now_us: i64) -> Vec<String> {
    let mut lines = head(detail, out, now_us);
    body(detail, out, &mut lines);
    if let Some(report) = &detail.report {
        evidence::report("CLAIM BESIDE FACT", report, out, &mut lines);
    }
    if let Some(report) = &detail.candidate_report {
        evidence::report("AS MERGED", report, out, &mut lines);
    }
    attempts(&detail.attempts, out, &mut lines);
    records(&detail.records, out, &mut lines);
    people(detail, out, &mut lines);
    lines.push(String::new());
    for (at, action) in actions(detail).iter().enumerate() {
        let label = if at == 0 { " next:" } else { "   or:" };
        lines.push(format!("{label} {}", out.paint(Tone::Command, &plain(&action.command))));
    }
    lines
}

fn head(detail: &TicketDetail, out: Out, now_us: i64) -> Vec<String> {
    let ticket = &detail.ticket;
    let key = out.paint(Tone::Strong, &ticket.key);
    let state = out.paint(list::tone(&ticket.state), &ticket.state);
    let mut lines = vec![format!("{key}  {}  {state}", plain(&ticket.title))];
    let mut field = |name: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("  {}  {value}", out.paint(Tone::Faint, &format!("{name:<8}"))));
        }
    };
    field("project", plain(&ticket.project));
    let since = format!("{} for {}", ticket.state, age(ticket.since_us, now_us));
    let tries = format!("{} of {} tries spent", ticket.tries_spent, ticket.tries);
    let agent = format!("agent {}", plain(&ticket.agent));
    field("state", [since, format!("priority {}", ticket.priority), agent, tries].join(" · "));
    let closed = matches!(ticket.state.as_str(), "landed" | "delivered" | "cancelled");
    if !closed {
        let waits = list::waits(ticket);
        let tone = if ticket.wait.reason == "person" { Tone::Attention } else { Tone::Plain };
        field(
            "waits",
            if waits.is_empty() { waits } else { out.paint(tone, &format!("for {waits}")) },
        );
    }
    let alerts = list::alerts(ticket, now_us);
    if !alerts.is_empty() {
        field("alert", out.paint(Tone::Attention, &alerts));
    }
    if let Some(position) = detail.queue_position {
        field("queue", format!("position {position}"));
    }
    let on: Vec<String> =
        detail.depends_on.iter().map(|on| format!("{} ({})", plain(&on.key), on.state)).collect();
    field("after", on.join(", "));
    field("before", detail.dependents.join(", "));
    field("scope", plain(&detail.scope.join(" ")));
    field("may edit", plain(&detail.permits.join(" ")));
    field("needs", plain(&detail.capabilities.join(", ")));
    field("branch", detail.branch.as_deref().map(plain).unwrap_or_default());
    field("worktree", detail.worktree.as_deref().map(plain).unwrap_or_default());
    field("commit", detail.commit.clone().unwrap_or_default());
    field("landing", detail.landing.as_ref().map(landing).unwrap_or_default());
    field("spent", spent(detail));
    field("labels", plain(&ticket.labels.join(" ")));
    field("external", ticket.external_ref.as_deref().map(plain).unwrap_or_default());
    lines
}

fn landing(landing: &LandingView) -> String {
    let short = |commit: &Option<String>| {
        commit.as_deref().unwrap_or("?")[..].chars().take(10).collect::<String>()
    };
    let moved = match (&landing.old, &landing.new) {
        (None, None) => String::new(),
        (_, _) => format!(" {} → {}", short(&landing.old), short(&landing.new)),
    };
    let at = landing.landed_us.map(|at| format!(", proven {}", date(at))).unwrap_or_default();
    let why = landing.why.as_deref().map(|why| format!(": {}", plain(why))).unwrap_or_default();
    format!("{}{moved}{at}{why}", landing.stage)
}

fn spent(detail: &TicketDetail) -> String {
    let (usage, budget) = (&detail.ticket.usage, &detail.budget);
    let of = |limit: Option<String>| limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
    let mut parts = vec![];
    if usage.wall_ms > 0 || budget.wall_ms.is_some() {
        parts.push(format!("{}{}", span(usage.wall_ms), of(budget.wall_ms.map(span))));
    }
    if usage.tokens > 0 || budget.tokens.is_some() {
        let limit = budget.tokens.map(|tokens| tokens.to_string());
        parts.push(format!("{}{} tokens", usage.tokens, of(limit)));
    }
    if usage.cost_microusd > 0 || budget.cost_microusd.is_some() {
        parts.push(format!(
            "{}{}",
            dollars(usage.cost_microusd),
            of(budget.cost_microusd.map(dollars))
        ));
    }
    parts.join(", ")
}

fn body(detail: &TicketDetail, out: Out, lines: &mut Vec<String>) {
    if detail.body.is_empty() {
        return;
    }
    lines.push(String::new());
    let body = plain_block(&detail.body);
    let shown = body.iter().take(BODY_LINES);
    lines.extend(shown.map(|line| out.paint(Tone::Faint, &format!("  {line}"))));
    if body.len() > BODY_LINES {
        let rest = body.len() - BODY_LINES;
        lines.push(out.paint(Tone::Faint, &format!("  … {rest} more lines (--json has all)")));
    }
}

fn attempts(attempts: &[AttemptView], out: Out, lines: &mut Vec<String>) {
    if attempts.is_empty() {
        return;
    }
    lines.extend([String::new(), out.paint(Tone::Strong, "TRIES")]);
    let mut table =
        Table::new(["try", "job", "agent", "tier", "began", "took", "ended~", "verdict"])
            .indented(2);
    for attempt in attempts {
        let took = attempt.ended_us.map(|ended| age(attempt.started_us, ended)).unwrap_or_default();
        let verdict = attempt.verdict.clone().unwrap_or_default();
        table.row([
            Cell::new(format!("{} {}", attempt.try_no, attempt.start)),
            // All of them begin with the ticket's own name.
            Cell::new(plain(attempt.job.rsplit('.').next().unwrap_or_default())),
            Cell::new(plain(&format!("{} ({})", attempt.agent, attempt.kind))),
            Cell::toned(Tone::Faint, plain(attempt.tier.as_deref().unwrap_or(""))),
            Cell::toned(Tone::Faint, date(attempt.started_us)),
            Cell::toned(Tone::Faint, took),
            Cell::new(plain(attempt.end.as_deref().unwrap_or("runs"))),
            Cell::toned(evidence::tone(&verdict), verdict),
        ]);
    }
    lines.extend(table.render(out));
    for attempt in attempts {
        for left_out in &attempt.left_out {
            let line = format!("  not kept of {}: {}", plain(&attempt.job), plain(left_out));
            lines.push(out.paint(Tone::Attention, &line));
        }
    }
}

fn records(records: &[RecordView], out: Out, lines: &mut Vec<String>) {
    // Failures of the machine repeat themselves.
    let same = |a: &RecordView, b: &RecordView| (a.try_no, &a.error) == (b.try_no, &b.error);
    for group in records.chunk_by(same) {
        let Some(record) = group.last() else { continue };
        let spent = if record.spent { "" } else { ", which spent no try" };
        let times = if group.len() > 1 { format!(" {} times", group.len()) } else { String::new() };
        let error = plain(&record.error);
        let class = match record.class.as_str() {
            "" => String::new(),
            class => format!(" ({})", plain(class)),
        };
        let failed = format!("try {} failed{class}{times}{spent}: {error}", record.try_no);
        lines.extend([String::new(), out.paint(Tone::Bad, &failed)]);
        if let Some(same_as) = &record.same_as {
            let same =
                format!("  the same failure as {}: the next try starts anew", plain(same_as));
            lines.push(out.paint(Tone::Attention, &same));
        }
        let facts = record.facts.iter().map(|fact| format!("  fact   {}", plain(fact)));
        lines.extend(facts);
        let excerpt = record.lines.iter().map(|line| format!("  | {}", plain(line)));
        lines.extend(excerpt);
        if !record.approach.is_empty() {
            lines.push(format!("  the agent said: {}", plain(&record.approach)));
        }
    }
}

/// What people said, are asked, and can do.
fn people(detail: &TicketDetail, out: Out, lines: &mut Vec<String>) {
    for hint in &detail.hints {
        lines.push(format!("  hint by {}: {}", plain(&hint.by), plain(&hint.text)));
    }
    for question in &detail.questions {
        let asks = format!("question {}: {}", plain(&question.id), plain(&question.text));
        lines.extend([String::new(), out.paint(Tone::Attention, &asks)]);
        let options = question.options.iter().map(|option| format!("  · {}", plain(option)));
        lines.extend(options);
    }
    if let Some(escalation) = &detail.escalation {
        let summary = format!("escalated: {}", plain(&escalation.summary));
        lines.extend([String::new(), out.paint(Tone::Bad, &summary)]);
    }
}

#[cfg(test)]
mod tests;
