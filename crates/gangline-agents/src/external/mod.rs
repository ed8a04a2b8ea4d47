//! Kind `external`: a session that Gangline did not start. There is no program here; the attempt's
//! job makes the worktree and waits until the orchestrator has it end: because the session has
//! handed its work in, has gone, or a person says so.

mod driver;

pub use driver::External;
