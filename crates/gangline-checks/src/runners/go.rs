//! `go test`. With `-v` every test is told and counted; without it only packages are, and one
//! package that ran tests counts as one.

use gangline_domain::verdict::TestCounts;

use super::{DETAIL_MAX, Marks, Reader, Reading, TestStatus, Wants};

/// `=== RUN`, `--- FAIL`, `ok`, `FAIL`, `?`, `panic:`; what a compiler says begins with a path and
/// ends with anything, and so is known by the line before it: `# shop/bad`.
pub(super) const MARKS: Marks =
    Marks { first: b"=-o?Fp#", last: b"", indented: true, panics: false };

/// Tests of a package whose name comes behind them.
const PACKAGE_TESTS_MAX: usize = 50_000;

#[derive(Debug, Default)]
pub(super) struct Go {
    reading: Reading,
    seen: bool,
    verbose: bool,
    packages: TestCounts,
    tests: TestCounts,
    /// What a running test printed: with `-v` it comes before the test's end, without it behind.
    told: Vec<String>,
    /// Lines that are still taken behind a failure.
    detail: usize,
    /// Tests that ended, of the package whose name is to come.
    ended: Vec<(String, TestStatus)>,
    /// Behind `# shop/bad`, where the compiler speaks.
    compiling: bool,
}

impl Reader for Go {
    fn line(&mut self, line: &str) -> Wants {
        if line.starts_with("=== RUN ") {
            self.verbose = true;
            self.told.clear();
            self.detail = 0;
        } else if let Some((name, status)) = result(line.trim_start()) {
            self.test(line, name, status);
        } else if line.starts_with("    ") {
            self.explain(line);
        } else if let Some((package, name)) = package(line) {
            self.package(&package, name);
        } else if line.starts_with("panic: ") || (self.compiling && is_compiler_error(line)) {
            self.reading.line(line);
            self.detail = 0;
        } else {
            self.detail = 0;
            self.compiling = line.starts_with("# ");
        }
        Wants::next_if(self.compiling)
    }

    fn finish(mut self: Box<Self>) -> Option<Reading> {
        for (name, status) in std::mem::take(&mut self.ended) {
            self.reading.test(&name, status);
        }
        let counts = if self.verbose { self.tests } else { self.packages };
        self.reading.add(counts);
        self.seen.then_some(self.reading)
    }
}

impl Go {
    fn test(&mut self, line: &str, name: &str, status: TestStatus) {
        let outermost = !line.starts_with(' ');
        let one = u32::from(outermost);
        match status {
            TestStatus::Passed => self.tests.passed = self.tests.passed.saturating_add(one),
            TestStatus::Skipped => self.tests.skipped = self.tests.skipped.saturating_add(one),
            TestStatus::Failed => {
                self.tests.failed = self.tests.failed.saturating_add(one);
                self.reading.name(name);
                for line in &self.told {
                    self.reading.line(line);
                }
            }
        }
        self.told.clear();
        self.detail = if status == TestStatus::Failed { DETAIL_MAX } else { 0 };
        if self.ended.len() < PACKAGE_TESTS_MAX {
            self.ended.push((name.to_owned(), status));
        }
    }

    /// The indented `file.go:4: message` lines before or behind a failure.
    fn explain(&mut self, line: &str) {
        if self.detail > 0 {
            self.detail -= 1;
            self.reading.line(line);
        } else if self.verbose && self.told.len() < DETAIL_MAX {
            self.told.push(line.to_owned());
        }
    }

    fn package(&mut self, package: &Package, name: &str) {
        self.seen = true;
        self.compiling = false;
        self.detail = 0;
        match package {
            Package::Passed => self.packages.passed = self.packages.passed.saturating_add(1),
            Package::Failed => self.packages.failed = self.packages.failed.saturating_add(1),
            Package::Unbuilt => {
                self.packages.failed = self.packages.failed.saturating_add(1);
                self.tests.failed = self.tests.failed.saturating_add(1);
                self.reading.name(name);
            }
            Package::Empty => {}
        }
        let package = name.split(' ').next().unwrap_or(name);
        for (test, status) in std::mem::take(&mut self.ended) {
            self.reading.test(&format!("{package} {test}"), status);
        }
    }
}

pub(super) enum Package {
    Passed,
    Failed,
    Unbuilt,
    Empty,
}

/// `--- FAIL: TestEmpty (0.00s)`
fn result(text: &str) -> Option<(&str, TestStatus)> {
    let (status, name) = text.strip_prefix("--- ")?.split_once(": ")?;
    let status = match status {
        "PASS" => TestStatus::Passed,
        "FAIL" => TestStatus::Failed,
        "SKIP" => TestStatus::Skipped,
        _other => return None,
    };
    Some((name.split(' ').next().unwrap_or(name), status))
}

/// A package's own line. Tabs have become blanks, and other runners print `FAIL` and `ok` too.
pub(super) fn package(line: &str) -> Option<(Package, &str)> {
    if let Some(rest) = line.strip_prefix("?    ") {
        return rest.ends_with("[no test files]").then_some((Package::Empty, rest));
    }
    if let Some(rest) = line.strip_prefix("ok   ") {
        let timed = rest.split(' ').any(|word| word == "(cached)" || is_seconds(word));
        let empty = rest.ends_with("[no tests to run]");
        let package = if empty { Package::Empty } else { Package::Passed };
        return timed.then_some((package, rest));
    }
    let rest = line.strip_prefix("FAIL ")?;
    if rest.ends_with(" failed]") {
        return Some((Package::Unbuilt, rest));
    }
    let timed = rest.split(' ').next_back().is_some_and(is_seconds);
    timed.then_some((Package::Failed, rest))
}

fn is_seconds(word: &str) -> bool {
    word.strip_suffix('s').is_some_and(|number| number.parse::<f64>().is_ok())
}

/// `file.go:2:23: message`.
pub(crate) fn is_compiler_error(line: &str) -> bool {
    let Some((file, rest)) = line.split_once(".go:") else { return false };
    let mut numbers = rest.splitn(3, ':');
    let mut number = || numbers.next().is_some_and(|number| number.parse::<u32>().is_ok());
    !file.contains(' ') && number() && number()
}
