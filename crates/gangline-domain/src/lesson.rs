//! Lessons of a project: what helped against a failure, said by an agent or a person, with its
//! source, and what became of those who were offered it. A claim, like all that agents say.

mod fit;
mod learn;
mod search;
mod words;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::failure::FailureClass;
use crate::ids::{Actor, AgentName, CommitId, JobId, Timestamp};
use crate::level::Level;
use crate::ticket::Ticket;
use crate::verdict::{Report, Verdict};

pub use fit::{OFFERED_MAX, fitting};
pub use learn::learned;
pub use search::{Found, search};
pub use words::{one_line, tokens};

/// Lessons that a project keeps; beyond that, one that is of no use any more goes first, and then
/// the one that was of use longest ago.
pub const LESSONS_MAX: usize = 100;
/// Characters of a lesson.
pub const LESSON_CHARS_MAX: usize = 600;
/// Characters of the line that says what a lesson helped against, and of its ticket's title.
pub const LINE_CHARS_MAX: usize = 160;
/// Patterns of paths that a lesson is about.
pub const PATHS_MAX: usize = 8;
/// Attempts in a row that failed in spite of a lesson, after which it is offered no more.
pub const IN_VAIN_MAX: u32 = 3;
/// Attempts in a row that were offered a lesson without passing at once, after which it is offered
/// no more.
pub const IDLE_MAX: u32 = 10;
/// Milliseconds after which a lesson is offered no more that was neither added nor of help in them.
pub const UNUSED_MS_MAX: u64 = 90 * 24 * 3_600_000;

/// A lesson's number within its project, from 1; shown as `L7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LessonId(pub u32);

impl fmt::Display for LessonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "L{}", self.0)
    }
}

/// The text is not a lesson's number, such as `L7`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a lesson's number, such as L7", .0.escape_debug())]
pub struct BadLessonId(String);

impl FromStr for LessonId {
    type Err = BadLessonId;
    fn from_str(text: &str) -> Result<Self, BadLessonId> {
        let number = text.strip_prefix(['L', 'l']).unwrap_or(text);
        let bad = || BadLessonId(text.chars().take(20).collect());
        let is_plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        number.parse().ok().filter(|n| *n > 0 && is_plain).map(Self).ok_or_else(bad)
    }
}

/// What helped, who says so, and what it was worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// Its number.
    pub id: LessonId,
    /// One line of at most [`LESSON_CHARS_MAX`] characters, without control characters.
    pub text: String,
    /// How confidential it is: as much as the ticket that it comes from.
    #[serde(default)]
    pub level: Level,
    /// What it helped against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// The paths that it is about, as patterns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Who says so.
    pub source: LessonSource,
    /// When it was added.
    pub added_at: Timestamp,
    /// What became of those who were offered it.
    #[serde(default)]
    pub counts: LessonCounts,
}

/// What a lesson helped against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Against {
    /// What kind of failure.
    pub class: FailureClass,
    /// What that failure is recognised by; absent in what a person says of all of a kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The first decisive line of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub line: String,
}

/// Where a lesson comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LessonSource {
    /// A person said so.
    Person {
        /// Who.
        by: Actor,
    },
    /// The agent of an attempt said so, whose work landed after an earlier one had failed.
    Attempt {
        /// The attempt.
        job: JobId,
        /// Its definition.
        agent: AgentName,
        /// What landed.
        commit: CommitId,
        /// Its ticket's title.
        title: String,
    },
}

/// What became of those who were offered a lesson.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonCounts {
    /// Attempts that were offered it.
    pub offered: u32,
    /// Those of them that passed their first verification.
    pub helped: u32,
    /// Those of them that failed in the way that it is against; in any way, when it names none.
    pub in_vain: u32,
    /// Offered since it last helped.
    #[serde(default)]
    pub offered_since: u32,
    /// In vain since it last helped.
    #[serde(default)]
    pub in_vain_since: u32,
    /// When it last helped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helped_at: Option<Timestamp>,
}

