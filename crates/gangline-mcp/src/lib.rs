//! Gangline's tools for a person's main agent, by the Model Context Protocol.
//!
//! ```text
//!   main agent ──stdio──▶ Server ──▶ tools, resources, prompts ──▶ client of /api/v1 ──▶ daemon
//!                           │
//!                           └─ Place: whose daemon, which project, who may start it
//! ```
//!
//! A tool says no more than the wire of `/api/v1` does, in fewer words: answers are small unless
//! `detail` asks for more. Nothing is remembered from one call to the next, so that the same server
//! can stand behind any transport. What agents wrote is carried as data, with every character that
//! could deceive its reader taken out or made visible.

mod place;
mod prompts;
mod refusal;
mod resources;
mod server;
mod shown;
mod stdio;
mod tools;

pub use place::{Place, TicketFile};
pub use refusal::Refusal;
pub use server::Server;
pub use stdio::{StdioError, serve_stdio};
