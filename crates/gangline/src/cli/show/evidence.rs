//! The table of claim beside fact.

use gangline_api::verification::{CheckView, EvidenceView, ReportView};

use crate::screen::{Cell, Out, Table, Tone, plain, span};

/// Lines of a failed check that are shown.
const LINES_MAX: usize = 12;

/// A report under its title.
pub(super) fn report(title: &str, report: &ReportView, out: Out, lines: &mut Vec<String>) {
    let verdict = out.paint(tone(&report.verdict), &report.verdict);
    let (commit, base) = (short(&report.commit), short(&report.base));
    let by = format!("commit {commit}, judged by the policy of {base}");
    lines.extend([
        String::new(),
        format!("{}  {verdict}  {}", out.paint(Tone::Strong, title), out.paint(Tone::Faint, &by)),
    ]);
    let claims = report.claim.is_some();
    let mut table = match claims {
        true => Table::new(["check", "claimed~", "fact~", "verdict", "evidence~"]),
        false => Table::new(["check", "", "fact~", "verdict", "evidence~"]),
    }
    .indented(2);
    for check in &report.checks {
        let claimed = match (&check.claimed, claims) {
            (Some(claimed), _) => match &check.claim {
                Some(truth) => format!("{}: {truth}", plain(claimed)),
                None => plain(claimed),
            },
            (None, true) => "–".to_owned(),
            (None, false) => String::new(),
        };
        let required = if check.required { "" } else { " (not required)" };
        table.row([
            Cell::new(format!("{}{required}", plain(&check.name))),
            Cell::new(claimed),
            Cell::new(plain(&check.fact)),
            Cell::toned(tone(&check.verdict), check.verdict.clone()),
            Cell::toned(Tone::Faint, check.evidence.as_ref().map(evidence).unwrap_or_default()),
        ]);
    }
    lines.extend(table.render(out));
    report.checks.iter().for_each(|check| decisive(check, lines));
    let doubts = report.checks.iter().flat_map(|check| &check.doubts);
    lines.extend(doubts.map(|doubt| {
        format!("  {} {}", out.paint(Tone::Attention, "look at this:"), plain(doubt))
    }));
    if let Some(claim) = &report.claim
        && (!claim.summary.is_empty() || claim.truth.is_some())
    {
        let judged = claim.ending.as_ref().zip(claim.truth.as_ref());
        let judged = judged.map(|(ending, truth)| format!(" ({ending}: {truth})"));
        let said = plain(&claim.summary);
        lines.push(format!("  the agent said: “{said}”{}", judged.unwrap_or_default()));
    }
}

fn decisive(check: &CheckView, lines: &mut Vec<String>) {
    if check.verdict == "pass" || check.lines.is_empty() {
        return;
    }
    lines.push(format!("  {}:", plain(&check.name)));
    lines.extend(check.lines.iter().take(LINES_MAX).map(|line| format!("    | {}", plain(line))));
}

fn evidence(evidence: &EvidenceView) -> String {
    let exit = evidence.exit.map_or("no exit code".to_owned(), |code| format!("exit {code}"));
    let digest: String = evidence.log_sha256.chars().take(8).collect();
    let tests = evidence.tests.map(|tests| {
        format!("{} passed, {} failed, {} skipped; ", tests.passed, tests.failed, tests.skipped)
    });
    format!(
        "{}`{}` {exit} in {}, log {digest}",
        tests.unwrap_or_default(),
        plain(&evidence.command),
        span(evidence.duration_ms)
    )
}

/// How a verdict looks.
pub(super) fn tone(verdict: &str) -> Tone {
    match verdict {
        "pass" => Tone::Good,
        "fail" => Tone::Bad,
        "inconclusive" => Tone::Attention,
        _none => Tone::Plain,
    }
}

fn short(commit: &str) -> String {
    commit.chars().take(10).collect()
}
