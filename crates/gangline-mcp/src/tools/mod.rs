//! The tools: one list, and a file per group of them.

mod arguments;
mod decide;
mod delegate;
mod events;
mod evidence;
mod issues;
mod list;
mod plan;
mod queue;
mod schema;
mod search;
mod ticket;
mod update;
mod workers;
mod worktree;

pub(crate) use list::{all, call};
pub(crate) use ticket::evidence_of;
