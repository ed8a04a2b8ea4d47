//! `gangline split`.

use clap::Args;
use gangline_api::client::TicketRef;
use gangline_api::command::{self as wish, SplitInto};

use super::context::Context;
use super::place;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Tone, plain};

/// `gangline split`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each part becomes a ticket: its first line is the title, what follows its body, \
    below which the\nticket's own body is quoted. Parts keep its priority, labels, scope, permits, \
    agent, budget and\nexternal reference, and wait for what it waited for. All parts are added \
    or none; then the ticket\nis cancelled, and its work is kept under rescue refs."
)]
pub(crate) struct Split {
    /// The ticket
    key: String,
    /// What each part is to be, 2 to 8 of them; each waits for the one before
    #[arg(required = true, num_args = 2..=8, value_name = "PART")]
    parts: Vec<String>,
    /// The parts do not wait for one another
    #[arg(long)]
    parallel: bool,
}

impl Split {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let wish = wish::Split { parts: self.parts, parallel: self.parallel };
        let into = client.split(&ticket, &wish).await?;
        tell(context, &ticket, &into)?;
        Ok(Exit::Done)
    }
}

fn tell(context: &Context, ticket: &TicketRef, into: &SplitInto) -> Result<(), Failure> {
    let out = context.out;
    if context.json {
        return Ok(out.json(into)?);
    }
    let added = plain(&into.added.join(", "));
    let key = plain(&ticket.key);
    out.line(&format!("{} is split into {added}", out.paint(Tone::Strong, &key)))?;
    out.line(&format!("{key} is being cancelled; its work is kept under rescue refs"))?;
    if !into.dependents.is_empty() {
        let waiting = plain(&into.dependents.join(", "));
        let told = format!(
            "{waiting} waited for {key} and cannot start any more: add it anew, after a part"
        );
        out.line(&out.paint(Tone::Attention, &told))?;
    }
    out.line(&format!(" next: {}", out.paint(Tone::Command, "gangline list")))?;
    Ok(())
}
