//! The command: builds the stage, plays, tells, and clears away.

use clap::Args;

use super::play::{Play, Scene};
use super::stage::Stage;
use super::tale;
use crate::cli::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Out, Tone};

/// `gangline demo`.
#[derive(Debug, Args)]
#[command(after_help = "Takes less than a minute, needs git, python3 and no network, and touches \
    nothing outside a temporary folder.")]
pub(crate) struct Demo {
    /// Keep the folder with the repository and all evidence
    #[arg(long)]
    keep: bool,
}

impl Demo {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let stage = Stage::build().await?;
        if !context.json {
            introduce(context.out, &stage)?;
        }
        let client = stage.start().await?;
        let played = Play::new(context, &client, &stage).to_the_end().await;
        let told = match &played {
            Ok(scenes) => conclude(context, &stage, scenes).await,
            Err(_) => Ok(()),
        };
        // Whatever happened, nothing runs on.
        let ended = stage.end(&client).await;
        if self.keep {
            context.out.line(&format!("kept: {}", stage.keep().display()))?;
        }
        played?;
        told?;
        ended?;
        Ok(Exit::Done)
    }
}

fn introduce(out: Out, stage: &Stage) -> Result<(), Failure> {
    let strong = |text: &str| out.paint(Tone::Strong, text);
    out.line(&strong("Six tickets, scripted agents, real git and real tests."))?;
    out.line("An agent's word is a claim. What lands is what was measured.")?;
    out.line(&format!("repository: {}", stage.repository().display()))?;
    out.line(&format!("sandbox:    {}", stage.sandbox()))?;
    Ok(out.line("")?)
}

async fn conclude(context: &Context, stage: &Stage, scenes: &[Scene]) -> Result<(), Failure> {
    if context.json {
        let tickets: Vec<_> = scenes.iter().map(|scene| &scene.detail).collect();
        return Ok(context.out.json(&tickets)?);
    }
    context.out.lines(tale::told(scenes, context.out))?;
    context.out.line("")?;
    context.out.line(&context.out.paint(Tone::Strong, "What landed on main:"))?;
    Ok(context.out.lines(stage.log().await?)?)
}
