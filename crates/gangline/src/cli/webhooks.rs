//! `gangline webhooks`: who is told of what happens, and how that goes.

use clap::{Args, Subcommand};
use gangline_api::webhook::{
    Deliveries, DeliveryOutcome, Tested, WebhookHealth, WebhookView, WebhooksView,
};

use super::context::{Context, now_us};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Out, Table, Tone, age, date, plain, plain_block, span};

/// `gangline webhooks`.
#[derive(Debug, Args)]
#[command(
    after_help = "They stand in config.toml, as [webhooks.NAME]; docs/webhooks.md says how a receiver checks\n\
    what it is told."
)]
pub(crate) struct Webhooks {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show all of them; the default
    List,
    /// Show what one was told last, newest first
    Log(Named),
    /// Send one a signed ping, and show what its receiver says
    Test(Named),
}

#[derive(Debug, Args)]
struct Named {
    /// Its name in config.toml
    #[arg(value_name = "NAME")]
    name: String,
}

impl Webhooks {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        match self.what {
            None | Some(What::List) => {
                let found = client.webhooks().await?;
                match context.json {
                    true => context.out.json(&found)?,
                    false => context.out.lines(listed(&found, context.out))?,
                }
            }
            Some(What::Log(Named { name })) => {
                let found = client.webhook_deliveries(&name).await?;
                match context.json {
                    true => context.out.json(&found)?,
                    false => context.out.lines(logged(&found, context.out))?,
                }
            }
            Some(What::Test(Named { name })) => {
                let tested = client.test_webhook(&name).await?;
                match context.json {
                    true => context.out.json(&tested)?,
                    false => context.out.lines(told(&name, &tested, context.out))?,
                }
                return Ok(if tested.delivered { Exit::Done } else { Exit::Failed });
            }
        }
        Ok(Exit::Done)
    }
}

fn listed(found: &WebhooksView, out: Out) -> Vec<String> {
    if found.webhooks.is_empty() {
        return vec!["nobody is told; add [webhooks.NAME] to config.toml".to_owned()];
    }
    let mut table = Table::new(["webhook", "health", "behind", "last taken", "events…", "url~"]);
    for webhook in &found.webhooks {
        let ago = webhook.delivered_us.map(|at| format!("{} ago", age(at, now_us())));
        let events = match webhook.events.is_empty() {
            true => "all".to_owned(),
            false => plain(&webhook.events.join(", ")),
        };
        table.row([
            Cell::new(plain(&webhook.name)),
            Cell::toned(tone(webhook.health), webhook.health.word()),
            Cell::new(webhook.behind.to_string()),
            Cell::new(ago.unwrap_or_else(|| "-".to_owned())),
            Cell::new(events),
            Cell::new(plain(&webhook.url)),
        ]);
    }
    let mut lines = table.render(out);
    lines.extend(found.webhooks.iter().filter_map(|webhook| trouble(webhook, out)));
    lines
}

fn trouble(webhook: &WebhookView, out: Out) -> Option<String> {
    let error = webhook.error.as_deref()?;
    let line = format!("{}: {}", plain(&webhook.name), plain(error));
    Some(out.paint(Tone::Bad, &line))
}

fn tone(health: WebhookHealth) -> Tone {
    match health {
        WebhookHealth::Unused => Tone::Faint,
        WebhookHealth::Well => Tone::Good,
        WebhookHealth::Failing => Tone::Bad,
    }
}

fn logged(found: &Deliveries, out: Out) -> Vec<String> {
    if found.deliveries.is_empty() {
        return vec!["nothing was there to be told yet".to_owned()];
    }
    let mut table =
        Table::new(["event", "type", "when", "tries", "took", "outcome", "what it said~"]);
    for delivery in &found.deliveries {
        let tone = match delivery.outcome {
            DeliveryOutcome::Delivered => Tone::Good,
            DeliveryOutcome::Failing => Tone::Attention,
            DeliveryOutcome::GivenUp => Tone::Bad,
        };
        let said = match (&delivery.error, delivery.status) {
            (Some(error), _) => plain(error),
            (None, Some(status)) => status.to_string(),
            (None, None) => "-".to_owned(),
        };
        table.row([
            Cell::new(delivery.seq.to_string()),
            Cell::new(plain(&delivery.kind)),
            Cell::new(date(delivery.at_us)),
            Cell::new(delivery.tries.to_string()),
            Cell::new(span(delivery.duration_ms)),
            Cell::toned(tone, delivery.outcome.text()),
            Cell::new(said),
        ]);
    }
    table.render(out)
}

fn told(name: &str, tested: &Tested, out: Out) -> Vec<String> {
    let took = span(tested.duration_ms);
    let name = plain(name);
    let first = match (&tested.error, tested.status) {
        (Some(error), _) => {
            out.paint(Tone::Bad, &format!("{name} did not take it after {took}: {}", plain(error)))
        }
        (None, status) => {
            let status = status.map_or("success".to_owned(), |status| status.to_string());
            out.paint(Tone::Good, &format!("{name} answered {status} after {took}"))
        }
    };
    let mut lines = vec![first];
    if !tested.answer.trim().is_empty() {
        lines.extend(plain_block(&tested.answer).iter().map(|line| format!("  {line}")));
    }
    lines
}
