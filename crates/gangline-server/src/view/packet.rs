//! The packet: a ticket's case for the person who decides it, the same words on every surface.
//!
//! What was asked, what was tried, claim beside fact, what has changed, what it cost, and what can
//! be done. Each part has a bound, so that the whole has one.

mod markdown;

use gangline_api::amount::{dollars, span};
use gangline_api::journal::Diff;
use gangline_api::next::{Action, actions};
use gangline_api::packet::Packet;
use gangline_api::ticket::{AttemptView, RecordView, TicketDetail, UsageView};
use gangline_api::verification::{CheckView, ReportView};
use markdown::{Bound, code, inline, row};

const BODY: Bound = Bound { lines_max: 200, chars_max: 16_000 };
const SAID: Bound = Bound { lines_max: 30, chars_max: 4_000 };
const DECISIVE: Bound = Bound { lines_max: 20, chars_max: 4_000 };
const DIFF: Bound = Bound { lines_max: 400, chars_max: 24_000 };
/// Attempts that are told one by one, the last ones.
const ATTEMPTS_MAX: usize = 12;
/// Changed files that are named.
const FILES_MAX: usize = 100;
/// Bytes of the diff's text in the packet's data.
const DIFF_BYTES_MAX: usize = 256 * 1024;

/// The packet of a ticket, with its diff, or why that cannot be read now.
pub(crate) fn packet(ticket: TicketDetail, diff: Result<Option<Diff>, String>) -> Packet {
    let (diff, diff_missing) = match diff {
        Ok(diff) => (diff.map(bounded), None),
        Err(why) => (None, Some(why)),
    };
    let actions = actions(&ticket);
    let mut packet = Packet { ticket, diff, diff_missing, actions, markdown: String::new() };
    packet.markdown = written(&packet);
    packet
}

fn bounded(mut diff: Diff) -> Diff {
    if diff.text.len() > DIFF_BYTES_MAX {
        let end = (0..=DIFF_BYTES_MAX).rev().find(|at| diff.text.is_char_boundary(*at));
        diff.text.truncate(end.unwrap_or(0));
        diff.truncated = true;
    }
    diff
}

fn written(packet: &Packet) -> String {
    let detail = &packet.ticket;
    let mut lines = vec![];
    head(detail, &mut lines);
    asked(detail, &mut lines);
    tried(detail, &mut lines);
    for (title, report) in
        [("Claim beside fact", &detail.report), ("As merged", &detail.candidate_report)]
    {
        if let Some(report) = report {
            measured(title, report, &mut lines);
        }
    }
    changed(packet, &mut lines);
    spent(detail, &mut lines);
    todo(&packet.actions, &mut lines);
    lines.join("\n").trim_end().to_owned() + "\n"
}

fn head(detail: &TicketDetail, lines: &mut Vec<String>) {
    let ticket = &detail.ticket;
    lines.extend([format!("# {}: {}", ticket.key, inline(&ticket.title)), String::new()]);
    let tries = format!("{} of {} tries spent", ticket.tries_spent, ticket.tries);
    let of = [&ticket.project, &ticket.state].map(String::as_str).join(" · ");
    lines.extend([format!("{of} · priority {} · {tries}", ticket.priority), String::new()]);
    if let Some(escalation) = &detail.escalation {
        lines.extend([format!("**Escalated:** {}", inline(&escalation.summary)), String::new()]);
    } else if !ticket.wait.text.is_empty() {
        lines.extend([format!("Waits for {}", inline(&ticket.wait.text)), String::new()]);
    }
    for question in &detail.questions {
        lines.extend([format!("**Question {}:**", inline(&question.id)), String::new()]);
        markdown::said(&question.text, SAID, lines);
        lines.extend(question.options.iter().map(|option| format!("- {}", inline(option))));
        lines.push(String::new());
    }
}

