//! Kind `gemini`: the Gemini CLI, headless, with JSON lines on its standard output.
//!
//! ```text
//! << init, message, tool_use, tool_result, error, result
//! ```
//!
//! Its traps, each with its recording below `fixtures/gemini/`:
//!
//! - A failure of the provider's API ends with the HTTP status modulo 256 as the exit code.
//! - A command that failed is reported as a success; only its output tells.
//! - Nobody can be asked: without `yolo` the tools that write are not there at all. Where leave
//!   must be asked, `kind: acp` with `preset: gemini` is the way.
//! - It is a script for node and installed as a folder of scripts.

mod driver;
mod policy;
mod protocol;

pub use driver::{Gemini, PROGRAM};
pub(crate) use driver::{QUIET, applied, prepare};
