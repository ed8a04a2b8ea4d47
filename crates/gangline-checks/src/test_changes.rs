//! `test-changes`: no test was taken away or set aside, by the text of the files. Left out when no
//! test changed.
//!
//! A test that was renamed or moved is one gone and one new, and all is well; that the new one
//! measures what the old one did is for the run of the base's tests to say.

use std::collections::BTreeMap;

use gangline_domain::verdict::{CheckResult, Verdict};
use gangline_policy::Weakened;

use crate::cases::{Case, cases};
use crate::code::Language;
use crate::finding::{Finding, failed};
use crate::registry::{Facts, count};
use crate::subject::ChangedPath;

pub(crate) const NAME: &str = "test-changes";

/// The tests of changed files, before and now.
#[derive(Debug, Default)]
pub(crate) struct TestChanges<'a> {
    /// Names that are not there any more, with their files.
    pub(crate) gone: Vec<(&'a str, String)>,
    /// Names that were not there before.
    pub(crate) new: Vec<(&'a str, Case)>,
    /// Tests that ran before and are set aside now, with the words that do it.
    pub(crate) aside: Vec<(&'a str, String, String)>,
}

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let changes = changes(facts);
    if changes.gone.is_empty() && changes.new.is_empty() && changes.aside.is_empty() {
        return None;
    }
    let approved = |path: &str| facts.approved_paths.contains(path);
    let gone: Vec<_> = changes.gone.iter().filter(|(path, _)| !approved(path)).collect();
    let living = changes.new.iter().filter(|(_, case)| case.set_aside.is_none()).count();
    let mut found = vec![];
    if gone.len() > living {
        found.extend(gone.iter().map(|(path, name)| {
            Finding::new(
                path,
                None,
                format!("the test `{name}` is gone, and none came in its place"),
            )
        }));
    }
    let aside = changes.aside.iter().filter(|(path, _, _)| !approved(path));
    found.extend(aside.map(|(path, name, why)| {
        Finding::new(path, None, format!("the test `{name}` is set aside now: {why}"))
    }));
    let (new, gone) = (changes.new.len(), changes.gone.len());
    let fact = match gone {
        0 => count(new, "new test"),
        gone => format!("{}, {gone} gone or renamed", count(new, "new test")),
    };
    if found.is_empty() {
        return Some(CheckResult::required(NAME, Verdict::Pass, fact));
    }
    Some(weakened(facts, failed(NAME, "tests were taken away or set aside", &found)))
}

/// The failure, as severe as the policy has it.
pub(crate) fn weakened(facts: &Facts<'_>, mut failure: CheckResult) -> CheckResult {
    match facts.policy.tests.weakened {
        Weakened::Fail => {}
        Weakened::Review => {
            failure.verdict = Verdict::Pass;
            failure.doubts = failure.lines.iter().take(5).cloned().collect();
        }
        Weakened::Note => failure.verdict = Verdict::Pass,
    }
    failure
}

/// What became of the tests in all changed files together.
pub(crate) fn changes<'a>(facts: &Facts<'a>) -> TestChanges<'a> {
    let (mut before, mut now) = (Names::default(), Names::default());
    for changed in facts.changed.iter().filter(|changed| holds_tests(facts, changed)) {
        before.read(&changed.path, changed.text_before());
        now.read(&changed.path, changed.text_after());
    }
    let mut changes = TestChanges::default();
    for (name, places) in &before.all {
        let (was, is) = (places.len(), now.all.get(name).map_or(0, Vec::len));
        let surplus = places.iter().take(was.saturating_sub(is));
        changes.gone.extend(surplus.map(|(path, _)| (*path, name.clone())));
    }
    for (name, places) in &now.all {
        let was = before.all.get(name);
        let surplus = places.iter().skip(was.map_or(0, Vec::len));
        changes.new.extend(surplus.map(|(path, case)| (*path, case.clone())));
        let lived =
            was.map_or(0, |was| was.iter().filter(|(_, case)| case.set_aside.is_none()).count());
        let aside = places.iter().filter_map(|(path, case)| Some((path, case.set_aside.as_ref()?)));
        let aside: Vec<_> = aside.collect();
        let living = places.len() - aside.len();
        for (path, why) in aside.into_iter().take(lived.saturating_sub(living)) {
            changes.aside.push((*path, name.clone(), why.clone()));
        }
    }
    // A group of tests has a name, and is no test.
    changes.gone.retain(|(_, name)| !name.starts_with(GROUP));
    changes.new.retain(|(_, case)| !case.name.starts_with(GROUP));
    changes
}

const GROUP: &str = "describe ";

/// Rust keeps tests beside the code; elsewhere a function named so may be none.
fn holds_tests(facts: &Facts<'_>, changed: &ChangedPath) -> bool {
    facts.policy.tests.contains(&changed.path)
        || Language::of(&changed.path) == Some(Language::Rust)
}

#[derive(Default)]
struct Names<'a> {
    all: BTreeMap<String, Vec<(&'a str, Case)>>,
}

impl<'a> Names<'a> {
    fn read(&mut self, path: &'a str, text: Option<&str>) {
        for case in cases(path, text.unwrap_or_default()) {
            self.all.entry(case.name.clone()).or_default().push((path, case));
        }
    }
}

#[cfg(test)]
mod tests;
