//! `gangline node`: what runs jobs, and whether it is given new ones.

use clap::{Args, Subcommand};
use gangline_api::node::NodeView;

use super::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Out, Table, Tone, plain};

/// `gangline node`.
#[derive(Debug, Subcommand)]
pub(crate) enum Node {
    /// Show all nodes
    List,
    /// Start nothing new on a node, so that its machine can be looked after; what runs goes on
    Drain(Named),
    /// Let a node that was drained take new work again
    Resume(Named),
}

/// One of them.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Its name; the built-in one is `local`
    #[arg(value_name = "NODE")]
    name: String,
}

impl Node {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let (name, drains) = match self {
            Self::List => {
                let found = client.nodes().await?;
                match context.json {
                    true => context.out.json(&found)?,
                    false => context.out.lines(listed(&found.nodes, context.out))?,
                }
                return Ok(Exit::Done);
            }
            Self::Drain(Named { name }) => (name, true),
            Self::Resume(Named { name }) => (name, false),
        };
        let done = client.drain_node(&name, drains).await?;
        let out = context.out;
        if context.json {
            out.json(&done)?;
            return Ok(Exit::Done);
        }
        let name = plain(&name);
        let (what, next) = match drains {
            true => ("is being drained; what runs there goes on", format!("node resume {name}")),
            false => ("takes new work again", "list".to_owned()),
        };
        out.line(&format!("node {} {what}", out.paint(Tone::Strong, &name)))?;
        out.line(&format!(" next: {}", out.paint(Tone::Command, &format!("gangline {next}"))))?;
        Ok(Exit::Done)
    }
}

fn listed(nodes: &[NodeView], out: Out) -> Vec<String> {
    if nodes.is_empty() {
        return vec!["no node has registered yet".to_owned()];
    }
    let mut table = Table::new(["node", "state", "jobs", "slots", "kinds…", "runs short of…"]);
    for node in nodes {
        let alive = node.state == "alive";
        let (tone, state) = match (alive, node.draining) {
            (true, false) => (Tone::Good, node.state.clone()),
            (true, true) => (Tone::Attention, "draining".to_owned()),
            (false, true) => (Tone::Bad, format!("{}, draining", node.state)),
            (false, false) => (Tone::Bad, node.state.clone()),
        };
        let short: Vec<&str> = node.alerts.iter().map(|alert| alert.kind.as_str()).collect();
        table.row([
            Cell::toned(Tone::Strong, plain(&node.name)),
            Cell::toned(tone, plain(&state)),
            Cell::new(node.jobs.len().to_string()),
            Cell::new(node.slots.to_string()),
            Cell::new(plain(&node.kinds.join(", "))),
            Cell::toned(Tone::Attention, plain(&short.join(", "))),
        ]);
    }
    table.render(out)
}
