use super::*;
use crate::event::Recorded;
use crate::ids::Actor;

const LOW: ByteSize = ByteSize::mib(1_000);

fn node() -> NodeId {
    "local".parse().unwrap()
}

fn room(kind: RoomKind, mib: u64) -> Room {
    Room { kind, free_bytes: mib << 20, total_bytes: 10 << 30, low: LOW }
}

/// What follows from this much of the disk, and the board after it, in words.
fn heard(board: &mut Board, rooms: &[Room]) -> Vec<String> {
    let events = hear(board, &node(), rooms);
    applied(board, events)
}

fn applied(board: &mut Board, events: Vec<Event>) -> Vec<String> {
    let mut told = vec![];
    for event in events {
        let body = serde_json::to_value(&event).unwrap();
        told.push(format!("{} {}", event.type_name(), body[event.type_name()]["kind"]));
        let (seq, at) = (board.seq + 1, Timestamp(77));
        board.evolve(&Recorded { seq, epoch: 1, at, actor: Actor::Gangline, key: None, event });
    }
    told
}

#[test]
fn an_alert_is_raised_once_and_cleared_when_there_is_clearly_more() {
    let mut board = Board::default();
    let mut disk = |mib| heard(&mut board, &[room(RoomKind::Disk, mib)]).join(", ");
    let told: Vec<String> =
        [1_000, 999, 999, 10, 1_000, 1_249, 999, 1_250, 1_249, 1_000, 999].map(&mut disk).into();
    let raised = r#"node_alert_raised "disk""#;
    let cleared = r#"node_alert_cleared "disk""#;
    assert_eq!(told, ["", raised, "", "", "", "", "", cleared, "", "", raised]);
    insta::assert_snapshot!(
        board.node_alerts[&node()][&RoomKind::Disk].says,
        @"999 MiB of 10.0 GiB disk free, an alert is raised below 1000MiB"
    );
}

#[test]
fn each_kind_and_each_node_has_alerts_of_its_own() {
    let mut board = Board::default();
    let short = [room(RoomKind::Disk, 5), room(RoomKind::Memory, 5)];
    assert_eq!(heard(&mut board, &short).len(), 2);
    let far: NodeId = "far".parse().unwrap();
    let events = hear(&board, &far, &short[..1]);
    assert_eq!(applied(&mut board, events), [r#"node_alert_raised "disk""#]);
    let mixed = [room(RoomKind::Disk, 5), room(RoomKind::Memory, 5_000)];
    assert_eq!(heard(&mut board, &mixed), [r#"node_alert_cleared "memory""#]);
    assert_eq!(board.node_alerts.len(), 2);
}

#[test]
fn what_a_node_tells_no_more_or_that_is_gone_is_claimed_no_longer() {
    let mut board = Board::default();
    heard(&mut board, &[room(RoomKind::Disk, 5), room(RoomKind::Memory, 5)]);
    let told = heard(&mut board, &[room(RoomKind::Disk, 5)]);
    assert_eq!(told, [r#"node_alert_cleared "memory""#]);
    let mut nodes = Nodes::default();
    assert_eq!(gone(&board, &nodes), []);
    nodes.dead.insert(node());
    let events = gone(&board, &nodes);
    assert_eq!(applied(&mut board, events), [r#"node_alert_cleared "disk""#]);
    assert!(board.node_alerts.is_empty(), "nothing is left of a node without alerts");
}
