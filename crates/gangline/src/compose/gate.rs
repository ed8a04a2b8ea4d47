//! The link to the node in this process, which a daemon that ends with its jobs shuts.

use std::sync::atomic::{AtomicBool, Ordering};

use gangline_domain::ids::NodeId;
use gangline_node::NodeHandle;
use gangline_ports::link::{Link, LinkDown, ToNode};

/// Lets messages through until it is shut; then no new job starts any more.
#[derive(Debug)]
pub(super) struct Gate {
    node: NodeHandle,
    shut: AtomicBool,
}

impl Gate {
    /// Open.
    pub(super) fn new(node: NodeHandle) -> Self {
        Self { node, shut: AtomicBool::new(false) }
    }

    /// The node behind it.
    pub(super) fn node(&self) -> &NodeHandle {
        &self.node
    }

    /// From now on jobs only end.
    pub(super) fn shut(&self) {
        self.shut.store(true, Ordering::Release);
    }
}

impl Link for Gate {
    async fn send(&self, node: &NodeId, message: ToNode) -> Result<(), LinkDown> {
        let starts = matches!(message, ToNode::Dispatch(_) | ToNode::Retire { .. });
        if starts && self.shut.load(Ordering::Acquire) {
            return Err(LinkDown(node.clone()));
        }
        self.node.send(node, message).await
    }
}
