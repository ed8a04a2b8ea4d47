//! `gangline take-over`: a person works in a ticket's worktree, and hands it back.
//!
//! ```text
//!   take over ▸ wait until the agent has ended and its work is kept ▸ shell or editor
//!       ▸ done? ─yes▶ captured and verified
//!               └no─▶ stays the person's
//! ```

use std::io::{self, IsTerminal as _, Write as _};

use clap::Args;
use gangline_api::client::{Client, TicketRef};
use gangline_api::command::Verb;
use gangline_api::event::EventsQuery;
use gangline_api::ticket::TicketDetail;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::context::Context;
use super::place;
use super::steer::wish;
use crate::compose::Tool;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::plain;

/// How long one request waits for the agent's end.
const WAIT_MS: u64 = 20_000;

/// `gangline take-over`.
#[derive(Debug, Args)]
#[command(
    after_help = "With --shell or --editor you are asked at the end whether you are done. With \
    --done beside it, you\nare when the program ends with 0, and nobody is asked: that needs no \
    terminal. In the shell and the\neditor GANGLINE_TICKET is the ticket's key."
)]
pub(crate) struct TakeOver {
    /// The ticket
    key: String,
    /// You are done: capture and verify what is in the worktree
    #[arg(long)]
    done: bool,
    /// Work in its worktree in a shell: $SHELL
    #[arg(long, conflicts_with = "editor")]
    shell: bool,
    /// Work in its worktree in an editor: $VISUAL or $EDITOR unless named
    #[arg(long, short, value_name = "PROGRAM", num_args = 0..=1, default_missing_value = "")]
    editor: Option<String>,
}

impl TakeOver {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let tool = match (&self.editor, self.shell) {
            (None, false) => {
                let verb = if self.done { Verb::HandBack } else { Verb::TakeOver };
                return wish(context, &client, &ticket, verb).await;
            }
            (None, true) => Tool::shell(),
            (Some(editor), _) => Tool::editor(editor)?,
        };
        // Asked before anything is changed: without a terminal nobody can work in it or answer.
        let on_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
        if !(self.done || on_terminal) {
            return Err(no_terminal(&ticket, self.shell));
        }
        let path = taken_over(&client, &ticket).await?;
        let key = plain(&ticket.key);
        eprintln!("{key} is yours, in {}", plain(&path));
        let tool = if self.shell { tool } else { tool.on(&path) };
        let ended = tool.work_in(&path, &ticket.key).await?;
        if self.done && !ended.success() {
            let told = format!("it ended with {ended}: {key} is not handed back, and stays yours");
            return Err(Failure::new(Exit::Failed, told)
                .next(format!("gangline take-over {key} --shell"))
                .next(format!("gangline take-over {key} --done")));
        }
        if self.done || agreed(&format!("are you done, and is {key} to be verified? [y/N] "))? {
            return wish(context, &client, &ticket, Verb::HandBack).await;
        }
        eprintln!("{key} stays yours\n next: gangline take-over {key} --shell, or --done");
        Ok(Exit::Done)
    }
}

/// As `gangline take-over KEY --shell`.
pub(crate) async fn in_shell(context: &Context, key: &str) -> Result<Exit, Failure> {
    let (key, done, shell, editor) = (key.to_owned(), false, true, None);
    TakeOver { key, done, shell, editor }.run(context).await
}

fn no_terminal(ticket: &TicketRef, shell: bool) -> Failure {
    let (what, option) = if shell { ("a shell", "--shell") } else { ("an editor", "--editor") };
    let key = &ticket.key;
    Failure::new(Exit::Failed, format!("{what} needs a terminal, and this is none"))
        .next(format!("gangline take-over {key}, then work where `gangline open {key}` says"))
        .next(format!("gangline take-over {key} {option} --done, which asks nobody"))
}

/// Takes the ticket over, unless it is already, and waits until its worktree is free.
async fn taken_over(client: &Client, ticket: &TicketRef) -> Result<String, Failure> {
    let mut detail = client.ticket(ticket).await?;
    let mut after = 0;
    if !detail.taken_over {
        after = client.wish(ticket, Verb::TakeOver).await?.seq;
        detail = client.ticket(ticket).await?;
    }
    let query = EventsQuery {
        wait_ms: Some(WAIT_MS),
        project: Some(ticket.project.clone()),
        key: Some(ticket.key.clone()),
        ..EventsQuery::default()
    };
    while !detail.taken_over && detail.ticket.state == "working" {
        after = client.events(&EventsQuery { after, ..query.clone() }).await?.next;
        detail = client.ticket(ticket).await?;
    }
    match detail {
        TicketDetail { taken_over: true, worktree: Some(path), .. } => Ok(path),
        detail => {
            let (key, state) = (&ticket.key, plain(&detail.ticket.state));
            let told = format!("{key} is {state}, and has no worktree to work in");
            Err(Failure::new(Exit::Conflict, told)
                .code("nothing_to_take_over")
                .next(format!("gangline show {key}")))
        }
    }
}

/// Asks on the terminal. Whoever interrupts the question has not agreed.
fn agreed(question: &str) -> io::Result<bool> {
    let mut stderr = io::stderr();
    stderr.write_all(question.as_bytes())?;
    stderr.flush()?;
    let stdin = io::stdin();
    // Since the program ran, an interrupt ends this process no more; but it ends this wait.
    match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None) {
        Ok(_) => {}
        Err(Errno::INTR) => {
            stderr.write_all(b"\n")?;
            return Ok(false);
        }
        Err(error) => return Err(error.into()),
    }
    let mut answer = String::new();
    stdin.read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
