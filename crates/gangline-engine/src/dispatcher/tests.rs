//! The dispatcher without a store, a bus or a clock: what goes in, and what comes out when.

pub(crate) mod bench;
mod commits;
mod duties;
mod nodes;
