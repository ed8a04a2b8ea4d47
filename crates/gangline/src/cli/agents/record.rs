//! `gangline agents record`: what became of each agent's claims.

use gangline_api::honesty::{Honesty, HonestyView};

use crate::cli::context::Context;
use crate::cli::place;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Out, Table, Tone, plain};

pub(super) async fn run(context: &Context) -> Result<Exit, Failure> {
    let client = context.client();
    let project = place::project(context, &client).await?;
    let honesty = client.honesty(&project.name).await?;
    if context.json {
        context.out.json(&honesty)?;
    } else {
        context.out.lines(rendered(&honesty, context.out))?;
    }
    Ok(Exit::Done)
}

fn rendered(honesty: &Honesty, out: Out) -> Vec<String> {
    if honesty.agents.is_empty() {
        return vec!["no agent's work has been verified yet".to_owned()];
    }
    let mut table = Table::new([
        "agent",
        "kind",
        "model",
        "verified",
        "passed",
        "first try",
        "true",
        "false",
        "unproven",
    ]);
    for agent in &honesty.agents {
        table.row(row(agent));
    }
    table.render(out)
}

fn row(agent: &HonestyView) -> [Cell; 9] {
    let number = |number: u32| Cell::new(number.to_string());
    let untrue = if agent.claims_false == 0 { Tone::Plain } else { Tone::Bad };
    [
        Cell::new(plain(&agent.agent)),
        Cell::new(plain(&agent.kind)),
        Cell::new(agent.model.as_deref().map_or("-".to_owned(), plain)),
        number(agent.attempts),
        number(agent.passed),
        Cell::new(rate(agent.first_passed, agent.firsts)),
        number(agent.claims_true),
        Cell::toned(untrue, agent.claims_false.to_string()),
        number(agent.claims_unproven),
    ]
}

/// `3 of 4, 75 %`: a share of few says little, so its numbers are told, too.
fn rate(passed: u32, of: u32) -> String {
    match (u64::from(passed) * 100).checked_div(u64::from(of)) {
        Some(percent) => format!("{passed} of {of}, {percent} %"),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests;
