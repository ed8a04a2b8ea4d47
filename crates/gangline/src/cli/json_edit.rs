//! More in a person's own JSON file, and every other byte as it was.
//!
//! What is there is neither sorted nor indented anew: the file is read only to find the innermost
//! list or object that exists already, and the rest is put in before its end. Editors write
//! comments and commas behind the last entry into theirs; both stay where they are.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::PrettyFormatter;
use serde_json::value::RawValue;

/// By how much is indented where nothing in the file is.
const INDENTATION: &str = "  ";

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// As it is defined.
    Json,
    /// With comments, and with commas behind last entries.
    WithComments,
}

/// Why a file cannot be added to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed {
    /// From 1.
    pub(super) line: usize,
    /// From 1, in characters.
    pub(super) column: usize,
    /// What is wrong there, as a lowercase fragment.
    pub(super) message: String,
}

/// A file that was read. One that is not there is an empty text.
#[derive(Debug)]
pub(super) struct Document<'a> {
    text: &'a str,
    /// The text with blanks for comments.
    bare: String,
    /// The same with blanks for commas behind last entries: what a strict parser reads.
    strict: String,
    value: Value,
}

impl<'a> Document<'a> {
    /// Reads a file that holds one object, or nothing.
    pub(super) fn parse(text: &'a str, flavour: Flavour) -> Result<Self, Malformed> {
        let (bare, strict) = match flavour {
            Flavour::Json => (text.to_owned(), text.to_owned()),
            Flavour::WithComments => {
                let bare = without_comments(text);
                let strict = without_last_commas(&bare);
                (bare, strict)
            }
        };
        if strict.trim().is_empty() {
            let value = Value::Object(serde_json::Map::new());
            return Ok(Self { text, bare, strict, value });
        }
        let value = serde_json::from_str(&strict).map_err(|error| {
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            let (line, column) = (error.line().max(1), error.column().max(1));
            Malformed { line, column, message }
        })?;
        let document = Self { text, bare, strict, value };
        if !document.value.is_object() {
            return Err(document.wrong(&document.whole(), "it is not an object"));
        }
        Ok(document)
    }

    /// Whether there is nothing in it but blanks.
    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// What it says.
    pub(super) fn value(&self) -> &Value {
        &self.value
    }

    /// Where the object of the file stands.
    pub(super) fn whole(&self) -> Range<usize> {
        let start = self.strict.len() - self.strict.trim_start().len();
        start..self.strict.trim_end().len().max(start)
    }

    /// Something that is not as it has to be.
    pub(super) fn wrong(&self, at: &Range<usize>, what: &str) -> Malformed {
        let before = &self.text[..at.start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Malformed { line, column, message: what.to_owned() }
    }

    /// Where a member of the object at `object` stands; of several with the same name the last,
    /// which is the one that counts.
    pub(super) fn member(&self, object: &Range<usize>, name: &str) -> Option<Range<usize>> {
        let text = &self.strict[object.clone()];
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
        let found = members.get(name)?.get();
        let start = found.as_ptr().addr() - self.strict.as_ptr().addr();
        Some(start..start + found.len())
    }

    /// The text with one more entry at the end of the list or object at `place`.
    pub(super) fn grown(&self, place: &Range<usize>, entry: &str) -> String {
        let (opened, closing) = (place.start + 1, place.end - 1);
        let inside = &self.strict[opened..closing];
        let last = opened + inside.trim_end().len();
        // Behind the last entry there may be a comma, and comments.
        let end = opened + self.text[opened..closing].trim_end().len();
        let has_comma = self.bare[last..closing].contains(',');
        let comma = if inside.trim().is_empty() || has_comma { "" } else { "," };
        let begun = self.text[..place.start].rfind('\n').map_or(0, |at| at + 1);
        let outer = leading(&self.text[begun..]);
        let inner = format!("{outer}{}", self.indentation());
        let entry = deeper(entry, &inner);
        let (before, between) = (&self.text[..last], &self.text[last..end]);
        let after = &self.text[closing..];
        format!("{before}{comma}{between}\n{inner}{entry}\n{outer}{after}")
    }

    /// By how much the first line that is indented is.
    pub(super) fn indentation(&self) -> &str {
        self.text.lines().map(leading).find(|unit| !unit.is_empty()).unwrap_or(INDENTATION)
    }
}

/// With all lines but the first further to the right.
pub(super) fn deeper(text: &str, by: &str) -> String {
    text.replace('\n', &format!("\n{by}"))
}

/// A value over several lines.
pub(super) fn pretty(value: &impl Serialize, unit: &str) -> String {
    let mut bytes = vec![];
    let formatter = PrettyFormatter::with_indent(unit.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    value.serialize(&mut serializer).expect("BUG: an entry is JSON");
    String::from_utf8(bytes).expect("BUG: JSON is text")
}

/// An object with one member, whose value is written already.
pub(super) fn object_of(name: &str, value: &str, unit: &str) -> String {
    format!("{{\n{unit}\"{name}\": {}\n}}", deeper(value, unit))
}

fn leading(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Blanks for comments, byte for byte, so that every place stays what it was.
fn without_comments(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'"', _) => at = end_of_string(&bytes, at),
            (b'/', Some(b'/')) => {
                while at < bytes.len() && bytes[at] != b'\n' {
                    bytes[at] = b' ';
                    at += 1;
                }
            }
            (b'/', Some(b'*')) => {
                let closed = text.as_bytes()[at + 2..].windows(2).position(|two| two == b"*/");
                // One that is not closed is no comment: the parser tells where it begins.
                let Some(closed) = closed else { break };
                let end = at + 2 + closed + 2;
                for byte in &mut bytes[at..end] {
                    if *byte != b'\n' {
                        *byte = b' ';
                    }
                }
                at = end;
            }
            _other => at += 1,
        }
    }
    String::from_utf8(bytes).expect("BUG: only whole comments are blanked")
}

/// Blanks for commas that nothing follows but the end of their list or object.
fn without_last_commas(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    // A comma behind an entry, and whether an entry has just ended.
    let (mut comma, mut entry) = (None, false);
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b'"' {
            at = end_of_string(&bytes, at);
            (comma, entry) = (None, true);
            continue;
        }
        if let (b']' | b'}', Some(comma)) = (byte, comma) {
            bytes[comma] = b' ';
        }
        if byte == b',' {
            (comma, entry) = (entry.then_some(at), false);
        } else if !byte.is_ascii_whitespace() {
            (comma, entry) = (None, !matches!(byte, b'[' | b'{' | b':'));
        }
        at += 1;
    }
    String::from_utf8(bytes).expect("BUG: only commas are blanked")
}

/// Behind the string that begins at `at`.
fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _other => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests;
