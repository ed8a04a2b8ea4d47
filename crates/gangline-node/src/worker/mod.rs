//! The job's end of the worker's socket: see [`gangline_agents::worker`].

mod desk;

pub(crate) use desk::{Desk, Visit};

#[cfg(test)]
mod tests;
