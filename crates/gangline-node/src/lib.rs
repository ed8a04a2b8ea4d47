//! The node: a supervisor of job processes, and the job process itself.
//!
//! ```text
//! orchestrator ◀──link──▶ supervisor ──`… job --spec FILE`──▶ job process ──▶ agent, checks
//!                             ▲                                   │
//!                             └── lock, journal, socket, outcome ─┘   (a folder per run)
//! ```
//!
//! The two halves share files and a socket, never memory: a job outlives its supervisor, and a
//! supervisor of another version finds it again.

mod assignment;
mod clock;
mod control;
mod durable;
mod forge;
mod inside;
mod job;
pub mod journal;
mod outcome;
pub mod places;
mod port_lease;
mod providers;
mod proxy;
mod socket;
mod spec;
mod supervisor;
mod trees;
mod vault;
mod warm;
mod web;
mod worker;
pub mod worktree;

pub use assignment::Assignment;
pub use clock::Moment;
pub use control::{AskError, CONTROL_VERSION, Request, ask};
pub use durable::FileFault;
pub use inside::{CAPTURE_INSIDE, capture_inside};
pub use job::{CrashPoint, JobHooks, SHIM_SUBCOMMAND, job_main};
pub use outcome::{BadOutcome, OUTCOME_VERSION, Outcome, WrittenBy};
pub use providers::{base_of, variables_of};
pub use proxy::PostFailed;
pub use spec::{BadSpec, JobSpec, JobTiming, Machine, Purpose, SPEC_VERSION};
pub use supervisor::{Launcher, Node, NodeConfig, NodeHandle, NodeTiming, StartError};
pub use trees::planned_tree;
pub use vault::{
    Access, Held, LOGIN_VERSION, Login, LoginError, Logins, Subscription, SubscriptionError,
    Unresolved, read_secret, readable, redactor_of_project,
};
