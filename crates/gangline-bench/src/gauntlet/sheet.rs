//! The table of cases, for people and for programs.

use std::io::IsTerminal as _;

use serde_json::{Value, json};

use super::arena::Played;
use super::case::Side;
use super::outcome::Outcome;

/// Characters that are shown of a fact.
const FACT_CHARS_MAX: usize = 90;

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Green and red.
    Colours,
    /// Nothing but text.
    Plain,
}

impl Paint {
    /// What standard output and `NO_COLOR` ask for.
    pub fn of_host() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        if wanted && std::io::stdout().is_terminal() { Self::Colours } else { Self::Plain }
    }

    fn on(self, code: u8, text: &str) -> String {
        match self {
            Self::Colours => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Self::Plain => text.to_owned(),
        }
    }
}

/// The line above the rows.
pub fn heading() -> String {
    format!("{:<2}{:<44} {:<7} {:<13} {:>5}  by", "", "case", "project", "outcome", "s")
}

/// One case.
pub fn row(played: &Played, paint: Paint) -> String {
    let Played { case, outcome, took } = played;
    let right = case.is_right(outcome);
    let mark = if right { paint.on(32, "ok") } else { paint.on(31, "NO") };
    let name = format!("{}/{}", case.side.word(), case.name);
    let by = outcome.by().map_or_else(String::new, |(check, fact)| {
        let words = fact.split_whitespace().collect::<Vec<_>>().join(" ");
        // Of an error one wants to read all: nothing else tells where a script broke off.
        let shown = if check.is_empty() { usize::MAX } else { FACT_CHARS_MAX };
        let words: String = words.chars().take(shown).collect();
        if check.is_empty() { words } else { format!("{check}: {words}") }
    });
    let expected = match case.is_unexpected(outcome) {
        true => format!(" [expected: {}]", case.caught_by.join(", ")),
        false => String::new(),
    };
    format!(
        "{mark} {name:<43} {:<7} {:<13} {:>5.1}  {by}{expected}",
        case.project.word(),
        outcome.word(),
        took.as_secs_f64(),
    )
}

/// What came of all of them, with those that are not as they should be named again.
pub fn totals(all: &[Played], paint: Paint) -> String {
    let mut lines = vec![String::new()];
    for side in Side::ALL {
        let of_side: Vec<&Played> = all.iter().filter(|played| played.case.side == side).collect();
        let accepted =
            |played: &&&Played| matches!(played.outcome, Outcome::Landed | Outcome::Delivered);
        let errors = |played: &&&Played| matches!(played.outcome, Outcome::Error { .. });
        lines.push(format!(
            "{}: {} in all, {} accepted, {} stopped, {} errors",
            side.word(),
            of_side.len(),
            of_side.iter().filter(accepted).count(),
            of_side.iter().filter(|played| !accepted(played) && !errors(played)).count(),
            of_side.iter().filter(errors).count(),
        ));
    }
    let wrong: Vec<&Played> = all.iter().filter(|played| !played.is_right()).collect();
    for played in &wrong {
        lines.push(row(played, paint));
        lines.push(format!("     {}", played.case.why));
    }
    lines.push(if wrong.is_empty() {
        paint.on(32, "gauntlet: all as it should be")
    } else {
        paint.on(31, &format!("gauntlet: {} not as it should be", wrong.len()))
    });
    lines.join("\n")
}

/// All cases, for programs.
pub fn as_json(all: &[Played]) -> Value {
    let cases = all.iter().map(|played| {
        let Played { case, outcome, took } = played;
        json!({
            "name": case.name,
            "side": case.side,
            "project": case.project,
            "result": outcome,
            "right": case.is_right(outcome),
            "caught_by": case.caught_by,
            "seconds": took.as_secs_f64(),
        })
    });
    Value::Array(cases.collect())
}
