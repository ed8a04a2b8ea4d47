//! `gangline login`: what an agent kind logs in with, kept by Gangline itself.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use clap::Args;
use gangline_domain::secret::SECRET_BYTES_MAX;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use super::context::Context;
use crate::compose::{self, LoginRow};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Table, Tone, plain};

/// `gangline login`.
#[derive(Debug, Args)]
#[command(after_help = "The value is read from a prompt that shows nothing, or from standard \
    input. It is kept in a file that only you can read; neither ~/.claude nor ~/.codex is read \
    or written.")]
pub(crate) struct Login {
    /// The agent kind, such as claude
    #[arg(required_unless_present = "status", value_name = "KIND")]
    kind: Option<String>,
    /// Keep where it is instead of what it is: env://NAME, file:///path, cmd://shell line
    #[arg(long, value_name = "PLACE")]
    from: Option<String>,
    /// The variable that the kind's program reads it from
    #[arg(long = "as", value_name = "VARIABLE")]
    variable: Option<String>,
    #[command(flatten)]
    subscription: BySubscription,
    /// Show which kinds have a log-in, and where it is
    #[arg(long, conflicts_with_all = ["from", "variable", "forget"])]
    status: bool,
    /// Forget the kind's log-in
    #[arg(long, conflicts_with_all = ["from", "variable"])]
    forget: bool,
}

/// An account instead of a key.
#[derive(Debug, Args)]
struct BySubscription {
    /// Log in to codex with a subscription, by its own `codex login`, in a folder of Gangline's
    #[arg(long, conflicts_with_all = ["from", "variable", "forget", "status"])]
    subscription: bool,
    /// With --subscription, by a code for another device instead of a browser here
    #[arg(long, requires = "subscription")]
    device: bool,
}

impl Login {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let kind = match (&self.kind, self.status) {
            (None, _) => return status(context, &compose::logins(&context.paths)?),
            (Some(kind), true) => {
                let mut rows = compose::logins(&context.paths)?;
                rows.retain(|row| row.kind == *kind);
                return status(context, &rows);
            }
            (Some(kind), false) => kind,
        };
        if self.forget {
            let there = compose::forget_login(&context.paths, kind)?;
            let said = if there { "forgotten" } else { "there was none" };
            return said_of(context, kind, said, None);
        }
        let row = if self.subscription.subscription {
            // Beside what is printed: a program reads that.
            let tell = |line: &str| eprintln!("{}", plain(line));
            compose::keep_subscription(&context.paths, kind, self.subscription.device, tell).await?
        } else if let Some(place) = &self.from {
            let variable = self.variable.as_deref();
            compose::keep_reference(&context.paths, kind, place, variable).await?
        } else {
            let offers = compose::way_in(kind)?;
            let value = secret(context, offers)?;
            compose::keep_value(&context.paths, kind, &value, self.variable.as_deref())?
        };
        said_of(context, kind, &format!("{} is kept ({})", row.variable, row.place), Some(&row))
    }
}

fn said_of(
    context: &Context,
    kind: &str,
    said: &str,
    row: Option<&LoginRow>,
) -> Result<Exit, Failure> {
    if context.json {
        context.out.json(&serde_json::json!({ "kind": kind, "login": row }))?;
        return Ok(Exit::Done);
    }
    context.out.line(&plain(&format!("{kind}: {said}")))?;
    let next = context.out.paint(Tone::Command, "gangline doctor --live");
    context.out.line(&format!(" next: {next}"))?;
    Ok(Exit::Done)
}

fn status(context: &Context, rows: &[LoginRow]) -> Result<Exit, Failure> {
    if context.json {
        context.out.json(&serde_json::json!({ "logins": rows }))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(["kind", "variable", "where~"]);
    for row in rows {
        let variable = Cell::new(plain(&row.variable));
        table.row([Cell::new(plain(&row.kind)), variable, Cell::new(plain(&row.place))]);
    }
    context.out.lines(table.render(context.out))?;
    if rows.is_empty() {
        context.out.line("no kind has a log-in of Gangline's own")?;
        let next = context.out.paint(Tone::Command, "gangline login claude");
        context.out.line(&format!(" next: {next}"))?;
    }
    Ok(Exit::Done)
}

/// From a prompt, or from standard input.
fn secret(context: &Context, offers: &str) -> Result<String, Failure> {
    let failed = |error: io::Error| Failure::because(Exit::Failed, &error);
    let stdin = io::stdin();
    let text = if stdin.is_terminal() {
        if !context.json {
            context.out.line(offers)?;
        }
        hidden(&stdin).map_err(failed)?
    } else {
        let mut text = String::new();
        let bound = u64::try_from(SECRET_BYTES_MAX).unwrap_or(u64::MAX) + 1;
        stdin.lock().take(bound).read_to_string(&mut text).map_err(failed)?;
        text
    };
    Ok(text.trim().to_owned())
}

/// One line that the terminal does not show.
fn hidden(stdin: &io::Stdin) -> io::Result<String> {
    let shown = tcgetattr(stdin)?;
    let mut quiet = shown.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    quiet.local_modes.insert(LocalModes::ECHONL);
    let mut prompt = io::stderr();
    prompt.write_all(b"paste it here (nothing is shown): ")?;
    prompt.flush()?;
    tcsetattr(stdin, OptionalActions::Flush, &quiet)?;
    let mut line = String::new();
    let read = stdin.lock().read_line(&mut line);
    // Whatever was read, the terminal shows what is typed again.
    tcsetattr(stdin, OptionalActions::Now, &shown)?;
    read?;
    Ok(line)
}
