//! What a person decides about a ticket: approve, reject, permit, retry, answer, steer.

use clap::Args;
use gangline_api::command as wish;

use super::context::Context;
use super::place;
use super::steer::told;
use crate::exit::Exit;
use crate::failure::Failure;

/// `gangline approve`.
#[derive(Debug, Args)]
pub(crate) struct Approve {
    /// The ticket
    key: String,
    /// Only if this is the commit that would land
    #[arg(long, value_name = "COMMIT")]
    commit: Option<String>,
}

impl Approve {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let done = client.approve(&ticket, &wish::Approve { commit: self.commit }).await?;
        told(context, &ticket, &done, "approved", &format!("gangline run {}", ticket.key))
    }
}

/// `gangline reject`.
#[derive(Debug, Args)]
pub(crate) struct Reject {
    /// The ticket
    key: String,
    /// What to do better
    feedback: String,
}

impl Reject {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let done = client.reject(&ticket, &wish::Reject { feedback: self.feedback }).await?;
        told(context, &ticket, &done, "sent back", &format!("gangline logs -f {}", ticket.key))
    }
}

/// `gangline permit`.
#[derive(Debug, Args)]
pub(crate) struct Permit {
    /// The ticket
    key: String,
    /// Protected files and existing tests that its agents may change, such as tests/cart/**
    #[arg(required = true, value_name = "PATTERN")]
    paths: Vec<String>,
}

impl Permit {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let what = format!("may change {}", self.paths.join(", "));
        let done = client.permit(&ticket, &wish::Permit { paths: self.paths }).await?;
        told(context, &ticket, &done, &what, &format!("gangline recheck {}", ticket.key))
    }
}

/// `gangline retry`.
#[derive(Debug, Args)]
pub(crate) struct Retry {
    /// The ticket
    key: String,
    /// A word to the next attempt
    #[arg(long, value_name = "TEXT")]
    hint: Option<String>,
}

impl Retry {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let done = client.retry(&ticket, &wish::Retry { hint: self.hint }).await?;
        told(
            context,
            &ticket,
            &done,
            "has all its tries again",
            &format!("gangline run {}", ticket.key),
        )
    }
}

/// `gangline answer`.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// The ticket
    key: String,
    /// What to tell the agent
    text: String,
    /// The question's id; the oldest open one by default
    #[arg(long, value_name = "ID")]
    question: Option<String>,
}

impl Answer {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let answer = wish::Answer { question: self.question, text: self.text };
        let done = client.answer(&ticket, &answer).await?;
        told(context, &ticket, &done, "answered", &format!("gangline logs -f {}", ticket.key))
    }
}

/// `gangline steer`.
#[derive(Debug, Args)]
pub(crate) struct Steer {
    /// The ticket
    key: String,
    /// What to say to its agent
    text: String,
}

impl Steer {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let said = client.steer(&ticket, &wish::Steer { text: self.text }).await?;
        let key = &ticket.key;
        let (what, next) = if said.to_agent {
            ("is told while it works", format!("gangline logs -f {key}"))
        } else {
            ("has no agent at work now; its next attempt is told", format!("gangline show {key}"))
        };
        told(context, &ticket, &said, what, &next)
    }
}