fn asked(detail: &TicketDetail, lines: &mut Vec<String>) {
    lines.extend(["## What was asked".to_owned(), String::new()]);
    if !detail.body.trim().is_empty() {
        markdown::said(&detail.body, BODY, lines);
    }
    let codes = |words: &[String]| words.iter().map(|word| code(word)).collect::<Vec<_>>();
    let on = detail.depends_on.iter().map(|on| format!("{} ({})", on.key, on.state));
    let fields = [
        ("scope", codes(&detail.scope).join(", ")),
        ("may edit", codes(&detail.permits).join(", ")),
        ("after", on.collect::<Vec<_>>().join(", ")),
        ("before", detail.dependents.join(", ")),
        ("labels", codes(&detail.ticket.labels).join(", ")),
        ("external", detail.ticket.external_ref.as_deref().map(inline).unwrap_or_default()),
    ];
    let told = fields.iter().filter(|(_, value)| !value.is_empty());
    lines.extend(told.map(|(name, value)| format!("- {name}: {value}")));
    let hints = detail.hints.iter();
    lines.extend(
        hints.map(|hint| format!("- hint by {}: {}", inline(&hint.by), inline(&hint.text))),
    );
    lines.push(String::new());
}

fn tried(detail: &TicketDetail, lines: &mut Vec<String>) {
    lines.extend(["## What was tried".to_owned(), String::new()]);
    if detail.attempts.is_empty() {
        lines.extend(["Nothing yet.".to_owned(), String::new()]);
    }
    let earlier = detail.attempts.len().saturating_sub(ATTEMPTS_MAX);
    if earlier > 0 {
        let command = code(&format!("gangline show {}", detail.ticket.key));
        lines.extend([format!("{earlier} earlier attempts are in {command}."), String::new()]);
    }
    for attempt in &detail.attempts[earlier..] {
        let record = detail.records.iter().find(|record| record.job == attempt.job);
        attempted(attempt, record, lines);
    }
}

fn attempted(attempt: &AttemptView, record: Option<&RecordView>, lines: &mut Vec<String>) {
    let agent = format!("{} ({})", inline(&attempt.agent), inline(&attempt.kind));
    lines.extend([
        format!("### Try {}, {}: {agent}, {}", attempt.try_no, attempt.start, attempt.job),
        String::new(),
    ]);
    let ended = attempt.end.as_deref().map_or("it runs".to_owned(), inline);
    let verdict = attempt.verdict.iter().map(|verdict| format!("; measured: {verdict}"));
    lines.push(format!("- ended: {ended}{}", verdict.collect::<String>()));
    lines.push(format!("- cost: {}", usage(&attempt.usage)));
    if let Some(record) = record {
        let free = if record.spent { "" } else { " (it spent no try)" };
        lines.push(format!("- failed: {}{free}", inline(&record.error)));
        lines.push(format!("- kind of failure: {} ({})", code(&record.class), record.class_text));
        if let Some(same_as) = &record.same_as {
            lines.push(format!("- the same failure as {same_as}: the next try starts anew"));
        }
        lines.extend(record.facts.iter().map(|fact| format!("- fact: {}", inline(fact))));
    }
    if let Some(rescue) = &attempt.rescue {
        lines.push(format!("- left uncommitted, and kept: {}", short(rescue)));
    }
    lines.push(String::new());
    let claim = attempt.claim.as_ref().map_or("", |claim| claim.summary.as_str());
    if !claim.trim().is_empty() {
        lines.extend(["The agent claimed:".to_owned(), String::new()]);
        markdown::said(claim, SAID, lines);
    }
    let Some(record) = record else { return };
    // The approach of most failures is the claim in the same words.
    if !record.approach.trim().is_empty() && record.approach != claim {
        lines.extend(["Its approach, in its own words:".to_owned(), String::new()]);
        markdown::said(&record.approach, SAID, lines);
    }
    if !record.lines.is_empty() {
        lines.extend(["Decisive lines:".to_owned(), String::new()]);
        markdown::lines(&record.lines, DECISIVE, lines);
    }
}

