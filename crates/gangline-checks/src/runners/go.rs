//! `go test`. With `-v` every test is told and counted; without it only packages are, and one
//! package that ran tests counts as one.

use gangline_domain::verdict::TestCounts;

use super::{DETAIL_MAX, Reading};

pub(super) fn read(lines: &[String]) -> Option<Reading> {
    let mut packages = TestCounts::default();
    let mut tests = TestCounts::default();
    let mut reading = Reading::default();
    let mut seen = false;
    let mut told: Vec<&str> = Vec::new();
    let verbose = lines.iter().any(|line| line.starts_with("=== RUN "));
    for (at, line) in lines.iter().enumerate() {
        match package(line) {
            Some(Package::Passed) => packages.passed += 1,
            Some(Package::Failed) => packages.failed += 1,
            Some(Package::Unbuilt(name)) => {
                packages.failed += 1;
                tests.failed += 1;
                reading.name(name);
            }
            Some(Package::Empty) | None => {}
        }
        seen |= package(line).is_some();
        tests.passed += u32::from(line.starts_with("--- PASS: "));
        tests.skipped += u32::from(line.starts_with("--- SKIP: "));
        tests.failed += u32::from(line.starts_with("--- FAIL: "));
        if let Some(name) = line.trim_start().strip_prefix("--- FAIL: ") {
            reading.name(name.split(' ').next().unwrap_or(name));
            // With -v a test's words come before its end, without it behind.
            told.drain(..).take(DETAIL_MAX).for_each(|line| reading.line(line));
            detail(&lines[at + 1..], &mut reading);
        } else if line.starts_with("=== RUN ") || line.starts_with("--- ") {
            told.clear();
        } else if line.starts_with("    ") && verbose {
            told.push(line);
        }
        if line.starts_with("panic: ") || is_compiler_error(line) {
            reading.line(line);
        }
    }
    reading.add(if verbose { tests } else { packages });
    seen.then_some(reading)
}

enum Package<'a> {
    Passed,
    Failed,
    Unbuilt(&'a str),
    Empty,
}

/// A package's own line. Tabs have become blanks, and other runners print `FAIL` and `ok` too.
fn package(line: &str) -> Option<Package<'_>> {
    if line.starts_with("?    ") && line.ends_with("[no test files]") {
        return Some(Package::Empty);
    }
    if let Some(rest) = line.strip_prefix("ok   ") {
        let timed = rest.split(' ').any(|word| word == "(cached)" || is_seconds(word));
        let empty = rest.ends_with("[no tests to run]");
        return timed.then_some(if empty { Package::Empty } else { Package::Passed });
    }
    let rest = line.strip_prefix("FAIL ")?;
    if rest.ends_with(" failed]") {
        return Some(Package::Unbuilt(rest));
    }
    rest.split(' ').next_back().is_some_and(is_seconds).then_some(Package::Failed)
}

fn is_seconds(word: &str) -> bool {
    word.strip_suffix('s').is_some_and(|number| number.parse::<f64>().is_ok())
}

/// The indented `file.go:4: message` lines behind a failure.
fn detail(behind: &[String], reading: &mut Reading) {
    let told = behind.iter().take_while(|line| line.starts_with("    "));
    let told = told.filter(|line| !line.trim_start().starts_with("--- "));
    told.take(DETAIL_MAX).for_each(|line| reading.line(line));
}

/// `file.go:2:23: message`.
fn is_compiler_error(line: &str) -> bool {
    let Some((file, rest)) = line.split_once(".go:") else { return false };
    let mut numbers = rest.splitn(3, ':');
    let mut number = || numbers.next().is_some_and(|number| number.parse::<u32>().is_ok());
    !file.contains(' ') && number() && number()
}
