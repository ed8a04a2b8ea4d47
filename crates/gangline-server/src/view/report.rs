//! Claims and facts.

use gangline_api::verification::{CheckView, ClaimView, EvidenceView, ReportView, TestsView};
use gangline_domain::ids::JobId;
use gangline_domain::verdict::{CheckResult, Claim, Evidence, Report};

use super::word;

pub(super) fn report(job: &JobId, report: &Report, claim: Option<&Claim>) -> ReportView {
    ReportView {
        job: job.to_string(),
        verdict: word(report.verdict()),
        commit: report.commit.to_string(),
        base: report.base.to_string(),
        policy_sha256: report.policy_sha256.clone(),
        claim: claim.map(self::claim),
        checks: report.checks.iter().map(check).collect(),
    }
}

pub(super) fn claim(claim: &Claim) -> ClaimView {
    ClaimView { source: word(claim.source), summary: claim.summary.clone() }
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
