//! The job process: does one thing in a process of its own, and leaves an outcome.
//!
//! ```text
//! spec ▸ lock ▸ identity ▸ journal ▸ socket ▸ work by kind ▸ descendants ended ▸ outcome
//! ```
//!
//! Single-threaded, because sandboxes die with the thread that started them. Whatever happens,
//! a panic included, becomes an outcome; only SIGKILL leaves none, and then the node writes it.

mod attempt;
mod bench;
mod capture;
mod context;
mod external_ci;
mod failure;
mod hooks;
mod integration;
mod limits;
mod main;
mod policy;
mod surroundings;
mod verification;
mod warm;

pub use attempt::SHIM_SUBCOMMAND;
pub(crate) use attempt::review::died as review_died;
pub(crate) use context::Job;
pub(crate) use failure::Failure;
pub use hooks::{CrashPoint, JobHooks};
pub use main::job_main;
