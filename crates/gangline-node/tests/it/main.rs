//! A node over real git, real processes and real sandboxes, with the scripted agent.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test panics at whatever it did not want")]

mod bounds;
mod control;
mod damage;
mod external_ci;
mod happy;
mod network;
mod recovery;
mod resources;
mod secrets;
mod startup;
mod tidying;
mod warm;
mod worker;
mod world;
