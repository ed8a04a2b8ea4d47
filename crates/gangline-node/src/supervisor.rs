//! The supervisor: launches job processes, watches them, and tells the orchestrator.
//!
//! ```text
//! Link::send ──▶ inbox ──▶ actor ──spawns──▶ watch (one task per run) ──▶ reports
//!                            │                 │ spawn or adopt · tail the journal · ask its socket
//!                            │                 │ end what is overdue · prove the end · outcome
//!                            └──▶ tidying: rescue, retire, evict (one task each)
//! ```
//!
//! The actor never waits for the orchestrator, because that one may be waiting for it. Alive
//! means that the run's lock is held; a job outlives the supervisor, and the next one adopts it.

mod actor;
mod config;
mod finish;
mod handle;
mod in_force;
mod launch;
mod reading;
mod rooms;
mod scan;
mod tidying;
mod touched;
mod watch;
mod wishes;

pub use config::{Launcher, NodeConfig, NodeTiming};
pub use handle::{Node, NodeHandle, StartError};
