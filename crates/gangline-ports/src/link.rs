//! Messages between orchestrator and nodes. The V1.1 channel names are the wire names.
//!
//! Delivery is at least once and never the truth: each message carries job and fence, and what is
//! lost is sent again because the board still wants it.

use std::future::Future;

use gangline_domain::ids::{AgentKind, Fence, JobId, NodeId, TicketId, Timestamp};
use gangline_domain::project::Project;
use gangline_domain::room::Room;
use gangline_domain::ticket::{Said, StopHow, Ticket};
use serde::{Deserialize, Serialize};

/// The version of all messages in this module.
pub const MESSAGE_VERSION: u32 = 1;

/// From the orchestrator to a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel")]
pub enum ToNode {
    /// A job to run.
    #[serde(rename = "task:dispatch")]
    Dispatch(Box<TaskDispatchMessage>),
    /// Stop a job, keep its work.
    #[serde(rename = "control:stop")]
    Stop(ControlMessage),
    /// End a job now; what it left is still captured.
    #[serde(rename = "control:kill")]
    Kill(ControlMessage),
    /// End a job whose fence is stale, and keep what it left under a rescue ref.
    #[serde(rename = "control:fence")]
    Fenced(ControlMessage),
    /// What people say to the agent of a running attempt, all of it so far, in order.
    #[serde(rename = "control:answer")]
    Tell {
        /// The attempt.
        job: JobId,
        /// Its fence.
        fence: Fence,
        /// The node delivers what it has not delivered.
        #[serde(rename = "answers")]
        said: Vec<Said>,
    },
    /// A person works in the ticket's worktree: nothing is done to it until a job of the ticket
    /// is dispatched, or the ticket is closed.
    #[serde(rename = "control:lend")]
    Lend {
        /// Which.
        ticket: TicketId,
    },
    /// The ticket is closed: rescue what its worktree holds, then remove it.
    #[serde(rename = "control:retire")]
    Retire {
        /// Which.
        ticket: TicketId,
    },
}

/// A job for a node. Carries the ticket and project as they are in the durable board, so that the
/// node needs no other source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDispatchMessage {
    /// [`MESSAGE_VERSION`].
    pub version: u32,
    /// The job.
    pub job: JobId,
    /// The right to run it.
    pub fence: Fence,
    /// The slot, `agent-<n>`; on one node every job has the node's name.
    pub target_agent_id: String,
    /// When it must have ended.
    pub deadline: Timestamp,
    /// The ticket, in the state that wants this job.
    pub ticket: Ticket,
    /// Its project.
    pub project: Project,
}

/// A job and its fence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlMessage {
    /// [`MESSAGE_VERSION`].
    pub version: u32,
    /// The job.
    pub job: JobId,
    /// Its fence.
    pub fence: Fence,
}

impl ToNode {
    /// How the job of an attempt is ended.
    pub fn stop(how: StopHow, job: JobId, fence: Fence) -> Self {
        let message = ControlMessage { version: MESSAGE_VERSION, job, fence };
        match how {
            StopHow::Stop => Self::Stop(message),
            StopHow::Kill => Self::Kill(message),
        }
    }
}

/// From a node to the orchestrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel")]
pub enum FromNode {
    /// The node is there, with these jobs. Sent at start and after each reconnect.
    #[serde(rename = "agent:register")]
    Register(AgentRegisterMessage),
    /// The node is alive. Every 5 s.
    #[serde(rename = "agent:heartbeat")]
    Heartbeat(AgentHeartbeatMessage),
    /// A report about a job.
    #[serde(rename = "task:result")]
    Result(Box<gangline_domain::command::Report>),
}

/// What a node says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRegisterMessage {
    /// [`MESSAGE_VERSION`].
    pub version: u32,
    /// Its name.
    pub node: NodeId,
    /// The program's version.
    pub program: String,
    /// Attempts that it can run at once.
    pub slots: u32,
    /// Agent kinds that it can drive.
    pub kinds: Vec<AgentKind>,
    /// Jobs that it runs, or whose outcome it has not seen acknowledged.
    pub jobs: Vec<(JobId, Fence)>,
    /// Tickets whose worktrees it keeps.
    pub worktrees: Vec<TicketId>,
}

/// A sign of life, with what is volatile about the node's jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentHeartbeatMessage {
    /// [`MESSAGE_VERSION`].
    pub version: u32,
    /// Its name.
    pub node: NodeId,
    /// What its jobs are at.
    pub jobs: Vec<JobPulse>,
    /// What it has left of what they use, as far as it can measure it.
    #[serde(default)]
    pub rooms: Vec<Room>,
}

/// What one job is at; shown, never decided by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobPulse {
    /// The job.
    pub job: JobId,
    /// Its fence.
    pub fence: Fence,
    /// When its journal last grew.
    pub last_activity: Timestamp,
    /// One line: the current tool call or step.
    pub current: String,
    /// Bytes of the journal that the node has read.
    pub journal_bytes: u64,
}

/// Carries messages to nodes. Messages from nodes come in through the engine's input queue.
pub trait Link: Send + Sync + 'static {
    /// Hands a message over; at least once, in order per node, bounded.
    fn send(
        &self,
        node: &NodeId,
        message: ToNode,
    ) -> impl Future<Output = Result<(), LinkDown>> + Send;
}

/// The message was not handed over. What it asked for is asked again later.
#[derive(Debug, thiserror::Error)]
#[error("node {0} cannot be reached")]
pub struct LinkDown(pub NodeId);
