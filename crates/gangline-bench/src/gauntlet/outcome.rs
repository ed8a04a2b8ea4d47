//! What became of a case's ticket, read from `gangline show --json`.

use serde::Serialize;
use serde_json::Value;

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It reached the target branch.
    Landed,
    /// It was taken for done without a landing, as when no change was needed.
    Delivered,
    /// Verified, but a person has to look at it before it lands.
    Review {
        /// What asks for the person.
        check: String,
        /// What was measured.
        fact: String,
    },
    /// A check failed, and the ticket is a person's.
    Rejected {
        /// The first required check that failed.
        check: String,
        /// What was measured.
        fact: String,
    },
    /// Nothing could be said, and the ticket is a person's.
    NotMeasured {
        /// The check that could not measure.
        check: String,
        /// Why.
        fact: String,
    },
    /// The gauntlet itself failed: nothing is known about the program.
    Error {
        /// Why.
        why: String,
    },
}

impl Outcome {
    /// In one word, for the table.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Landed => "landed",
            Self::Delivered => "delivered",
            Self::Review { .. } => "review",
            Self::Rejected { .. } => "rejected",
            Self::NotMeasured { .. } => "not measured",
            Self::Error { .. } => "error",
        }
    }

    /// The check that decided, and what it measured.
    pub fn by(&self) -> Option<(&str, &str)> {
        match self {
            Self::Landed | Self::Delivered => None,
            Self::Review { check, fact }
            | Self::Rejected { check, fact }
            | Self::NotMeasured { check, fact } => Some((check, fact)),
            Self::Error { why } => Some(("", why)),
        }
    }
}

/// What a shown ticket says; `None` while it is still on its way.
pub(super) fn read(shown: &Value) -> Option<Outcome> {
    match text(shown, "/state") {
        "landed" => Some(Outcome::Landed),
        "delivered" => Some(Outcome::Delivered),
        "review" => Some(review(shown)),
        "escalated" => Some(escalated(shown)),
        "cancelled" => Some(Outcome::Error { why: "the ticket was cancelled".to_owned() }),
        _on_its_way => None,
    }
}

/// Somebody has to look at it, for the first doubt that a check has or because the policy says so.
fn review(shown: &Value) -> Outcome {
    let checks = shown.pointer("/report/checks").and_then(Value::as_array);
    let doubt = checks.into_iter().flatten().find_map(|check| {
        let doubt = check.pointer("/doubts/0")?.as_str()?;
        Some((text(check, "/name").to_owned(), doubt.to_owned()))
    });
    let (check, fact) =
        doubt.unwrap_or_else(|| ("review".to_owned(), text(shown, "/wait/text").to_owned()));
    Outcome::Review { check, fact }
}

fn escalated(shown: &Value) -> Outcome {
    if let Some((check, fact)) = deciding(shown, "fail") {
        return Outcome::Rejected { check, fact };
    }
    if let Some((check, fact)) = deciding(shown, "inconclusive") {
        return Outcome::NotMeasured { check, fact };
    }
    let check = text(shown, "/escalation/reason").to_owned();
    Outcome::NotMeasured { check, fact: text(shown, "/escalation/summary").to_owned() }
}

/// The first required check with this verdict, of the commit or else of the merge candidate.
fn deciding(shown: &Value, verdict: &str) -> Option<(String, String)> {
    ["/report/checks", "/candidate_report/checks"].into_iter().find_map(|place| {
        let checks = shown.pointer(place)?.as_array()?;
        let decided = checks.iter().find(|check| {
            check.get("required").and_then(Value::as_bool) == Some(true)
                && text(check, "/verdict") == verdict
        })?;
        Some((text(decided, "/name").to_owned(), text(decided, "/fact").to_owned()))
    })
}

fn text<'v>(value: &'v Value, place: &str) -> &'v str {
    value.pointer(place).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
