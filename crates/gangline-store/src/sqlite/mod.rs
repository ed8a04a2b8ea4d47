//! The store in one SQLite file.
//!
//! ```text
//! PATH            the database                 PATH.lock      held by the one daemon
//! PATH-wal        commits not yet copied over  PATH.ballast   space held back for a full disk
//! PATH-shm        index of the -wal            PATH.backups/  copies of it: see [`backups`]
//! ```
//!
//! # What survives
//!
//! | what happens | what is kept |
//! |---|---|
//! | the process is killed | every commit that was answered, and perhaps the one under way |
//! | the power is lost | the same: see below |
//! | the disk is full | everything; commits fail with `DiskFull` until there is space, reads go on |
//! | the disk lies about syncing, or bits rot | what SQLite's checks can tell is told; a backup is restored |
//!
//! The database is in write-ahead mode with `synchronous=FULL`. A commit appends its pages to the
//! `-wal` file, each with a checksum that continues the one before it, the last one marked as the
//! end of the commit; then that file is synced, and only then is the commit answered. So after a
//! power loss each answered commit is found whole. The one under way may have arrived in part, in
//! any order of sectors: then a checksum does not fit, and all of it is ignored. Pages are copied
//! to the database later, and the `-wal` file is begun anew only when the database is synced; a
//! loss in between is mended by copying again. `synchronous=NORMAL` would skip the first sync, and
//! could lose answered commits.

mod backups;
mod ballast;
mod fault;
mod lock;
mod migrate;
mod open;
mod read;
mod rebuild;
mod restore;
mod rows;
mod store;
#[cfg(test)]
mod tests;
mod upkeep;
mod write;

pub use backups::{Backup, backups, copy, newest_whole_backup};
pub use ballast::BallastState;
pub use open::{OpenError, SqliteOptions};
pub use restore::{RestoreError, Restored, restore_backup};
pub use store::SqliteStore;
pub use upkeep::BackupError;
