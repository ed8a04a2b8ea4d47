//! `gangline packet`: a ticket's case for the person who decides it.

use clap::Args;

use super::context::Context;
use super::{place, records};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Out, Tone, verbatim_block};

/// `gangline packet`.
#[derive(Debug, Args)]
#[command(
    after_help = "Markdown, the same on every surface; coloured on a terminal. What agents and \
    repositories wrote\nstands in it as text: it is no Markdown, and holds no control character."
)]
pub(crate) struct Packet {
    /// The ticket
    key: String,
}

impl Packet {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let packet = client.packet(&ticket).await?;
        match context.json {
            true => context.out.json(&packet)?,
            false => context.out.lines(coloured(&packet.markdown, context.out))?,
        }
        Ok(Exit::Done)
    }
}

/// The lines of the Markdown, each in the tone of what it is.
fn coloured(markdown: &str, out: Out) -> Vec<String> {
    let mut fence: Option<(String, bool)> = None;
    let lines = verbatim_block(markdown.trim_end());
    let tone = |line: &str| {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some((open, _)) if *line == **open => {
                fence = None;
                Tone::Faint
            }
            Some((_, true)) => records::tone(line),
            Some((_, false)) => Tone::Plain,
            None if ticks.len() >= 3 => {
                fence = Some((ticks.clone(), line[ticks.len()..] == *"diff"));
                Tone::Faint
            }
            None => of(line),
        }
    };
    let tones: Vec<Tone> = lines.iter().map(String::as_str).map(tone).collect();
    lines.iter().zip(tones).map(|(line, tone)| out.paint(tone, line)).collect()
}

/// A line that stands in no fence: it is Gangline's own.
fn of(line: &str) -> Tone {
    if line.starts_with('#') {
        Tone::Strong
    } else if line.starts_with("**Escalated") || line.starts_with("- failed:") {
        Tone::Bad
    } else if line.starts_with("**Question") || line.starts_with("- look at this:") {
        Tone::Attention
    } else if line.starts_with("  `") {
        Tone::Command
    } else {
        Tone::Plain
    }
}
