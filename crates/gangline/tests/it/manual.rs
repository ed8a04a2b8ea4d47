//! Help, completions and the manual page; and readers that go away.

use std::io::Read as _;
use std::process::Stdio;

use crate::world::World;

#[test]
fn every_command_has_help_and_a_manual_page() {
    let world = World::empty();
    let help = world.done(&["--help"]);
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: Vec<&str> = commands.lines().filter_map(|l| l.split_whitespace().next()).collect();
    assert!(names.len() > 28, "{names:?}");
    for name in names.iter().filter(|name| **name != "help") {
        assert!(world.done(&[name, "--help"]).contains("Usage:"), "{name}");
        assert!(world.done(&["man", name]).contains(".SH NAME"), "{name}");
    }
    assert!(world.done(&["man"]).starts_with(".ie"));
}

#[test]
fn completions_are_there_for_the_usual_shells() {
    let world = World::empty();
    for shell in ["bash", "zsh", "fish"] {
        assert!(world.done(&["completions", shell]).contains("take-over"), "{shell}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let world = World::empty();
    let mut program = world.program(&["completions", "zsh"], &world.repo);
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let status = child.wait().unwrap();
    assert_eq!((status.code(), said.as_str()), (Some(0), ""));
}

#[test]
fn every_command_names_its_exit_codes_in_the_documents() {
    let codes = include_str!("../../../../docs/exit-codes.md");
    for code in ["0", "1", "2", "3", "4", "5", "6", "7", "70", "75"] {
        assert!(codes.contains(&format!("| {code} |")), "exit code {code} is not documented");
    }
}
