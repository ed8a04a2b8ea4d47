//! Tests that failed and passed without a change.

use std::cmp::Reverse;

use gangline_api::flaky::{FlakyTestView, FlakyTests};
use gangline_domain::flaky::FlakyTest;
use gangline_domain::project::Project;

pub(crate) fn flaky(project: &Project) -> FlakyTests {
    let mut tests: Vec<FlakyTestView> = project.flaky.iter().map(test).collect();
    tests.sort_by_key(|test| (Reverse(test.times), Reverse(test.last_us)));
    FlakyTests { project: project.id.to_string(), tests }
}

fn test(test: &FlakyTest) -> FlakyTestView {
    FlakyTestView {
        check: test.check.clone(),
        test: test.test.clone(),
        times: test.times,
        failed: test.failed,
        runs: test.runs,
        on_base: test.on_base,
        first_us: test.first_at.0,
        last_us: test.last_at.0,
        last_ticket: test.last_ticket.to_string(),
    }
}
