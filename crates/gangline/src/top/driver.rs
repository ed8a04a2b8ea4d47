//! The loop: what happens goes into the model, what the model asks for is done.
//!
//! ```text
//!   keys, signals ──┐
//!   a tick a second ┼─▶ update ─▶ model ─▶ draw
//!   events, answers ┘      └─▶ effects ─▶ tasks that answer with messages
//! ```

use std::io;
use std::time::Duration;

use gangline_api::client::{Client, ClientError, TicketRef};
use gangline_api::journal::DiffQuery;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::MissedTickBehavior;

use super::board::{Board, Wanted};
use super::feed;
use super::input::Input;
use super::model::{EVENTS_KEPT, Effect, Flash, Message, Model};
use super::terminal::Screen;
use super::update::update;
use super::wishes;
use crate::cli::{Context, now_us, take_over_in_shell};
use crate::compose::Tool;
use crate::failure::Failure;

/// Messages that may wait to be drawn.
const MESSAGES_MAX: usize = 64;
const TICK: Duration = Duration::from_secs(1);

/// Whether the screen goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goes {
    On,
    Quit,
}

/// Signals that a terminal's program has to heed.
struct Signals {
    /// Of the window's size.
    resized: Signal,
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    stop: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            resized: signal(SignalKind::window_change())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
        })
    }
}

/// Everything that runs.
pub(super) struct Driver<'a> {
    context: &'a Context,
    client: Client,
    model: Model,
    screen: Screen,
    input: Input,
    signals: Signals,
    tasks: JoinSet<()>,
    messages: (Sender<Message>, Receiver<Message>),
    /// Reads the journal that is on the screen.
    following: Option<AbortHandle>,
}

impl<'a> Driver<'a> {
    /// Takes the terminal. The daemon has answered already.
    pub(super) fn new(context: &'a Context, client: Client, model: Model) -> io::Result<Self> {
        // Before the terminal is taken: from then on no signal may end this process unheard.
        let signals = Signals::new()?;
        let input = Input::new()?;
        let screen = Screen::take()?;
        let (tasks, messages) = (JoinSet::new(), channel(MESSAGES_MAX));
        let following = None;
        Ok(Self { context, client, model, screen, input, signals, tasks, messages, following })
    }

