//! The lines that a person would look for in the output of a failed command.

use gangline_domain::verdict::DECISIVE_LINES_MAX;

use crate::printed::Printed;
use crate::runners::{Reading, is_compiler_error};

/// What stands before the name of a failing test.
pub(crate) const FAILED_TEST: &str = "failed: ";
/// Last lines that are taken where nothing decisive is found.
const TAIL_LINES: usize = 12;
/// Characters that are shown of a line.
const LINE_CHARS_MAX: usize = 300;

/// Starts of lines that say what is wrong, whatever the program.
const STARTS: [&str; 14] = [
    "error:",
    "error[",
    "error -",
    "Error:",
    "fatal:",
    "FATAL:",
    "npm error ",
    "npm ERR! ",
    "panic: ",
    "make: ***",
    "[ERROR] ",
    "AssertionError",
    "SyntaxError",
    "Diff in ",
];
/// What lines hold that say what is wrong: compilers and linters put the place in front.
const PARTS: [&str; 9] = [
    " - error TS",
    ": error:",
    ": error ",
    ": fatal error:",
    ": error TS",
    " panicked at ",
    "error  ",
    "Error: ",
    "Exception: ",
];
/// What sums up, and helps nobody when there is anything better.
const SUMS: [&str; 16] = [
    "error: could not compile",
    "error: aborting due to",
    "error: test failed",
    "error: test run failed",
    "npm error Lifecycle",
    "npm error A complete log",
    "make: ***",
    "[ERROR] [Help",
    "[ERROR] -> [Help",
    "[ERROR] COMPILATION ERROR",
    "[ERROR] Failed to execute goal",
    "[ERROR] To see the full stack trace",
    "[ERROR] Re-run Maven",
    "[ERROR] For more information",
    "[ERROR] After correcting the problems",
    "[ERROR]   mvn <args>",
];

/// At most [`DECISIVE_LINES_MAX`] lines, most decisive first: failing tests by name, what their
/// runner says about them, then errors of other programs; the end of the output when there is
/// nothing of all that.
pub(crate) fn lines(printed: Printed<'_>, reading: Option<&Reading>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if let Some(reading) = reading {
        found.extend(reading.failed.iter().map(|name| format!("{FAILED_TEST}{name}")));
        found.extend(reading.lines.iter().cloned());
        // The runner knows better than any pattern which of its lines matter.
        if !reading.failed.is_empty() {
            return bounded(found);
        }
    }
    let mut sums = Vec::new();
    let mut printed_lines = printed.lines().peekable();
    let mut file = String::new();
    while let Some(line) = printed_lines.next() {
        let text = line.trim();
        if is_path(&line) {
            text.clone_into(&mut file);
        }
        if SUMS.iter().any(|start| text.starts_with(start)) {
            if sums.len() < DECISIVE_LINES_MAX {
                sums.push(text.to_owned());
            }
        } else if is_decisive(text) && !found.iter().any(|known| known == text) {
            found.push(match is_place(text) {
                true if !file.is_empty() => format!("{file}:{text}"),
                true | false => text.to_owned(),
            });
            // A Rust error says where on its next line.
            let place = printed_lines.peek().map(|next| next.trim());
            found.extend(place.filter(|next| next.starts_with("--> ")).map(str::to_owned));
            if found.len() >= DECISIVE_LINES_MAX {
                break;
            }
        }
    }
    if found.is_empty() {
        found = sums;
    }
    if found.is_empty() {
        found = printed.tail(TAIL_LINES);
    }
    bounded(found)
}

fn bounded(lines: Vec<String>) -> Vec<String> {
    let cut = |line: String| line.chars().take(LINE_CHARS_MAX).collect();
    lines.into_iter().take(DECISIVE_LINES_MAX).map(cut).collect()
}

fn is_decisive(text: &str) -> bool {
    STARTS.iter().any(|start| text.starts_with(start))
        || PARTS.iter().any(|part| text.contains(part))
        || is_compiler_error(text.strip_prefix("vet: ").unwrap_or(text))
}

/// eslint names a file alone on its line, and then the places in it.
fn is_path(line: &str) -> bool {
    let plain = !line.starts_with(' ') && !line.contains(' ') && line.len() <= LINE_CHARS_MAX;
    plain && line.contains('.') && line.contains('/') && !line.ends_with([':', '/', '.'])
}

/// `12:5  error  …`
fn is_place(text: &str) -> bool {
    let place = text.split(' ').next().unwrap_or_default();
    let numbers = place.split_once(':');
    numbers
        .is_some_and(|(line, column)| line.parse::<u32>().is_ok() && column.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests;
