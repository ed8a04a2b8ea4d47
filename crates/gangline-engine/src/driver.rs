//! The dispatcher on tokio: one task that owns it, its commit, its messages and its landings.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gangline_domain::board::{Board, Done};
use gangline_domain::command::{Command, Report};
use gangline_domain::event::Recorded;
use gangline_domain::ids::{Actor, IdempotencyKey, TicketId, Timestamp};
use gangline_ports::link::{FromNode, Link};
use gangline_ports::store::{CommitError, StoreError};
use gangline_ports::{LandingPort, Store};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{self, JoinError, JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::dispatcher::{Denied, Dispatcher, Effect, Input, ReplyId};
use crate::nodes::NodesView;
use crate::recent::RecentPast;
use crate::waits::{Durability, Waits};

/// Inputs that may wait for the dispatcher.
const INPUTS_MAX: usize = 1_024;
/// Inputs taken between two turns.
const INPUTS_PER_TURN: usize = 256;
/// The longest time between two turns.
const TICK: Duration = Duration::from_secs(1);

/// How long the engine's end waits for landings under way.
const LANDINGS_MAX: Duration = Duration::from_mins(1);

/// How the engine is set up.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Attempts at once on all nodes together.
    pub agents_max: u32,
}

/// Why a command has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The dispatcher denied it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The engine is shutting down; nothing was done, or the same key tells.
    #[error("the orchestrator is shutting down")]
    ShuttingDown,
}

/// Talks to the engine. Cheap to clone.
#[derive(Debug)]
pub struct EngineHandle<S> {
    inputs: mpsc::Sender<Asked>,
    board: Arc<RwLock<Board>>,
    nodes: watch::Receiver<Arc<NodesView>>,
    seq: watch::Receiver<u64>,
    past: Arc<RecentPast<S>>,
    waits: Arc<Waits>,
}

impl<S> Clone for EngineHandle<S> {
    fn clone(&self) -> Self {
        Self {
            inputs: self.inputs.clone(),
            board: Arc::clone(&self.board),
            nodes: self.nodes.clone(),
            seq: self.seq.clone(),
            past: Arc::clone(&self.past),
            waits: Arc::clone(&self.waits),
        }
    }
}

#[derive(Debug)]
struct Asked {
    actor: Actor,
    key: Option<IdempotencyKey>,
    command: Command,
    reply: oneshot::Sender<Result<Done, Denied>>,
}

impl<S: Store> EngineHandle<S> {
    /// Carries out a command; answered when it is durable.
    pub async fn command(
        &self,
        actor: Actor,
        key: Option<IdempotencyKey>,
        command: Command,
    ) -> Result<Done, CommandError> {
        let (reply, answer) = oneshot::channel();
        let asked = Asked { actor, key, command, reply };
        self.inputs.send(asked).await.map_err(|_gone| CommandError::ShuttingDown)?;
        match answer.await {
            Ok(answer) => Ok(answer?),
            Err(_gone) => Err(CommandError::ShuttingDown),
        }
    }

    /// Looks at the committed board. `look` must be brief: the writer waits for it.
    pub fn read<R>(&self, look: impl FnOnce(&Board) -> R) -> R {
        look(&self.board.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The nodes as they were last heard.
    pub fn nodes(&self) -> Arc<NodesView> {
        Arc::clone(&self.nodes.borrow())
    }

    /// The last committed sequence number; changes with each commit.
    pub fn seq(&self) -> watch::Receiver<u64> {
        self.seq.clone()
    }

    /// The last committed sequence number, as of now.
    pub fn committed(&self) -> u64 {
        *self.seq.borrow()
    }

    /// How long events waited to be durable.
    pub fn durability(&self) -> Durability {
        self.waits.read()
    }

    /// For history: what the board does not hold.
    pub fn past(&self) -> &RecentPast<S> {
        &self.past
    }
}

/// The running engine.
#[derive(Debug)]
pub struct EngineTask {
    handle: JoinHandle<Ended>,
    stop: CancellationToken,
}

/// Why the engine ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to.
    Stopped,
    /// Another orchestrator leads.
    Deposed,
    /// The store is corrupt, in this way. A person must mend it.
    Corrupt(String),
}

impl EngineTask {
    /// Asks it to end. Jobs go on without it.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until it has ended; a panic of the dispatcher is passed on.
    pub async fn ended(&mut self) -> Ended {
        match (&mut self.handle).await {
            Ok(ended) => ended,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_cancelled) => Ended::Stopped,
        }
    }
}

/// Starts engines.
#[derive(Debug)]
pub struct Engine;

