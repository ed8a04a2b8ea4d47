//! What test runners say about themselves: counts, results by test, and why tests failed.
//!
//! ```text
//!   bytes as they come ▸ Lines ▸ marks: who may care? ▸ Reader … Reader ▸ Reading
//!                                 (two looks into a table)   one for each runner that may speak
//! ```
//!
//! The exit code decides whether a suite passed. What is read here says how many tests ran, so
//! that an empty suite is not taken for a green one, and which lines a person would look at. Who
//! is believed is [`choice`]'s: in the output of `pytest`, what looks like a summary of `cargo test`
//! was printed by a test.
//!
//! Output is read as it comes, all of it, and nothing of it is kept but what a [`Reading`] holds.

mod choice;
mod go;
mod go_json;
mod gradle;
mod jest;
mod libtest;
mod mocha;
mod nested;
mod nextest;
mod node;
mod node_tap;
mod output;
mod panics;
mod pytest;
mod reading;
mod surefire;
mod tap;
mod unittest;
mod vitest;

pub(crate) use choice::speakers;
pub(crate) use go::is_compiler_error;
pub use output::TestOutput;
use output::{Marks, Reader, Wants};
use reading::{DETAIL_MAX, counted};
pub use reading::{Reading, TestStatus};

#[cfg(test)]
mod tests;
