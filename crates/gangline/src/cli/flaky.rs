//! `gangline flaky`: tests that failed and passed without a change.

use clap::Args;
use gangline_api::flaky::{FlakyTestView, FlakyTests};

use crate::cli::context::Context;
use crate::cli::place;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Out, Table, date, plain};

/// `gangline flaky`.
#[derive(Debug, Args)]
pub(crate) struct Flaky {}

impl Flaky {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let project = place::project(context, &client).await?;
        let flaky = client.flaky(&project.name).await?;
        if context.json {
            context.out.json(&flaky)?;
        } else {
            context.out.lines(rendered(&flaky, context.out))?;
        }
        Ok(Exit::Done)
    }
}

fn rendered(flaky: &FlakyTests, out: Out) -> Vec<String> {
    if flaky.tests.is_empty() {
        return vec!["no test has failed and passed on one and the same tree".to_owned()];
    }
    let mut table = Table::new([
        "test",
        "check",
        "commits",
        "failed runs",
        "on the base",
        "last ticket",
        "last",
    ]);
    for test in &flaky.tests {
        table.row(row(test));
    }
    table.render(out)
}

fn row(test: &FlakyTestView) -> [Cell; 7] {
    [
        Cell::new(plain(&test.test)),
        Cell::new(plain(&test.check)),
        Cell::new(test.times.to_string()),
        Cell::new(format!("{} of {}", test.failed, test.runs)),
        Cell::new(test.on_base.to_string()),
        Cell::new(plain(&test.last_ticket)),
        Cell::new(date(test.last_us)),
    ]
}
