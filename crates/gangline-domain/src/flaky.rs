//! Tests that failed and passed on one and the same tree, and the record of them that a project
//! keeps: a suite that nobody can rely on is mended by people, and they must see where.

use serde::{Deserialize, Serialize};

use crate::ids::{TicketKey, Timestamp};
use crate::project::Project;
use crate::verdict::Report;

/// Records that a project keeps; beyond that, the one that was seen longest ago goes.
pub const FLAKY_MAX: usize = 256;
/// Tests that one check tells.
pub const FLAKY_OF_CHECK_MAX: usize = 20;
/// Characters of a test's name.
pub const TEST_NAME_CHARS_MAX: usize = 200;

/// One test that failed and passed without a change, as one check saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlakySeen {
    /// Its name, as its runner says it; at most [`TEST_NAME_CHARS_MAX`] characters.
    pub test: String,
    /// Runs in which it failed.
    pub failed: u32,
    /// All runs on that tree.
    pub runs: u32,
    /// It failed on the base, too.
    #[serde(default)]
    pub on_base: bool,
}

/// What is known of one such test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlakyTest {
    /// The check that ran it.
    pub check: String,
    /// Its name.
    pub test: String,
    /// Commits on which it failed and passed.
    pub times: u32,
    /// Runs in which it failed, on all of these together.
    pub failed: u32,
    /// All of those runs.
    pub runs: u32,
    /// Those of `times` in which it failed on the base, too: it was flaky before.
    pub on_base: u32,
    /// When it was seen first.
    pub first_at: Timestamp,
    /// When it was seen last.
    pub last_at: Timestamp,
    /// With whose commit that was.
    pub last_ticket: TicketKey,
}

impl Project {
    /// Counts the flaky tests of a report.
    pub(crate) fn count_flaky(&mut self, ticket: &TicketKey, report: &Report, at: Timestamp) {
        for check in &report.checks {
            for seen in check.evidence.iter().flat_map(|evidence| &evidence.flaky) {
                let known = self.flaky_test(&check.name, &seen.test, ticket, at);
                known.times = known.times.saturating_add(1);
                known.failed = known.failed.saturating_add(seen.failed);
                known.runs = known.runs.saturating_add(seen.runs);
                known.on_base = known.on_base.saturating_add(u32::from(seen.on_base));
                known.last_at = at;
                known.last_ticket = ticket.clone();
            }
        }
    }

    fn flaky_test(
        &mut self,
        check: &str,
        test: &str,
        ticket: &TicketKey,
        at: Timestamp,
    ) -> &mut FlakyTest {
        let find = |flaky: &[FlakyTest]| {
            flaky.binary_search_by(|known| {
                (known.check.as_str(), known.test.as_str()).cmp(&(check, test))
            })
        };
        if find(&self.flaky).is_err() && self.flaky.len() >= FLAKY_MAX {
            let oldest = self.flaky.iter().enumerate().min_by_key(|(_, known)| known.last_at);
            let oldest = oldest.map(|(place, _)| place).expect("BUG: there is one");
            self.flaky.remove(oldest);
        }
        let place = find(&self.flaky).unwrap_or_else(|place| {
            let new = FlakyTest {
                check: check.to_owned(),
                test: test.to_owned(),
                times: 0,
                failed: 0,
                runs: 0,
                on_base: 0,
                first_at: at,
                last_at: at,
                last_ticket: ticket.clone(),
            };
            self.flaky.insert(place, new);
            place
        });
        &mut self.flaky[place]
    }
}
