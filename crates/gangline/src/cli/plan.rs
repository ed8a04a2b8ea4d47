//! `gangline plan`: a planner proposes tickets, a person edits and accepts them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gangline_api::client::{Client, TicketRef};
use gangline_api::plan::{AcceptPlan, AddPlan, PlanAccepted, PlanDropped, PlanView};

use super::add::{add_plan_once, read_text, warn_of_limits};
use super::args::{Priority, word};
use super::context::Context;
use super::follow::Follow;
use super::list::tone;
use super::{connect, place};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Table, Tone, plain};

/// `gangline plan`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
#[command(
    after_help = "The planner reads the repository and changes nothing. What it proposes becomes \
    drafts, labelled\nplan:KEY: change them with `gangline edit`, then start them with `gangline plan \
    accept`.\nInterrupting it only stops the watching."
)]
pub(crate) struct Plan {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    goal: Wish,
}

/// What is to be planned.
#[derive(Debug, Args)]
struct Wish {
    /// What is to be achieved
    #[arg(value_name = "GOAL", conflicts_with = "file")]
    goal: Option<String>,
    /// Read the goal from a file (- for standard input)
    #[arg(long, short, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The agent definition that plans; planner by default
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// How much the planning matters; medium by default
    #[arg(long, value_enum)]
    priority: Option<Priority>,
    /// A word to filter the plan by; one such as c2 holds for its drafts too
    #[arg(long, value_name = "WORD")]
    label: Vec<String>,
    /// Do not wait for the plan
    #[arg(long)]
    detach: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what a plan proposed, and what became of it
    Show(Of),
    /// Start the drafts of a plan, or some of them; repeating it starts nothing twice
    Accept(Accept),
    /// Cancel the drafts of a plan that are left
    Drop(Of),
}

#[derive(Debug, Args)]
struct Of {
    /// The plan's ticket
    key: String,
}

#[derive(Debug, Args)]
struct Accept {
    /// The plan's ticket
    key: String,
    /// Drafts of the plan; all that are left by default
    #[arg(value_name = "DRAFT")]
    drafts: Vec<String>,
}

impl Plan {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.command {
            None => self.goal.run(context).await,
            Some(Command::Show(of)) => {
                let client = context.client();
                let plan = place::ticket(context, &client, &of.key).await?;
                show(context, &client.plan(&plan).await?)?;
                Ok(Exit::Done)
            }
            Some(Command::Accept(accept)) => accept.run(context).await,
            Some(Command::Drop(of)) => {
                let client = context.client();
                let plan = place::ticket(context, &client, &of.key).await?;
                dropped(context, &plan, &client.drop_plan(&plan).await?)?;
                Ok(Exit::Done)
            }
        }
    }
}

impl Wish {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let goal = match (self.goal, &self.file) {
            (Some(goal), _) => goal,
            (None, Some(file)) => read_text(file)?,
            (None, None) => {
                let failure = Failure::new(Exit::Usage, "a plan needs a goal").code("bad_ticket");
                return Err(failure.next("gangline plan \"What is to be achieved\""));
            }
        };
        place::somewhere(context)?;
        let client = connect::running(context).await?;
        let project = connect::current_project(context, &client).await?;
        let priority = self.priority.as_ref().map(word);
        let wish = AddPlan { goal, agent: self.agent, priority, labels: self.label };
        let done = add_plan_once(&client, &project.name, &wish).await?;
        let ticket = TicketRef { project: project.name, key: done.key.unwrap_or_default() };
        if self.detach {
            return added(context, &client, &ticket).await;
        }
        if !context.json {
            warn_of_limits(context, &client, &ticket).await?;
        }
        let ended = Follow::new(context, &client, ticket.clone()).from(done.seq.saturating_sub(1));
        let exit = ended.end().await?;
        let plan = client.plan(&ticket).await?;
        if plan.state == "delivered" {
            show(context, &plan)?;
        }
        Ok(exit)
    }
}

async fn added(context: &Context, client: &Client, plan: &TicketRef) -> Result<Exit, Failure> {
    if context.json {
        context.out.json(&client.ticket(plan).await?)?;
        return Ok(Exit::Done);
    }
    let key = plain(&plan.key);
    context.out.line(&format!("{} is being planned", context.out.paint(Tone::Strong, &key)))?;
    warn_of_limits(context, client, plan).await?;
    next(context, &[format!("gangline plan show {key}")])?;
    Ok(Exit::Done)
}

impl Accept {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let plan = place::ticket(context, &client, &self.key).await?;
        let mut tickets = vec![];
        for key in &self.drafts {
            let draft = place::ticket(context, &client, key).await?;
            if draft.project != plan.project {
                let message = format!("{key} is not a ticket of project {}", plan.project);
                let failure = Failure::new(Exit::Usage, message).code("bad_request");
                return Err(failure.next(format!("gangline plan show {}", plan.key)));
            }
            tickets.push(draft.key);
        }
        let accepted = client.accept_plan(&plan, &AcceptPlan { tickets }).await?;
        accepted_of(context, &plan, &accepted)?;
        Ok(Exit::Done)
    }
}

