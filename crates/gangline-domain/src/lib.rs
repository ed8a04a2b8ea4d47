//! The rules of Gangline, pure: no runtime, no clock, no randomness, no I/O.
//!
//! ```text
//! Command, report ──decide──▶ events ──evolve──▶ Board ──plan(board, nodes, now)──▶ events
//!                    │ may refuse      total                    what follows by itself
//!                                                └──duties(ticket)──▶ what ought to be running
//! ```

pub mod board;
pub mod budget;
pub mod command;
pub mod decide;
pub mod deps;
pub mod drain;
pub mod duty;
pub mod edit;
pub mod event;
mod evolve;
pub mod external;
pub mod failure;
pub mod flaky;
pub mod honesty;
pub mod ids;
pub mod job;
pub mod lesson;
pub mod level;
pub mod mutant;
pub mod network;
pub mod plan;
pub mod project;
pub mod proposal;
pub mod readme;
pub mod resources;
pub mod reviewer;
pub mod room;
pub mod schedule;
pub mod scope;
pub mod secret;
pub mod spec;
pub mod ticket;
pub mod token;
pub mod verdict;
