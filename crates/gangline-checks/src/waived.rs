//! `waived`: that a person let no command be required, told in every report.

use gangline_domain::verdict::{CheckResult, Verdict};

use crate::registry::{Facts, printable};

pub(crate) const NAME: &str = "waived";

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let reason = facts.policy.checks_waived.as_ref()?;
    let fact = format!("the policy requires no command: {}", printable(reason));
    Some(CheckResult { required: false, ..CheckResult::required(NAME, Verdict::Pass, fact) })
}
