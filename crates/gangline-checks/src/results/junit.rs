//! JUnit XML: suites, cases in them, and in a case why it failed or was skipped.

use std::io::{self, BufReader, Read};

use gangline_domain::secret::Redactor;
use gangline_domain::verdict::TestCounts;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::runners::{Reading, TestStatus};

/// Elements within elements.
const DEPTH_MAX: usize = 64;
/// Bytes of one text or tag, all of which is held.
const EVENT_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Characters of a name or a message.
const CHARS_MAX: usize = 1_000;

/// Adds what `file` says to `reading`. An error says in words what is wrong with it.
pub(super) fn read(
    file: impl Read,
    redactor: &Redactor,
    reading: &mut Reading,
) -> Result<(), String> {
    let bounded = Bounded { file, read: 0, bound: EVENT_BYTES_MAX };
    let mut xml = Reader::from_reader(BufReader::with_capacity(64 * 1024, bounded));
    let mut held = Vec::new();
    let mut suites = Suites { redactor, reading, case: None, depth: 0, told: None, failed: 0 };
    loop {
        held.clear();
        let source = xml.get_mut().get_mut();
        source.bound = source.read + EVENT_BYTES_MAX;
        match xml.read_event_into(&mut held).map_err(|error| error.to_string())? {
            Event::Start(element) => suites.begin(&element)?,
            Event::Empty(element) => {
                suites.begin(&element)?;
                suites.end();
            }
            Event::End(_) => suites.end(),
            Event::DocType(_) => return Err("it declares a document type".to_owned()),
            Event::Eof => break,
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::GeneralRef(_) => {}
        }
    }
    suites.finish()
}

struct Suites<'r> {
    redactor: &'r Redactor,
    reading: &'r mut Reading,
    case: Option<Case>,
    depth: usize,
    /// What the outermost element says of failures.
    told: Option<u32>,
    /// Cases that failed.
    failed: u32,
}

struct Case {
    name: String,
    status: TestStatus,
    /// How deep it is: an element of another program's may be called `failure`, too.
    depth: usize,
    message: Option<String>,
}

impl Suites<'_> {
    fn begin(&mut self, element: &BytesStart<'_>) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("more than {DEPTH_MAX} elements within one another"));
        }
        let name = element.local_name();
        if self.depth == 1 {
            if !matches!(name.as_ref(), "testsuites" | "testsuite") {
                return Err("its root is neither testsuites nor testsuite".to_owned());
            }
            let number =
                |key| Ok::<_, String>(self.attribute(element, key)?.and_then(|n| n.parse().ok()));
            let (failures, errors): (Option<u32>, Option<u32>) =
                (number("failures")?, number("errors")?);
            self.told = Some(failures.unwrap_or(0).saturating_add(errors.unwrap_or(0)));
            return Ok(());
        }
        match (name.as_ref(), &mut self.case) {
            ("testcase", None) => self.case = Some(self.begun(element)?),
            ("failure" | "error", Some(case)) if self.depth == case.depth + 1 => {
                case.status = TestStatus::Failed;
                let message = self.attribute(element, "message")?;
                if let Some(case) = &mut self.case {
                    case.message = case.message.take().or(message);
                }
            }
            ("skipped", Some(case))
                if self.depth == case.depth + 1 && case.status == TestStatus::Passed =>
            {
                case.status = TestStatus::Skipped;
            }
            (_other, _) => {}
        }
        Ok(())
    }

    fn begun(&self, element: &BytesStart<'_>) -> Result<Case, String> {
        let name = self.attribute(element, "name")?.ok_or("a testcase without a name")?;
        let class = self.attribute(element, "classname")?.filter(|class| !class.is_empty());
        let name = class.map_or(name.clone(), |class| format!("{class}::{name}"));
        Ok(Case { name, status: TestStatus::Passed, depth: self.depth, message: None })
    }

    fn end(&mut self) {
        if let Some(case) = self.case.take_if(|case| case.depth == self.depth) {
            self.close(&case);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn close(&mut self, case: &Case) {
        let mut counts = TestCounts::default();
        match case.status {
            TestStatus::Passed => counts.passed = 1,
            TestStatus::Skipped => counts.skipped = 1,
            TestStatus::Failed => {
                counts.failed = 1;
                self.failed = self.failed.saturating_add(1);
                self.reading.name(&case.name);
                if let Some(message) = &case.message {
                    self.reading.line(message);
                }
            }
        }
        self.reading.add(counts);
        self.reading.test(&case.name, case.status);
    }

    /// A file that was cut off, or that is empty, tells nothing.
    fn finish(self) -> Result<(), String> {
        if self.depth > 0 {
            return Err("it ends before its end".to_owned());
        }
        let told = self.told.ok_or("there is no element in it")?;
        // A suite may fail outside of any case.
        let more = told.saturating_sub(self.failed);
        self.reading.add(TestCounts { failed: more, ..TestCounts::default() });
        Ok(())
    }

    /// An attribute's text on one line, bounded, without control characters and secrets.
    fn attribute(&self, element: &BytesStart<'_>, key: &str) -> Result<Option<String>, String> {
        let found = element.try_get_attribute(key).map_err(|error| error.to_string())?;
        let Some(found) = found else { return Ok(None) };
        let text = found.normalized_value(XmlVersion::Implicit1_0);
        let text = text.map_err(|error| error.to_string())?;
        let text = self.redactor.text(&text);
        let visible = |c: char| if c.is_control() { ' ' } else { c };
        Ok(Some(text.chars().map(visible).take(CHARS_MAX).collect()))
    }
}

/// Reads no further than to a bound, which moves on with every event: one event's bytes are all
/// held at once.
struct Bounded<R> {
    file: R,
    read: u64,
    bound: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read > self.bound {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a text in it is too long"));
        }
        let read = self.file.read(into)?;
        self.read += read as u64;
        Ok(read)
    }
}
