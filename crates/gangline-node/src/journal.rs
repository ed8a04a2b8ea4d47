//! A job's append-only record: every tool call, message, question and step, one JSON line each.
//!
//! ```text
//! {"n":7,"at_us":1763…,"kind":"tool_started",…,"crc":"0a1b2c3d"}
//! ```
//!
//! The checksum (CRC-32) covers the line without itself. A torn last line is cut off when the
//! journal is opened for writing, and waited for when it is read; a broken line in the middle is
//! passed over and told.

mod entry;
mod export;
mod human;
mod line;
mod passage;
mod reader;
mod texts;
mod worklog;
mod writer;

pub(crate) use entry::QUESTIONS_MAX;
pub use entry::{Entry, JobEnded, What};
pub use export::{ExportError, Exported, export};
pub use human::{human_line, label};
pub use line::LINE_BYTES_MAX;
pub use passage::{Passage, PassageStep};
pub use reader::{Item, Reader};
pub use worklog::Worklog;
pub(crate) use writer::Writer;

#[cfg(test)]
mod tests;
