//! What a program may see and reach.
//!
//! The root inside is built from nothing: what is not named is not there. See [`Sandbox`].

mod bubblewrap;
mod plan;
mod probe;
mod read_set;
mod spec;
mod status;

pub(crate) use bubblewrap::wrap;
pub use probe::{SandboxReport, TierReport, probe};
pub use read_set::system_read_set;
pub use spec::{Sandbox, SandboxError, Tier};
pub(crate) use status::StatusPipe;
