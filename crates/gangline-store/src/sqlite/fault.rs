//! What SQLite's errors mean for us.

use std::path::Path;

use gangline_ports::store::{CommitError, StoreError};

use super::ballast::free_bytes;

/// Less than this is a full disk, even if the failing call could not say so: a database that
/// cannot grow its index by a page fails with an ordinary I/O error.
const FULL_BELOW_BYTES: u64 = 256 * 1024;

/// Who has to act on an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Space must be made.
    Full,
    /// The file is not what was written.
    Corrupt,
    /// The file is no database at all.
    NotADatabase,
    /// Somebody else is writing; it passes.
    Busy,
    /// Anything else: it may pass.
    Other,
}

/// Reads an error, with a look at the disk that `folder` is on.
pub(super) fn fault(error: &sqlx::Error, folder: &Path) -> Fault {
    // Primary result codes, as https://www.sqlite.org/rescode.html numbers them.
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const IO: u32 = 10;
    const CORRUPT: u32 = 11;
    const FULL: u32 = 13;
    const CANNOT_OPEN: u32 = 14;
    const NOT_A_DATABASE: u32 = 26;

    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    let Some(code) = code.and_then(|code| code.parse::<u32>().ok()) else { return Fault::Other };
    match code & 0xff {
        FULL => Fault::Full,
        CORRUPT => Fault::Corrupt,
        NOT_A_DATABASE => Fault::NotADatabase,
        BUSY | LOCKED => Fault::Busy,
        IO | CANNOT_OPEN if free_bytes(folder).is_ok_and(|free| free < FULL_BELOW_BYTES) => {
            Fault::Full
        }
        _other => Fault::Other,
    }
}

/// What SQLite says, without the words that sqlx puts around it.
pub(super) fn said(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

/// For reads, and for writes that are not commits.
pub(super) fn store_error(error: sqlx::Error, folder: &Path) -> StoreError {
    match fault(&error, folder) {
        Fault::Full => StoreError::DiskFull(error.into()),
        Fault::Corrupt | Fault::NotADatabase => StoreError::Corrupt(said(&error)),
        Fault::Busy | Fault::Other => StoreError::Unavailable(error.into()),
    }
}

/// For a failure before COMMIT was sent: nothing can have been written.
pub(super) fn before_commit(error: sqlx::Error, folder: &Path) -> CommitError {
    match fault(&error, folder) {
        Fault::Full => CommitError::DiskFull(error.into()),
        Fault::Corrupt | Fault::NotADatabase => CommitError::Corrupt(said(&error)),
        Fault::Busy | Fault::Other => CommitError::Unavailable(error.into()),
    }
}

/// For a failure of COMMIT itself.
///
/// Busy leaves the transaction open, so it was not written. Full says that a page could not be
/// appended to the write-ahead file, and the page that ends a commit is the last to be appended. All
/// others may come from the sync after it, when the commit is in the file but not known to last, or
/// from a lost connection: then only reading can tell.
pub(super) fn at_commit(error: sqlx::Error, folder: &Path) -> CommitError {
    let says_full = fault(&error, Path::new("")) == Fault::Full;
    match fault(&error, folder) {
        Fault::Full if says_full => CommitError::DiskFull(error.into()),
        Fault::Busy => CommitError::Unavailable(error.into()),
        Fault::Corrupt | Fault::NotADatabase => CommitError::Corrupt(said(&error)),
        Fault::Full | Fault::Other => CommitError::Unknown(error.into()),
    }
}
