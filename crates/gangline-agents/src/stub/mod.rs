//! A scripted stand-in for a model's provider, on loopback: the messages API, the responses and the
//! chat completions API, and Gemini's, each with server-sent events. Lets real agent programs run
//! for real, offline and without a key.
//!
//! ```text
//! real agent ──request with the whole conversation──▶ ModelStub
//!            ◀──the next tool call, or the last words──┘
//! ```
//!
//! It keeps no conversation: which scenario is played stands in the prompt, and how far it is
//! follows from the tool results that come after it. See [`Scenario`].

mod anthropic;
mod chat;
mod conversation;
mod gemini;
mod http;
mod openai;
mod real;
mod responses;
mod scenario;
mod server;
mod tools;

pub use real::{
    CLAUDE, CODEX, CODEX_ACP, GEMINI, MCP_INSPECTOR, MCP_MEMORY, NODE, NotInstalled, OIDC_PROVIDER,
    OPENCODE, RealAgent, real_agent, real_claude,
};
pub use scenario::{BLOCK, Call, Fault, Scenario, ScenarioError, When, Written};
pub use server::{ModelStub, Seen};
