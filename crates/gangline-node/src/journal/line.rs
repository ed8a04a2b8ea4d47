//! One line, and its checksum.

use std::io::Write;

use gangline_domain::ids::Timestamp;
use serde::{Deserialize, Serialize};

use super::entry::{Entry, What};

/// Bytes that a line may have, its end included. A longer one is broken.
pub const LINE_BYTES_MAX: usize = 256 * 1024;

/// `,"crc":"01234567"}`
const CRC_BYTES: usize = 18;

#[derive(Serialize)]
struct Written<'a> {
    n: u64,
    at_us: i64,
    #[serde(flatten)]
    what: &'a What,
}

#[derive(Deserialize)]
struct Numbered {
    n: u64,
    at_us: i64,
}

/// Why a line says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadLine {
    #[error("it has no checksum")]
    NoChecksum,
    #[error("its checksum is wrong")]
    Checksum,
    #[error("it is not a journal's line")]
    Shape,
}

/// What agents say most of, and how long it may be: its text, and the same entry without it. The
/// text is the entry's last member.
fn apart(what: &What) -> Option<(What, &str)> {
    if let What::Message { text } = what {
        Some((What::Message { text: String::new() }, text))
    } else if let What::Thought { text } = what {
        Some((What::Thought { text: String::new() }, text))
    } else if let What::Raw { line } = what {
        Some((What::Raw { line: String::new() }, line))
    } else {
        None
    }
}

/// Adds the line of an entry, with its end, to others.
pub(super) fn encode(n: u64, at: Timestamp, what: &What, lines: &mut Vec<u8>) {
    const EMPTY: &[u8] = b"\"\"}";
    let start = lines.len();
    let (without, text) = apart(what).unzip();
    let what = without.as_ref().unwrap_or(what);
    serde_json::to_writer(&mut *lines, &Written { n, at_us: at.0, what })
        .expect("BUG: an entry is JSON");
    if let Some(text) = text {
        // What has to be escaped is found many bytes at once, and not one by one.
        assert!(lines.ends_with(EMPTY), "BUG: the text is not what the entry ends with");
        lines.truncate(lines.len() - EMPTY.len());
        json_escape_simd::escape_into(text, lines);
        lines.push(b'}');
    }
    let crc = crc32fast::hash(&lines[start..]);
    // The object is opened again for its last member.
    lines.pop();
    writeln!(lines, ",\"crc\":\"{crc:08x}\"}}").expect("BUG: memory takes what is written");
}

/// The entry of a line without its end.
pub(super) fn decode(line: &[u8]) -> Result<Entry, BadLine> {
    let at = line.len().checked_sub(CRC_BYTES).ok_or(BadLine::NoChecksum)?;
    let (body, tail) = line.split_at(at);
    let tail = std::str::from_utf8(tail).map_err(|_| BadLine::NoChecksum)?;
    let digits = tail.strip_prefix(",\"crc\":\"").and_then(|rest| rest.strip_suffix("\"}"));
    let digits = digits.ok_or(BadLine::NoChecksum)?;
    let told = u32::from_str_radix(digits, 16).map_err(|_| BadLine::NoChecksum)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(body);
    hasher.update(b"}");
    if hasher.finalize() != told {
        return Err(BadLine::Checksum);
    }
    let Numbered { n, at_us } = serde_json::from_slice(line).map_err(|_| BadLine::Shape)?;
    // A known kind of another version, with other members, is as unknown as another kind.
    let what = serde_json::from_slice(line).unwrap_or(What::Unknown);
    Ok(Entry { n, at: Timestamp(at_us), what })
}
