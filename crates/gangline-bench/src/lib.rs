//! Measures and torments the built program, from outside: what a user would see.

pub mod commands;
pub mod crowd;
pub mod driver;
pub mod gauntlet;
pub mod http;
pub mod journal;
pub mod launch;
pub mod mcp;
pub mod memory;
pub mod program;
pub mod samples;
pub mod sandbox;
pub mod soak;
pub mod startup;
pub mod streams;
pub mod table;
pub mod testlog;
pub mod verify;
