//! A scripted stand-in for a model's provider: `POST /v1/messages` with server-sent events, on
//! loopback. Lets real agent programs run for real, offline and without a key.
//!
//! ```text
//! real agent ──request with the whole conversation──▶ ModelStub
//!            ◀──the next tool call, or the last words──┘
//! ```
//!
//! It keeps no conversation: which scenario is played stands in the prompt, and how far it is
//! follows from the tool results that come after it. See [`Scenario`].

mod anthropic;
mod http;
mod real;
mod scenario;
mod server;

pub use real::{
    CLAUDE, CODEX, CODEX_ACP, GEMINI, NotInstalled, OPENCODE, RealAgent, real_agent, real_claude,
};
pub use scenario::{BLOCK, Call, Fault, Scenario, ScenarioError, When, Written};
pub use server::{ModelStub, Seen};