    /// Until the person has seen enough.
    pub(super) async fn run(mut self) -> Result<(), Failure> {
        let after = self.model.board.status.seq.saturating_sub(EVENTS_KEPT as u64);
        let project = self.model.project.clone();
        let to = self.messages.0.clone();
        self.tasks.spawn(feed::events(self.client.clone(), project, after, to));
        self.resized()?;
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.screen.show(&self.model)?;
            let happened = tokio::select! {
                typed = self.input.next() => match typed? {
                    Some(typed) => typed.into_iter().map(Message::Typed).collect(),
                    None => return Ok(()),
                },
                Some(message) = self.messages.1.recv() => vec![message],
                _at = ticks.tick() => vec![Message::Tick(now_us())],
                Some(()) = self.signals.resized.recv() => {
                    self.resized()?;
                    vec![]
                }
                Some(()) = self.signals.stop.recv() => {
                    self.suspend()?;
                    vec![]
                }
                _end = self.signals.interrupt.recv() => return Ok(()),
                _end = self.signals.terminate.recv() => return Ok(()),
                _end = self.signals.hangup.recv() => return Ok(()),
            };
            // One frame for all that is there already.
            let mut waiting = happened;
            while let Ok(message) = self.messages.1.try_recv() {
                waiting.push(message);
            }
            for message in waiting {
                if self.told(message).await? == Goes::Quit {
                    return Ok(());
                }
            }
            while self.tasks.try_join_next().is_some() {}
        }
    }

    async fn told(&mut self, message: Message) -> Result<Goes, Failure> {
        let mut messages = vec![message];
        while let Some(message) = messages.pop() {
            for effect in update(&mut self.model, message) {
                match effect {
                    Effect::Quit => return Ok(Goes::Quit),
                    Effect::Suspend => self.suspend()?,
                    Effect::Afresh => self.screen.afresh()?,
                    Effect::Open { key, path } => messages.push(self.open(&key, &path).await?),
                    Effect::TakeOver(ticket) => messages.push(self.take_over(ticket).await?),
                    Effect::Unfollow => {
                        self.following.take().inspect(AbortHandle::abort);
                    }
                    Effect::Follow(ticket) => {
                        let journal =
                            feed::journal(self.client.clone(), ticket, self.messages.0.clone());
                        let reading = self.tasks.spawn(journal);
                        self.following.replace(reading).inspect(AbortHandle::abort);
                    }
                    Effect::Read(wanted) => self.read(wanted),
                    Effect::Listen => self.listen(),
                    Effect::Detail(ticket) => self.detail(ticket),
                    Effect::Diff(ticket) => self.diff(ticket),
                    Effect::Wish(wish) => {
                        let (client, to) = self.asking();
                        self.tasks.spawn(async move {
                            let told = wishes::carried_out(&client, wish).await;
                            answered(&to, Message::Told(told)).await;
                        });
                    }
                }
            }
        }
        Ok(Goes::On)
    }

    fn asking(&self) -> (Client, Sender<Message>) {
        (self.client.clone(), self.messages.0.clone())
    }

    fn read(&mut self, wanted: Wanted) {
        let (client, to) = self.asking();
        let known = self.model.board.details.clone();
        self.tasks.spawn(async move {
            let message = match Board::load(&client, &wanted, known).await {
                Ok(board) => Message::Read(Box::new(board)),
                Err(error) => Message::Unread(wishes::refused(error).text),
            };
            answered(&to, message).await;
        });
    }

    fn listen(&mut self) {
        let (client, to) = self.asking();
        self.tasks.spawn(async move {
            let heard = async {
                let nodes = client.nodes().await?.nodes;
                Ok::<_, ClientError>((nodes, client.main_agents().await?.main_agents))
            };
            answered(&to, Message::Pulses(heard.await.ok())).await;
        });
    }

    fn detail(&mut self, ticket: TicketRef) {
        let (client, to) = self.asking();
        self.tasks.spawn(async move {
            let message = match client.ticket(&ticket).await {
                Ok(detail) => Message::Detail(Box::new(detail)),
                Err(error) => Message::Told(wishes::refused(error)),
            };
            answered(&to, message).await;
        });
    }

    fn diff(&mut self, ticket: TicketRef) {
        let (client, to) = self.asking();
        self.tasks.spawn(async move {
            let message = match client.diff(&ticket, &DiffQuery::default()).await {
                Ok(diff) => Message::Diff(ticket, Box::new(diff)),
                Err(error) => Message::Told(wishes::refused(error)),
            };
            answered(&to, message).await;
        });
    }

    fn resized(&mut self) -> Result<(), Failure> {
        let (width, height) = self.screen.size()?;
        for effect in update(&mut self.model, Message::Resized(width, height)) {
            if let Effect::Detail(ticket) = effect {
                self.detail(ticket);
            }
        }
        Ok(())
    }

    /// Stops this process until it is brought back, as Ctrl-Z does with programs that know nothing
    /// of it.
    fn suspend(&mut self) -> Result<(), Failure> {
        self.screen.leave()?;
        stop_here()?;
        self.screen.again()?;
        self.resized()
    }

    /// A shell in a worktree; then the screen again.
    async fn open(&mut self, key: &str, path: &str) -> Result<Message, Failure> {
        self.screen.leave()?;
        eprintln!("{key} in {path}; exit brings you back");
        let ended = {
            let mut shell = std::pin::pin!(Tool::shell().work_in(path, key));
            loop {
                tokio::select! {
                    ended = &mut shell => break ended,
                    // A shell without job control leaves the stopping to everybody on the terminal.
                    Some(()) = self.signals.stop.recv() => stop_here()?,
                }
            }
        };
        self.back()?;
        let flash = ended.err().map(|failure| told_of(&failure));
        Ok(Message::Returned(flash))
    }

    /// `gangline take-over KEY --shell`; then the screen again.
    async fn take_over(&mut self, ticket: TicketRef) -> Result<Message, Failure> {
        self.screen.leave()?;
        let name = format!("{}.{}", ticket.project, ticket.key);
        let ended = take_over_in_shell(self.context, &name).await;
        self.back()?;
        let flash = ended.err().map(|failure| told_of(&failure));
        Ok(Message::Returned(flash))
    }

    fn back(&mut self) -> Result<(), Failure> {
        // An interrupt at the other program was not meant for this one.
        self.signals.interrupt = signal(SignalKind::interrupt())?;
        self.screen.again()?;
        self.resized()
    }
}

fn told_of(failure: &Failure) -> Flash {
    Flash { text: failure.message().to_owned(), good: false }
}

fn stop_here() -> Result<(), Failure> {
    let this = rustix::process::getpid();
    rustix::process::kill_process(this, rustix::process::Signal::STOP).map_err(io::Error::from)?;
    Ok(())
}

/// An answer that nobody waits for any more is none.
async fn answered(to: &Sender<Message>, message: Message) {
    drop(to.send(message).await);
}
