//! The one task that owns the node's runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use gangline_domain::command::Report;
use gangline_domain::ids::{Fence, JobId, JobKind, ProjectId, TicketId, Timestamp};
use gangline_domain::job::Infra;
use gangline_domain::ticket::Said;
use gangline_ports::link::{
    AgentHeartbeatMessage, AgentRegisterMessage, FromNode, JobPulse, MESSAGE_VERSION,
    TaskDispatchMessage, ToNode,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::outcome;
use crate::supervisor::handle::{Inbound, Shared};
use crate::supervisor::rooms::Rooms;
use crate::supervisor::scan::Found;
use crate::supervisor::tidying;
use crate::supervisor::watch::{Order, RunWatch};
use crate::supervisor::wishes::{EndHow, Wishes};

/// A run that is being watched.
#[derive(Debug)]
struct Live {
    wishes: watch::Sender<Wishes>,
    pulse: Arc<Mutex<JobPulse>>,
    ended: CancellationToken,
}

/// What a task of the node has done.
#[derive(Debug)]
pub(crate) enum Done {
    /// The run has ended and was reported, or is left alone.
    Run { job: JobId, fence: Fence, worktrees_max: Option<u32>, heard: Wishes },
    /// A ticket's worktree was retired, or could not be.
    Retired(TicketId),
    /// What a fenced attempt left is under a rescue ref, what a death left half done is cleared
    /// away, or that a worktree is lent is written down.
    Tidied,
    /// Worktrees of the project were evicted.
    Evicted(ProjectId),
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Actor {
    shared: Arc<Shared>,
    live: BTreeMap<(JobId, Fence), Live>,
    retiring: BTreeSet<TicketId>,
    evicting: BTreeSet<ProjectId>,
    rooms: Rooms,
    tasks: JoinSet<Done>,
}

impl Actor {
    pub(crate) fn new(shared: Arc<Shared>, found: Found) -> Self {
        let mut actor = Self {
            shared,
            live: BTreeMap::new(),
            retiring: BTreeSet::new(),
            evicting: BTreeSet::new(),
            rooms: Rooms::default(),
            tasks: JoinSet::new(),
        };
        // Said before any job is told of: who is not registered is not listened to.
        actor.register(&found);
        let shared = Arc::clone(&actor.shared);
        actor.tasks.spawn(async move {
            tidying::at_start(&shared).await;
            Done::Tidied
        });
        for (job, fence) in found.runs {
            actor.watch(job, fence, Order::Adopt, vec![]);
        }
        actor
    }

    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Inbound>) {
        let mut heartbeat = tokio::time::interval(self.shared.config.timing.heartbeat);
        let stop = self.shared.stop.clone();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(done) = self.tasks.join_next() => match done {
                    Ok(done) => self.finished(done),
                    Err(error) if error.is_panic() => {
                        std::panic::resume_unwind(error.into_panic())
                    }
                    Err(_cancelled) => {}
                },
                inbound = inbox.recv() => match inbound {
                    Some(Inbound::Message(message)) => self.take(message),
                    Some(Inbound::StopAll(reply)) => {
                        // Nobody may be waiting for the number any more.
                        reply.send(self.stop_all()).ok();
                    }
                    None => break,
                },
                _ = heartbeat.tick() => self.heartbeat(),
            }
        }
        // Watching tasks stop by the same token; jobs go on without them.
        stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }

    fn register(&self, found: &Found) {
        let config = &self.shared.config;
        let message = FromNode::Register(AgentRegisterMessage {
            version: MESSAGE_VERSION,
            node: config.node.clone(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            slots: config.slots,
            kinds: config.kinds.clone(),
            jobs: found.runs.clone(),
            worktrees: found.worktrees.clone(),
        });
        self.tell(message);
    }

    fn heartbeat(&mut self) {
        let pulse = |live: &Live| live.pulse.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let limits = self.shared.in_force.now();
        let state = &self.shared.config.places.state;
        let rooms = self.rooms.measure(state, &limits.machine.daemon);
        self.tell(FromNode::Heartbeat(AgentHeartbeatMessage {
            version: MESSAGE_VERSION,
            node: self.shared.config.node.clone(),
            jobs: self.live.values().map(pulse).collect(),
            rooms,
        }));
    }

    /// Tells what will be told again: never waits.
    fn tell(&self, message: FromNode) {
        if let Err(error) = self.shared.reports.try_send(message) {
            tracing::debug!(%error, "a sign of life was left out");
        }
    }

    fn take(&mut self, message: ToNode) {
        match message {
            ToNode::Dispatch(task) => self.dispatch(*task),
            ToNode::Stop(message) => self.end(&message.job, message.fence, EndHow::Stop),
            ToNode::Kill(message) => self.end(&message.job, message.fence, EndHow::Kill),
            ToNode::Fenced(message) => self.fenced(&message.job, message.fence),
            ToNode::Tell { job, fence, said } => self.pass_on(job, fence, &said),
            ToNode::Lend { ticket } => self.lend(ticket),
            ToNode::Retire { ticket } => self.retire(ticket),
        }
    }

    fn dispatch(&mut self, task: TaskDispatchMessage) {
        let (job, fence) = (task.job.clone(), task.fence);
        if task.version != MESSAGE_VERSION {
            let version = task.version;
            let why = format!("its message is of version {version}, and not of {MESSAGE_VERSION}");
            return self.refuse(job, fence, why);
        }
        if let Some(live) = self.live.get(&(job.clone(), fence)) {
            live.wishes.send_modify(|wishes| wishes.again += 1);
            return;
        }
        // What was lent is handed back, or an attempt goes on in it.
        self.shared.lent().remove(&job.ticket);
        let newer = self.live.keys().any(|(known, other)| *known == job && *other > fence);
        if newer {
            return self.refuse(job, fence, "it runs under a newer fence".to_owned());
        }
        // Older runs of the job, and older attempts of its ticket, have lost their right.
        let outdated = |(known, other): &&(JobId, Fence)| {
            let same = *known == job && *other < fence;
            let older_attempt = job.kind == JobKind::Attempt
                && known.kind == JobKind::Attempt
                && known.ticket == job.ticket
                && known.n < job.n;
            same || older_attempt
        };
        let stale: Vec<(JobId, Fence)> = self.live.keys().filter(outdated).cloned().collect();
        let mut first = vec![];
        for key in stale {
            let live = &self.live[&key];
            live.wishes.send_if_modified(|wishes| wishes.want_end(EndHow::Fenced));
            first.push(live.ended.clone());
        }
        self.watch(job, fence, Order::Launch(Box::new(task)), first);
    }

    /// Tells the end of a job that does not begin: whoever asked for it would wait for ever.
    fn refuse(&mut self, job: JobId, fence: Fence, why: String) {
        tracing::error!(%job, %fence, why, "a job does not begin");
        let result = Box::new(outcome::failed(job.kind, Infra::SpawnFailed(why)));
        let report = Box::new(Report::Ended { job, fence, result });
        let shared = Arc::clone(&self.shared);
        self.tasks.spawn(async move {
            tokio::select! {
                // Nobody may be listening any more.
                sent = shared.reports.send(FromNode::Result(report)) => drop(sent),
                () = shared.stop.cancelled() => {}
            }
            Done::Tidied
        });
    }

    fn watch(&mut self, job: JobId, fence: Fence, order: Order, first: Vec<CancellationToken>) {
        let (wishes, heard) = watch::channel(Wishes::default());
        let pulse = Arc::new(Mutex::new(JobPulse {
            job: job.clone(),
            fence,
            last_activity: Timestamp::default(),
            current: String::new(),
            journal_bytes: 0,
        }));
        let ended = CancellationToken::new();
        let run = RunWatch::new(
            Arc::clone(&self.shared),
            (job.clone(), fence),
            heard,
            Arc::clone(&pulse),
        );
        let guard = ended.clone().drop_guard();
        self.live.insert((job, fence), Live { wishes, pulse, ended });
        let stop = self.shared.stop.clone();
        self.tasks.spawn(async move {
            let _ended = guard;
            for earlier in first {
                earlier.cancelled().await;
            }
            // When the supervisor ends, the earlier ones are left alone and may be alive.
            if stop.is_cancelled() { run.left() } else { Box::pin(run.run(order)).await }
        });
    }

    fn end(&mut self, job: &JobId, fence: Fence, how: EndHow) {
        if let Some(live) = self.live.get(&(job.clone(), fence)) {
            live.wishes.send_if_modified(|wishes| wishes.want_end(how));
        }
    }

    fn fenced(&mut self, job: &JobId, fence: Fence) {
        if self.live.contains_key(&(job.clone(), fence)) {
            self.end(job, fence, EndHow::Fenced);
        } else if job.kind == JobKind::Attempt {
            let (shared, job) = (Arc::clone(&self.shared), job.clone());
            self.tasks.spawn(async move {
                tidying::rescue_attempt(&shared, &job, fence).await;
                Done::Tidied
            });
        }
    }

    fn pass_on(&mut self, job: JobId, fence: Fence, said: &[Said]) {
        if let Some(live) = self.live.get(&(job, fence)) {
            live.wishes.send_if_modified(|wishes| wishes.want_told(said));
        }
    }

    fn lend(&mut self, ticket: TicketId) {
        self.shared.lent().insert(ticket.clone());
        let shared = Arc::clone(&self.shared);
        self.tasks.spawn(async move {
            tidying::lend(&shared, &ticket).await;
            Done::Tidied
        });
    }

    fn retire(&mut self, ticket: TicketId) {
        self.shared.lent().remove(&ticket);
        if !self.retiring.insert(ticket.clone()) {
            return;
        }
        let mut first = vec![];
        for ((job, _), live) in &self.live {
            if job.ticket == ticket {
                live.wishes.send_if_modified(|wishes| wishes.want_end(EndHow::Fenced));
                first.push(live.ended.clone());
            }
        }
        let shared = Arc::clone(&self.shared);
        self.tasks.spawn(async move {
            for run in first {
                run.cancelled().await;
            }
            if !shared.stop.is_cancelled() {
                tidying::retire(&shared, &ticket).await;
            }
            Done::Retired(ticket)
        });
    }

    fn finished(&mut self, done: Done) {
        match done {
            Done::Run { job, fence, worktrees_max, heard } => {
                let project = job.ticket.project.clone();
                if let Some(live) = self.live.remove(&(job.clone(), fence)) {
                    self.unheard(&job, fence, &live.wishes.borrow(), &heard);
                }
                if let Some(worktrees_max) = worktrees_max
                    && self.evicting.insert(project.clone())
                {
                    let shared = Arc::clone(&self.shared);
                    self.tasks.spawn(async move {
                        tidying::evict(&shared, &project, worktrees_max).await;
                        Done::Evicted(project)
                    });
                }
            }
            Done::Retired(ticket) => {
                self.retiring.remove(&ticket);
            }
            Done::Evicted(project) => {
                self.evicting.remove(&project);
            }
            Done::Tidied => {}
        }
    }

    /// Does what was asked of a run while its end was being told.
    fn unheard(&mut self, job: &JobId, fence: Fence, wishes: &Wishes, heard: &Wishes) {
        if self.shared.stop.is_cancelled() {
            return;
        }
        if wishes.again > heard.again {
            self.watch(job.clone(), fence, Order::Adopt, vec![]);
        }
        if wishes.end == Some(EndHow::Fenced) && heard.end != wishes.end {
            self.fenced(job, fence);
        }
    }

    fn stop_all(&self) -> usize {
        for live in self.live.values() {
            live.wishes.send_if_modified(|wishes| wishes.want_end(EndHow::Stop));
        }
        self.live.len()
    }
}
