//! The house rules that neither the compiler nor clippy can see.
//!
//! ```text
//! git ls-files ─▶ Tree ─▶ Sources (syntax, program or test) ─▶ one module per rule ─▶ findings
//! ```
//!
//! Each rule is a pure function from what was read to its findings, and each has tests that break it.

mod codes;
mod contents;
mod doors;
mod edges;
mod forgotten;
mod glossary;
mod links;
mod lockfile;
mod migrations;
mod ratchet;
mod report;
mod source;
#[cfg(test)]
mod specimen;
mod tree;
mod words;

pub(crate) use report::{report, report_links};
