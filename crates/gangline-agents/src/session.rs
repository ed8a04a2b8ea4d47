//! A session with a program that speaks in lines: one machine for all kinds, which differ in
//! their [`Protocol`] alone.
//!
//! Everything happens inside [`Session::next_event`]: no task of its own, hence nothing that
//! could outlive the session or run ahead of its reader.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use gangline_process::{Child, EndProof, Exit};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};
use tokio::time::{Instant, sleep_until, timeout};

use crate::driver::{AgentEnd, AgentEvent, Promise, SendError, Session};
use crate::lines::{Line, LineCutter, Tail};

/// How long pipes may stay open after the program's end, because a process that it left behind
/// holds them.
const DRAIN_MAX: Duration = Duration::from_millis(500);
/// How long a program may take to exit once it has reported its result.
const LINGER_MAX: Duration = Duration::from_secs(15);
/// How long a program may take to obey an interrupt.
const OBEY_MAX: Duration = Duration::from_secs(10);
/// Between the signals for a program that did not end by itself.
const END_GRACE: Duration = Duration::from_secs(2);
/// Bytes that may wait for the agent to read them.
const INPUT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes that are kept of what an agent prints while it is being ended.
const LAST_WORDS_BYTES_MAX: usize = 4 * 1024 * 1024;
const READ_BYTES: usize = 64 * 1024;
/// Reads that empty a pipe of the largest size that the system allows without privileges.
const PIPE_READS_MAX: usize = 17;
/// The number of SIGKILL.
const KILL: i32 = 9;
const PIPE_READ_MAX: Duration = Duration::from_millis(10);
/// How long nothing comes before what was half said is told.
const PAUSE: Duration = Duration::from_millis(200);

/// What tells one kind of line-speaking agent from another. Pure.
pub(crate) trait Protocol: Send {
    /// What is told before its first line, for kinds that do not announce themselves.
    fn opening(&mut self) -> Option<AgentEvent> {
        None
    }

    /// What a line of its standard output means.
    fn line(&mut self, line: &Line) -> Vec<AgentEvent>;

    /// How the session ended. `complaints` is the end of its standard error.
    fn end(&mut self, exit: Exit, complaints: &str) -> AgentEnd;

    /// The input line that answers an open question.
    fn answer(&mut self, question: &str, text: &str) -> Result<String, SendError>;

    /// The input line that says something to the agent; empty where it is kept for later.
    fn steer(&mut self, text: &str) -> Result<String, SendError>;

    /// Takes note that the session is being interrupted, and says how.
    fn interrupt(&mut self) -> Interrupt;

    /// Lines that its last lines demand in return.
    fn replies(&mut self) -> Vec<String> {
        vec![]
    }

    /// Whether its standard input is still of use.
    fn listens(&self) -> bool;

    /// Whether the result has been reported, so that the program's exit is all that is missing.
    fn has_result(&self) -> bool;

    /// How long the program may take to exit once it has reported its result, before signals
    /// end it.
    fn linger(&self) -> Duration {
        LINGER_MAX
    }

    /// Whether it holds words back because more of them may follow.
    fn half_said(&self) -> bool {
        false
    }

    /// The words that were held back: nothing has followed for a while.
    fn pause(&mut self) -> Vec<AgentEvent> {
        vec![]
    }

    /// How long the program may be silent now; for ever when `None`.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// Takes note that it was silent for longer than that, and is being ended.
    fn silent(&mut self) {}
}

/// How an agent is interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// By a line of input.
    Line(String),
    /// By signals.
    Signals,
}

/// What a session waits for beside the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alarm {
    /// It should have exited, or its pipes should have closed.
    Overdue,
    /// Nothing follows what was half said.
    Pause,
    /// It has been silent for too long.
    Silence,
}

/// A running program and its protocol.
pub(crate) struct LineSession<P> {
    child: Child,
    protocol: P,
    stdin: Option<ChildStdin>,
    input: VecDeque<u8>,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    cutter: LineCutter,
    tail: Tail,
    events: VecDeque<AgentEvent>,
    exit: Option<Exit>,
    /// Before the exit: until when it must have obeyed. After it: until when pipes are read.
    bound: Option<Instant>,
    /// Until when it must have exited by itself, once it has reported its result.
    lingers: Option<Instant>,
    /// When something was last said, by either side.
    said_at: Instant,
    finished: bool,
    /// For the two streams.
    buffers: [Vec<u8>; 2],
}

