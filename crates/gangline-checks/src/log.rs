//! What a command printed, kept as evidence.

use std::fmt::Write;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

/// Bytes of a command's output that are kept: half from its beginning, half from its end.
pub(crate) const LOG_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A log on disk.
pub(crate) struct Kept {
    pub(crate) file: String,
    pub(crate) sha256: String,
}

/// Writes `bytes` to `<name>.log` in `dir`. `name` is a check's name, and so a file name too.
pub(crate) fn keep(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<Kept> {
    let file = format!("{name}.log");
    std::fs::write(dir.join(&file), bytes)?;
    Ok(Kept { file, sha256: sha256(bytes) })
}

fn sha256(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(hex, "{byte:02x}").expect("BUG: a String takes all text");
    }
    hex
}
