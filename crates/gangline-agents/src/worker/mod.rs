//! The worker's tools: how a working agent reports, asks and looks things up.
//!
//! ```text
//! agent ──MCP over stdio──▶ `gangline worker-mcp` ──one JSON line──▶ worker.sock ──▶ the job
//!   └────────────── all of it inside the agent's sandbox ──────────────┘
//! ```
//!
//! The socket is the worker's own: not the job's control socket, by which jobs are ended and
//! questions answered. Whatever comes over it is the agent's word: it is bounded, written down and
//! believed by nobody. The job alone decides what is a well-formed call ([`Call::parse`]), so the
//! program inside the sandbox only carries messages, and may be of another version.

mod call;
mod changes;
mod mcp;
mod schema;
mod serve;
mod wire;

pub use call::{
    BadCall, Call, LESSON_CHARS_MAX, LESSONS_MAX, OPTIONS_MAX, PROGRESS_CHARS_MAX,
    QUESTION_CHARS_MAX,
};
pub use serve::{SERVER, SUBCOMMAND, main};
pub use wire::{
    CallError, REPLY_BYTES_MAX, REQUEST_BYTES_MAX, Reply, Request, SOCKET_ENV, WORKER_VERSION, ask,
};

#[cfg(test)]
mod tests;
