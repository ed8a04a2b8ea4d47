//! Names of suites within suites, told apart by how far their lines are indented.

/// Suites within suites that are followed.
const DEPTH_MAX: usize = 32;
/// Bytes of a suite's name. Longer lines are none.
const NAME_BYTES_MAX: usize = 300;

#[derive(Debug, Default)]
pub(super) struct Nested(Vec<Suite>);

#[derive(Debug)]
struct Suite {
    indent: usize,
    name: String,
    /// Whether something in it failed.
    failed: bool,
}

/// Blanks before a line.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

impl Nested {
    /// Begins a suite, within those that are less indented.
    pub(super) fn open(&mut self, indent: usize, name: &str) {
        self.close(indent);
        if self.0.len() < DEPTH_MAX && name.len() <= NAME_BYTES_MAX {
            self.0.push(Suite { indent, name: name.to_owned(), failed: false });
        }
    }

    /// Ends all that are not less indented.
    pub(super) fn close(&mut self, indent: usize) {
        while self.0.last().is_some_and(|suite| suite.indent >= indent) {
            self.0.pop();
        }
    }

    /// Ends the suite of this name that began at just this place. `Some` says whether something in
    /// it failed.
    pub(super) fn end(&mut self, indent: usize, name: &str) -> Option<bool> {
        self.close(indent + 1);
        let suite = self.0.last().filter(|s| s.indent == indent && s.name == name)?;
        let failed = suite.failed;
        self.0.pop();
        Some(failed)
    }

    pub(super) fn fail(&mut self) {
        self.0.iter_mut().for_each(|suite| suite.failed = true);
    }

    /// A test's name behind those of the suites that it is in.
    pub(super) fn name(&self, test: &str, between: &str) -> String {
        let mut name = String::new();
        for suite in &self.0 {
            name.push_str(&suite.name);
            name.push_str(between);
        }
        name.push_str(test);
        name
    }
}

/// Without the time behind a name, as in `adds (5 ms)` and `adds (0.905358ms)`.
pub(super) fn untimed(name: &str) -> &str {
    let timed = name.rsplit_once(" (").filter(|(_, time)| {
        let time = time.trim_end_matches(')');
        let number = time.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
        time.len() > number.len() && number.parse::<f64>().is_ok()
    });
    timed.map_or(name, |(name, _)| name)
}
