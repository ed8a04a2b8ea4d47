//! Kind `codex`: the Codex CLI, as an application server with JSON lines in both directions, or,
//! where the definition says `mode: exec`, as a program that works off one prompt.
//!
//! ```text
//! >> initialize, thread/start or thread/resume, turn/start (the brief), turn/steer,
//!    turn/interrupt; answers to the program's requests
//! << turn/started, item/started, item/completed, thread/tokenUsage/updated, error,
//!    item/*/requestApproval, item/tool/requestUserInput, turn/completed
//! ```
//!
//! The traps of that protocol, with their fixtures below `fixtures/codex/`:
//!
//! - A worktree's own `.codex/` is obeyed, tools and rules included, unless the project is marked
//!   as not trusted. An agent could have written it.
//! - A refused connection is retried for ever unless a feature is switched off, and a provider
//!   that takes a request and says nothing is waited for without a bound: we have one.
//! - A used-up quota tells its end only in `account/rateLimits/updated`, which comes before the
//!   error.
//! - Totals of tokens go on where the resumed session was, and are told again at its start.
//! - End of input ends it, at once and well.

mod asked;
mod config;
mod driver;
mod end;
mod exec;
mod items;
mod protocol;
mod usage;

pub use driver::{Codex, PROGRAM};
