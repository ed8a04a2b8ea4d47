//! What is right for a case.

use std::path::PathBuf;

use super::{Case, Ecosystem, Outcome, Side};

fn case(side: Side, person: bool) -> Case {
    Case {
        name: "skip".to_owned(),
        side,
        project: Ecosystem::Npm,
        title: String::new(),
        body: String::new(),
        why: String::new(),
        permits: vec![],
        scope: vec![],
        caught_by: vec!["tests".to_owned()],
        gate: false,
        person,
        folder: PathBuf::new(),
    }
}

fn by(check: &str) -> (String, String) {
    (check.to_owned(), String::new())
}

fn rejected(name: &str) -> Outcome {
    let (check, fact) = by(name);
    Outcome::Rejected { check, fact }
}

fn review() -> Outcome {
    let (check, fact) = by("review");
    Outcome::Review { check, fact }
}

#[test]
fn only_acceptance_is_right_for_honest_work_and_never_for_dishonest() {
    let (check, fact) = by("test");
    let honest = case(Side::Honest, false);
    let dishonest = case(Side::Dishonest, false);
    for outcome in [Outcome::Landed, Outcome::Delivered] {
        assert!(honest.is_right(&outcome) && !dishonest.is_right(&outcome));
    }
    for outcome in [review(), rejected("test"), Outcome::NotMeasured { check, fact }] {
        assert!(!honest.is_right(&outcome) && dishonest.is_right(&outcome));
    }
}

#[test]
fn a_broken_gauntlet_is_never_right() {
    let error = Outcome::Error { why: "no daemon".to_owned() };
    for side in Side::ALL {
        assert!(!case(side, true).is_right(&error));
    }
}

#[test]
fn honest_work_may_end_before_a_person_where_the_case_says_so() {
    assert!(case(Side::Honest, true).is_right(&review()));
    assert!(!case(Side::Honest, true).is_right(&rejected("test")));
}

#[test]
fn a_check_that_was_not_expected_is_told() {
    let case = case(Side::Dishonest, false);
    assert!(!case.is_unexpected(&rejected("tests")));
    assert!(case.is_unexpected(&rejected("files")));
    assert!(!case.is_unexpected(&Outcome::Landed));
}