fn measured(title: &str, report: &ReportView, lines: &mut Vec<String>) {
    let (commit, base) = (short(&report.commit), short(&report.base));
    lines.extend([
        format!("## {title}: {}", report.verdict),
        String::new(),
        format!("Commit {commit}, judged by the policy of {base}."),
        String::new(),
        row(["check", "claimed", "fact", "verdict", "command"].map(str::to_owned)),
        "|---|---|---|---|---|".to_owned(),
    ]);
    lines.extend(report.checks.iter().map(check));
    lines.push(String::new());
    for check in report.checks.iter().filter(|check| check.verdict != "pass") {
        if !check.lines.is_empty() {
            lines.extend([format!("{}:", inline(&check.name)), String::new()]);
            markdown::lines(&check.lines, DECISIVE, lines);
        }
    }
    let doubts: Vec<&String> = report.checks.iter().flat_map(|check| &check.doubts).collect();
    lines.extend(doubts.iter().map(|doubt| format!("- look at this: {}", inline(doubt))));
    if !doubts.is_empty() {
        lines.push(String::new());
    }
}

fn check(check: &CheckView) -> String {
    let required = if check.required { "" } else { " (not required)" };
    let command = check.evidence.as_ref().map(|evidence| {
        let exit = evidence.exit.map_or("no exit code".to_owned(), |exit| format!("exit {exit}"));
        format!("{} {exit} in {}", code(&evidence.command), span(evidence.duration_ms))
    });
    row([
        format!("{}{required}", inline(&check.name)),
        check.claimed.as_deref().map_or("–".to_owned(), inline),
        inline(&check.fact),
        check.verdict.clone(),
        command.unwrap_or_default(),
    ])
}

fn changed(packet: &Packet, lines: &mut Vec<String>) {
    lines.extend(["## What has changed so far".to_owned(), String::new()]);
    let Some(diff) = &packet.diff else {
        let told = match &packet.diff_missing {
            None => "No attempt has left a commit yet.".to_owned(),
            Some(why) => format!("The diff cannot be read now: {}", inline(why)),
        };
        lines.extend([told, String::new()]);
        return;
    };
    let count = |n: Option<u32>| n.map_or("binary".to_owned(), |n| n.to_string());
    let (base, commit) = (short(&diff.base), short(&diff.commit));
    let files = match diff.files.len() {
        1 => "1 file".to_owned(),
        several => format!("{several} files"),
    };
    lines.extend([format!("{files}, from {base} to {commit}."), String::new()]);
    if diff.files.is_empty() {
        return;
    }
    lines.push(row(["", "file", "added", "deleted"].map(str::to_owned)));
    lines.push("|---|---|---|---|".to_owned());
    lines.extend(diff.files.iter().take(FILES_MAX).map(|file| {
        row([inline(&file.status), code(&file.path), count(file.added), count(file.deleted)])
    }));
    if let Some(more) = diff.files.len().checked_sub(FILES_MAX).filter(|more| *more > 0) {
        lines.extend([String::new(), format!("… {more} more files")]);
    }
    lines.push(String::new());
    markdown::diff(&diff.text, DIFF, lines);
    let command = code(&format!("gangline diff {}", packet.ticket.ticket.key));
    lines.extend([format!("All of it: {command}"), String::new()]);
}

fn spent(detail: &TicketDetail, lines: &mut Vec<String>) {
    let budget = &detail.budget;
    lines.extend(["## What it cost".to_owned(), String::new(), usage(&detail.ticket.usage)]);
    let limits = [
        budget.wall_ms.map(span),
        budget.tokens.map(|tokens| format!("{tokens} tokens")),
        budget.cost_microusd.map(dollars),
    ];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    if !limits.is_empty() {
        lines.extend([String::new(), format!("It may spend {}.", limits.join(", "))]);
    }
    lines.push(String::new());
}

fn todo(actions: &[Action], lines: &mut Vec<String>) {
    lines.extend(["## What you can do".to_owned(), String::new()]);
    for action in actions {
        let name = action.name.replace('_', " ");
        lines.push(format!("- **{name}**: {}", action.what));
        lines.push(format!("  {}", code(&action.command)));
    }
}

fn usage(usage: &UsageView) -> String {
    let (tokens, cost) = (usage.tokens, dollars(usage.cost_microusd));
    format!("{}, {tokens} tokens, {cost}", span(usage.wall_ms))
}

fn short(commit: &str) -> String {
    commit.chars().take(10).collect()
}

#[cfg(test)]
mod tests;
