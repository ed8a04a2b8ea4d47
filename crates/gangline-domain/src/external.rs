//! External sessions: agents that Gangline did not start, and that take work from it.
//!
//! A session registers under a definition of kind `external`. An attempt of that kind is assigned
//! to one session; its job makes the worktree, waits, and is told to end when the session has
//! handed its work in, has gone, or a person says so.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{AgentKind, AgentName, ExternalId, Fence, Timestamp};
use crate::job::EndKind;
use crate::project::Project;
use crate::ticket::{AfterStop, Stage, Ticket, TicketState, Working};
use crate::verdict::Claim;

/// The name of the kind.
pub const EXTERNAL_KIND: &str = "external";
/// Sessions that one project may have.
pub const EXTERNALS_MAX: usize = 200;
/// Attempts that one session may have at once.
pub const CONCURRENT_MAX: u32 = 64;
/// Bytes that an address may have.
pub const WEBHOOK_BYTES_MAX: usize = 500;
/// The shortest silence after which a session is given up, in milliseconds.
pub const HEARTBEAT_MS_MIN: u64 = 1_000;
/// The longest one.
pub const HEARTBEAT_MS_MAX: u64 = 24 * 3_600_000;

/// A registered session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct External {
    /// Its name, unique in its project.
    pub id: ExternalId,
    /// The definition under which it works, of kind [`EXTERNAL_KIND`].
    pub agent: AgentName,
    /// What it can do beside what its definition can.
    pub capabilities: BTreeSet<String>,
    /// Attempts that it takes at once.
    pub max_concurrent: u32,
    /// Where it is told of work; it asks for it when absent.
    pub webhook: Option<String>,
    /// Milliseconds of silence after which it is given up.
    pub heartbeat_timeout_ms: u64,
    /// When it was registered.
    pub registered_at: Timestamp,
}

/// Why a session is not there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExternalEnd {
    /// It said so.
    Deregistered,
    /// It fell silent.
    Lost,
}

/// What a session hands in: its own words about its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandIn {
    /// What it says came of it.
    pub how: HandInHow,
    /// What it says it did; what its job knows, when there are no words.
    pub claim: Claim,
}

/// What a session says came of its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandInHow {
    /// It is done.
    Completed,
    /// Nothing needs to change.
    NoChangeNeeded,
    /// It cannot do it.
    GaveUp(String),
}

impl HandInHow {
    /// How the attempt ends by it.
    pub fn end(&self) -> EndKind {
        match self {
            Self::Completed => EndKind::Finished,
            Self::NoChangeNeeded => EndKind::NoChangeNeeded,
            Self::GaveUp(reason) => EndKind::GaveUp(reason.clone()),
        }
    }
}

/// Why a session cannot be registered as it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadExternal {
    /// Too many sessions.
    #[error("the project has {EXTERNALS_MAX} external sessions already")]
    TooMany,
    /// No attempts at once, or too many.
    #[error("{given} at once: it is 1 to {CONCURRENT_MAX}")]
    Concurrent {
        /// As it was asked for.
        given: u32,
    },
    /// No time between heartbeats, or too much.
    #[error("a heartbeat timeout of {given} ms: it is {HEARTBEAT_MS_MIN} to {HEARTBEAT_MS_MAX}")]
    Heartbeat {
        /// As it was asked for.
        given: u64,
    },
    /// Not the names of capabilities.
    #[error("its capabilities are too many, or one of them is no word")]
    Capabilities,
    /// The address is too long.
    #[error("its webhook has {bytes} bytes, more than {WEBHOOK_BYTES_MAX}")]
    Webhook {
        /// Its length.
        bytes: usize,
    },
}

impl External {
    /// Whether what it says of itself stays within its bounds.
    pub fn check(&self, project: &Project) -> Result<(), BadExternal> {
        if !project.externals.contains_key(&self.id) && project.externals.len() >= EXTERNALS_MAX {
            return Err(BadExternal::TooMany);
        }
        if self.max_concurrent == 0 || self.max_concurrent > CONCURRENT_MAX {
            return Err(BadExternal::Concurrent { given: self.max_concurrent });
        }
        let given = self.heartbeat_timeout_ms;
        if !(HEARTBEAT_MS_MIN..=HEARTBEAT_MS_MAX).contains(&given) {
            return Err(BadExternal::Heartbeat { given });
        }
        if self.capabilities.len() > crate::spec::CAPABILITIES_MAX
            || !self.capabilities.iter().all(|name| crate::spec::is_capability(name))
        {
            return Err(BadExternal::Capabilities);
        }
        match self.webhook.as_ref().map_or(0, String::len) {
            bytes if bytes > WEBHOOK_BYTES_MAX => Err(BadExternal::Webhook { bytes }),
            _short => Ok(()),
        }
    }
}

/// Whether agents of this kind are sessions that Gangline did not start.
pub fn is_external(kind: &AgentKind) -> bool {
    kind.as_str() == EXTERNAL_KIND
}

/// The sessions of a definition that can do all of `needs`.
pub fn able<'p>(
    project: &'p Project,
    agent: &AgentName,
    needs: &BTreeSet<&str>,
) -> impl Iterator<Item = &'p External> {
    let lacking: BTreeSet<String> = match project.settings.agents.get(agent) {
        Some(facts) => facts.lacks(needs).into_iter().map(str::to_owned).collect(),
        None => needs.iter().map(|need| (*need).to_owned()).collect(),
    };
    let of_agent = {
        let agent = agent.clone();
        move |external: &&External| external.agent == agent
    };
    let sessions = project.externals.values().filter(of_agent);
    sessions.filter(move |external| external.capabilities.is_superset(&lacking))
}

/// The session that works on the ticket now, and under which fence, while nobody wants it to end.
pub fn at_work(ticket: &Ticket) -> Option<(&ExternalId, Fence)> {
    let TicketState::Working(Working { attempt, stage: Stage::Running { lease, stop: None, .. } }) =
        &ticket.state
    else {
        return None;
    };
    Some((attempt.external.as_ref()?, lease.fence))
}

/// What the session has handed in under this fence, if that is on its way.
pub fn handed_in<'t>(ticket: &'t Ticket, by: &ExternalId, fence: Fence) -> Option<&'t HandIn> {
    let TicketState::Working(Working {
        attempt,
        stage: Stage::Running { lease, stop: Some(stop), .. },
    }) = &ticket.state
    else {
        return None;
    };
    let its_own = attempt.external.as_ref() == Some(by) && lease.fence == fence;
    match &stop.then {
        AfterStop::HandIn(hand_in) if its_own => Some(hand_in.as_ref()),
        AfterStop::HandIn(_)
        | AfterStop::Hold
        | AfterStop::TakeOver
        | AfterStop::Cancel
        | AfterStop::Return => None,
    }
}
