//! Starting a node, and talking to it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gangline_domain::ids::{NodeId, TicketId};
use gangline_policy::MachineConfig;
use gangline_ports::link::{FromNode, Link, LinkDown, ToNode};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::durable::{self, FileFault};
use crate::places::SocketPathTooLong;
use crate::supervisor::actor::Actor;
use crate::supervisor::config::NodeConfig;
use crate::supervisor::in_force::InForce;
use crate::supervisor::scan;

/// Messages that may wait for the node.
const INBOX_MAX: usize = 1_024;

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its sockets could not have their paths.
    #[error(transparent)]
    Socket(#[from] SocketPathTooLong),
    /// Its folders cannot be read or written.
    #[error(transparent)]
    File(#[from] FileFault),
}

/// What all tasks of a node know.
#[derive(Debug)]
pub(crate) struct Shared {
    /// As it began; which configuration of the machine is in force says `in_force`.
    pub(crate) config: NodeConfig,
    pub(crate) in_force: Arc<InForce>,
    pub(crate) reports: mpsc::Sender<FromNode>,
    pub(crate) stop: CancellationToken,
    /// Tickets in whose worktrees people work, also before that is written down: an eviction may
    /// be on its way.
    pub(crate) lent: Mutex<BTreeSet<TicketId>>,
}

impl Shared {
    /// Tickets whose worktrees are lent to people.
    pub(crate) fn lent(&self) -> MutexGuard<'_, BTreeSet<TicketId>> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What comes in.
#[derive(Debug)]
pub(crate) enum Inbound {
    Message(ToNode),
    /// Stop all jobs; answered with their number.
    StopAll(oneshot::Sender<usize>),
}

/// Starts nodes.
#[derive(Debug)]
pub struct Node;

impl Node {
    /// Starts the node: adopts the jobs that still run, tells of those that have ended
    /// meanwhile, and registers. `reports` takes what it has to say.
    pub async fn start(
        config: NodeConfig,
        reports: mpsc::Sender<FromNode>,
    ) -> Result<NodeHandle, StartError> {
        config.places.check_sockets()?;
        for folder in [config.places.jobs(), config.places.active(), config.places.projects()] {
            durable::make_dir(&folder)?;
        }
        let in_force = Arc::new(InForce::new(config.clone(), gangline_process::probe().await));
        let found = scan::scan(&config.places)?;
        let (inbox, messages) = mpsc::channel(INBOX_MAX);
        let node = config.node.clone();
        let stop = CancellationToken::new();
        let lent = Mutex::default();
        let configured = Arc::clone(&in_force);
        let shared = Arc::new(Shared { config, in_force, reports, stop: stop.clone(), lent });
        #[expect(clippy::disallowed_methods, reason = "NodeHandle owns and awaits it")]
        let task = tokio::spawn(Actor::new(shared, found).run(messages));
        Ok(NodeHandle { node, inbox, stop, configured, task: Mutex::new(Some(task)) })
    }
}

/// The link to the node in this process. Dropping it ends the supervisor; jobs go on.
#[derive(Debug)]
pub struct NodeHandle {
    node: NodeId,
    inbox: mpsc::Sender<Inbound>,
    stop: CancellationToken,
    configured: Arc<InForce>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl NodeHandle {
    /// Its name.
    pub fn id(&self) -> &NodeId {
        &self.node
    }

    /// Follows another configuration of the machine from now on. Jobs that have begun go by the one
    /// that they began with; how many may run at once stays as it is.
    pub fn configure(&self, machine: MachineConfig) {
        self.configured.replace(machine);
    }

    /// Asks all running jobs to end, their work kept, and says how many there are. Their ends
    /// are reported as usual.
    pub async fn stop_all_jobs(&self) -> Result<usize, LinkDown> {
        let (reply, answer) = oneshot::channel();
        let down = || LinkDown(self.node.clone());
        self.inbox.send(Inbound::StopAll(reply)).await.map_err(|_gone| down())?;
        answer.await.map_err(|_gone| down())
    }

    /// Ends the supervisor and waits for it. Jobs go on; the next supervisor adopts them.
    pub async fn shutdown(&self) {
        self.stop.cancel();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task
            && let Err(error) = task.await
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

impl Drop for NodeHandle {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Link for NodeHandle {
    async fn send(&self, node: &NodeId, message: ToNode) -> Result<(), LinkDown> {
        if *node != self.node {
            return Err(LinkDown(node.clone()));
        }
        let sent = self.inbox.send(Inbound::Message(message)).await;
        sent.map_err(|_gone| LinkDown(node.clone()))
    }
}
