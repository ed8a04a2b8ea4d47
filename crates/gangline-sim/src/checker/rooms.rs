//! An alert of a node tells of what the node has measured, and is raised and cleared once.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a promise is about some events; what it does not name does not concern it"
)]

use std::collections::BTreeMap;

use gangline_domain::event::{Event, Recorded};
use gangline_domain::ids::{NodeId, Timestamp};
use gangline_domain::room::{Room, RoomKind};

use super::{Checker, broken};
use crate::run::Violation;
use crate::world::World;

/// A node that was silent for longer may be taken for gone, in milliseconds.
const SILENT_MS: u64 = 15_000;

/// What reached each orchestrator, by its epoch, of what each node had measured, and when.
#[derive(Debug, Default)]
pub(super) struct Measured(BTreeMap<(u64, NodeId), Vec<Told>>);

/// One sign of life.
type Told = (Timestamp, Vec<Room>);

impl Measured {
    fn of(&self, epoch: u64, node: &NodeId) -> &[Told] {
        self.0.get(&(epoch, node.clone())).map_or(&[], Vec::as_slice)
    }
}

impl Checker {
    /// A sign of life reached the orchestrator of this epoch.
    pub(crate) fn has_room(&mut self, epoch: u64, node: &NodeId, rooms: &[Room], now: Timestamp) {
        let told = self.rooms.0.entry((epoch, node.clone())).or_default();
        told.push((now, rooms.to_vec()));
    }

    /// Judges an event on the board before it.
    pub(super) fn alerts_of_nodes(&self, recorded: &Recorded) -> Result<(), Violation> {
        let (node, kind, raises) = match &recorded.event {
            Event::NodeAlertRaised { node, kind, .. } => (node, *kind, true),
            Event::NodeAlertCleared { node, kind } => (node, *kind, false),
            _other => return Ok(()),
        };
        if self.is_short(node, kind) == raises {
            let detail = format!("{node} {kind} {raises}");
            return Err(broken("an alert of a node is told once", detail));
        }
        let told = self.rooms.of(recorded.epoch, node);
        let fits = |room: &Room| if raises { room.is_short() } else { room.is_enough() };
        let now = told.iter().filter(|(at, _)| *at == recorded.at);
        let says_so = now.flat_map(|(_, rooms)| rooms).any(|room| room.kind == kind && fits(room));
        // Who was silent may be heard again in the very moment in which that was found.
        let heard = told.iter().rfind(|(at, _)| *at < recorded.at);
        let silent = heard.is_none_or(|(at, _)| recorded.at.ms_since(*at) > SILENT_MS);
        if says_so || (!raises && silent) {
            return Ok(());
        }
        let detail = format!("{node} {kind} {raises} at {:?}: {heard:?}", recorded.at);
        Err(broken("an alert of a node is real", detail))
    }

    fn is_short(&self, node: &NodeId, kind: RoomKind) -> bool {
        self.board.node_alerts.get(node).is_some_and(|alerts| alerts.contains_key(&kind))
    }

    /// In the end what is raised is what the nodes run short of.
    pub(super) fn nodes_are_told_of(world: &World) -> Result<(), Violation> {
        for node in &world.nodes {
            for room in &node.rooms {
                let raised = world.checker.is_short(&node.id, room.kind);
                if raised && room.is_enough() || !raised && room.is_short() {
                    let detail = format!("{} {room:?}: {raised}", node.id);
                    return Err(broken("an alert of a node holds until it is over", detail));
                }
            }
        }
        Ok(())
    }
}
