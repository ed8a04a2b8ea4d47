//! What people do with running work: start, stop, kill, hold, resume, cancel, pause, take over.

use clap::Args;
use gangline_api::client::{Client, TicketRef};
use gangline_api::command::{Done, Verb};
use serde::Serialize;

use super::context::Context;
use super::place;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Tone, plain};

/// A command that takes nothing but keys.
#[derive(Debug, Args)]
pub(crate) struct Keys {
    /// The tickets
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<String>,
}

impl Keys {
    /// Each in turn; the first refusal ends it.
    pub(crate) async fn run(self, context: &Context, verb: Verb) -> Result<Exit, Failure> {
        let client = context.client();
        for key in &self.keys {
            let ticket = place::ticket(context, &client, key).await?;
            wish(context, &client, &ticket, verb).await?;
        }
        Ok(Exit::Done)
    }
}

/// One wish about one ticket, and what is said of it.
pub(super) async fn wish(
    context: &Context,
    client: &Client,
    ticket: &TicketRef,
    verb: Verb,
) -> Result<Exit, Failure> {
    let done = client.wish(ticket, verb).await?;
    let key = &ticket.key;
    let (what, next) = match verb {
        Verb::Start => ("opened", format!("gangline logs -f {key}")),
        Verb::Hold => ("is being held", format!("gangline resume {key}")),
        Verb::Resume => ("goes on", format!("gangline run {key}")),
        Verb::Stop => ("is being stopped; its work is kept", format!("gangline resume {key}")),
        Verb::Kill => ("is being ended; its work is kept", format!("gangline resume {key}")),
        Verb::Cancel => (
            "is being cancelled; its work is kept under rescue refs",
            format!("gangline show {key}"),
        ),
        Verb::TakeOver => {
            ("is yours", format!("gangline take-over {key} --shell, or --done when you are"))
        }
        Verb::HandBack => ("handed back; it is verified", format!("gangline run {key}")),
        Verb::Recheck => ("is verified once more", format!("gangline run {key}")),
    };
    told(context, ticket, &done, what, &next)
}

/// Says that a wish was carried out.
pub(crate) fn told(
    context: &Context,
    ticket: &TicketRef,
    done: &impl Serialize,
    what: &str,
    next: &str,
) -> Result<Exit, Failure> {
    let out = context.out;
    if context.json {
        out.json(done)?;
    } else {
        out.line(&format!("{} {what}", out.paint(Tone::Strong, &plain(&ticket.key))))?;
        out.line(&format!(" next: {}", out.paint(Tone::Command, &plain(next))))?;
    }
    Ok(Exit::Done)
}

/// `gangline pause`.
#[derive(Debug, Args)]
pub(crate) struct Pause {}

impl Pause {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let project = place::project(context, &client).await?.name;
        let done = client.pause_project(&project, true).await?;
        let next = format!("gangline resume --project {project}");
        told_of_project(context, &project, &done, ("paused; running jobs go on", &next))
    }
}

/// `gangline resume`.
#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// The ticket; the whole project when left out
    key: Option<String>,
    /// An agent kind that was switched off and works again
    #[arg(long, value_name = "KIND", conflicts_with = "key")]
    agent_kind: Option<String>,
}

impl Resume {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        if let Some(kind) = &self.agent_kind {
            let done = client.close_circuit(kind).await?;
            let name = format!("agent kind {kind}");
            return told_of_project(context, &name, &done, ("is switched on", "gangline list"));
        }
        if let Some(key) = &self.key {
            let ticket = place::ticket(context, &client, key).await?;
            return wish(context, &client, &ticket, Verb::Resume).await;
        }
        let project = place::project(context, &client).await?.name;
        let done = client.pause_project(&project, false).await?;
        told_of_project(context, &project, &done, ("goes on", "gangline list"))
    }
}

fn told_of_project(
    context: &Context,
    name: &str,
    done: &Done,
    (what, next): (&str, &str),
) -> Result<Exit, Failure> {
    let named = TicketRef { project: String::new(), key: name.to_owned() };
    told(context, &named, done, what, next)
}
