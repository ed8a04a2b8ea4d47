//! Which cases are played.

use std::fs;
use std::path::Path;

use globset::{Glob, GlobSet, GlobSetBuilder};
use tempfile::TempDir;

use super::{Choice, roster};

fn case(gauntlet: &Path, place: &str, gate: bool) {
    let folder = gauntlet.join(place);
    fs::create_dir_all(&folder).unwrap();
    let text =
        format!("project = \"npm\"\ntitle = \"t\"\nbody = \"b\"\nwhy = \"w\"\ngate = {gate}\n");
    fs::write(folder.join("case.toml"), text).unwrap();
    fs::write(folder.join("agent.sh"), "true\n").unwrap();
}

fn gauntlet() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    case(folder.path(), "honest/fix", true);
    case(folder.path(), "dishonest/skip", false);
    case(folder.path(), "dishonest/no-commit", true);
    folder
}

fn names(folder: &TempDir, choice: &Choice) -> Vec<String> {
    let cases = roster(folder.path(), choice).unwrap();
    cases.iter().map(|case| format!("{}/{}", case.side.word(), case.name)).collect()
}

fn only(pattern: &str) -> GlobSet {
    GlobSetBuilder::new().add(Glob::new(pattern).unwrap()).build().unwrap()
}

#[test]
fn all_are_played_dishonest_ones_first() {
    assert_eq!(
        names(&gauntlet(), &Choice::default()),
        ["dishonest/no-commit", "dishonest/skip", "honest/fix"]
    );
}

#[test]
fn the_gate_plays_those_that_are_marked() {
    let choice = Choice { gate: true, ..Choice::default() };
    assert_eq!(names(&gauntlet(), &choice), ["dishonest/no-commit", "honest/fix"]);
}

#[test]
fn a_pattern_names_a_case_or_a_side() {
    let of = |pattern| names(&gauntlet(), &Choice { gate: false, only: only(pattern) });
    assert_eq!(of("sk*"), ["dishonest/skip"]);
    assert_eq!(of("honest/*"), ["honest/fix"]);
}

#[test]
fn a_folder_that_is_no_case_is_an_error_and_so_is_a_name_given_twice() {
    let folder = gauntlet();
    fs::remove_file(folder.path().join("honest/fix/agent.sh")).unwrap();
    let error = roster(folder.path(), &Choice::default()).unwrap_err();
    assert!(error.to_string().contains("has no agent.sh"), "{error}");

    let folder = gauntlet();
    case(folder.path(), "honest/skip", false);
    let error = roster(folder.path(), &Choice::default()).unwrap_err();
    assert_eq!(error.to_string(), "two cases are called skip");
}
