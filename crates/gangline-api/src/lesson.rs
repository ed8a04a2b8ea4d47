//! Lessons of a project: what helped, who says so, and what it was worth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `GET /projects/{project}/lessons?search=&limit=`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LessonsQuery {
    /// Only those with any of these words, the best first; all by number, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A list of lessons.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lessons {
    /// The project.
    pub project: String,
    /// As they were asked for.
    pub lessons: Vec<LessonView>,
}

/// A lesson. Nobody has checked what it says; what became of attempts that were offered it is
/// measured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LessonView {
    /// Such as `L7`.
    pub id: String,
    /// What it says, in one line.
    pub text: String,
    /// `c0`, `c1` or `c2`: it is offered only to tickets that are at least as confidential.
    pub level: String,
    /// What kind of failure it is against, in one word, such as `compile`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// What that failure is recognised by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The first decisive line of that failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Patterns of the paths that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Who says so.
    pub source: LessonSourceView,
    /// When it was added.
    pub added_us: i64,
    /// Attempts that were offered it.
    pub offered: u32,
    /// Those of them that passed their first verification.
    pub helped: u32,
    /// Those of them that failed in the way that it is against.
    pub in_vain: u32,
    /// When it last helped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helped_us: Option<i64>,
    /// Why it is offered no more, for people; absent while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired: Option<String>,
}

/// Who says what a lesson says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LessonSourceView {
    /// The person, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The ticket that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The attempt whose agent said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
    /// That agent's definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The commit that landed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// `POST /projects/{project}/lessons`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AddLesson {
    /// At most 600 characters; becomes one line.
    pub text: String,
    /// What kind of failure it helps against, such as `compile`; any, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Patterns of the paths that it is about, at most 8.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// `c0`, `c1` or `c2`; `c1` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
}
