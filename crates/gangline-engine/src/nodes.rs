//! Which nodes are there. Volatile: built from registrations and heartbeats, lost at a restart.

use std::collections::BTreeMap;

use gangline_domain::ids::{Fence, JobId, NodeId, TicketId, Timestamp};
use gangline_domain::plan::{NodeFacts, Nodes};
use gangline_ports::link::{AgentHeartbeatMessage, AgentRegisterMessage, JobPulse};

/// A node silent for this long is dead (`HEARTBEAT_TIMEOUT_MS` of the V1.1 requirements).
const HEARTBEAT_TIMEOUT_MS: u64 = 15_000;
/// When this process itself was not running for so long, nobody's silence counts.
const OWN_SLEEP_MS: u64 = 5_000;

/// What is known of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeView {
    /// When it was last heard.
    pub last_heard: Timestamp,
    /// The program's version it runs.
    pub program: String,
    /// What it said of itself.
    pub facts: NodeFacts,
    /// What its jobs are at.
    pub pulses: Vec<JobPulse>,
}

impl NodeView {
    /// Whether it has been silent for so long that it counts as dead.
    pub fn is_silent(&self, now: Timestamp) -> bool {
        is_silent(self.last_heard, now)
    }
}

fn is_silent(last_heard: Timestamp, now: Timestamp) -> bool {
    now.ms_since(last_heard) > HEARTBEAT_TIMEOUT_MS
}

/// All nodes, and people's repositories, as this orchestrator finds them; for surfaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodesView {
    /// By name.
    pub nodes: BTreeMap<NodeId, NodeView>,
    /// Tickets whose landing or branch their person's repository could not take.
    pub hindered: BTreeMap<TicketId, Hindrance>,
}

/// What keeps Gangline from a person's repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hindrance {
    /// How often in a row.
    pub times: u32,
    /// Why the last time, for people.
    pub why: String,
}

/// Judges who is alive.
#[derive(Debug)]
pub(crate) struct NodeTable {
    view: NodesView,
    /// Nodes that hold leases and have not registered since the start, and when a job of theirs
    /// was last heard of.
    awaited: BTreeMap<NodeId, Timestamp>,
    agents_max: u32,
    started_at: Timestamp,
    last_awake: Timestamp,
    link_up: bool,
}

impl NodeTable {
    pub(crate) fn new(agents_max: u32, now: Timestamp) -> Self {
        Self {
            view: NodesView::default(),
            awaited: BTreeMap::new(),
            agents_max,
            started_at: now,
            last_awake: now,
            link_up: true,
        }
    }

    pub(crate) fn view(&self) -> &NodesView {
        &self.view
    }

    /// The ticket's repository could not be worked on; says how often before. Hindrances of tickets
    /// that are not `live` any more are forgotten.
    pub(crate) fn hindered(
        &mut self,
        ticket: &TicketId,
        why: String,
        live: impl Fn(&TicketId) -> bool,
    ) -> u32 {
        self.view.hindered.retain(|known, _| live(known));
        let before = self.view.hindered.get(ticket).map_or(0, |hindrance| hindrance.times);
        let hindrance = Hindrance { times: before.saturating_add(1), why };
        self.view.hindered.insert(ticket.clone(), hindrance);
        before
    }

    /// The ticket's repository answers; says whether that is news.
    pub(crate) fn unhindered(&mut self, ticket: &TicketId) -> bool {
        self.view.hindered.remove(ticket).is_some()
    }

    /// A node that holds a lease but has not been seen; dead when it does not come in time.
    pub(crate) fn await_node(&mut self, node: &NodeId) {
        if !self.view.nodes.contains_key(node) {
            self.awaited.entry(node.clone()).or_insert(self.started_at);
        }
    }

    /// Whether the node has registered since the start, or is waited for.
    pub(crate) fn has_heard_of(&self, node: &NodeId) -> bool {
        self.view.nodes.contains_key(node) || self.awaited.contains_key(node)
    }

    /// A job of the node was heard of: it is alive, whatever else was lost on the way.
    pub(crate) fn heard(&mut self, node: &NodeId, now: Timestamp) {
        if let Some(known) = self.view.nodes.get_mut(node) {
            known.last_heard = now;
        } else if let Some(last_heard) = self.awaited.get_mut(node) {
            *last_heard = now;
        }
    }

    /// The job has ended, wherever it was.
    pub(crate) fn has_ended(&mut self, job: &JobId, fence: Fence) {
        for node in self.view.nodes.values_mut() {
            node.facts.jobs.remove(&(job.clone(), fence));
        }
    }

    pub(crate) fn register(&mut self, message: &AgentRegisterMessage, now: Timestamp) {
        self.awaited.remove(&message.node);
        let facts = NodeFacts {
            slots: message.slots,
            kinds: message.kinds.iter().cloned().collect(),
            jobs: message.jobs.iter().cloned().collect(),
        };
        let program = message.program.clone();
        let node = NodeView { last_heard: now, program, facts, pulses: vec![] };
        self.view.nodes.insert(message.node.clone(), node);
    }

    /// Whether the node is known; one that is not must register first.
    pub(crate) fn heartbeat(&mut self, message: &AgentHeartbeatMessage, now: Timestamp) -> bool {
        let Some(node) = self.view.nodes.get_mut(&message.node) else { return false };
        node.last_heard = now;
        node.pulses.clone_from(&message.jobs);
        node.facts.jobs =
            message.jobs.iter().map(|pulse| (pulse.job.clone(), pulse.fence)).collect();
        true
    }

    /// While the bus does not echo, silence says nothing about the nodes.
    pub(crate) fn set_link(&mut self, up: bool, now: Timestamp) {
        if up && !self.link_up {
            self.forgive(now);
        }
        self.link_up = up;
    }

    /// This process is awake. Called at least once a second, unless the machine sleeps.
    pub(crate) fn notice(&mut self, now: Timestamp) {
        if now.ms_since(self.last_awake) > OWN_SLEEP_MS {
            self.forgive(now);
        }
        self.last_awake = now;
    }

    fn forgive(&mut self, now: Timestamp) {
        self.started_at = now;
        for node in self.view.nodes.values_mut() {
            node.last_heard = now;
        }
        for last_heard in self.awaited.values_mut() {
            *last_heard = now;
        }
    }

    /// The nodes as the plan sees them.
    pub(crate) fn judged(&self, now: Timestamp) -> Nodes {
        let mut nodes = Nodes { agents_max: self.agents_max, ..Nodes::default() };
        for (id, node) in &self.view.nodes {
            if !node.is_silent(now) {
                nodes.alive.insert(id.clone(), node.facts.clone());
            } else if self.link_up {
                nodes.dead.insert(id.clone());
            }
        }
        if self.link_up {
            let gone = self.awaited.iter().filter(|(_, last_heard)| is_silent(**last_heard, now));
            nodes.dead.extend(gone.map(|(node, _)| node.clone()));
        }
        nodes
    }
}