impl Engine {
    /// Takes the lead, loads the board and begins. `reports` brings the nodes' messages.
    pub async fn start<S: Store, L: Link, P: LandingPort>(
        store: Arc<S>,
        link: Arc<L>,
        landing: Arc<P>,
        config: EngineConfig,
        reports: mpsc::Receiver<FromNode>,
    ) -> Result<(EngineHandle<S>, EngineTask), StoreError> {
        let epoch = store.lead().await?;
        let board = Board::from_rows(store.load().await?);
        let (inputs, asked) = mpsc::channel(INPUTS_MAX);
        let (seq_tx, seq) = watch::channel(board.seq);
        let (nodes_tx, nodes) = watch::channel(Arc::default());
        let shared = Arc::new(RwLock::new(board.clone()));
        let stop = CancellationToken::new();
        let past = Arc::new(RecentPast::new(Arc::clone(&store)));
        let waits = Arc::new(Waits::default());
        let driver = Driver {
            dispatcher: Dispatcher::new(epoch, board, config.agents_max, now()),
            store,
            past: Arc::clone(&past),
            waits: Arc::clone(&waits),
            link,
            landing,
            asked,
            reports,
            replies: BTreeMap::new(),
            next_reply: AtomicU64::new(0),
            storing: None,
            tasks: JoinSet::new(),
            under_way: HashMap::new(),
            board: Arc::clone(&shared),
            seq: seq_tx,
            nodes: nodes_tx,
            stop: stop.clone(),
            ending: None,
            deaf: false,
            last_tick: Instant::now(),
        };
        let handle = EngineHandle { inputs, board: shared, nodes, seq, past, waits };
        #[expect(clippy::disallowed_methods, reason = "EngineTask owns and awaits it")]
        let task = tokio::spawn(driver.run());
        Ok((handle, EngineTask { handle: task, stop }))
    }
}

/// The engine is about to end.
#[derive(Debug)]
struct Ending {
    how: Ended,
    since: Instant,
}

type Storing = Pin<Box<dyn Future<Output = Input> + Send>>;

struct Driver<S, L, P> {
    dispatcher: Dispatcher,
    store: Arc<S>,
    past: Arc<RecentPast<S>>,
    waits: Arc<Waits>,
    link: Arc<L>,
    landing: Arc<P>,
    asked: mpsc::Receiver<Asked>,
    reports: mpsc::Receiver<FromNode>,
    replies: BTreeMap<ReplyId, oneshot::Sender<Result<Done, Denied>>>,
    next_reply: AtomicU64,
    storing: Option<Storing>,
    tasks: JoinSet<Input>,
    /// Tickets whose repository is being worked on, by the task that does it: one at a time, for
    /// what is asked for again while it is under way is the same thing.
    under_way: HashMap<task::Id, TicketId>,
    board: Arc<RwLock<Board>>,
    seq: watch::Sender<u64>,
    nodes: watch::Sender<Arc<NodesView>>,
    stop: CancellationToken,
    ending: Option<Ending>,
    /// No node can send any more.
    deaf: bool,
    last_tick: Instant,
}

/// The wall clock, in microseconds.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

impl<S: Store, L: Link, P: LandingPort> Driver<S, L, P> {
    async fn run(mut self) -> Ended {
        loop {
            if self.last_tick.elapsed() >= TICK {
                // However many inputs there are, time passes.
                self.tick();
            }
            for effect in self.dispatcher.turn(now()) {
                self.carry_out(effect).await;
            }
            if let Some(nodes) = self.dispatcher.nodes_if_changed() {
                self.nodes.send_replace(Arc::new(nodes));
            }
            if let Some(ending) = self.ending.take_if(|ending| {
                // What was decided is made durable and answered before the engine ends. And git is
                // not cut off while it writes a person's tree, unless it has had its time.
                let landed = self.tasks.is_empty() || ending.since.elapsed() >= LANDINGS_MAX;
                self.storing.is_none() && landed
            }) {
                return ending.how;
            }
            self.await_input().await;
        }
    }

    async fn await_input(&mut self) {
        let wait = match self.dispatcher.wakes_at() {
            Some(at) => TICK.min(Duration::from_millis(at.ms_since(now()).max(1))),
            None => TICK,
        };
        let mut asked = Vec::new();
        let mut reports = Vec::new();
        let stopping = self.ending.is_some();
        let full = self.dispatcher.is_full();
        tokio::select! {
            biased;
            stored = stored(&mut self.storing) => {
                self.storing = None;
                self.dispatcher.take(stored, now());
            }
            Some(done) = self.tasks.join_next_with_id() => self.done(done),
            n = self.reports.recv_many(&mut reports, INPUTS_PER_TURN), if !stopping && !full && !self.deaf => {
                for message in reports {
                    self.dispatcher.take(Input::FromNode(message), now());
                }
                self.deaf = n == 0;
            }
            n = self.asked.recv_many(&mut asked, INPUTS_PER_TURN), if !stopping && !full => {
                if n == 0 { self.stop.cancel(); }
                for asked in asked { self.ask(asked); }
            }
            () = self.stop.cancelled(), if !stopping => self.end(Ended::Stopped),
            () = tokio::time::sleep(wait) => self.tick(),
        }
    }

    fn end(&mut self, how: Ended) {
        self.ending = Some(Ending { how, since: Instant::now() });
    }

