//! Nodes on which nothing new starts, so that people can look after their machines.
//!
//! What runs there goes on to its end. What attempts left there is still captured, verified and
//! integrated: else it would wait for as long as the node is looked after.

use crate::board::Board;
use crate::command::{Command, Refusal};
use crate::event::Event;
use crate::ids::NodeId;
use crate::mutant::{Mutant, active};

/// Refuses a command about a node that nobody knows. Who is there is not on the board, so that the
/// caller says it. One that is being drained is known, though it may be away just because of that.
pub fn known(
    board: &Board,
    command: &Command,
    is_there: impl FnOnce(&NodeId) -> bool,
) -> Result<(), Refusal> {
    let (Command::DrainNode { node } | Command::ResumeNode { node }) = command else {
        return Ok(());
    };
    match board.draining.contains(node) || is_there(node) {
        true => Ok(()),
        false => Err(Refusal::NoSuchNode(node.clone())),
    }
}

/// Nothing new starts on the node. Nothing happens, when that is so already.
pub(crate) fn drain(board: &Board, node: &NodeId) -> Vec<Event> {
    match board.draining.contains(node) {
        true => vec![],
        false => vec![Event::NodeDrained { node: node.clone() }],
    }
}

/// The node is given work again. Nothing happens, when it is given some already.
pub(crate) fn resume(board: &Board, node: &NodeId) -> Vec<Event> {
    match board.draining.contains(node) {
        true => vec![Event::NodeResumed { node: node.clone() }],
        false => vec![],
    }
}

/// Whether a new attempt or review may start on the node.
pub(crate) fn takes_new(board: &Board, node: &NodeId) -> bool {
    !board.draining.contains(node) || active(Mutant::IgnoreDrain)
}
