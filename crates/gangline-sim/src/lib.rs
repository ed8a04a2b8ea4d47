//! The seeded world: the engine's own dispatcher in a simulation of everything around it.
//!
//! Clock, store, bus, nodes, agents, git and people are fakes that fail in every way that the
//! real ones do; the orchestrator is the real code. A run is a function of its seed. A checker
//! with a state of its own ([`checker`]) judges every step, and [`mutants`](gangline_domain::mutant)
//! prove that it can see.

mod agents;
mod checker;
mod faults;
mod git;
mod help;
mod leader;
mod node;
mod people;
mod rng;
mod room;
mod run;
mod store;
mod storing;
mod worktree;
mod world;

pub use run::{Outcome, Stats, Violation, run};
