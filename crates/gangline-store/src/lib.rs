//! Where the truth is kept: adapters of [`gangline_ports::store::Store`].
//!
//! ```text
//! Batch { events, rows } ──commit──▶ SqliteStore   one file; survives the machine
//!                                    MemoryStore   tests and simulation; survives nothing
//! events ──fold_check──▶ the same rows?            what `gangline doctor --replay` asks
//! ```

mod memory;
mod replay;
pub mod sqlite;

pub use memory::MemoryStore;
pub use replay::{Difference, ReplayError, ReplayReport, fold_check};
pub use sqlite::{OpenError, SqliteOptions, SqliteStore};
