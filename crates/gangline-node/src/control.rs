//! The job's own socket: one JSON line in, one JSON line out, one exchange per connection.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_domain::ticket::Said;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::durable::{self, FileFault};
use crate::socket::{SocketFile, listen};

/// The version of the exchange.
pub const CONTROL_VERSION: u32 = 1;
/// Bytes of a request: answers are short.
const REQUEST_BYTES_MAX: u64 = 1024 * 1024;
/// How long one exchange may take.
const EXCHANGE_MAX: Duration = Duration::from_secs(2);
/// Requests that may wait for the job.
const REQUESTS_MAX: usize = 64;
/// Exchanges at once.
const CONNECTIONS_MAX: usize = 16;

/// What a job can be asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Request {
    /// To end; an agent is asked first, and then ended.
    Stop,
    /// To end at once.
    Kill,
    /// To tell the agent what it has not been told.
    #[serde(rename = "answer")]
    Tell {
        /// All that people said so far, in order.
        #[serde(rename = "answers")]
        said: Vec<Said>,
    },
    /// To say that it is there.
    Ping,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    version: u32,
    #[serde(flatten)]
    request: Request,
}

#[derive(Serialize, Deserialize)]
struct Reply {
    ok: bool,
    #[serde(default)]
    error: String,
}

/// Why a job was not told.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens, not yet or not any more.
    #[error("the job does not listen at {}", path.display())]
    Deaf {
        /// Its socket.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It took too long.
    #[error("the job did not answer in time")]
    Slow,
    /// It would not.
    #[error("the job refused: {0}")]
    Refused(String),
}

/// Asks a job. `Ok` means that it has heard, not that it has done it.
pub async fn ask(socket: &Path, request: &Request) -> Result<(), AskError> {
    let deaf = |source| AskError::Deaf { path: socket.to_owned(), source };
    let exchange = async {
        let stream = UnixStream::connect(socket).await.map_err(deaf)?;
        let (from, mut into) = stream.into_split();
        let envelope = Envelope { version: CONTROL_VERSION, request: request.clone() };
        let mut line = durable::json(&envelope);
        line.push(b'\n');
        into.write_all(&line).await.map_err(deaf)?;
        let mut answer = String::new();
        BufReader::new(from.take(64 * 1024)).read_line(&mut answer).await.map_err(deaf)?;
        let garbled = |error| deaf(io::Error::other::<serde_json::Error>(error));
        let reply: Reply = serde_json::from_str(&answer).map_err(garbled)?;
        if reply.ok { Ok(()) } else { Err(AskError::Refused(reply.error)) }
    };
    match tokio::time::timeout(EXCHANGE_MAX, exchange).await {
        Ok(done) => done,
        Err(_elapsed) => Err(AskError::Slow),
    }
}

/// The job's end of the socket. Dropping it closes and removes it.
#[derive(Debug)]
pub(crate) struct Listener {
    requests: mpsc::Receiver<Request>,
    _file: SocketFile,
    /// Holds the accepting task, which ends with this.
    _accepting: JoinSet<()>,
}

impl Listener {
    /// Listens at `path`; the caller holds the run's lock.
    pub(crate) fn open(path: &Path) -> Result<Self, FileFault> {
        let (listener, file) = listen(path)?;
        let (heard, requests) = mpsc::channel(REQUESTS_MAX);
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, heard));
        Ok(Self { requests, _file: file, _accepting: accepting })
    }

    /// The next request. Cancel safe. Never ends by itself.
    pub(crate) async fn next(&mut self) -> Request {
        match self.requests.recv().await {
            Some(request) => request,
            None => std::future::pending().await,
        }
    }
}

async fn accept(listener: UnixListener, heard: mpsc::Sender<Request>) {
    let mut exchanges = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files: it passes, or the deadline ends the job.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        while exchanges.len() >= CONNECTIONS_MAX {
            exchanges.join_next().await;
        }
        while exchanges.try_join_next().is_some() {}
        let heard = heard.clone();
        exchanges.spawn(async move {
            // Who does not finish an exchange in time has no claim to an answer.
            drop(tokio::time::timeout(EXCHANGE_MAX, exchange(stream, heard)).await);
        });
    }
}

async fn exchange(stream: UnixStream, heard: mpsc::Sender<Request>) -> io::Result<()> {
    let (from, mut into) = stream.into_split();
    let mut line = String::new();
    BufReader::new(from.take(REQUEST_BYTES_MAX)).read_line(&mut line).await?;
    let error = match serde_json::from_str::<Envelope>(&line) {
        Ok(Envelope { request: Request::Ping, .. }) => None,
        Ok(Envelope { request, .. }) => {
            heard.send(request).await.err().map(|_| "the job is ending".to_owned())
        }
        Err(error) => Some(format!("not understood: {error}")),
    };
    let reply = Reply { ok: error.is_none(), error: error.unwrap_or_default() };
    let mut line = durable::json(&reply);
    line.push(b'\n');
    into.write_all(&line).await
}
