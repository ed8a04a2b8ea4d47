//! Kind `opencode`: opencode's headless run, with JSON lines on its standard output.
//!
//! ```text
//! << step_start, text, reasoning, tool_use (when it is over), step_finish, error
//! ```
//!
//! Its traps, each with its recording below `fixtures/opencode/`:
//!
//! - There is no last line with a result: the last `step_finish` and the exit tell.
//! - An overloaded provider is asked again for ever, without a word. While no step runs, silence
//!   is bounded here.
//! - Nobody can be asked: it rejects by itself what it would have to ask leave for. Where leave
//!   must be asked, `kind: acp` with `preset: opencode` is the way.
//! - Its own limit of turns, an agent's `steps`, is a plea: the model is told to use no more tools,
//!   and may. Turns are counted here, and after the last the program is ended.

mod driver;
mod permission;
mod protocol;

pub use driver::{Opencode, PROGRAM};
pub(crate) use driver::{QUIET, applied, configuration};
pub(crate) use permission::permission;
