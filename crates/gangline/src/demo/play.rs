//! The play: all tickets at once, and every event as a line until the last one is at rest.

use std::time::{Duration, Instant};

use gangline_api::client::{Client, TicketRef};
use gangline_api::command::AddTicket;
use gangline_api::event::EventsQuery;
use gangline_api::ticket::TicketDetail;

use super::stage::Stage;
use crate::cli::{Context, tone_of_event};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Tone, clock, plain};

/// How long the play may take.
const PLAY_MAX: Duration = Duration::from_mins(3);

/// The tickets: title, body, and whom they wait for. Their keys follow from the order.
const TICKETS: [(&str, &str, &[&str]); 6] = [
    ("Add multiply", include_str!("../../demo/tickets/1-multiply.md"), &[]),
    ("Add shout", include_str!("../../demo/tickets/2-shout.md"), &[]),
    ("Add median", include_str!("../../demo/tickets/3-median.md"), &[]),
    ("Add power", include_str!("../../demo/tickets/4-power.md"), &[]),
    ("Add a fast is_prime", include_str!("../../demo/tickets/5-primes.md"), &[]),
    ("Add product", include_str!("../../demo/tickets/6-product.md"), &["DEMO-1", "DEMO-3"]),
];

/// A ticket at its end.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) detail: TicketDetail,
}

/// The play.
pub(super) struct Play<'a> {
    context: &'a Context,
    client: &'a Client,
    stage: &'a Stage,
}

impl<'a> Play<'a> {
    pub(super) fn new(context: &'a Context, client: &'a Client, stage: &'a Stage) -> Self {
        Self { context, client, stage }
    }

    /// Adds the tickets, and watches until each has landed or is a person's.
    pub(super) async fn to_the_end(&self) -> Result<Vec<Scene>, Failure> {
        let project = self.stage.register(self.client).await?;
        let mut tickets = vec![];
        for (title, body, depends_on) in TICKETS {
            let ticket = AddTicket {
                title: title.to_owned(),
                body: body.to_owned(),
                depends_on: depends_on.iter().map(ToString::to_string).collect(),
                ..AddTicket::default()
            };
            let done = self.client.add(&project, &ticket, None).await?;
            let key = done.key.unwrap_or_default();
            tickets.push(TicketRef { project: project.clone(), key });
        }
        self.watch(&project, &tickets).await?;
        let mut scenes = vec![];
        for ticket in &tickets {
            scenes.push(Scene { detail: self.client.ticket(ticket).await? });
        }
        Ok(scenes)
    }

    async fn watch(&self, project: &str, tickets: &[TicketRef]) -> Result<(), Failure> {
        let began = Instant::now();
        let mut after = 0;
        loop {
            let query = EventsQuery {
                after,
                wait_ms: Some(1_000),
                project: Some(project.to_owned()),
                ..EventsQuery::default()
            };
            let page = self.client.events(&query).await?;
            for event in &page.events {
                self.tell(event)?;
            }
            after = page.next;
            if page.events.is_empty() && self.all_at_rest(tickets).await? {
                return Ok(());
            }
            if began.elapsed() > PLAY_MAX {
                let failure =
                    Failure::new(Exit::Failed, "the demo did not come to its end in time");
                return Err(failure.next("gangline doctor"));
            }
        }
    }

    fn tell(&self, event: &gangline_api::event::EventView) -> Result<(), Failure> {
        let out = self.context.out;
        if self.context.json {
            return Ok(());
        }
        let Some(key) = &event.key else { return Ok(()) };
        let at = out.paint(Tone::Faint, &clock(event.at_us));
        let text = out.paint(tone_of_event(event), &plain(&event.text));
        Ok(out.line(&format!("{at} {key} {text}"))?)
    }

    async fn all_at_rest(&self, tickets: &[TicketRef]) -> Result<bool, Failure> {
        for ticket in tickets {
            let state = self.client.ticket(ticket).await?.ticket.state;
            if !matches!(state.as_str(), "landed" | "escalated") {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
