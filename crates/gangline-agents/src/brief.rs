//! The MISSION_BRIEF that an attempt starts with: identity, mission, resources, output,
//! reporting and boundaries, rendered by a strict template from plain data.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};

mod input;
pub mod package;
mod review;

pub use input::{
    AgentText, BriefInput, CheckText, ConflictText, EarlierTry, Instruction, LessonText,
    ResultText, TicketText,
};

pub use review::{ReviewInput, render_review};

/// Tokens that a brief may have unless the caller says otherwise.
pub const BRIEF_TOKENS_MAX: usize = 40_000;
/// Characters that one token is taken for.
pub const CHARS_PER_TOKEN: usize = 4;

/// A rendered brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// Markdown.
    pub text: String,
    /// Its length in tokens, estimated.
    pub tokens: usize,
    /// What was shortened to stay within the bound; the text says so where it happened.
    pub shortened: Vec<&'static str>,
}

/// Why there is no brief.
#[derive(Debug, thiserror::Error)]
pub enum BriefError {
    /// The template and its data do not fit one another.
    #[error("the brief's template does not render")]
    Template(#[from] minijinja::Error),
    /// Too long even with everything shortened that may be.
    #[error(
        "the brief has {tokens} tokens, more than {tokens_max}, with all shortened that may be"
    )]
    TooLong {
        /// Its length.
        tokens: usize,
        /// The bound.
        tokens_max: usize,
    },
}

/// Renders the brief within `tokens_max`.
pub fn render(input: &BriefInput, tokens_max: usize) -> Result<Brief, BriefError> {
    let environment = environment()?;
    let template = environment.get_template("brief")?;
    let mut input = input.clone().made_safe();
    let mut shortened = input.bound_parts();
    loop {
        let text = template.render(Serde(&input))?;
        let tokens = tokens_of(&text);
        let Some(excess) = tokens.checked_sub(tokens_max).filter(|excess| *excess > 0) else {
            return Ok(Brief { text, tokens, shortened });
        };
        match input.shorten_by(excess * CHARS_PER_TOKEN) {
            Some(part) if shortened.contains(&part) => {}
            Some(part) => shortened.push(part),
            None => return Err(BriefError::TooLong { tokens, tokens_max }),
        }
    }
}

/// What `text` costs, estimated.
pub fn tokens_of(text: &str) -> usize {
    text.chars().count().div_ceil(CHARS_PER_TOKEN)
}

/// What persons have hinted at, as it stands in a rendered brief; empty without hints. What a
/// ticket says cannot be mistaken for a hint, because rendering defuses the marks in data.
pub fn hints_in(brief: &str) -> &str {
    let Some((_, rest)) = brief.split_once("\n<hints>\n") else { return "" };
    rest.split_once("\n</hints>").map_or("", |(hints, _)| hints)
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    environment.set_syntax(syntax.build()?);
    environment.add_filter("fenced", fenced);
    environment.add_template("brief", include_str!("../templates/brief.md.j2"))?;
    environment.add_template("review", include_str!("../templates/review.md.j2"))?;
    Ok(environment)
}

/// A fenced block that the text cannot close early.
fn fenced(text: &str, language: &str) -> String {
    let ticks = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((ticks + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests;
