//! What can be called, and with what.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::claim::{self, BadOutcome, Outcome};
use gangline_domain::verdict::SUMMARY_CHARS_MAX;

/// Characters of a word about the progress.
pub const PROGRESS_CHARS_MAX: usize = 500;
/// Characters of a question.
pub const QUESTION_CHARS_MAX: usize = 4_000;
/// Answers that a question may offer.
pub const OPTIONS_MAX: usize = 20;
/// Characters of one of them.
const OPTION_CHARS_MAX: usize = 500;
/// Characters of a lesson.
pub const LESSON_CHARS_MAX: usize = 1_000;
/// Lessons of one attempt.
pub const LESSONS_MAX: usize = 20;
/// Characters of what lessons are searched by.
pub(super) const SEARCH_CHARS_MAX: usize = 500;
/// Characters of what a commit is called by: its id, or an address that ends with it.
const COMMIT_CHARS_MAX: usize = 500;

/// A well-formed call of a tool. Nothing in it is believed.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// `report_progress`.
    Progress {
        /// What it is at, in a line or two.
        message: String,
        /// How far it is, of a hundred.
        percent: Option<u8>,
    },
    /// `report_outcome`: what the outcome file says.
    Outcome(Box<Outcome>),
    /// `ask_human`.
    Ask {
        /// What it asks.
        question: String,
        /// Answers that it offers; empty when any text will do.
        options: Vec<String>,
    },
    /// `get_issue`.
    Issue {
        /// The ticket's key; its own when absent.
        issue_id: Option<String>,
    },
    /// `submit_issue_for_review`.
    Submit {
        /// The ticket's key.
        issue_id: String,
        /// The commit's id, from whatever address it was given by.
        commit: String,
    },
    /// Where the attempt grew from; what `list_changed_since_base` begins with.
    Base,
    /// `remember_lesson`.
    Lesson {
        /// In words.
        lesson: String,
    },
    /// `search_lessons`.
    Lessons {
        /// What to look for.
        words: String,
    },
}

/// Why a call is not done. The words are for the agent, who can mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCall {
    /// There is no such tool.
    #[error("there is no tool `{0}`")]
    NoSuchTool(String),
    /// The arguments are not those of the tool.
    #[error("{tool}: {detail}")]
    Arguments {
        /// The tool.
        tool: String,
        /// What is wrong with them.
        detail: String,
    },
    /// A text is empty.
    #[error("`{what}` is empty")]
    Empty {
        /// Which.
        what: &'static str,
    },
    /// A text is too long. It is not cut: what was cut off might be what matters.
    #[error("`{what}` has {chars} characters, more than {chars_max}: shorten it, and call again")]
    TooLong {
        /// Which.
        what: &'static str,
        /// Its length.
        chars: usize,
        /// The bound.
        chars_max: usize,
    },
    /// Too many answers are offered.
    #[error("{count} options are more than {OPTIONS_MAX}")]
    TooManyOptions {
        /// Options given.
        count: usize,
    },
    /// More than all of it.
    #[error("`percent` is {0}, more than 100")]
    Percent(u8),
    /// The commit is not called by its id.
    #[error(
        "`commit_url` does not end with a commit's id: give the id, or an address that ends with it"
    )]
    Commit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Progress {
    message: String,
    percent: Option<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    question: String,
    #[serde(default)]
    options: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issue {
    issue_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Submit {
    issue_id: String,
    commit_url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lesson {
    lesson: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lessons {
    words: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl Call {
    /// Reads the call of a tool. All bounds hold afterwards.
    pub fn parse(tool: &str, arguments: Value) -> Result<Self, BadCall> {
        // Some clients leave out an empty object.
        let arguments = if arguments.is_null() { Value::Object(Map::new()) } else { arguments };
        match tool {
            "report_progress" => {
                let Progress { message, percent } = read(tool, arguments)?;
                bounded("message", &message, PROGRESS_CHARS_MAX)?;
                match percent {
                    Some(percent) if percent > 100 => Err(BadCall::Percent(percent)),
                    percent => Ok(Self::Progress { message, percent }),
                }
            }
            "report_outcome" => outcome(&arguments),
            "ask_human" => {
                let Ask { question, options } = read(tool, arguments)?;
                bounded("question", &question, QUESTION_CHARS_MAX)?;
                if options.len() > OPTIONS_MAX {
                    return Err(BadCall::TooManyOptions { count: options.len() });
                }
                for option in &options {
                    bounded("options", option, OPTION_CHARS_MAX)?;
                }
                Ok(Self::Ask { question, options })
            }
            "get_issue" => {
                let Issue { issue_id } = read(tool, arguments)?;
                Ok(Self::Issue { issue_id })
            }
            "submit_issue_for_review" => {
                let Submit { issue_id, commit_url } = read(tool, arguments)?;
                bounded("commit_url", &commit_url, COMMIT_CHARS_MAX)?;
                let commit = commit_of(&commit_url).ok_or(BadCall::Commit)?.to_owned();
                Ok(Self::Submit { issue_id, commit })
            }
            "base" => read::<Nothing>(tool, arguments).map(|Nothing {}| Self::Base),
            "remember_lesson" => {
                let Lesson { lesson } = read(tool, arguments)?;
                bounded("lesson", &lesson, LESSON_CHARS_MAX)?;
                Ok(Self::Lesson { lesson })
            }
            "search_lessons" => {
                let Lessons { words } = read(tool, arguments)?;
                bounded("words", &words, SEARCH_CHARS_MAX)?;
                Ok(Self::Lessons { words })
            }
            unknown => Err(BadCall::NoSuchTool(unknown.chars().take(100).collect())),
        }
    }
}

fn read<T: DeserializeOwned>(tool: &str, arguments: Value) -> Result<T, BadCall> {
    serde_json::from_value(arguments)
        .map_err(|error| BadCall::Arguments { tool: tool.to_owned(), detail: error.to_string() })
}

fn bounded(what: &'static str, text: &str, chars_max: usize) -> Result<(), BadCall> {
    let chars = text.chars().count();
    if text.trim().is_empty() {
        Err(BadCall::Empty { what })
    } else if chars > chars_max {
        Err(BadCall::TooLong { what, chars, chars_max })
    } else {
        Ok(())
    }
}

/// The same as an outcome file, save that a summary that is too long is refused and not cut:
/// here there is somebody to shorten it.
fn outcome(arguments: &Value) -> Result<Call, BadCall> {
    let summary = arguments["summary"].as_str().unwrap_or_default();
    bounded("summary", summary, SUMMARY_CHARS_MAX)?;
    let bad = |detail| BadCall::Arguments { tool: "report_outcome".to_owned(), detail };
    let outcome = claim::read_outcome(&arguments.to_string()).map_err(|error| match error {
        BadOutcome::Shape { detail } => bad(detail),
        error @ (BadOutcome::TooLarge { .. } | BadOutcome::Version { .. }) => {
            bad(error.to_string())
        }
    })?;
    match outcome.ignored.as_slice() {
        [] => Ok(Call::Outcome(Box::new(outcome))),
        unknown => Err(bad(format!("unknown keys: {}", unknown.join(", ")))),
    }
}

/// The commit's id at the end of an address such as `https://example.org/repo/commit/abc123`.
fn commit_of(url: &str) -> Option<&str> {
    let path = url.trim().split(['?', '#']).next()?;
    let id = path.trim_end_matches('/').rsplit(['/', ':']).next()?;
    let fits = (4..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then_some(id)
}
