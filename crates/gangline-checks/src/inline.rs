//! Tests that stand beside the code, as Rust has them: one file with the code of one commit and the
//! tests of another.

use crate::code::{Keep, Language, code};

/// `now` with its test modules replaced by those of `before`; `None` when that changes nothing, or
/// when `before` has none.
pub(crate) fn with_tests_of(path: &str, now: &str, before: &str) -> Option<String> {
    if Language::of(path) != Some(Language::Rust) {
        return None;
    }
    // What is declared here and stands in a file of its own makes room, too.
    let (own, wanted) = (modules(now, Modules::All), modules(before, Modules::Whole));
    let texts = |text: &str, spans: &[(usize, usize)]| -> Vec<String> {
        spans.iter().map(|(from, to)| text[*from..*to].trim().to_owned()).collect()
    };
    let wanted = texts(before, &wanted);
    if wanted.is_empty() || wanted == texts(now, &own) {
        return None;
    }
    let mut mixed = String::with_capacity(now.len() + before.len());
    let mut at = 0;
    for (from, to) in own {
        mixed.push_str(&now[at..from]);
        at = to;
    }
    mixed.push_str(&now[at..]);
    for module in wanted {
        mixed.push_str("\n\n");
        mixed.push_str(&module);
    }
    mixed.push('\n');
    Some(mixed)
}

/// Whether the text has a test module with something in it.
pub(crate) fn has_tests(path: &str, text: &str) -> bool {
    Language::of(path) == Some(Language::Rust) && !modules(text, Modules::Whole).is_empty()
}

/// Which modules are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Modules {
    /// Those whose text is here: `mod tests { … }`.
    Whole,
    /// Those that are only declared here as well: `mod tests;`.
    All,
}

/// Where `#[cfg(test)] mod …` stand at the file's own level.
fn modules(text: &str, which: Modules) -> Vec<(usize, usize)> {
    let blanked = code(text, Language::Rust, Keep::Code);
    if blanked.len() != text.len() {
        return vec![];
    }
    let mut found: Vec<(usize, usize)> = vec![];
    for (from, mark) in blanked.match_indices("#[cfg(test)]") {
        if found.last().is_some_and(|(_, end)| from < *end) {
            continue;
        }
        let rest = &blanked[from + mark.len()..];
        let Some(open) = rest.find(['{', ';']) else { continue };
        let head: Vec<&str> = rest[..open].split_whitespace().collect();
        if !head.contains(&"mod") {
            continue;
        }
        if rest[open..].starts_with(';') {
            if which == Modules::All {
                found.push((from, from + mark.len() + open + 1));
            }
            continue;
        }
        let start = from + mark.len() + open;
        let mut depth = 0_usize;
        for (at, byte) in blanked.bytes().enumerate().skip(start) {
            match byte {
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                _inside => {}
            }
            if depth == 0 {
                found.push((from, at + 1));
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
