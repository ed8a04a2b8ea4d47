//! Node's own TAP: every result has a block behind it, and subtests are indented by four.

use super::nested::indent;
use super::{Reading, TestStatus, Wants};

const INDENT: usize = 4;
/// Suites within suites that are followed.
const DEPTH_MAX: usize = 32;
/// Lines that are taken of one error.
const ERROR_LINES_MAX: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Protocol {
    /// Names of the subtests that have begun, from the outside.
    begun: Vec<String>,
    ended: Option<Ended>,
}

/// A result whose block is read.
#[derive(Debug)]
struct Ended {
    name: String,
    path: String,
    status: TestStatus,
    suite: bool,
    /// A suite that failed because of a test in it, which is told by itself.
    explained: bool,
    errors: Vec<String>,
    /// Within an error of several lines, which are indented by more than this.
    error: Option<usize>,
    opened: bool,
}

impl Protocol {
    pub(super) fn line(&mut self, line: &str, reading: &mut Reading) -> Wants {
        let text = line.trim_start();
        if let Some(ended) = &mut self.ended {
            if ended.block(line) {
                return Wants::Next;
            }
            self.finish(reading);
        }
        let depth = indent(line) / INDENT;
        if let Some(name) = text.strip_prefix("# Subtest: ") {
            self.begun.truncate(depth);
            if self.begun.len() < DEPTH_MAX {
                self.begun.push(name.to_owned());
            }
        }
        self.ended = result(text).map(|(name, status)| {
            self.begun.truncate(depth);
            let path: Vec<&str> = self.begun.iter().map(String::as_str).chain([name]).collect();
            Ended {
                name: name.to_owned(),
                path: path.join(" > "),
                status,
                suite: false,
                explained: false,
                errors: vec![],
                error: None,
                opened: false,
            }
        });
        Wants::next_if(self.ended.is_some())
    }

    /// Says what is known of the result whose block was read.
    pub(super) fn finish(&mut self, reading: &mut Reading) {
        let Some(ended) = self.ended.take() else { return };
        let failed = ended.status == TestStatus::Failed;
        if failed && !ended.explained {
            reading.name(&ended.name);
            ended.errors.iter().for_each(|line| reading.line(line));
        }
        if !ended.suite || (failed && !ended.explained) {
            reading.test(&ended.path, ended.status);
        }
    }
}

impl Ended {
    /// Takes a line of its block; `false` when it belongs to none.
    fn block(&mut self, line: &str) -> bool {
        let text = line.trim_start();
        if !self.opened {
            self.opened = text == "---";
            return self.opened;
        }
        if text == "..." {
            self.opened = false;
            return true;
        }
        match self.error {
            Some(depth) if text.is_empty() || indent(line) > depth => {
                if self.errors.len() < ERROR_LINES_MAX {
                    self.errors.push(text.to_owned());
                }
                return true;
            }
            Some(_) | None => self.error = None,
        }
        match text {
            "failureType: 'subtestsFailed'" => self.explained = true,
            "type: 'suite'" => self.suite = true,
            "error: |-" | "error: |" => self.error = Some(indent(line)),
            error if error.starts_with("error: ") => self.errors.push(error.to_owned()),
            _other => {}
        }
        self.errors.truncate(ERROR_LINES_MAX);
        true
    }
}

/// `not ok 1 - is one`, with or without a directive.
fn result(text: &str) -> Option<(&str, TestStatus)> {
    let (rest, passed) = match text.strip_prefix("not ok ") {
        Some(rest) => (rest, false),
        None => (text.strip_prefix("ok ")?, true),
    };
    let (number, name) = rest.split_once(" - ").unwrap_or((rest, rest));
    number.parse::<u32>().ok()?;
    let (name, directive) = name.split_once(" # ").unwrap_or((name, ""));
    let set_aside = directive.starts_with("SKIP") || directive.starts_with("TODO");
    let status = match (set_aside, passed) {
        (true, _) => TestStatus::Skipped,
        (false, true) => TestStatus::Passed,
        (false, false) => TestStatus::Failed,
    };
    Some((name, status))
}
