//! Listening on the worker's socket. What comes over it is bounded and read into well-formed calls
//! here; what becomes of a call is the session's business.

use std::io;
use std::path::Path;
use std::time::Duration;

use gangline_agents::worker::{Call, REQUEST_BYTES_MAX, Reply, Request, WORKER_VERSION};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::OwnedReadHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::durable::{self, FileFault};
use crate::socket::{SocketFile, listen};

/// How long a call may take to be said, and its answer to be taken.
const SAID_MAX: Duration = Duration::from_secs(5);
/// Calls that may wait for the session.
const CALLS_MAX: usize = 16;
/// Connections at once. More are turned away and not queued: the ones that wait for a person
/// wait long.
const CONNECTIONS_MAX: usize = 32;

/// A call, and where its answer goes. Who hung up takes no answer.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) call: Call,
    pub(crate) reply: oneshot::Sender<Reply>,
}

/// The listening end. Dropping it closes and removes the socket, and hangs up on all callers.
#[derive(Debug)]
pub(crate) struct Desk {
    visits: mpsc::Receiver<Visit>,
    file: SocketFile,
    /// Holds the accepting task, which ends with this.
    _accepting: JoinSet<()>,
}

impl Desk {
    /// Listens at `path`; the caller holds the run's lock.
    pub(crate) fn open(path: &Path) -> Result<Self, FileFault> {
        let (listener, file) = listen(path)?;
        let (tell, visits) = mpsc::channel(CALLS_MAX);
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, tell));
        Ok(Self { visits, file, _accepting: accepting })
    }

    /// The socket.
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// The next call. Cancel safe. Never ends by itself.
    pub(crate) async fn next(&mut self) -> Visit {
        match self.visits.recv().await {
            Some(visit) => visit,
            None => std::future::pending().await,
        }
    }
}

async fn accept(listener: UnixListener, tell: mpsc::Sender<Visit>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files: it passes, or the deadline ends the job.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        // Turned away by hanging up: who calls so often needs no words.
        if connections.len() < CONNECTIONS_MAX {
            let tell = tell.clone();
            connections.spawn(async move { drop(exchange(stream, tell).await) });
        }
    }
}

async fn exchange(stream: UnixStream, tell: mpsc::Sender<Visit>) -> io::Result<()> {
    let (from, mut into) = stream.into_split();
    let bound = u64::try_from(REQUEST_BYTES_MAX).unwrap_or(u64::MAX);
    let mut from = BufReader::new(from.take(bound));
    let mut line = String::new();
    tokio::time::timeout(SAID_MAX, from.read_line(&mut line)).await??;
    let reply = match understood(&line) {
        Ok(call) => {
            let (reply, answer) = oneshot::channel();
            if tell.send(Visit { call, reply }).await.is_err() {
                return Ok(());
            }
            tokio::select! {
                answer = answer => match answer {
                    Ok(answer) => answer,
                    // The session has ended.
                    Err(_) => return Ok(()),
                },
                () = hung_up(&mut from) => return Ok(()),
            }
        }
        Err(why) => Reply::Refused(why),
    };
    let mut line = durable::json(&reply);
    line.push(b'\n');
    tokio::time::timeout(SAID_MAX, into.write_all(&line)).await?
}

fn understood(line: &str) -> Result<Call, String> {
    if line.len() >= REQUEST_BYTES_MAX {
        return Err(format!("the call has {REQUEST_BYTES_MAX} bytes or more"));
    }
    let request: Request = serde_json::from_str(line)
        .map_err(|error| format!("the call is not understood: {error}"))?;
    if request.version != WORKER_VERSION {
        let version = request.version;
        return Err(format!("the call has version {version}; {WORKER_VERSION} is understood"));
    }
    Call::parse(&request.tool, request.arguments).map_err(|error| error.to_string())
}

/// Ends when the caller does. What it says beyond its call is passed over, up to the bound.
async fn hung_up(from: &mut BufReader<tokio::io::Take<OwnedReadHalf>>) {
    let mut rest = [0; 256];
    while from.read(&mut rest).await.is_ok_and(|read| read > 0) {}
}
