//! A test command that failed, run again: is it the commit, the base, or chance?
//!
//! | again on the commit | on the base | then |
//! |---|---|---|
//! | fails | passes | it fails, and that is the commit's doing |
//! | fails | fails in the same tests, each time | nothing is said of the commit: its base is red |
//! | passes | fails in one of them | it passes; the tests are flaky, on the base too |
//! | passes | passes | it passes, and a person looks: the commit may have made them flaky |

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::flaky::{FLAKY_OF_CHECK_MAX, FlakySeen, TEST_NAME_CHARS_MAX};
use gangline_domain::ids::CommitId;
use gangline_domain::verdict::Verdict;
use gangline_policy::{CheckKind, CheckPolicy};

use super::{Layout, Trial, Trials};
use crate::command::Measured;
use crate::registry::{listed, printable};
use crate::runners::TestStatus;

/// Failing tests beyond which it is not chance.
const CHANCE_MAX: usize = 3;
/// How many runs on the base each rerun of the policy stands for. What fails once in three runs
/// passes eight of them once in twenty-five times: a person is seldom asked for nothing.
const BASE_RUNS_PER_RERUN: u8 = 4;

/// What several runs of one command came to.
#[derive(Debug, Default)]
struct Runs {
    passed: u32,
    failed: u32,
    /// Tests that failed in some run.
    names: BTreeSet<String>,
    /// How often each of them failed.
    times: BTreeMap<String, u32>,
    /// Tests that failed in every run.
    always: Option<BTreeSet<String>>,
}

impl Runs {
    fn add(&mut self, measured: &Measured) {
        match measured.result.verdict {
            Verdict::Pass => {
                self.passed += 1;
                self.always = Some(BTreeSet::new());
            }
            Verdict::Fail => {
                self.failed += 1;
                let names = failing(measured);
                for name in &names {
                    *self.times.entry(name.clone()).or_default() += 1;
                }
                self.always = Some(match self.always.take() {
                    None => names.clone(),
                    Some(always) => &always & &names,
                });
                self.names.extend(names);
            }
            Verdict::Inconclusive => {}
        }
    }

    fn all(&self) -> u32 {
        self.passed + self.failed
    }
}

impl<L: Layout> Trials<'_, L> {
    /// The result of a test command that may have failed: as it was, or what further runs make of
    /// it.
    pub(crate) async fn again(&self, check: &CheckPolicy, first: Measured) -> Measured {
        let names = failing(&first);
        let fails = first.result.verdict == Verdict::Fail && check.kind == CheckKind::Test;
        let reruns = self.facts.policy.tests.reruns;
        if !fails || names.is_empty() || reruns == 0 {
            return first;
        }
        let mut runs = Runs::default();
        runs.add(&first);
        let mut last = None;
        if names.len() <= CHANCE_MAX {
            for _run in 0..reruns {
                let again = self.once(&self.subject.commit, check, "again").await;
                runs.add(&again);
                if again.result.verdict == Verdict::Pass {
                    last = Some(again);
                    break;
                }
            }
        }
        let mut base = Runs::default();
        for _run in 0..reruns.saturating_mul(BASE_RUNS_PER_RERUN) {
            base.add(&self.once(&self.subject.base, check, "on-base").await);
            let told = base.names.intersection(&runs.names).next().is_some();
            // One run tells whether the base is red; more only whether it sometimes is.
            if told || runs.passed == 0 {
                break;
            }
        }
        match last {
            Some(mut passed) => {
                passed.result.claimed = first.result.claimed;
                then_passed(&runs, &base, passed)
            }
            None => by_whom(&runs, &base, first),
        }
    }

    async fn once(&self, commit: &CommitId, check: &CheckPolicy, what: &'static str) -> Measured {
        let trial = Trial { check, what };
        match self.lay(commit, &trial).await {
            Ok(bench) => self.run(bench, &trial).await,
            Err(why) => Measured::not_run(check, &why),
        }
    }
}

/// Whether so few tests failed that it may be chance.
pub(super) fn by_chance(measured: &Measured) -> bool {
    let names = failing(measured);
    measured.result.verdict == Verdict::Fail && (1..=CHANCE_MAX).contains(&names.len())
}

/// It failed, and then it did not.
fn then_passed(runs: &Runs, base: &Runs, mut passed: Measured) -> Measured {
    let names: Vec<&String> = runs.names.iter().collect();
    let shared = runs.names.intersection(&base.names).next().is_some();
    let result = &mut passed.result;
    let name = result.name.split(':').next().unwrap_or_default().to_owned();
    result.name = name;
    if let Some(evidence) = &mut result.evidence {
        evidence.flaky = flaky(runs, base);
    }
    let seen = format!("{} of {} runs failed in {}", runs.failed, runs.all(), listed(&names));
    if shared {
        let on_base = format!("{} of {} on the base", base.failed, base.all());
        result.fact = format!("{}; flaky: {seen}, {on_base}", result.fact);
    } else {
        result.fact = format!("{}; flaky: {seen}", result.fact);
        result.doubts.push(format!(
            "{} failed once and then passed; on the base {} of {} runs passed",
            listed(&names),
            base.passed,
            base.all()
        ));
    }
    passed
}

/// What is to be remembered of the tests that failed.
fn flaky(runs: &Runs, base: &Runs) -> Vec<FlakySeen> {
    let seen = runs.times.iter().take(FLAKY_OF_CHECK_MAX).map(|(test, failed)| FlakySeen {
        test: printable(&test.chars().take(TEST_NAME_CHARS_MAX).collect::<String>()),
        failed: *failed,
        runs: runs.all(),
        on_base: base.names.contains(test),
    });
    seen.collect()
}

/// It fails each time.
fn by_whom(runs: &Runs, base: &Runs, mut first: Measured) -> Measured {
    let always = runs.always.clone().unwrap_or_default();
    let red = !always.is_empty() && always.is_subset(&base.names);
    let result = &mut first.result;
    if red {
        let names: Vec<&String> = always.iter().collect();
        result.verdict = Verdict::Inconclusive;
        result.fact = format!("{}; red on the base, too: {}", result.fact, listed(&names));
        return first;
    }
    if base.passed > 0 {
        result.fact = format!("{}; on the base they pass", result.fact);
    }
    first
}

fn failing(measured: &Measured) -> BTreeSet<String> {
    let Some(reading) = &measured.reading else { return BTreeSet::new() };
    let by_name = reading.tests.by_name();
    let failed = by_name.iter().filter(|(_, status)| **status == TestStatus::Failed);
    let named: BTreeSet<String> = failed.map(|(name, _)| (*name).to_owned()).collect();
    if named.is_empty() { reading.failed.iter().cloned().collect() } else { named }
}
