//! What a person reads when a step is red.

use std::path::Path;

use super::{Step, Work, one};
use crate::line::Line;

fn step(work: Work) -> Step {
    Step { name: "step", work, again: "type this".to_owned(), hint: Some("or that") }
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_step_that_succeeds_is_green() {
    one(here(), &step(Work::Run(vec![Line::new("true")]))).unwrap();
}

#[test]
fn a_red_step_says_what_to_type() {
    let expected = "red at step. To run it again: type this\nhint: or that";
    let failed = one(here(), &step(Work::Run(vec![Line::new("false")]))).unwrap_err();
    assert_eq!(failed.to_string(), expected);
    let missing =
        one(here(), &step(Work::Run(vec![Line::new("no-such-program-here")]))).unwrap_err();
    assert_eq!(missing.to_string(), expected);
    assert!(format!("{missing:#}").contains("cannot start `no-such-program-here`"));
    let broken = one(here(), &step(Work::Rule(|_| anyhow::bail!("two findings")))).unwrap_err();
    assert_eq!(format!("{broken:#}"), format!("{expected}: two findings"));
}

#[test]
fn the_first_red_command_of_a_step_is_the_last_one_that_runs() {
    let lines = vec![Line::new("true"), Line::new("false"), Line::new("no-such-program-here")];
    let error = one(here(), &step(Work::Run(lines))).unwrap_err();
    assert!(!format!("{error:#}").contains("cannot start"), "{error:#}");
}
