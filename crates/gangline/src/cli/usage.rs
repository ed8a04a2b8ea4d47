//! `gangline usage`.

use clap::Args;
use gangline_api::project::{DayView, ProjectView};
use gangline_api::ticket::{BudgetView, UsageView};
use serde::Serialize;

use super::context::Context;
use super::place;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{self, Cell, Out, Table, Tone, dollars, span};

/// `gangline usage`.
#[derive(Debug, Args)]
#[command(
    after_help = "Days are those of UTC. What a ticket and each of its attempts spent, `gangline \
    show KEY` says."
)]
pub(crate) struct Usage {
    /// Days at most, the latest ones
    #[arg(long, value_name = "N", default_value_t = 7)]
    days: usize,
}

/// What is printed with `--json`.
#[derive(Serialize)]
struct Spent<'a> {
    project: &'a str,
    usage: UsageView,
    budget: BudgetView,
    day_budget: BudgetView,
    days: &'a [DayView],
}

impl Usage {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut project = place::project(context, &context.client()).await?;
        let surplus = project.days.len().saturating_sub(self.days);
        project.days.drain(..surplus);
        if context.json {
            let ProjectView { usage, budget, day_budget, .. } = project;
            let (name, days) = (&project.name, &project.days);
            context.out.json(&Spent { project: name, usage, budget, day_budget, days })?;
        } else {
            context.out.lines(rendered(&project, context.out))?;
        }
        Ok(Exit::Done)
    }
}

fn rendered(project: &ProjectView, out: Out) -> Vec<String> {
    let mut table = Table::new(["day", "tokens", "money", "agents' time"]);
    let mut row = |name: String, tone: Tone, [tokens, money, time]: [String; 3]| {
        table.row([
            Cell::toned(tone, name),
            Cell::toned(tone, tokens),
            Cell::toned(tone, money),
            Cell::toned(tone, time),
        ]);
    };
    for day in &project.days {
        row(screen::day(day.day_us), Tone::Plain, used(day.usage));
    }
    row("in all".to_owned(), Tone::Strong, used(project.usage));
    for (name, budget) in [("a day may", project.day_budget), ("all may", project.budget)] {
        if budget != BudgetView::default() {
            row(name.to_owned(), Tone::Faint, limits(budget));
        }
    }
    table.render(out)
}

fn used(usage: UsageView) -> [String; 3] {
    [usage.tokens.to_string(), dollars(usage.cost_microusd), span(usage.wall_ms)]
}

fn limits(budget: BudgetView) -> [String; 3] {
    [
        budget.tokens.map(|tokens| tokens.to_string()),
        budget.cost_microusd.map(dollars),
        budget.wall_ms.map(span),
    ]
    .map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests;