fn accepted_of(
    context: &Context,
    plan: &TicketRef,
    accepted: &PlanAccepted,
) -> Result<(), Failure> {
    let out = context.out;
    if context.json {
        return Ok(out.json(accepted)?);
    }
    let listed = |keys: &[String]| plain(&keys.join(", "));
    let key = plain(&plan.key);
    if accepted.started.is_empty() {
        out.line(&format!("nothing of {key} was a draft any more"))?;
    } else {
        let started = out.paint(Tone::Strong, &listed(&accepted.started));
        out.line(&format!("{started} of {key} opened"))?;
    }
    if !accepted.started.is_empty() && !accepted.unchanged.is_empty() {
        out.line(&format!("{} had been before", listed(&accepted.unchanged)))?;
    }
    if !accepted.waiting.is_empty() {
        let told = format!("waiting for drafts of the plan: {}", listed(&accepted.waiting));
        out.line(&out.paint(Tone::Attention, &told))?;
        return next(context, &[format!("gangline plan accept {key}")]);
    }
    next(context, &["gangline list".to_owned()])
}

fn dropped(context: &Context, plan: &TicketRef, dropped: &PlanDropped) -> Result<(), Failure> {
    let out = context.out;
    if context.json {
        return Ok(out.json(dropped)?);
    }
    let key = plain(&plan.key);
    if dropped.dropped.is_empty() {
        return Ok(out.line(&format!("{key} has no drafts left"))?);
    }
    let keys = out.paint(Tone::Strong, &plain(&dropped.dropped.join(", ")));
    out.line(&format!("{keys} of {key} cancelled"))?;
    if !dropped.dependents.is_empty() {
        let waiting = plain(&dropped.dependents.join(", "));
        let told = format!("{waiting} waited for these and cannot start any more");
        out.line(&out.paint(Tone::Attention, &told))?;
    }
    Ok(())
}

/// The plan's tickets as a table, and what can be done with them.
fn show(context: &Context, plan: &PlanView) -> Result<(), Failure> {
    let out = context.out;
    if context.json {
        return Ok(out.json(plan)?);
    }
    let key = plain(&plan.key);
    let head = format!("{}  {}  {}", out.paint(Tone::Strong, &key), plan.state, plain(&plan.title));
    out.line(&head)?;
    if !plan.overview.is_empty() {
        out.line("")?;
        out.lines(plan.overview.lines().map(|line| format!("  {}", plain(line))))?;
    }
    out.line("")?;
    if plan.tickets.is_empty() {
        return match plan.state.as_str() {
            "delivered" => Ok(out.line("it proposed nothing")?),
            _under_way => next(context, &[format!("gangline run {key}")]),
        };
    }
    let mut table = Table::new(["key", "state", "priority", "depends on", "scope…", "title…"]);
    for planned in &plan.tickets {
        let ticket = &planned.ticket;
        let scope = match planned.scope.is_empty() {
            true => "anywhere".to_owned(),
            false => planned.scope.join(" "),
        };
        table.row([
            Cell::toned(Tone::Strong, plain(&ticket.key)),
            Cell::toned(tone(&ticket.state), ticket.state.clone()),
            Cell::new(ticket.priority.clone()),
            Cell::new(plain(&ticket.dependencies.join(" "))),
            Cell::toned(Tone::Faint, plain(&scope)),
            Cell::new(plain(&ticket.title)),
        ]);
    }
    out.lines(table.render(out))?;
    let drafts = plan.tickets.iter().filter(|planned| planned.ticket.state == "draft");
    let drafts: Vec<&str> = drafts.map(|planned| planned.ticket.key.as_str()).collect();
    let Some(first) = drafts.first() else { return Ok(()) };
    let first = plain(first);
    next(
        context,
        &[
            format!("gangline show {first}, gangline edit {first}"),
            format!("gangline plan accept {key}, or gangline plan drop {key}"),
        ],
    )
}

fn next(context: &Context, commands: &[String]) -> Result<(), Failure> {
    for command in commands {
        let command = context.out.paint(Tone::Command, command);
        context.out.line(&format!(" next: {command}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        plan: Plan,
    }

    #[test]
    fn a_goal_is_one_argument_and_a_word_of_a_plan_another() {
        let line = |args: &[&str]| Line::try_parse_from([&["plan"], args].concat());
        let goal = line(&["show the prices in euros", "--detach"]).unwrap().plan;
        assert!(goal.command.is_none() && goal.goal.detach);
        assert_eq!(goal.goal.goal.as_deref(), Some("show the prices in euros"));
        let accept = line(&["accept", "APP-1", "APP-2"]).unwrap().plan.command;
        let Some(Command::Accept(accept)) = accept else { panic!("{accept:?}") };
        assert_eq!((accept.key.as_str(), accept.drafts), ("APP-1", vec!["APP-2".to_owned()]));
        assert!(line(&[]).is_err());
        assert!(line(&["--detach", "show", "APP-1"]).is_err());
        assert!(line(&["goal", "-f", "goal.md"]).is_err());
    }
}
