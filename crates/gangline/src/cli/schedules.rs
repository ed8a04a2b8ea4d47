//! `gangline schedules`: tickets that come again by the clock.

use clap::{Args, Subcommand};
use gangline_api::client::{ClientError, TicketRef};
use gangline_api::schedule::{ScheduleView, Schedules as Listed};

use super::context::Context;
use super::place;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Table, Tone, date, plain};

/// `gangline schedules`.
#[derive(Debug, Args)]
#[command(after_help = "A schedule stands in gangline.toml of the target branch:\n\n  \
    [schedules.dependencies]\n  cron = \"0 6 * * 1\"\n  timezone = \"Europe/Berlin\"\n  \
    title = \"Update the dependencies\"\n\nIt adds no ticket while its last one is not closed.")]
pub(crate) struct Schedules {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show all schedules, when each is due, and what came of it
    List,
    /// Add a schedule's ticket now, whatever the clock says
    Run {
        /// The schedule
        name: String,
    },
}

impl Schedules {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let project = place::project(context, &client).await?.name;
        match self.command {
            None | Some(Command::List) => list(context, &client.schedules(&project).await?)?,
            Some(Command::Run { name }) => {
                // One key for this call: an answer that is lost on the way adds nothing twice.
                let once = uuid::Uuid::new_v4().to_string();
                let ran = client.run_schedule(&project, &name, Some(&once)).await;
                let done = match ran {
                    Err(ClientError::Broken { .. }) => {
                        client.run_schedule(&project, &name, Some(&once)).await?
                    }
                    ran => ran?,
                };
                let key = done.key.clone().unwrap_or_default();
                if context.json {
                    context.out.json(&client.ticket(&TicketRef { project, key }).await?)?;
                } else {
                    let key = plain(&key);
                    let strong = context.out.paint(Tone::Strong, &key);
                    context.out.line(&format!("{strong} added for {}", plain(&name)))?;
                    let next = format!("gangline logs -f {key}");
                    let next = context.out.paint(Tone::Command, &next);
                    context.out.line(&format!(" next: {next}"))?;
                }
            }
        }
        Ok(Exit::Done)
    }
}

fn list(context: &Context, listed: &Listed) -> Result<(), Failure> {
    let out = context.out;
    if context.json {
        return Ok(out.json(listed)?);
    }
    if listed.schedules.is_empty() {
        out.line("no schedules")?;
        let next = out.paint(Tone::Command, "gangline schedules --help");
        return Ok(out.line(&format!(" next: {next}"))?);
    }
    let mut table = Table::new(["name", "cron", "zone", "next", "last", "what…"]);
    for schedule in &listed.schedules {
        let last = schedule.last.as_ref();
        table.row([
            Cell::toned(Tone::Strong, plain(&schedule.name)),
            Cell::new(plain(&schedule.cron)),
            Cell::new(plain(&schedule.timezone)),
            next(schedule),
            Cell::new(last.map_or_else(String::new, |last| format!("{} {}", last.key, last.state))),
            Cell::new(plain(
                schedule.title.as_deref().or(schedule.ticket_file.as_deref()).unwrap_or_default(),
            )),
        ]);
    }
    out.lines(table.render(out))?;
    for schedule in &listed.schedules {
        if let Some(skipped) = &schedule.skipped {
            let (name, due) = (plain(&schedule.name), date(skipped.due_us));
            let told = format!("{name} added nothing at {due}: {}", plain(&skipped.why));
            out.line(&out.paint(Tone::Attention, &told))?;
        }
    }
    Ok(())
}

fn next(schedule: &ScheduleView) -> Cell {
    match schedule.next_us {
        Some(next) => Cell::new(date(next)),
        None if schedule.enabled => Cell::toned(Tone::Attention, "unknown time zone"),
        None => Cell::toned(Tone::Faint, "off"),
    }
}
