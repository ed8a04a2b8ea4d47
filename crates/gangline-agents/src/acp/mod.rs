//! Kind `acp`: any agent that speaks the Agent Client Protocol, version 1.
//!
//! ```text
//! >> initialize ▸ session/new, session/resume or session/load ▸ session/prompt … session/cancel
//! << session/update (words, tools, plan, usage), session/request_permission, the prompt's answer
//! ```
//!
//! JSON-RPC, a line for each message, over the standard input and output. A session is one
//! prompt, and a further one for each thing that is said meanwhile. What agents do differently
//! is a row of [`PRESETS`]; what all of them do is here:
//!
//! - Options of a request for leave are told apart by `kind`. Their ids differ everywhere.
//! - The agent's request ids are its own: numbers that collide with ours, or strings.
//! - A request that is not known is refused at once; an agent would wait for ever. Some ask for
//!   `fs/*` although it was not offered.
//! - `session/load` repeats the whole session; nothing of that is told again.
//! - Some tools are announced empty, some only by a request for leave, some never end.
//! - After a refused leave some agents go on and some end their turn; these are prompted again.
//! - Not all agents exit when their input ends: signals follow.

mod driver;
mod leave;
mod presets;
mod prompts;
mod protocol;
mod spent;
mod tools;
mod wire;

pub use driver::Acp;
pub(crate) use presets::SILENCE_MAX;
pub use presets::{Asking, PRESETS, Preset, Setup, Steering};
