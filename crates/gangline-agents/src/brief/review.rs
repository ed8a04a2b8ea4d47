//! What a reviewer is told.

use minijinja::value::Serde;
use serde::Serialize;

use super::input::{one_line, safe};
use super::{AgentText, Brief, BriefError, CHARS_PER_TOKEN, TicketText, environment, tokens_of};

/// All that a reviewer's brief says.
#[derive(Debug, Clone, Serialize)]
pub struct ReviewInput {
    /// What was asked for.
    pub ticket: TicketText,
    /// Who reviews.
    pub agent: AgentText,
    /// Who did the work.
    pub author: AgentText,
    /// What the author says about it.
    pub claimed: String,
    /// The commit that is reviewed, in hexadecimal.
    pub commit: String,
    /// The commit that it grew from.
    pub base: String,
    /// Where it is checked out.
    pub checkout: String,
    /// The change as a unified diff.
    pub diff: String,
    /// Whether that is not all of it.
    pub diff_cut: bool,
    /// What was measured, a line each.
    pub evidence: Vec<String>,
    /// How long the review may take.
    pub session_minutes: Option<u64>,
}

/// Renders the brief within `tokens_max`: of a change that is too long, the end is left out.
pub fn render_review(input: &ReviewInput, tokens_max: usize) -> Result<Brief, BriefError> {
    let environment = environment()?;
    let template = environment.get_template("review")?;
    let mut input = made_safe(input.clone());
    let mut shortened = vec![];
    loop {
        let text = template.render(Serde(&input))?;
        let tokens = tokens_of(&text);
        let Some(excess) = tokens.checked_sub(tokens_max).filter(|excess| *excess > 0) else {
            return Ok(Brief { text, tokens, shortened });
        };
        let (part, name) = match (input.diff.is_empty(), input.ticket.body.is_empty()) {
            (false, _) => (&mut input.diff, "the change"),
            (true, false) => (&mut input.ticket.body, "the ticket"),
            (true, true) => return Err(BriefError::TooLong { tokens, tokens_max }),
        };
        // A little more than the excess, for the mark that says so.
        let keep = part.chars().count().saturating_sub((excess + 16) * CHARS_PER_TOKEN);
        *part = part.chars().take(keep).collect();
        if keep > 0 {
            part.push_str("\n[the rest is left out]");
        }
        input.diff_cut |= name == "the change";
        if !shortened.contains(&name) {
            shortened.push(name);
        }
    }
}

/// No text of a ticket or an agent can close the block that it stands in.
fn made_safe(input: ReviewInput) -> ReviewInput {
    let line = |text: &str| {
        let mut text = safe(text);
        one_line(&mut text);
        text
    };
    let TicketText { key, title, body } = &input.ticket;
    ReviewInput {
        ticket: TicketText { key: key.clone(), title: line(title), body: safe(body) },
        claimed: safe(&input.claimed),
        evidence: input.evidence.iter().map(|fact| line(fact)).collect(),
        diff: safe(&input.diff),
        ..input
    }
}
