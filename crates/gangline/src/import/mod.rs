//! Folders of ticket READMEs.
//!
//! ```text
//! DIR/README.md, DIR/*.md, DIR/*/README.md
//!
//! # Ticket #105: Reject empty input        key PREFIX-105, external reference 105
//! **Priority:** High
//! **Depends on:** #104, #102               or a section `## Dependencies` with a list
//! ```
//!
//! Nothing is half read: every file that is meant as a ticket and cannot be one is told, with its
//! line, and then none of them is imported.

mod file;
mod folder;

pub(crate) use file::{ticket_file, wish};
pub(crate) use folder::{Folder, FolderError, read};
