//! Nodes and circuits.

use gangline_api::node::{JobPulse, NodeView};
use gangline_api::status::Circuit;
use gangline_api::ticket::AlertView;
use gangline_domain::board::Board;
use gangline_domain::room::{NodeAlert, NodeAlerts, RoomKind};

use crate::app::Seen;

pub(crate) fn nodes(board: &Board, seen: &Seen) -> Vec<NodeView> {
    let view = seen.view.nodes.iter().map(|(id, node)| {
        let pulse = |pulse: &gangline_ports::link::JobPulse| JobPulse {
            job: pulse.job.to_string(),
            current: pulse.current.clone(),
            last_activity_us: pulse.last_activity.0,
        };
        NodeView {
            name: id.to_string(),
            state: if seen.nodes.dead.contains(id) { "dead" } else { "alive" }.to_owned(),
            slots: node.facts.slots,
            kinds: node.facts.kinds.iter().map(ToString::to_string).collect(),
            jobs: node.pulses.iter().map(pulse).collect(),
            draining: board.draining.contains(id),
            alerts: board.node_alerts.get(id).map(alerts).unwrap_or_default(),
        }
    });
    view.collect()
}

fn alerts(raised: &NodeAlerts) -> Vec<AlertView> {
    let alert = |(kind, alert): (&RoomKind, &NodeAlert)| AlertView {
        kind: kind.word().to_owned(),
        text: alert.says.clone(),
        since_us: alert.since.0,
    };
    raised.iter().map(alert).collect()
}

pub(crate) fn circuits(board: &Board) -> Vec<Circuit> {
    let circuit =
        |(kind, why): (&_, &String)| Circuit { kind: ToString::to_string(kind), why: why.clone() };
    board.circuits.iter().map(circuit).collect()
}
