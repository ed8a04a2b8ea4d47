//! A test command that failed, run again: is it the commit, the base, or chance?
//!
//! | again on the commit | on the base | then |
//! |---|---|---|
//! | fails | passes | it fails, and that is the commit's doing |
//! | fails, then passes | fails in one of them | it passes; the tests are flaky, on the base too |
//! | fails, however often | fails in the same tests | nothing is said of the commit: its base is red |
//! | fails, however often | passes, and fails in one of them | it fails: what was flaky is broken |
//! | passes | fails in one of them | it passes; the tests are flaky, on the base too |
//! | passes | passes | it passes, and a person looks: the commit may have made them flaky |

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

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
/// passes eight of them once in twenty-five times, and sixteen, for which a quick suite leaves time,
/// once in six hundred: a person is seldom asked for nothing.
const RUNS_PER_RERUN: u8 = 4;
/// For how long further runs are begun that would only show that what fails each time does so by
/// chance: what the commit broke is to be told soon.
const DOUBT_FOR: Duration = Duration::from_secs(20);
/// For how long, once chance was seen: the commit passed after it had failed, or its base failed in
/// the same tests. Saving time now would cost a person's look, or an honest commit its verdict.
const CHANCE_FOR: Duration = Duration::from_mins(2);

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

    fn fails_in(&self, names: &BTreeSet<String>) -> bool {
        !self.names.is_disjoint(names)
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
        let begun = Instant::now();
        let base = self.on_base(check, &runs, begun).await;
        if last.is_none() && names.len() <= CHANCE_MAX && base.fails_in(&runs.names) {
            last = self.until_it_passes(check, &mut runs, begun + CHANCE_FOR).await;
        }
        match last {
            Some(mut passed) => {
                passed.result.claimed = first.result.claimed;
                then_passed(&runs, &base, passed)
            }
            None => by_whom(&runs, &base, first),
        }
    }

    /// The base, until it fails in a test that failed on the commit. Where the commit passed, too, as
    /// often as it takes to be sure that it does not; beyond that, as long as there is time.
    async fn on_base(&self, check: &CheckPolicy, runs: &Runs, begun: Instant) -> Runs {
        let mut base = Runs::default();
        let until = begun + if runs.passed > 0 { CHANCE_FOR } else { DOUBT_FOR };
        let sure = self.runs_max();
        for run in 1..=sure.saturating_mul(2) {
            base.add(&self.once(&self.subject.base, check, "on-base").await);
            let by_chance = runs.passed > 0 || runs.names.len() <= CHANCE_MAX;
            let has_time = by_chance && Instant::now() < until;
            let in_doubt = has_time || (runs.passed > 0 && run < sure);
            if base.fails_in(&runs.names) || !in_doubt {
                break;
            }
        }
        base
    }

    /// The commit once more, and again, as its base fails in the same tests.
    async fn until_it_passes(
        &self,
        check: &CheckPolicy,
        runs: &mut Runs,
        until: Instant,
    ) -> Option<Measured> {
        while runs.all() < u32::from(self.runs_max()) && Instant::now() < until {
            let again = self.once(&self.subject.commit, check, "again").await;
            runs.add(&again);
            match again.result.verdict {
                Verdict::Pass => return Some(again),
                Verdict::Fail => {}
                Verdict::Inconclusive => return None,
            }
        }
        None
    }

    /// Whether the base itself fails now and then in one of these tests, which failed in what was
    /// made of it.
    pub(super) async fn base_fails_in(&self, check: &CheckPolicy, measured: &Measured) -> bool {
        let mut runs = Runs::default();
        runs.add(measured);
        let base = self.on_base(check, &runs, Instant::now()).await;
        base.fails_in(&runs.names)
    }

    /// Runs of one command that chance is worth.
    pub(super) fn runs_max(&self) -> u8 {
        self.facts.policy.tests.reruns.saturating_mul(RUNS_PER_RERUN)
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
    let shared = base.fails_in(&runs.names);
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
    let red = base.passed == 0 && !always.is_empty() && always.is_subset(&base.names);
    let result = &mut first.result;
    if red {
        let names: Vec<&String> = always.iter().collect();
        result.verdict = Verdict::Inconclusive;
        result.fact = format!("{}; red on the base, too: {}", result.fact, listed(&names));
        return first;
    }
    if base.passed > 0 && base.failed > 0 {
        let all = base.all();
        let (runs, failed) = (runs.all(), base.failed);
        result.fact =
            format!("{}, {runs} of {runs} times; on the base {failed} of {all}", result.fact);
    } else if base.passed > 0 {
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
