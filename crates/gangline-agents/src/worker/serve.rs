//! The program `gangline worker-mcp`: from the agent's standard input to the worker's socket and
//! back. It holds nothing that matters; killed at any moment it loses nothing.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, Id, JoinSet};
use tokio::time::{Instant, timeout};

use super::changes;
use super::mcp::{self, Asked, ToolCall};
use super::wire::{self, CallError, REQUEST_BYTES_MAX, Reply, SOCKET_ENV};

/// The server's name, with which the names of its tools begin where agents show them.
pub const SERVER: &str = "gangline";
/// The subcommand of the program that serves the tools.
pub const SUBCOMMAND: &str = "worker-mcp";
/// Calls at once.
const CALLS_MAX: usize = 16;
/// Lines that may wait to be read.
const LINES_MAX: usize = 16;
/// Between two signs of life of a call that waits.
const STILL_EVERY: Duration = Duration::from_secs(15);
/// How long calls may take to end when the client has hung up.
const LAST_CALLS_MAX: Duration = Duration::from_secs(2);

/// The whole program: serves until its standard input ends.
pub fn main() -> ExitCode {
    let Some(socket) = std::env::var_os(SOCKET_ENV).map(PathBuf::from) else {
        eprintln!("gangline {SUBCOMMAND}: {SOCKET_ENV} is not set: agents start it, in an attempt");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let served = runtime.and_then(|runtime| {
        let (tell, lines) = mpsc::channel(LINES_MAX);
        // Ends with the process: it reads until then.
        std::thread::Builder::new()
            .name("stdin".to_owned())
            .spawn(move || read_lines(io::stdin().lock(), &tell))?;
        runtime.block_on(serve(lines, io::stdout(), &socket))
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        // The agent has closed its end, and knows.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gangline {SUBCOMMAND}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Hands over the lines of `from`, until it ends or one is longer than any that is meant.
fn read_lines(mut from: impl BufRead, tell: &mpsc::Sender<String>) {
    let bound = u64::try_from(2 * REQUEST_BYTES_MAX).unwrap_or(u64::MAX);
    loop {
        let mut line = vec![];
        match from.by_ref().take(bound).read_until(b'\n', &mut line) {
            Ok(read) if read > 0 && line.ends_with(b"\n") => {}
            Ok(_) | Err(_) => return,
        }
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        if !text.is_empty() && tell.blocking_send(text).is_err() {
            return;
        }
    }
}

/// Calls that are being done.
struct Serving<W> {
    out: W,
    calls: JoinSet<Value>,
    /// By the request's id, as JSON.
    ids: BTreeMap<String, AbortHandle>,
    /// Calls whose client wants to hear of them, and how often it has.
    waiting: BTreeMap<Id, (Value, u32)>,
}

/// Serves a client's lines until they end.
pub(super) async fn serve(
    mut lines: mpsc::Receiver<String>,
    out: impl Write,
    socket: &Path,
) -> io::Result<()> {
    let (calls, ids, waiting) = (JoinSet::new(), BTreeMap::new(), BTreeMap::new());
    let mut serving = Serving { out, calls, ids, waiting };
    let mut still = tokio::time::interval_at(Instant::now() + STILL_EVERY, STILL_EVERY);
    loop {
        tokio::select! {
            line = lines.recv() => match line {
                Some(line) => serving.asked(&line, socket)?,
                None => break,
            },
            Some(done) = serving.calls.join_next_with_id() => serving.done(done)?,
            _ = still.tick() => serving.still()?,
        }
    }
    let last = async {
        while let Some(done) = serving.calls.join_next_with_id().await {
            serving.done(done)?;
        }
        Ok(())
    };
    // Who hung up does not wait for a person's answer.
    timeout(LAST_CALLS_MAX, last).await.unwrap_or(Ok(()))
}

impl<W: Write> Serving<W> {
    fn asked(&mut self, line: &str, socket: &Path) -> io::Result<()> {
        match mcp::read(line) {
            Asked::Answer(answer) => self.say(&answer),
            Asked::Tool(call) if self.calls.len() >= CALLS_MAX => {
                let why = format!("{CALLS_MAX} calls are being done already");
                self.say(&mcp::called(&call.id, &Reply::Refused(why)))
            }
            Asked::Tool(call) => {
                let (id, progress) = (call.id.to_string(), call.progress.clone());
                let task = self.calls.spawn(carried(call, socket.to_owned()));
                if let Some(token) = progress {
                    self.waiting.insert(task.id(), (token, 0));
                }
                self.ids.insert(id, task);
                Ok(())
            }
            Asked::Cancelled(id) => {
                if let Some(task) = self.ids.remove(&id.to_string()) {
                    // Its connection ends with it, which tells the job.
                    task.abort();
                }
                Ok(())
            }
            Asked::Nothing => Ok(()),
        }
    }

    fn done(&mut self, done: Result<(Id, Value), tokio::task::JoinError>) -> io::Result<()> {
        let (id, answer) = match done {
            Ok((id, answer)) => (id, Some(answer)),
            // Cancelled requests are not answered.
            Err(error) => (error.id(), None),
        };
        self.waiting.remove(&id);
        self.ids.retain(|_, task| task.id() != id);
        answer.map_or(Ok(()), |answer| self.say(&answer))
    }

    fn still(&mut self) -> io::Result<()> {
        let mut lines = vec![];
        for (token, times) in self.waiting.values_mut() {
            *times += 1;
            lines.push(mcp::still(token, *times));
        }
        lines.iter().try_for_each(|line| self.say(line))
    }

    fn say(&mut self, message: &Value) -> io::Result<()> {
        self.out.write_all(format!("{message}\n").as_bytes())?;
        self.out.flush()
    }
}

/// Does a call, and gives the answer.
async fn carried(call: ToolCall, socket: PathBuf) -> Value {
    let ToolCall { id, name, arguments, .. } = call;
    let reply = match name.as_str() {
        "list_changed_since_base" => changed(&socket).await,
        // A word of this program's with the job, and no tool.
        "base" => Ok(Reply::Refused("there is no tool `base`".to_owned())),
        name => wire::ask(&socket, name, arguments).await,
    };
    let reply = reply.unwrap_or_else(|error| Reply::Refused(in_words(&error)));
    mcp::called(&id, &reply)
}

async fn changed(socket: &Path) -> Result<Reply, CallError> {
    let reply = wire::ask(socket, "base", json!({})).await?;
    let Reply::Done(ground) = reply else { return Ok(reply) };
    match (ground["base"].as_str(), ground["worktree"].as_str()) {
        (Some(base), Some(worktree)) => Ok(changes::since(base, Path::new(worktree)).await),
        (_, _) => Ok(Reply::Refused("the job does not say where the base is".to_owned())),
    }
}

fn in_words(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}
