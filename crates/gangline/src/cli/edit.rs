//! `gangline edit`.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use gangline_api::client::{Client, TicketRef};
use gangline_api::command::{Done, EditTicket};
use gangline_api::ticket::BudgetView;
use gangline_policy::Period;

use super::add::{microusd, read_text, split_heading};
use super::args::{Deliverable, Priority, word};
use super::context::Context;
use super::place;
use super::steer::told;
use crate::compose::Tool;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::plain;

/// `gangline edit`.
#[derive(Debug, Args)]
#[command(
    after_help = "Without options, title and body are opened in $VISUAL or $EDITOR.\n\nWhile work for \
    a ticket is under way, only its priority, its budget and plain labels can be\nchanged. To change \
    what is asked for then: gangline hold KEY, edit, gangline resume KEY."
)]
pub(crate) struct Edit {
    /// The ticket
    key: String,
    /// What is wanted, in one line
    #[arg(long)]
    title: Option<String>,
    /// All there is to say about it, in Markdown
    #[arg(long, short, conflicts_with = "file")]
    body: Option<String>,
    /// Read the body from a file (- for standard input); its first heading is the title
    #[arg(long, short, value_name = "FILE")]
    file: Option<PathBuf>,
    /// How much it matters
    #[arg(long, value_enum)]
    priority: Option<Priority>,
    /// The tickets that must have landed first, all of them; '' for none
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    depends_on: Option<Vec<String>>,
    /// The patterns of files that it means to change, all of them; '' for any
    #[arg(long, value_name = "GLOB")]
    scope: Option<Vec<String>>,
    /// The agent definition that works on it; '' to have one chosen
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// What its agent must be able to do, all of it; '' for nothing
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    capability: Option<Vec<String>>,
    /// The words to filter by, all of them; '' for none
    #[arg(long, value_name = "WORD", value_delimiter = ',')]
    label: Option<Vec<String>>,
    /// What it is to leave behind
    #[arg(long, value_enum)]
    deliverable: Option<Deliverable>,
    /// Read what its agents are told about who they are and what to do from a file
    #[arg(long, value_name = "FILE")]
    brief: Option<PathBuf>,
    /// Tokens that it may spend
    #[arg(long, value_name = "N")]
    max_tokens: Option<u64>,
    /// US dollars that it may spend
    #[arg(long, value_name = "USD", value_parser = microusd)]
    max_cost: Option<u64>,
    /// Wall time that its attempts may take, such as 2h
    #[arg(long, value_name = "PERIOD")]
    max_wall: Option<Period>,
}

/// Without the empty one, by which a person says that there are none.
fn named(given: Option<Vec<String>>) -> Option<Vec<String>> {
    given.map(|names| names.into_iter().filter(|name| !name.is_empty()).collect())
}

impl Edit {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let (max, key) = ((self.max_tokens, self.max_cost, self.max_wall), self.key.clone());
        let mut wish = self.wish()?;
        if max != (None, None, None) {
            wish.budget = Some(budget(&client, &ticket, max).await?);
        }
        if wish == EditTicket::default() {
            let Some(done) = in_editor(context, &client, &ticket).await? else {
                context.out.line(&format!("{} stays as it is", plain(&key)))?;
                return Ok(Exit::Done);
            };
            return tell(context, &ticket, &done);
        }
        tell(context, &ticket, &client.edit(&ticket, &wish).await?)
    }

    /// What the options say.
    fn wish(self) -> Result<EditTicket, Failure> {
        let (mut title, mut body) = (self.title, self.body);
        if let Some(file) = &self.file {
            let (heading, text) = parts(&read_text(file)?);
            title = title.or(heading);
            body = Some(text);
        }
        Ok(EditTicket {
            title,
            body,
            priority: self.priority.as_ref().map(word),
            labels: named(self.label),
            depends_on: named(self.depends_on),
            scope: named(self.scope),
            agent: self.agent,
            capabilities: named(self.capability),
            deliverable: self.deliverable.as_ref().map(word),
            brief: self.brief.as_ref().map(read_text).transpose()?,
            budget: None,
        })
    }
}

fn tell(context: &Context, ticket: &TicketRef, done: &Done) -> Result<Exit, Failure> {
    told(context, ticket, done, "is changed", &format!("gangline show {}", ticket.key))
}

/// The heading of a text, and what follows it.
fn parts(text: &str) -> (Option<String>, String) {
    let (heading, rest) = split_heading(text);
    (heading, rest.trim_end().to_owned())
}

/// The bounds that are named in place of the old ones; the others stay.
async fn budget(
    client: &Client,
    ticket: &TicketRef,
    (tokens, cost, wall): (Option<u64>, Option<u64>, Option<Period>),
) -> Result<BudgetView, Failure> {
    let old = client.ticket(ticket).await?.budget;
    Ok(BudgetView {
        tokens: tokens.or(old.tokens),
        cost_microusd: cost.or(old.cost_microusd),
        wall_ms: wall.map(Period::ms).or(old.wall_ms),
    })
}

/// Has a person change title and body, and asks for that; nothing when they leave them. What they
/// wrote and cannot be taken stays in its file.
async fn in_editor(
    context: &Context,
    client: &Client,
    ticket: &TicketRef,
) -> Result<Option<Done>, Failure> {
    if context.json || !std::io::stdin().is_terminal() {
        return Err(Failure::new(Exit::Usage, "nothing is said of what is to be changed")
            .next(format!("gangline edit {} --help", ticket.key)));
    }
    let old = client.ticket(ticket).await?;
    let (title, body) = (&old.ticket.title, &old.body);
    let unwritable = |error: &std::io::Error| Failure::because(Exit::Failed, error);
    let mut file = tempfile::Builder::new()
        .prefix(&format!("{}-", ticket.key))
        .suffix(".md")
        .tempfile()
        .map_err(|error| unwritable(&error))?;
    let before = format!("# {title}\n\n{body}\n");
    file.write_all(before.as_bytes()).map_err(|error| unwritable(&error))?;
    let path = file.path().to_string_lossy().into_owned();
    let folder = file.path().parent().unwrap_or(Path::new("/")).to_string_lossy().into_owned();
    let ended = Tool::editor("")?.on(&path).work_in(&folder, &ticket.key).await?;
    if !ended.success() {
        return Err(Failure::new(Exit::Failed, format!("the editor ended with {ended}"))
            .next(format!("gangline edit {}", ticket.key)));
    }
    match written(client, ticket, (&before, file.path())).await {
        Ok(done) => Ok(done),
        Err(failure) => {
            let (_, kept) = file.keep().map_err(|error| unwritable(&error.error))?;
            let next = format!("gangline edit {} -f {}", ticket.key, kept.display());
            Err(failure.next(next))
        }
    }
}

/// Asks for what stands in the file now, if that is something else.
async fn written(
    client: &Client,
    ticket: &TicketRef,
    (before, file): (&str, &Path),
) -> Result<Option<Done>, Failure> {
    // An editor may have put another file in its place.
    let after = read_text(&file.to_owned())?;
    if after == before {
        return Ok(None);
    }
    let (title, body) = parts(&after);
    let Some(title) = title else {
        let message = "the first line is no heading such as `# What is wanted`";
        return Err(Failure::new(Exit::Usage, message).code("bad_ticket"));
    };
    let wish = EditTicket { title: Some(title), body: Some(body), ..EditTicket::default() };
    Ok(Some(client.edit(ticket, &wish).await?))
}
