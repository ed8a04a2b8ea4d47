//! Kind `command`: any program. What it prints is what it says; its exit code is how it ended.

mod driver;
mod protocol;

pub use driver::{Command, PLACEHOLDERS};
pub use protocol::exit_meaning;
