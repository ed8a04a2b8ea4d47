//! Coding agents: how they are defined, what they are told, how they are driven, and what they
//! claim to have done.
//!
//! ```text
//! definition ┐
//! brief ─────┼─▶ SessionPlan ──registry::driver(kind).launch──▶ Session ──▶ AgentEvent…
//! worktree ──┘                                                     └──────▶ AgentEnd
//! outcome file, last message ──claim──▶ Claim, which is believed by nobody
//! ```
//!
//! A kind of agent is a folder, such as [`acp`], [`claude`] or [`command`], and a line in
//! [`registry`]. What they have in common is not written twice: launching, and the session with
//! a program that speaks in lines, whose kinds differ in a pure protocol alone.

pub mod acp;
pub mod brief;
pub mod claim;
pub mod claude;
pub mod codex;
pub mod command;
pub mod conformance;
pub mod definition;
pub mod driver;
pub mod external;
pub mod fence;
pub mod gemini;
pub mod hosts;
mod launch;
pub mod limits;
mod lines;
pub mod opencode;
mod provider;
pub mod registry;
mod reset;
pub mod review;
pub mod scripted;
mod session;
mod speech;
pub mod stub;
pub mod worker;
mod yaml;

pub use lines::LINE_BYTES_MAX;
pub use yaml::Located;
