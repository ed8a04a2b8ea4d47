//! Kind `scripted`: a deterministic agent that plays a script, faults included. For tests, for
//! the demo, and by way of [`script`] for the simulation.
//!
//! ```text
//! driver ──argv, environment, brief──▶ gangline scripted-agent ──▶ files, git, processes
//!    ▲  ◀──[`protocol::Said`], a JSON line each──┘  ▲
//!    └──[`protocol::Told`], a JSON line each────────┘
//! ```
//!
//! The language and the protocol are described in `docs/scripted-agent.md`.

mod agent;
mod driver;
pub mod protocol;
pub mod script;
mod shorthand;

pub use agent::main;
pub(crate) use driver::invocation;
pub use driver::{PROGRAM, SUBCOMMAND, Scripted};