impl<P: Protocol> LineSession<P> {
    /// A session with a child that has just been started. `input` is what it is told first.
    pub(crate) fn new(mut child: Child, mut protocol: P, input: &[u8]) -> Self {
        Self {
            events: protocol.opening().into_iter().collect(),
            stdin: child.take_stdin(),
            stdout: child.take_stdout(),
            stderr: child.take_stderr(),
            child,
            protocol,
            input: input.iter().copied().collect(),
            cutter: LineCutter::default(),
            tail: Tail::default(),
            exit: None,
            bound: None,
            lingers: None,
            said_at: Instant::now(),
            finished: false,
            buffers: [vec![0; READ_BYTES], vec![0; READ_BYTES]],
        }
    }

    async fn next(&mut self) -> Option<AgentEvent> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            if self.finished {
                return None;
            }
            if let Some(exit) = self.exit
                && self.stdout.is_none()
                && self.stderr.is_none()
            {
                self.finish(exit);
                continue;
            }
            self.turn().await;
        }
    }

    /// Waits for one thing to happen. Cancel safe, because each branch is.
    async fn turn(&mut self) {
        if self.input.is_empty() && !self.protocol.listens() {
            self.stdin = None;
        }
        self.lingers = match (self.protocol.has_result(), self.lingers) {
            (false, _) => None,
            (true, None) => Some(Instant::now() + self.protocol.linger()),
            (true, since) => since,
        };
        let alarm = self.alarm();
        let [out, err] = &mut self.buffers;
        let writing = self.stdin.is_some() && !self.input.is_empty();
        let exited = self.exit.is_some();
        let ringing = sleep_until(alarm.map_or_else(Instant::now, |(at, _)| at));
        tokio::select! {
            read = read(&mut self.stdout, out), if self.stdout.is_some() => match read {
                Some(n) => self.took(n),
                None => self.stdout = None,
            },
            read = read(&mut self.stderr, err), if self.stderr.is_some() => match read {
                Some(n) => self.tail.push(&self.buffers[1][..n]),
                None => self.stderr = None,
            },
            written = write(&mut self.stdin, &self.input), if writing => match written {
                Ok(n) => drop(self.input.drain(..n)),
                // Its last lines may say why it closed its input.
                Err(_) => self.deafen(),
            },
            exit = self.child.wait(), if !exited => {
                self.exit = Some(exit);
                self.bound = Some(Instant::now() + DRAIN_MAX);
            }
            () = ringing, if alarm.is_some() => match alarm {
                Some((_, Alarm::Overdue)) => self.overdue().await,
                Some((_, Alarm::Pause)) => self.events.extend(self.protocol.pause()),
                Some((_, Alarm::Silence)) => {
                    self.protocol.silent();
                    drop(self.end_child(END_GRACE).await);
                }
                None => {}
            },
        }
    }

    /// The first of all that is waited for beside the program.
    fn alarm(&self) -> Option<(Instant, Alarm)> {
        let running = self.exit.is_none();
        let lingers = self.lingers.filter(|_| running);
        let overdue = self.bound.into_iter().chain(lingers).min();
        let pause = self.protocol.half_said().then(|| self.said_at + PAUSE);
        let patience = self.protocol.patience().filter(|_| running && overdue.is_none());
        let silence = patience.map(|patience| self.said_at + patience);
        let alarms = [(overdue, Alarm::Overdue), (pause, Alarm::Pause), (silence, Alarm::Silence)];
        let set = alarms.into_iter().filter_map(|(at, alarm)| Some((at?, alarm)));
        set.min_by_key(|(at, _)| *at)
    }

    /// The bound is over: it should have exited, or its pipes should have closed.
    async fn overdue(&mut self) {
        if self.exit.is_none() {
            drop(self.end_child(END_GRACE).await);
            return;
        }
        // What it printed before its exit is in the pipe by now, even if the reader came late.
        for _ in 0..PIPE_READS_MAX {
            let reading = read(&mut self.stdout, &mut self.buffers[0]);
            match timeout(PIPE_READ_MAX, reading).await {
                Ok(Some(n)) => self.took(n),
                Ok(None) | Err(_) => break,
            }
        }
        (self.stdout, self.stderr) = (None, None);
    }

    /// Ends the child while its output is read on, so that it is not blocked by a full pipe.
    async fn end_child(&mut self, grace: Duration) -> EndProof {
        let [out, err] = &mut self.buffers;
        let mut printed = vec![];
        let proof = {
            let reading = async {
                loop {
                    tokio::select! {
                        read = read(&mut self.stdout, out), if self.stdout.is_some() => match read {
                            Some(n) if printed.len() < LAST_WORDS_BYTES_MAX => {
                                printed.extend_from_slice(&out[..n]);
                            }
                            Some(_) => {}
                            None => self.stdout = None,
                        },
                        read = read(&mut self.stderr, err), if self.stderr.is_some() => match read {
                            Some(n) => self.tail.push(&err[..n]),
                            None => self.stderr = None,
                        },
                        else => std::future::pending().await,
                    }
                }
            };
            tokio::select! {
                proof = self.child.end(grace) => proof,
                () = reading => EndProof::default(),
            }
        };
        let lines = self.cutter.push(&printed);
        self.heard(lines);
        if self.exit.is_none() {
            // What SIGKILL does not end is in the proof; nobody waits for it.
            let exit = timeout(DRAIN_MAX, self.child.wait()).await;
            self.exit = Some(exit.unwrap_or(Exit::Signal(KILL)));
            self.bound = Some(Instant::now() + DRAIN_MAX);
        }
        proof
    }

    fn took(&mut self, n: usize) {
        self.said_at = Instant::now();
        let lines = self.cutter.push(&self.buffers[0][..n]);
        self.heard(lines);
    }

    fn heard(&mut self, lines: impl IntoIterator<Item = Line>) {
        for line in lines {
            self.events.extend(self.protocol.line(&line));
        }
        for reply in self.protocol.replies() {
            // An agent that has stopped listening does not wait for a reply either.
            drop(self.send(&reply));
        }
    }

    fn deafen(&mut self) {
        self.stdin = None;
        self.input.clear();
    }

    fn finish(&mut self, exit: Exit) {
        let last = self.cutter.finish();
        self.heard(last);
        self.events.extend(self.protocol.pause());
        let complaints = self.tail.text();
        let end = if self.child.sandbox_failed() {
            AgentEnd::NotRun { message: format!("the sandbox could not be set up: {complaints}") }
        } else {
            self.protocol.end(exit, &complaints)
        };
        self.events.push_back(AgentEvent::Finished(end));
        self.finished = true;
    }

    /// Nothing is sent for an empty line: the protocol keeps the words for later.
    fn send(&mut self, line: &str) -> Result<(), SendError> {
        if self.stdin.is_none() || self.exit.is_some() {
            return Err(SendError::Ended);
        }
        if self.input.len() + line.len() > INPUT_BYTES_MAX {
            return Err(SendError::Full { bytes: self.input.len() });
        }
        if line.is_empty() {
            return Ok(());
        }
        self.said_at = Instant::now();
        self.input.extend(line.bytes());
        self.input.push_back(b'\n');
        Ok(())
    }
}

