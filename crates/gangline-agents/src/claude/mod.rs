//! Kind `claude`: the Claude Code CLI, headless, with JSON lines in both directions.
//!
//! ```text
//! >> user (the brief), control_response (answers), control_request (interrupt)
//! << system/init, assistant, user (tool results), control_request (questions),
//!    system/api_retry, rate_limit_event, result
//! ```
//!
//! The traps of that protocol, each with its fixture below `fixtures/claude/`:
//!
//! - A failure of the provider's API is reported as `subtype: "success"` with
//!   `is_error: true`. Only `is_error` counts.
//! - One run can print several `result` lines. The last one counts, and none ends the session:
//!   the exit does.
//! - Denied tools end as success. `permission_denials` is read and shown.
//! - `total_cost_usd` and `modelUsage` accumulate over turns and resumed sessions, `usage` is
//!   per turn, and an `assistant` line's output tokens are only the first guess.
//! - Key order means nothing.
//! - End of input makes it finish its turn, not stop: input stays open until the result.

mod driver;
mod end;
mod protocol;
mod question;
mod usage;

pub use driver::{Claude, PROGRAM};
