//! `gangline run`: add a ticket, and watch it to its end.

use clap::Args;
use gangline_api::client::{Client, TicketRef};

use super::add::{self, Ticket};
use super::context::Context;
use super::follow::Follow;
use super::{connect, place};
use crate::exit::Exit;
use crate::failure::Failure;

/// `gangline run`.
#[derive(Debug, Args)]
#[command(after_help = "Interrupting it only stops the watching: the ticket goes on.\n\
    Ends with 0 when the ticket landed, 6 when it was escalated, 7 when a person is needed.")]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) ticket: Ticket,
}

impl Run {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let (client, ticket, after) = match self.ticket.existing() {
            Some(key) => {
                let client = context.client();
                let ticket = place::ticket(context, &client, &key).await?;
                (client, ticket, 0)
            }
            None => self.added(context).await?,
        };
        Follow::new(context, &client, ticket).from(after).end().await
    }

    async fn added(self, context: &Context) -> Result<(Client, TicketRef, u64), Failure> {
        let wish = self.ticket.read(false)?;
        place::somewhere(context)?;
        let client = connect::running(context).await?;
        let (ticket, seq) = add::add(context, &client, &wish).await?;
        if !context.json {
            add::warn_of_limits(context, &client, &ticket).await?;
        }
        Ok((client, ticket, seq.saturating_sub(1)))
    }
}

impl Ticket {
    /// The key, when the title is one, in whatever case: an existing ticket is meant, and an agent
    /// that works on the title `app-12` costs money.
    fn existing(&self) -> Option<String> {
        let title = self.title.as_deref()?.trim();
        let (project, key) = match title.split_once('.') {
            Some((project, key)) => (format!("{project}."), key),
            None => (String::new(), title),
        };
        let key = key.to_ascii_uppercase();
        key.parse::<gangline_domain::ids::TicketKey>().ok().map(|key| format!("{project}{key}"))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        run: Run,
    }

    #[test]
    fn a_title_that_looks_like_a_key_means_that_ticket() {
        for (title, key) in [
            ("APP-12", Some("APP-12")),
            ("app-12", Some("APP-12")),
            ("App-1 ", Some("APP-1")),
            ("shop.app-1", Some("shop.APP-1")),
            ("Reject empty input", None),
            ("utf-8", Some("UTF-8")),
            ("fix app-12", None),
        ] {
            let line = Line::parse_from(["run", title]);
            assert_eq!(line.run.ticket.existing().as_deref(), key, "{title}");
        }
    }
}
