//! Colours, where they are wanted.

use std::env;
use std::io::IsTerminal as _;

use owo_colors::OwoColorize as _;

/// What a text means; how that looks is decided here alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// A heading.
    Strong,
    /// Of lesser interest.
    Faint,
    /// As it ought to be.
    Good,
    /// Not as it ought to be.
    Bad,
    /// Somebody is asked for something.
    Attention,
    /// Under way.
    Active,
    /// To be typed.
    Command,
}

/// Paints, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paint {
    colour: bool,
}

impl Paint {
    /// For standard output: colours on a terminal, unless `NO_COLOR` is set.
    pub(crate) fn for_stdout() -> Self {
        Self { colour: wanted(std::io::stdout().is_terminal()) }
    }

    /// For standard error.
    pub(crate) fn for_stderr() -> Self {
        Self { colour: wanted(std::io::stderr().is_terminal()) }
    }

    /// Whatever the terminal.
    pub(crate) fn always() -> Self {
        Self { colour: true }
    }

    /// Whether it paints.
    pub(crate) fn is_on(self) -> bool {
        self.colour
    }

    /// Never colours.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self { colour: false }
    }

    /// The text in its tone.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        match tone {
            Tone::Plain => text.to_owned(),
            Tone::Strong => text.bold().to_string(),
            Tone::Faint => text.dimmed().to_string(),
            Tone::Good => text.green().to_string(),
            Tone::Bad => text.red().bold().to_string(),
            Tone::Attention => text.yellow().to_string(),
            Tone::Active => text.cyan().to_string(),
            Tone::Command => text.blue().to_string(),
        }
    }
}

/// See <https://no-color.org>: any value but the empty one switches colours off.
fn wanted(terminal: bool) -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    terminal && !set("NO_COLOR") && !dumb
}
