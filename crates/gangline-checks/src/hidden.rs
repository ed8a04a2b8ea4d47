//! `hidden`: whoever reads the difference sees what is there. Characters that turn text around or
//! have no width, words of two scripts, code pushed out of sight, attributes that keep git from
//! showing a file. Left out when nothing changed.
//!
//! Source: Boucher and Anderson, "Trojan Source: Invisible Vulnerabilities" (2021), and the
//! confusables of Unicode Technical Standard 39.

use gangline_domain::verdict::{CheckResult, Verdict};

use crate::code::Language;
use crate::finding::{Finding, failed, unapproved};
use crate::registry::Facts;
use crate::subject::{ChangedPath, Content};

pub(crate) const NAME: &str = "hidden";

/// Blanks in a row behind which nobody looks.
const BLANKS_MAX: usize = 120;

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    if facts.changed.is_empty() {
        return None;
    }
    let mut found = vec![];
    for changed in facts.changed {
        let is_source = Language::of(&changed.path).is_some();
        for (number, line) in changed.new_lines() {
            let what = match is_source {
                true => in_source(line),
                false => in_text(line),
            };
            found.extend(what.map(|what| Finding::new(&changed.path, Some(number), what)));
        }
        found.extend(turned_binary(changed, is_source));
        found.extend(odd_name(&changed.path));
    }
    let told = |given: &&(String, String)| given.1 != "linguist-generated";
    let unshown = facts.unshown.iter().filter(told);
    found.extend(unshown.map(|(path, given)| {
        Finding::new(
            path,
            None,
            format!("the commit's own attribute `{given}` hides its difference"),
        )
    }));
    let found = unapproved(facts, found);
    let folded = facts.unshown.iter().filter(|given| !told(given));
    let doubts = folded.map(|(path, _)| format!("{path} is newly marked as generated"));
    if found.is_empty() {
        let mut check =
            CheckResult::required(NAME, Verdict::Pass, "all that changed can be seen".to_owned());
        check.doubts = doubts.take(5).collect();
        return Some(check);
    }
    Some(failed(NAME, "not what it looks like", &found))
}

/// What a line of source text hides.
fn in_source(line: &str) -> Option<String> {
    let chars: Vec<char> = line.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let beside = |other: Option<&char>| other.is_some_and(char::is_ascii);
        let joiner = matches!(c, '\u{200c}' | '\u{200d}')
            && (beside(at.checked_sub(1).and_then(|at| chars.get(at)))
                || beside(chars.get(at + 1)));
        if is_turning(*c) || is_nothing(*c) && !(*c == '\u{feff}' && at == 0) || joiner {
            return Some(format!("the invisible character U+{:04X}", u32::from(*c)));
        }
        if matches!(c, '\r' | '\u{8}' | '\u{b}' | '\u{c}') && at + 1 < chars.len() && *c != '\u{c}'
        {
            return Some(format!("the control character U+{:04X} within a line", u32::from(*c)));
        }
    }
    tags(&chars).or_else(|| mixed(line)).or_else(|| pushed(line))
}

/// What a line of other text hides: people write from right to left there, and mark it.
fn in_text(line: &str) -> Option<String> {
    let mut depth = 0_i32;
    for c in line.chars() {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{2066}' | '\u{2067}' | '\u{2068}' => depth += 1,
            '\u{202c}' | '\u{2069}' => depth -= 1,
            '\u{202d}' | '\u{202e}' => {
                return Some(format!(
                    "the character U+{:04X}, which overrides the direction",
                    u32::from(c)
                ));
            }
            _plain => {}
        }
    }
    if depth != 0 {
        return Some("a direction that is begun and not ended within its line".to_owned());
    }
    tags(&line.chars().collect::<Vec<_>>())
}

/// Characters that turn the order of text around.
fn is_turning(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// Characters without width or shape.
fn is_nothing(c: char) -> bool {
    matches!(
        c,
        '\u{200b}' | '\u{2060}'
            ..='\u{2064}'
                | '\u{feff}'
                | '\u{ad}'
                | '\u{180e}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{3164}'
                | '\u{ffa0}'
    )
}

/// Letters that only programs read: tags beside no flag, and selectors in a row.
fn tags(chars: &[char]) -> Option<String> {
    let is_tag = |c: char| matches!(c, '\u{e0000}'..='\u{e007f}');
    let is_selector = |c: char| matches!(c, '\u{e0100}'..='\u{e01ef}');
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied().unwrap_or(' ');
        let of_flag = before == '\u{1f3f4}' || is_tag(before);
        if (is_tag(*c) && !of_flag) || (is_selector(*c) && is_selector(before)) {
            return Some(format!("the invisible character U+{:04X}", u32::from(*c)));
        }
    }
    None
}

/// A word of Latin letters with some of another script among them that look the same.
fn mixed(line: &str) -> Option<String> {
    let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let is_latin = |c: char| c.is_ascii_alphabetic();
    let is_other = |c: char| {
        matches!(c, '\u{400}'..='\u{52f}' | '\u{531}'..='\u{587}' | '\u{13a0}'..='\u{13ff}')
            || matches!(
                c,
                'ο' | 'Ο'
                    | 'α'
                    | 'Α'
                    | 'ν'
                    | 'Β'
                    | 'Ε'
                    | 'Ζ'
                    | 'Η'
                    | 'Ι'
                    | 'Κ'
                    | 'Μ'
                    | 'Ν'
                    | 'Ρ'
                    | 'Τ'
                    | 'Υ'
                    | 'Χ'
            )
            || matches!(c, '\u{ff21}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}')
    };
    let mut odd = words.filter(|word| word.chars().any(is_latin) && word.chars().any(is_other));
    odd.next().map(|word| format!("`{word}` mixes letters of two scripts that look the same"))
}

/// Something behind more blanks than anybody scrolls past.
fn pushed(line: &str) -> Option<String> {
    let rest = line.trim_end();
    let text = rest.trim_start();
    let mut blanks = 0;
    for c in text.chars() {
        blanks = if c == ' ' || c == '\t' { blanks + 1 } else { 0 };
        if blanks >= BLANKS_MAX {
            return Some(format!("something behind {BLANKS_MAX} blanks, out of sight"));
        }
    }
    let indent = rest.len() - text.len();
    (indent >= BLANKS_MAX * 2 && !text.is_empty())
        .then(|| format!("something behind {indent} blanks, out of sight"))
}

/// Source text that became what git shows no difference of.
fn turned_binary(changed: &ChangedPath, is_source: bool) -> Option<Finding> {
    let content = changed.after.as_ref().map(|side| &side.content);
    let binary = matches!(content, Some(Content::Binary(_)));
    (binary && is_source).then(|| {
        Finding::new(&changed.path, None, "source text with a zero byte: git shows no difference")
    })
}

fn odd_name(path: &str) -> Option<Finding> {
    let odd = path.chars().find(|c| is_turning(*c) || is_nothing(*c) || c.is_control())?;
    let what = format!("its name holds the character U+{:04X}", u32::from(odd));
    Some(Finding::new(path, None, what))
}

#[cfg(test)]
mod tests;
