//! `gangline add`, and the ticket that `run` adds.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use gangline_api::client::{Client, ClientError, TicketRef};
use gangline_api::command::{AddTicket, Done};
use gangline_api::plan::AddPlan;
use gangline_api::ticket::BudgetView;
use gangline_policy::Period;

use super::args::{Deliverable, Priority, word};
use super::context::Context;
use super::{connect, place};
use crate::compose;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Tone, plain};

/// Bytes that are read of a file or of standard input: what a ticket's body may have, and a line.
const TEXT_BYTES_MAX: u64 = 260 * 1024;

/// `gangline add`.
#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    pub(crate) ticket: Ticket,
    /// Do not schedule it before `gangline start`
    #[arg(long)]
    pub(crate) draft: bool,
}

/// A ticket on the command line.
#[derive(Debug, Args)]
pub(crate) struct Ticket {
    /// What is wanted, in one line
    #[arg(value_name = "TITLE", conflicts_with = "title_option")]
    pub(crate) title: Option<String>,
    /// The same, as an option
    #[arg(long = "title", value_name = "TITLE")]
    pub(crate) title_option: Option<String>,
    /// All there is to say about it, in Markdown
    #[arg(long, short, conflicts_with = "file")]
    pub(crate) body: Option<String>,
    /// Read the body from a file (- for standard input); its first heading is the title
    #[arg(long, short, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The ticket's key, such as APP-12; the next free one by default
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// How much it matters; medium by default
    #[arg(long, value_enum)]
    pub(crate) priority: Option<Priority>,
    /// A ticket that must have landed first
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    pub(crate) depends_on: Vec<String>,
    /// A pattern of files that it means to change, such as src/cart/**
    #[arg(long, value_name = "GLOB")]
    pub(crate) scope: Vec<String>,
    /// Protected files and existing tests that its agents may change, such as tests/cart/**
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub(crate) permit: Vec<String>,
    /// The agent definition that works on it
    #[arg(long, value_name = "NAME")]
    pub(crate) agent: Option<String>,
    /// Something that its agent must be able to do, such as python; waits for one that can
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) capability: Vec<String>,
    /// A word to filter by; agent:NAME and capability:NAME also choose the agent
    #[arg(long, value_name = "WORD", value_delimiter = ',')]
    pub(crate) label: Vec<String>,
    /// What it is to leave behind; commit by default
    #[arg(long, value_enum)]
    pub(crate) deliverable: Option<Deliverable>,
    /// Read what its agents are told about who they are and what to do from a file
    #[arg(long, value_name = "FILE")]
    pub(crate) brief: Option<PathBuf>,
    /// What another system calls it
    #[arg(long, value_name = "REF")]
    pub(crate) external_ref: Option<String>,
    /// Tokens that it may spend
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u64>,
    /// US dollars that it may spend
    #[arg(long, value_name = "USD", value_parser = microusd)]
    pub(crate) max_cost: Option<u64>,
    /// Wall time that its attempts may take, such as 2h
    #[arg(long, value_name = "PERIOD")]
    pub(crate) max_wall: Option<Period>,
}

/// Millionths of a dollar.
pub(crate) fn microusd(text: &str) -> Result<u64, String> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > 6 || !digits(whole) || !digits(part) {
        return Err("not an amount such as 2.50".to_owned());
    }
    let micros = format!("{whole}{part:0<6}");
    micros.parse().map_err(|_| "too large".to_owned())
}

impl Ticket {
    /// As it is sent.
    pub(crate) fn read(self, draft: bool) -> Result<AddTicket, Failure> {
        let (mut title, mut body) = (self.title.or(self.title_option), self.body);
        if let Some(file) = &self.file {
            let text = read_text(file)?;
            let (heading, rest) = split_heading(&text);
            match (&title, heading) {
                (None, Some(heading)) => {
                    title = Some(heading);
                    body = Some(rest);
                }
                (Some(_), _) | (None, None) => body = Some(text),
            }
        }
        let Some(title) = title.filter(|title| !title.trim().is_empty()) else {
            return Err(untitled(self.file.as_deref()));
        };
        let brief = self.brief.as_ref().map(read_text).transpose()?;
        Ok(AddTicket {
            brief,
            key: self.key,
            title,
            body: body.unwrap_or_default(),
            priority: self.priority.as_ref().map(word),
            labels: self.label,
            depends_on: self.depends_on,
            scope: self.scope,
            permits: self.permit,
            agent: self.agent,
            capabilities: self.capability,
            deliverable: self.deliverable.as_ref().map(word),
            external_ref: self.external_ref,
            budget: BudgetView {
                tokens: self.max_tokens,
                cost_microusd: self.max_cost,
                wall_ms: self.max_wall.map(Period::ms),
            },
            draft,
        })
    }
}

