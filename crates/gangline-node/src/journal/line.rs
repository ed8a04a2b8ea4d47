//! One line, and its checksum.

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

/// The line of an entry, with its end.
pub(super) fn encode(n: u64, at: Timestamp, what: &What) -> Vec<u8> {
    let mut line =
        serde_json::to_vec(&Written { n, at_us: at.0, what }).expect("BUG: an entry is JSON");
    let crc = crc32fast::hash(&line);
    // The object is opened again for its last member.
    line.pop();
    line.extend_from_slice(format!(",\"crc\":\"{crc:08x}\"}}\n").as_bytes());
    line
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