    fn done(&mut self, done: Result<(task::Id, Input), JoinError>) {
        let (id, input) = match done {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        self.under_way.remove(&id).expect("BUG: a task of no ticket");
        self.dispatcher.take(input, now());
    }

    /// Works on the person's repository for the ticket, unless that is under way or the engine
    /// ends: the next one asks again.
    fn work(&mut self, ticket: TicketId, work: impl Future<Output = Input> + Send + 'static) {
        if self.ending.is_none() && !self.under_way.values().any(|busy| *busy == ticket) {
            let id = self.tasks.spawn(work).id();
            self.under_way.insert(id, ticket);
        }
    }

    fn tick(&mut self) {
        self.last_tick = Instant::now();
        self.dispatcher.take(Input::Tick, now());
    }

    fn ask(&mut self, asked: Asked) {
        let reply = ReplyId(self.next_reply.fetch_add(1, Ordering::Relaxed));
        self.replies.insert(reply, asked.reply);
        let command = Box::new(asked.command);
        let input = Input::Command { reply, actor: asked.actor, key: asked.key, command };
        self.dispatcher.take(input, now());
    }

    async fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Commit(batch) => {
                let store = Arc::clone(&self.store);
                self.storing = Some(Box::pin(async move {
                    match store.commit(*batch).await {
                        Ok(()) => Input::Committed,
                        Err(error) => commit_failed(&error),
                    }
                }));
            }
            Effect::Load => {
                let store = Arc::clone(&self.store);
                self.storing = Some(Box::pin(async move {
                    match store.load().await {
                        Ok(rows) => Input::Loaded(Box::new(Board::from_rows(rows))),
                        Err(error) => load_failed(&error),
                    }
                }));
            }
            Effect::Reply { reply, answer } => {
                if let Some(waiting) = self.replies.remove(&reply) {
                    // A caller that has gone away wants no answer.
                    drop(waiting.send(answer));
                }
            }
            Effect::Publish(events) => {
                let mut board = self.board.write().unwrap_or_else(PoisonError::into_inner);
                for event in &events {
                    board.evolve(event);
                }
                drop(board.take_closed());
                self.published(events, board.seq);
            }
            Effect::Republish(fresh) => {
                let mut board = self.board.write().unwrap_or_else(PoisonError::into_inner);
                self.past.forget();
                self.seq.send_replace(fresh.seq);
                *board = *fresh;
            }
            Effect::Send { node, ticket, message } => {
                if let Err(error) = self.link.send(&node, message).await {
                    tracing::warn!(%error, "a message was not handed over");
                    self.dispatcher.take(Input::DutyFailed(ticket), now());
                }
            }
            Effect::Land { ticket, fence, settings, candidate } => {
                let landing = Arc::clone(&self.landing);
                self.work(ticket.clone(), async move {
                    match landing.land(&ticket.project, &settings, &candidate).await {
                        Ok(swap) => Input::Swapped(Report::Swapped { ticket, fence, swap }),
                        Err(error) => failed(ticket, &error),
                    }
                });
            }
            Effect::PublishBranch { ticket, settings, commit } => {
                let landing = Arc::clone(&self.landing);
                let id = ticket.id.clone();
                self.work(id.clone(), async move {
                    match landing.publish_branch(&ticket, &settings, &commit).await {
                        Ok(()) => Input::Swapped(Report::Published { ticket: id, commit }),
                        Err(error) => failed(id, &error),
                    }
                });
            }
            Effect::StepDown => self.end(Ended::Deposed),
            Effect::GiveUp { why } => self.end(Ended::Corrupt(why)),
        }
    }
}

impl<S, L, P> Driver<S, L, P> {
    /// Everybody may know of them now.
    fn published(&self, events: Vec<Recorded>, seq: u64) {
        self.waits.count(&events, now());
        self.past.keep(events);
        self.seq.send_replace(seq);
    }
}

fn failed(ticket: TicketId, error: &gangline_ports::landing::LandingUnavailable) -> Input {
    let error: &(dyn std::error::Error + 'static) = error.0.as_ref();
    tracing::warn!(%ticket, error, "the person's repository could not be worked on");
    let causes = std::iter::successors(Some(error), |error| error.source());
    let why: Vec<String> = causes.map(ToString::to_string).collect();
    Input::RepoUnavailable(ticket, why.join(": "))
}

fn commit_failed(error: &CommitError) -> Input {
    tracing::error!(%error, cause = std::error::Error::source(error), "a commit failed");
    match error {
        CommitError::StaleEpoch { .. } => Input::Deposed,
        CommitError::DiskFull(_) => Input::DiskFull,
        CommitError::Unavailable(_) => Input::CommitRefused,
        CommitError::Gap { .. } | CommitError::Unknown(_) => Input::CommitUnknown,
        CommitError::Corrupt(why) => Input::Broken(why.clone()),
    }
}

fn load_failed(error: &StoreError) -> Input {
    tracing::error!(%error, "the board could not be loaded");
    match error {
        StoreError::Unavailable(_) | StoreError::DiskFull(_) => Input::LoadFailed,
        StoreError::Corrupt(why) => Input::Broken(why.clone()),
        StoreError::Upcast(error) => Input::Broken(error.to_string()),
    }
}

async fn stored(storing: &mut Option<Storing>) -> Input {
    match storing {
        Some(storing) => storing.await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