fn untitled(file: Option<&Path>) -> Failure {
    let (message, next) = match file {
        None => ("a ticket needs a title".to_owned(), "gangline add \"What is wanted\"".to_owned()),
        Some(file) => (
            format!("the ticket {} has no title: its first line is no heading", file.display()),
            format!(
                "begin it with `# What is wanted`, or gangline add \"…\" -f {}",
                file.display()
            ),
        ),
    };
    Failure::new(Exit::Usage, message).code("bad_ticket").next(next)
}

pub(crate) fn read_text(file: &PathBuf) -> Result<String, Failure> {
    let unreadable = |error: &std::io::Error| {
        Failure::new(Exit::Failed, format!("the ticket {} cannot be read: {error}", file.display()))
            .code("bad_ticket")
            .next("gangline add -f FILE, with a Markdown file")
    };
    let mut bytes = vec![];
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file)
            .and_then(|file| file.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| unreadable(&error))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > TEXT_BYTES_MAX {
        let error = std::io::Error::other(format!("it has more than {TEXT_BYTES_MAX} bytes"));
        return Err(unreadable(&error));
    }
    String::from_utf8(bytes).map_err(|_| unreadable(&std::io::Error::other("it is not UTF-8 text")))
}

/// A Markdown text's first line, when it is a heading, and the rest.
pub(crate) fn split_heading(text: &str) -> (Option<String>, String) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim().strip_prefix("# ") {
        Some(heading) => (Some(heading.trim().to_owned()), rest.trim().to_owned()),
        None => (None, text.to_owned()),
    }
}

/// Adds it to the project that is meant.
pub(crate) async fn add(
    context: &Context,
    client: &Client,
    ticket: &AddTicket,
) -> Result<(TicketRef, u64), Failure> {
    let project = connect::current_project(context, client).await?;
    // One key for this call: when the answer is lost on the way, asking again adds nothing twice.
    let once = uuid::Uuid::new_v4().to_string();
    let done = add_once(client, &project.name, ticket, &once).await?;
    let key = done.key.unwrap_or_default();
    Ok((TicketRef { project: project.name, key }, done.seq))
}

/// Adds it to a project, unless a ticket was added under this idempotency key already: then that
/// one is the answer.
pub(crate) async fn add_once(
    client: &Client,
    project: &str,
    ticket: &AddTicket,
    once: &str,
) -> Result<Done, ClientError> {
    let added = client.add(project, ticket, Some(once)).await;
    if let Err(ClientError::Broken { .. }) = added {
        return client.add(project, ticket, Some(once)).await;
    }
    added
}

/// Says which limits of the ticket's agent will not be applied.
pub(crate) async fn warn_of_limits(
    context: &Context,
    client: &Client,
    ticket: &TicketRef,
) -> Result<(), Failure> {
    let Some(root) = place::repository_of(context, client) else { return Ok(()) };
    let agent = client.ticket(ticket).await?.ticket.agent;
    match compose::limits_not_applied(&root, &agent) {
        Some(told) => Ok(context.out.line(&format!("warning: {}", plain(&told)))?),
        None => Ok(()),
    }
}

/// As [`add_once`], of a plan.
pub(crate) async fn add_plan_once(
    client: &Client,
    project: &str,
    wish: &AddPlan,
) -> Result<Done, ClientError> {
    let once = uuid::Uuid::new_v4().to_string();
    let added = client.add_plan(project, wish, Some(&once)).await;
    if let Err(ClientError::Broken { .. }) = added {
        return client.add_plan(project, wish, Some(&once)).await;
    }
    added
}

impl Add {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let ticket = self.ticket.read(self.draft)?;
        place::somewhere(context)?;
        let client = connect::running(context).await?;
        let (added, _) = add(context, &client, &ticket).await?;
        if context.json {
            context.out.json(&client.ticket(&added).await?)?;
            return Ok(Exit::Done);
        }
        let key = context.out.paint(Tone::Strong, &added.key);
        let draft = if self.draft { ", a draft" } else { "" };
        context.out.line(&format!("{key} added{draft}: {}", plain(&ticket.title)))?;
        let next = match self.draft {
            true => format!("gangline start {}", added.key),
            false => format!("gangline logs -f {}", added.key),
        };
        warn_of_limits(context, &client, &added).await?;
        context.out.line(&format!(" next: {}", context.out.paint(Tone::Command, &next)))?;
        Ok(Exit::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_to_the_millionth() {
        let read = ["2.50", "0.000001", "3", "-1", "1.0000001", ".5", "x"].map(microusd);
        let read = read.map(Result::ok);
        assert_eq!(read, [Some(2_500_000), Some(1), Some(3_000_000), None, None, None, None]);
    }

    #[test]
    fn the_first_heading_of_a_file_is_the_title() {
        let (title, body) = split_heading("\n# Faster carts\n\nThey are slow.\n");
        assert_eq!((title.as_deref(), body.as_str()), (Some("Faster carts"), "They are slow."));
        assert_eq!(split_heading("They are slow.").0, None);
    }
}
