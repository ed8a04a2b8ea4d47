//! What a person wants of the daemon: asked, and told in a line.

use gangline_api::client::{Client, ClientError, TicketRef};
use gangline_api::command as body;
use gangline_api::command::Verb;

use super::model::{Flash, Wish};
use crate::failure::Failure;

/// Asks for it, and says what came of that.
pub(super) async fn carried_out(client: &Client, wish: Wish) -> Flash {
    match asked(client, wish).await {
        Ok(text) => Flash { text, good: true },
        Err(error) => refused(error),
    }
}

/// Why something was not done.
pub(super) fn refused(error: ClientError) -> Flash {
    let unknown = matches!(error, ClientError::Broken { .. } | ClientError::TimedOut { .. });
    let mut text = Failure::from(error).message().to_owned();
    if unknown {
        text.push_str("; it may have been done all the same");
    }
    Flash { text, good: false }
}

async fn asked(client: &Client, wish: Wish) -> Result<String, ClientError> {
    let of = |ticket: &TicketRef, what: &str| format!("{} {what}", ticket.key);
    Ok(match wish {
        Wish::Answer { ticket, question, text } => {
            client.answer(&ticket, &body::Answer { question, text }).await?;
            of(&ticket, "answered")
        }
        Wish::Approve { ticket, commit } => {
            client.approve(&ticket, &body::Approve { commit }).await?;
            of(&ticket, "approved")
        }
        Wish::Reject { ticket, feedback } => {
            client.reject(&ticket, &body::Reject { feedback }).await?;
            of(&ticket, "sent back")
        }
        Wish::Retry { ticket, hint } => {
            client.retry(&ticket, &body::Retry { hint }).await?;
            of(&ticket, "has all its tries again")
        }
        Wish::Permit { ticket, paths } => {
            let told = format!("may change {}; v verifies it once more", paths.join(", "));
            client.permit(&ticket, &body::Permit { paths }).await?;
            of(&ticket, &told)
        }
        Wish::Plain { ticket, verb } => {
            client.wish(&ticket, verb).await?;
            of(&ticket, done(verb))
        }
        Wish::Close { kind } => {
            client.close_circuit(&kind).await?;
            format!("agent kind {kind} is switched on")
        }
    })
}

fn done(verb: Verb) -> &'static str {
    match verb {
        Verb::Start => "opened",
        Verb::Hold => "is being held",
        Verb::Resume => "goes on",
        Verb::Stop => "is being stopped; its work is kept",
        Verb::Kill => "is being ended; its work is kept",
        Verb::Cancel => "is being cancelled; its work is kept under rescue refs",
        Verb::TakeOver => "is yours",
        Verb::HandBack => "handed back; it is verified",
        Verb::Recheck => "is verified once more",
    }
}
