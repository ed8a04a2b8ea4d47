//! The one door to processes: own group, deadline, capped output, awaited end.
//!
//! No other crate of the workspace spawns a process. A program is an argument vector, never a
//! shell line, and its environment is empty but for what the caller names.
//!
//! ```text
//!   Cmd ──output()─────────▶ Output          runs to its end or its deadline
//!    │ ───spawn()──────────▶ Child           piped stdio; wait() or end(grace) -> EndProof
//!    │ ───spawn_detached()─▶ Detached        own session, outlives this process
//!    └────in_foreground()──▶ Exit            this process's own terminal, for a person
//!
//!   Sandbox   what the program may see (tier L2: bubblewrap)
//!   JobMarker an environment token by which descendants are found and swept
//!   ProcessIdentity, FileLock   how a later process knows that an earlier one is alive
//! ```
//!
//! # Threads and parents
//!
//! The kernel ends a sandbox when the *thread* that spawned it exits (`PR_SET_PDEATHSIG`), not
//! when the process does. Therefore every child that must die with its parent is spawned from
//! one thread of this crate's own, which lives as long as the process. Callers may spawn from
//! any runtime; a job nevertheless uses a `current_thread` runtime, because its namespace stage
//! comes before the runtime and must be single-threaded.

mod capped;
mod child;
mod cmd;
mod detached;
mod foreground;
mod identity;
mod limits;
mod lock;
mod marker;
mod output;
mod plain_file;
mod plain_folder;
mod pre_exec;
mod resolve;
mod sandbox;
mod shim;
mod spawn;
mod sweep;
mod sys;
mod usage;

pub use capped::Capped;
pub use child::Child;
pub use cmd::Cmd;
pub use detached::Detached;
pub use identity::ProcessIdentity;
pub use limits::Limits;
pub use lock::FileLock;
pub use marker::{JobMarker, MARKER_VARIABLE, MarkerError, RUN_VARIABLE};
pub use output::{Exit, Output, RunError};
pub use plain_file::{Links, read_plain, read_plain_text};
pub use plain_folder::{PlainFolder, PlainKind};
pub use sandbox::{
    Network, PrivateFolder, ProxyWay, Sandbox, SandboxError, SandboxReport, Tier, TierReport,
    probe, system_read_set,
};
pub use shim::shim_main;
pub use spawn::SpawnError;
pub use sweep::{EndProof, Pid, marked, sweep};
pub use usage::{
    TreeUsage, available_memory, folder_bytes, machine_memory, tree_memory, tree_usage,
};