/// Why a lesson is offered no more. It stays to be seen until its place is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expired {
    /// Attempts failed in spite of it, again and again.
    InVain,
    /// It was offered again and again, and nobody passed at once.
    Idle,
    /// It has not helped for long.
    Unused,
}

impl Expired {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::InVain => "attempts failed in spite of it",
            Self::Idle => "it was offered often, and helped nobody",
            Self::Unused => "it has not helped for 90 days",
        }
    }
}

impl Lesson {
    /// Whether and why it is offered no more.
    pub fn expired(&self, now: Timestamp) -> Option<Expired> {
        if self.counts.in_vain_since >= IN_VAIN_MAX {
            return Some(Expired::InVain);
        }
        if self.counts.offered_since >= IDLE_MAX {
            return Some(Expired::Idle);
        }
        (now.ms_since(self.useful_at()) >= UNUSED_MS_MAX).then_some(Expired::Unused)
    }

    fn useful_at(&self) -> Timestamp {
        self.counts.helped_at.map_or(self.added_at, |at| at.max(self.added_at))
    }
}

/// All lessons of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lessons {
    /// The number of the last one.
    pub last: u32,
    /// By number, at most [`LESSONS_MAX`].
    pub all: Vec<Lesson>,
}

impl Lessons {
    /// Whether there never was one.
    pub fn is_new(&self) -> bool {
        *self == Self::default()
    }

    /// The number of the next one.
    pub fn next_id(&self) -> LessonId {
        LessonId(self.last.saturating_add(1))
    }

    /// The one of this number.
    pub fn get(&self, id: LessonId) -> Option<&Lesson> {
        self.all.iter().find(|lesson| lesson.id == id)
    }

    pub(crate) fn add(&mut self, lesson: &Lesson) {
        self.last = self.last.max(lesson.id.0);
        if self.all.len() >= LESSONS_MAX {
            let now = lesson.added_at;
            let least = self.all.iter().enumerate();
            let least =
                least.min_by_key(|(_, known)| (known.expired(now).is_none(), known.useful_at()));
            if let Some((at, _)) = least {
                self.all.remove(at);
            }
        }
        self.all.push(lesson.clone());
    }

    pub(crate) fn remove(&mut self, id: LessonId) {
        self.all.retain(|lesson| lesson.id != id);
    }

    /// Counts an attempt that was offered these.
    pub(crate) fn offered(&mut self, ids: &[LessonId]) {
        for lesson in self.all.iter_mut().filter(|lesson| ids.contains(&lesson.id)) {
            lesson.counts.offered = lesson.counts.offered.saturating_add(1);
            lesson.counts.offered_since = lesson.counts.offered_since.saturating_add(1);
        }
    }

    /// Counts what was measured of an attempt that was offered some. What a person did, or had
    /// judged once more, says nothing of them.
    pub(crate) fn judged(&mut self, ticket: &Ticket, report: &Report, at: Timestamp) {
        let crate::ticket::TicketState::Verifying(verifying) = &ticket.state else { return };
        let submission = &verifying.submission;
        if submission.by_person || submission.again {
            return;
        }
        let ids = &submission.attempt.lessons;
        let class = crate::failure::Failure::of_report(report).class;
        for lesson in self.all.iter_mut().filter(|lesson| ids.contains(&lesson.id)) {
            let counts = &mut lesson.counts;
            match report.verdict() {
                Verdict::Pass => {
                    counts.helped = counts.helped.saturating_add(1);
                    counts.helped_at = Some(at);
                    (counts.offered_since, counts.in_vain_since) = (0, 0);
                }
                Verdict::Fail if lesson.against.as_ref().is_none_or(|it| it.class == class) => {
                    counts.in_vain = counts.in_vain.saturating_add(1);
                    counts.in_vain_since = counts.in_vain_since.saturating_add(1);
                }
                Verdict::Fail | Verdict::Inconclusive => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
