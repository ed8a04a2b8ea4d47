//! `cargo xtask gate`: every step in order, each with its headline and its time, up to the first
//! failure.

mod run;
mod step;

pub(crate) use run::{gate, one};
pub(crate) use step::{GATE_SEEDS, SOAK_LOOPS, bench, gauntlet, sim, soak, web, web_only_built};
