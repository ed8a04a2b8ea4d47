//! What all routes share.

use std::ops::Deref;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use gangline_api::ticket::{TicketDetail, Tickets};
use gangline_domain::board::Board;
use gangline_domain::ids::{TicketId, Timestamp};
use gangline_domain::plan::Nodes;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::archive::Archive;
use crate::check_ups::CheckUps;
use crate::door::Guests;
use crate::external::Hearts;
use crate::feed::Feed;
use crate::histories::Histories;
use crate::hooks::Hooks;
use crate::insight::Insight;
use crate::links::Links;
use crate::lists::{ListOf, Sent};
use crate::oidc::Trust;
use crate::orchestrator::Orchestrator;
use crate::presence::Presences;
use crate::settings::Settings;

/// What the daemon knows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daemon {
    /// Its process id.
    pub pid: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// The socket it answers on.
    pub socket: String,
    /// Where it keeps its state.
    pub state_dir: String,
    /// Where its log is.
    pub log: String,
    /// Attempts at once on all nodes together.
    pub agents_max: u32,
    /// The address it answers HTTP at, such as `127.0.0.1:3001`.
    pub http: Option<String>,
}

/// How the daemon is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopWish {
    /// Not at all.
    None,
    /// It ends and its jobs run on.
    LeaveJobs,
    /// It stops its jobs, keeps their work, and ends.
    StopJobs,
}

/// What all routes share. Cheap to clone: each layer of each request holds it.
#[derive(Debug)]
pub struct App<O, A>(Arc<Shared<O, A>>);

/// See [`App`].
#[derive(Debug)]
pub struct Shared<O, A> {
    pub(crate) orchestrator: O,
    pub(crate) archive: Arc<A>,
    pub(crate) daemon: Daemon,
    pub(crate) stop: watch::Sender<StopWish>,
    pub(crate) hearts: Hearts,
    pub(crate) links: Links,
    pub(crate) feed: Feed,
    pub(crate) lists: Sent<ListOf, Tickets>,
    pub(crate) details: Sent<TicketId, TicketDetail>,
    pub(crate) histories: Histories,
    pub(crate) check_ups: CheckUps,
    insight: RwLock<Insight>,
    pub(crate) presences: Arc<Presences>,
    settings: watch::Sender<Arc<Settings>>,
    /// Cancelled when requests that wait are to be answered at once.
    pub(crate) ending: CancellationToken,
}

impl<O, A> Clone for App<O, A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<O, A> Deref for App<O, A> {
    type Target = Shared<O, A>;

    fn deref(&self) -> &Shared<O, A> {
        &self.0
    }
}

impl<O: Orchestrator, A: Archive> App<O, A> {
    /// The routes' world. Wishes to end arrive at the receiver.
    pub fn new(
        orchestrator: O,
        archive: A,
        daemon: Daemon,
        ending: CancellationToken,
    ) -> (Self, watch::Receiver<StopWish>) {
        let (stop, wishes) = watch::channel(StopWish::None);
        let shared = Shared {
            orchestrator,
            archive: Arc::new(archive),
            daemon,
            stop,
            hearts: Hearts::default(),
            links: Links::default(),
            feed: Feed::default(),
            lists: Sent::default(),
            details: Sent::default(),
            histories: Histories::default(),
            check_ups: CheckUps::default(),
            insight: RwLock::default(),
            presences: Arc::default(),
            settings: watch::Sender::new(Arc::default()),
            ending,
        };
        (Self(Arc::new(shared)), wishes)
    }

    /// With these webhooks and intakes.
    #[must_use]
    pub fn with_hooks(self, hooks: Hooks) -> Self {
        self.with_settings(|settings| settings.hooks = Arc::new(hooks))
    }

    /// That believes whoever these vouch for.
    #[must_use]
    pub fn with_trust(self, trust: Trust) -> Self {
        self.with_settings(|settings| settings.trust = Arc::new(trust))
    }

    /// That lets these in over HTTP.
    #[must_use]
    pub fn with_guests(self, guests: Guests) -> Self {
        self.with_settings(|settings| settings.set_guests(guests))
    }

    /// With other settings, as all its clones.
    #[must_use]
    pub fn with_settings(self, change: impl FnOnce(&mut Settings)) -> Self {
        self.change_settings(change);
        self
    }

    /// Changes the settings of this app and of all its clones, for whoever looks from now on.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        self.settings.send_modify(|settings| change(Arc::make_mut(settings)));
    }

    /// What is in force now, as a whole.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.borrow())
    }

    /// Hears of each change.
    pub(crate) fn settings_changes(&self) -> watch::Receiver<Arc<Settings>> {
        self.settings.subscribe()
    }

    pub(crate) fn now() -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    /// What the events come to, as far as they were counted.
    pub(crate) fn insight(&self) -> RwLockReadGuard<'_, Insight> {
        self.insight.read().expect("BUG: counting panicked")
    }

    pub(crate) fn insight_mut(&self) -> RwLockWriteGuard<'_, Insight> {
        self.insight.write().expect("BUG: counting panicked")
    }

    /// Looks at the board together with the nodes.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Board, &Seen) -> R) -> R {
        let seen = Seen::of(self);
        self.orchestrator.read(|board| look(board, &seen))
    }
}

/// The nodes, as the plan and as people see them, at one moment.
pub(crate) struct Seen {
    pub(crate) now: Timestamp,
    pub(crate) nodes: Nodes,
    pub(crate) view: Arc<gangline_engine::NodesView>,
}

impl Seen {
    fn of<O: Orchestrator, A: Archive>(app: &App<O, A>) -> Self {
        let now = App::<O, A>::now();
        let view = app.orchestrator.nodes();
        let mut nodes = Nodes { agents_max: app.daemon.agents_max, ..Nodes::default() };
        for (id, node) in &view.nodes {
            if node.is_silent(now) {
                nodes.dead.insert(id.clone());
            } else {
                nodes.alive.insert(id.clone(), node.facts.clone());
            }
        }
        Self { now, nodes, view }
    }
}
