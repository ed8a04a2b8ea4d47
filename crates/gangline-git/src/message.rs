//! What Gangline writes into the commits it makes.

use gangline_domain::ids::JobId;

use crate::printable::{printable, printable_line};
use crate::template::{CommitTemplate, NameInput};

/// Longest subject, in characters.
const SUBJECT_CHARS_MAX: usize = 100;

/// Longest body, in characters.
const BODY_CHARS_MAX: usize = 8_000;

/// What a landing's message says.
#[derive(Debug, Clone)]
pub struct MessageInput<'a> {
    /// How the subject looks.
    pub template: &'a CommitTemplate,
    /// The ticket's names and title.
    pub names: NameInput<'a>,
    /// The ticket's text; may be empty.
    pub body: &'a str,
    /// The attempt whose work it is.
    pub attempt: &'a JobId,
    /// The verification that it passed.
    pub verification: &'a JobId,
}

/// Composes subject, body and trailers. Title and body are data: nothing in them can become a
/// trailer of Gangline's.
pub fn compose(input: &MessageInput<'_>) -> String {
    let subject = printable_line(&input.template.render(&input.names), SUBJECT_CHARS_MAX);
    let mut message = subject;
    message.push_str("\n\n");
    let body = plain_body(input.body);
    if !body.is_empty() {
        message.push_str(&body);
        message.push_str("\n\n");
    }
    message
        + &format!(
            "Gangline-Ticket: {}\nGangline-Attempt: {}\nGangline-Verification: {}\n",
            input.names.key, input.attempt, input.verification
        )
}

/// Only the last paragraph holds trailers, and it is ours; a reader that looks at every line must
/// not be fooled either, nor one that stops at a line `---`.
fn plain_body(body: &str) -> String {
    let text = printable(&body.replace('\t', "    "), BODY_CHARS_MAX);
    let lines = text.lines().map(|line| {
        let start = line.trim_start().to_ascii_lowercase();
        let misleading = start.starts_with("gangline-") || start.starts_with("---");
        if misleading { format!("> {}", line.trim_end()) } else { line.trim_end().to_owned() }
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests;
