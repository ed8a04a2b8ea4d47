//! What a node has left of what its jobs use, and the alerts when that is little.
//!
//! ```text
//!   free   ···· low ········· enough ····▶
//!          raised  │ stays as │ cleared
//!                  │  it was  │
//! ```
//!
//! What was last raised is on the board, so that a restart raises nothing twice.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::board::Board;
use crate::event::Event;
use crate::ids::{NodeId, Timestamp};
use crate::mutant::{Mutant, active};
use crate::plan::Nodes;
use crate::resources::ByteSize;

/// What a node may run short of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Space on the disk of its state, as it is free for its user.
    Disk,
    /// Memory of the machine that can be had without swapping.
    Memory,
}

impl RoomKind {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Memory => "memory",
        }
    }
}

impl fmt::Display for RoomKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a node has of one thing, as it has measured it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Of what.
    pub kind: RoomKind,
    /// Bytes that are free.
    pub free_bytes: u64,
    /// Bytes that there are altogether.
    pub total_bytes: u64,
    /// An alert is raised when less is free.
    pub low: ByteSize,
}

impl Room {
    /// Whether there is so little that a person is told.
    pub fn is_short(&self) -> bool {
        self.free_bytes < self.low.bytes()
    }

    /// Whether there is clearly more than that: a quarter more.
    pub fn is_enough(&self) -> bool {
        let low = self.low.bytes();
        self.free_bytes >= low.saturating_add(low / 4)
    }

    /// For people.
    fn says(&self) -> String {
        let (free, total) = (size(self.free_bytes), size(self.total_bytes));
        let (of, low) = (self.kind.word(), self.low);
        format!("{free} of {total} {of} free, an alert is raised below {low}")
    }
}

/// Bytes, to a tenth of a gibibyte or a whole mebibyte.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;
    match bytes {
        0..GIB => format!("{} MiB", bytes / MIB),
        _large => format!("{}.{} GiB", bytes / GIB, bytes % GIB * 10 / GIB),
    }
}

/// An alert of a node that is raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeAlert {
    /// Since when.
    pub since: Timestamp,
    /// What was measured then, for people.
    pub says: String,
}

/// The alerts of one node that are raised.
pub type NodeAlerts = BTreeMap<RoomKind, NodeAlert>;

/// What follows from what a node has measured. Of what it does not tell, nothing is claimed.
pub fn hear(board: &Board, node: &NodeId, rooms: &[Room]) -> Vec<Event> {
    let raised = board.node_alerts.get(node);
    let is_raised = |kind| raised.is_some_and(|raised| raised.contains_key(&kind));
    let mut events: Vec<Event> = rooms
        .iter()
        .filter(|room| room.is_short())
        .filter(|room| !is_raised(room.kind) || active(Mutant::RepeatNodeAlerts))
        .map(|room| {
            let (node, kind, says) = (node.clone(), room.kind, room.says());
            Event::NodeAlertRaised { node, kind, says }
        })
        .collect();
    let holds = |room: &Room| match active(Mutant::HastyNodeAlerts) {
        true => room.is_short(),
        false => !room.is_enough(),
    };
    let over = |kind: &&RoomKind| !rooms.iter().any(|room| room.kind == **kind && holds(room));
    let over = raised.into_iter().flat_map(BTreeMap::keys).filter(over);
    events.extend(over.map(|kind| cleared(node, *kind)));
    events
}

/// The alerts of nodes that are gone are cleared: nobody knows any more.
pub(crate) fn gone(board: &Board, nodes: &Nodes) -> Vec<Event> {
    let gone = board.node_alerts.iter().filter(|(node, _)| nodes.dead.contains(*node));
    gone.flat_map(|(node, raised)| raised.keys().map(|kind| cleared(node, *kind))).collect()
}

fn cleared(node: &NodeId, kind: RoomKind) -> Event {
    Event::NodeAlertCleared { node: node.clone(), kind }
}

#[cfg(test)]
mod tests;