impl<P: Protocol> Session for LineSession<P> {
    fn next_event(&mut self) -> Promise<'_, Option<AgentEvent>> {
        Box::pin(self.next())
    }

    fn answer(&mut self, question: &str, text: &str) -> Result<(), SendError> {
        let line = self.protocol.answer(question, text)?;
        self.send(&line)
    }

    fn steer(&mut self, text: &str) -> Result<(), SendError> {
        let line = self.protocol.steer(text)?;
        self.send(&line)
    }

    fn interrupt(&mut self) -> Promise<'_, Result<(), SendError>> {
        Box::pin(async {
            if self.exit.is_some() {
                return Err(SendError::Ended);
            }
            match self.protocol.interrupt() {
                Interrupt::Line(line) if self.send(&line).is_ok() => {
                    self.bound.get_or_insert(Instant::now() + OBEY_MAX);
                }
                Interrupt::Line(_) | Interrupt::Signals => drop(self.end_child(END_GRACE).await),
            }
            Ok(())
        })
    }

    fn stop(&mut self, grace: Duration) -> Promise<'_, EndProof> {
        Box::pin(async move {
            if self.exit.is_none() {
                // Only for the record: signals follow whatever the kind prefers.
                drop(self.protocol.interrupt());
            }
            self.end_child(grace).await
        })
    }

    fn pid(&self) -> u32 {
        self.child.pid()
    }
}

/// Bytes read; `None` at the end, for which an error counts.
async fn read<R: AsyncRead + Unpin>(from: &mut Option<R>, into: &mut [u8]) -> Option<usize> {
    let read = from.as_mut()?.read(into).await;
    read.ok().filter(|n| *n > 0)
}

async fn write(into: &mut Option<ChildStdin>, bytes: &VecDeque<u8>) -> io::Result<usize> {
    match into {
        Some(into) => into.write(bytes.as_slices().0).await,
        None => Ok(0),
    }
}

#[cfg(test)]
mod tests;
