//! What is said over the worker's socket: one JSON line in, one JSON line out, one call per
//! connection. A call that waits for a person keeps its connection until it is answered.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

/// The version of [`Request`] and [`Reply`].
pub const WORKER_VERSION: u32 = 1;
/// Names the socket to the agent and to all that it starts.
pub const SOCKET_ENV: &str = "GANGLINE_WORKER_SOCKET";
/// Bytes of a request's line.
pub const REQUEST_BYTES_MAX: usize = 256 * 1024;
/// Bytes of a reply's line: a ticket's whole text, with every character escaped.
pub const REPLY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// [`WORKER_VERSION`].
    pub version: u32,
    /// The tool's name.
    pub tool: String,
    /// What it was called with: an object.
    #[serde(default)]
    pub arguments: Value,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It was done: a text, or an object.
    Done(Value),
    /// It was not, and why, in words for the agent.
    Refused(String),
}

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody listens there.
    #[error("the job does not listen at {}", path.display())]
    Deaf {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The call is larger than any that is meant.
    #[error("the call has {bytes} bytes, more than {REQUEST_BYTES_MAX}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The connection ended before an answer: the attempt is ending.
    #[error("the job hung up: the attempt is ending")]
    HungUp,
    /// The answer is not one that this program understands.
    #[error("the job's answer is not understood")]
    Garbled(#[source] serde_json::Error),
}

/// Calls a tool, and waits for the reply as long as it takes.
pub async fn ask(socket: &Path, tool: &str, arguments: Value) -> Result<Reply, CallError> {
    let request = Request { version: WORKER_VERSION, tool: tool.to_owned(), arguments };
    let mut line = serde_json::to_vec(&request).expect("BUG: plain data does not serialise");
    line.push(b'\n');
    if line.len() > REQUEST_BYTES_MAX {
        return Err(CallError::TooLarge { bytes: line.len() });
    }
    let deaf = |source| CallError::Deaf { path: socket.to_owned(), source };
    let (from, mut into) = UnixStream::connect(socket).await.map_err(deaf)?.into_split();
    // A job that refuses at once may have hung up before it has read all of it.
    let written = into.write_all(&line).await;
    let mut answer = String::new();
    let bound = u64::try_from(REPLY_BYTES_MAX).unwrap_or(u64::MAX);
    let read = BufReader::new(from.take(bound)).read_line(&mut answer).await;
    match (written, read) {
        (_, Ok(read)) if read > 0 => serde_json::from_str(&answer).map_err(CallError::Garbled),
        (_, Ok(_) | Err(_)) => Err(CallError::HungUp),
    }
}
