//! `go test -json`: an event on each line. Only the outermost tests are counted, as with `-v`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::verdict::TestCounts;
use serde::Deserialize;

use super::go::{Package, is_compiler_error, package};
use super::{DETAIL_MAX, Marks, Reader, Reading, TestStatus, Wants};

/// Events, and what older versions say beside them of what could not be built: `FAIL`, `# shop/bad`.
pub(super) const MARKS: Marks = Marks { first: b"{F#", last: b"", indented: false, panics: false };

/// Tests whose output is held until they end.
const RUNNING_MAX: usize = 1_000;
/// Packages that are remembered for having a test that failed.
const FAILED_PACKAGES_MAX: usize = 10_000;

#[derive(Debug, Deserialize)]
struct Event<'l> {
    #[serde(rename = "Action", borrow)]
    action: Cow<'l, str>,
    #[serde(rename = "Package", borrow, default)]
    package: Cow<'l, str>,
    #[serde(rename = "Test", borrow, default)]
    test: Option<Cow<'l, str>>,
    #[serde(rename = "Output", borrow, default)]
    output: Cow<'l, str>,
}

#[derive(Debug, Default)]
pub(super) struct GoJson {
    reading: Reading,
    seen: bool,
    /// What tests printed that have not ended, by package and name.
    told: BTreeMap<String, Vec<String>>,
    /// Packages with a test that failed: their own failure is explained by it.
    failed: BTreeSet<String>,
    /// Behind `# shop/bad`, where the compiler speaks.
    compiling: bool,
}

impl Reader for GoJson {
    fn line(&mut self, line: &str) -> Wants {
        if line.contains("\"Action\":\"")
            && let Ok(event) = serde_json::from_str::<Event<'_>>(line)
        {
            match &event.test {
                Some(test) => self.test(&event, test),
                None => self.package(&event),
            }
        } else if let Some((Package::Unbuilt, name)) = package(line) {
            self.unbuilt(name);
        } else if self.compiling && is_compiler_error(line) {
            self.reading.line(line);
        } else {
            self.compiling = line.starts_with("# ");
        }
        Wants::next_if(self.compiling)
    }

    fn finish(self: Box<Self>) -> Option<Reading> {
        self.seen.then_some(self.reading)
    }
}

impl GoJson {
    fn test(&mut self, event: &Event<'_>, test: &str) {
        let name = format!("{} {test}", event.package);
        let status = match event.action.as_ref() {
            "pass" => TestStatus::Passed,
            "fail" => TestStatus::Failed,
            "skip" => TestStatus::Skipped,
            "output" => return self.hold(name, &event.output),
            _run_or_pause => return,
        };
        self.seen = true;
        let told = self.told.remove(&name).unwrap_or_default();
        let one = u32::from(!test.contains('/'));
        let mut counts = TestCounts::default();
        match status {
            TestStatus::Passed => counts.passed = one,
            TestStatus::Skipped => counts.skipped = one,
            TestStatus::Failed => {
                counts.failed = one;
                self.reading.name(test);
                for line in &told {
                    self.reading.line(line);
                }
                if self.failed.len() < FAILED_PACKAGES_MAX {
                    self.failed.insert(event.package.to_string());
                }
            }
        }
        self.reading.add(counts);
        self.reading.test(&name, status);
    }

    /// The indented `file.go:4: message` lines.
    fn hold(&mut self, name: String, output: &str) {
        let panics = output.starts_with("panic: ");
        if !(panics || output.starts_with("    ")) || output.trim_start().starts_with("--- ") {
            return;
        }
        if self.told.len() >= RUNNING_MAX && !self.told.contains_key(&name) {
            return;
        }
        let told = self.told.entry(name).or_default();
        if panics {
            told.insert(0, output.trim().to_owned());
            told.truncate(DETAIL_MAX);
        } else if told.len() < DETAIL_MAX {
            told.push(output.trim().to_owned());
        }
    }

    fn unbuilt(&mut self, package: &str) {
        self.reading.add(TestCounts { failed: 1, ..TestCounts::default() });
        self.reading.name(package);
    }

    fn package(&mut self, event: &Event<'_>) {
        match event.action.as_ref() {
            "pass" | "skip" => self.seen = true,
            "fail" => {
                self.seen = true;
                if !self.failed.contains(event.package.as_ref()) {
                    // It was not built, or died outside of any test.
                    self.unbuilt(&event.package);
                }
            }
            "build-output" | "output" if is_compiler_error(&event.output) => {
                self.reading.line(&event.output);
            }
            _other => {}
        }
    }
}
