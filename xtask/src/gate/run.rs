//! Runs steps and times them.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};

use super::step::{Step, Work, steps};
use crate::line::Line;

/// Runs the whole gate on the workspace at `root`.
pub(crate) fn gate(root: &Path) -> Result<()> {
    let begun = Instant::now();
    let steps = steps(root);
    let count = steps.len();
    for (at, step) in steps.iter().enumerate() {
        headline(&format!("{}/{count} {}: {}", at + 1, step.name, step.again));
        let step_begun = Instant::now();
        carry_out(root, step)?;
        println!("-- {}: {:.1} s", step.name, step_begun.elapsed().as_secs_f64());
    }
    println!("gate: green in {} s", begun.elapsed().as_secs());
    Ok(())
}

/// Runs one step by itself.
pub(crate) fn one(root: &Path, step: &Step) -> Result<()> {
    carry_out(root, step)
}

fn carry_out(root: &Path, step: &Step) -> Result<()> {
    let green = match &step.work {
        Work::Run(lines) => all_succeed(root, lines),
        Work::Rule(rule) => rule(root).map(|()| true),
    };
    let hint = step.hint.map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    let verdict = format!("red at {}. To run it again: {}{hint}", step.name, step.again);
    match green {
        Ok(true) => Ok(()),
        Ok(false) => bail!("{verdict}"),
        Err(error) => Err(error.context(verdict)),
    }
}

fn headline(text: &str) {
    println!("\n== {text}");
}

fn all_succeed(root: &Path, lines: &[Line]) -> Result<bool> {
    for line in lines {
        if !line.succeeds(root)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
