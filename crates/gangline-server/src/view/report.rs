//! Claims and facts.

use gangline_api::verification::{CheckView, ClaimView, EvidenceView, ReportView, TestsView};
use gangline_domain::honesty::{self, DONE, Ending, NO_CHANGE};
use gangline_domain::ids::JobId;
use gangline_domain::verdict::{CheckResult, Claim, Evidence, Report};

use super::word;

/// A report; what was claimed with it comes with how its agent ended, where it did by itself.
pub(super) fn report(
    job: &JobId,
    report: &Report,
    claimed: Option<(&Claim, Option<Ending>)>,
) -> ReportView {
    ReportView {
        job: job.to_string(),
        verdict: word(report.verdict()),
        commit: report.commit.to_string(),
        base: report.base.to_string(),
        policy_sha256: report.policy_sha256.clone(),
        claim: claimed.map(|(claim, ending)| judged(claim, ending, report)),
        checks: report.checks.iter().map(check).collect(),
    }
}

pub(super) fn claim(claim: &Claim) -> ClaimView {
    let (source, summary) = (word(claim.source), claim.summary.clone());
    ClaimView { source, summary, ending: None, truth: None }
}

/// The claim, with what became of its end.
fn judged(claim: &Claim, ending: Option<Ending>, report: &Report) -> ClaimView {
    let view = self::claim(claim);
    let Some(ending) = ending else { return view };
    let claims = honesty::judge(claim, ending, report).claims;
    let ended = [DONE, NO_CHANGE].into_iter().find_map(|words| Some((words, claims.get(words)?)));
    let (ending, truth) = ended.map(|(words, truth)| (words.to_owned(), word(*truth))).unzip();
    ClaimView { ending, truth, ..view }
}

fn check(check: &CheckResult) -> CheckView {
    CheckView {
        name: check.name.clone(),
        required: check.required,
        verdict: word(check.verdict),
        claimed: check.claimed.clone(),
        claim: check.judged.as_ref().map(|judged| word(judged.truth)),
        fact: check.fact.clone(),
        lines: check.lines.clone(),
        permit: check.permit.clone(),
        doubts: check.doubts.clone(),
        evidence: check.evidence.as_ref().map(evidence),
    }
}

fn evidence(evidence: &Evidence) -> EvidenceView {
    EvidenceView {
        command: evidence.command.clone(),
        exit: evidence.exit,
        duration_ms: evidence.duration_ms,
        tests: evidence.tests.map(|tests| TestsView {
            passed: tests.passed,
            failed: tests.failed,
            skipped: tests.skipped,
        }),
        log_sha256: evidence.log_sha256.clone(),
        log_file: evidence.log_file.clone(),
    }
}
