//! The gauntlet: scripted agents that cheat and others that only look odd, each in a small real
//! project, judged by the built program from outside.
//!
//! ```text
//!   gauntlet/projects/npm ─┐
//!   <case>/base            ├─▶ repository ─▶ `gangline add` ─▶ agent.sh ─▶ state ─▶ Outcome
//!   <case>/case.toml ──────┘                     (one daemon for all)        └▶ as it should be?
//! ```

mod arena;
mod case;
mod outcome;
mod roster;
mod sheet;
mod tools;

pub use arena::{Arena, Played};
pub use case::{Case, Ecosystem, Side};
pub use outcome::Outcome;
pub use roster::{Choice, roster};
pub use sheet::{Paint, as_json, heading, row, totals};
