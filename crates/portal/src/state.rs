//! What every request can reach.

use std::sync::Arc;

use node::{Node, View};

/// The running authority, as handlers share it: cheap to clone.
#[derive(Clone)]
pub struct App {
    node: Node,
}

impl App {
    /// Serves this node.
    pub fn new(node: Node) -> Self {
        Self { node }
    }

    /// Returns the node.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Returns what is published now: one request should look at one view only.
    pub fn view(&self) -> Arc<View> {
        self.node.view()
    }
}
