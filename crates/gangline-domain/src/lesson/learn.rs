//! What a landing teaches.

use super::words::one_line;
use super::{
    Against, LESSON_CHARS_MAX, LINE_CHARS_MAX, Lesson, LessonCounts, LessonSource, PATHS_MAX,
};
use crate::failure::FailureClass;
use crate::ids::{CommitId, Timestamp};
use crate::level::Level;
use crate::project::Project;
use crate::ticket::{Submission, Ticket, TryRecord};

/// What is to be learned of a ticket whose `submission` lands as `commit`, after an earlier attempt
/// had failed: what the attempt that passed said it did, against the last failure before it.
///
/// Nothing, when a person did it, when nothing was said, when it is known, or when the ticket is
/// confidential.
pub fn learned(
    project: &Project,
    ticket: &Ticket,
    submission: &Submission,
    commit: &CommitId,
    now: Timestamp,
) -> Option<Lesson> {
    let level = ticket.level();
    if submission.by_person || submission.no_change || level >= Level::C3 {
        return None;
    }
    let record = ticket.records.iter().rev().find(|record| teaches(record))?;
    let text = said(submission)?;
    let failure = record.failure.as_ref()?;
    let lessons = &project.lessons;
    let known = lessons.all.iter().any(|lesson| {
        let against = lesson.against.as_ref();
        let overcome = against.is_some_and(|against| against.class == failure.class);
        // What was offered and helped is counted, and need not be said in other words.
        lesson.text == text || (overcome && submission.attempt.lessons.contains(&lesson.id))
    });
    if known {
        return None;
    }
    let line = record.lines.first().unwrap_or(&record.error);
    let paths = ticket.spec.scope.patterns().iter().take(PATHS_MAX).cloned().collect();
    Some(Lesson {
        id: lessons.next_id(),
        text,
        level,
        against: Some(Against {
            class: failure.class,
            fingerprint: Some(failure.fingerprint.clone()),
            line: one_line(line, LINE_CHARS_MAX),
        }),
        paths,
        source: LessonSource::Attempt {
            job: submission.attempt.job.clone(),
            agent: submission.attempt.agent.clone(),
            commit: commit.clone(),
            title: one_line(&ticket.spec.title, LINE_CHARS_MAX),
        },
        added_at: now,
        counts: LessonCounts::default(),
    })
}

/// Whether somebody could have done better.
fn teaches(record: &TryRecord) -> bool {
    match record.class() {
        FailureClass::AgentBroken
        | FailureClass::Machine
        | FailureClass::NotMeasured
        | FailureClass::Crash
        | FailureClass::Unknown => false,
        FailureClass::Compile
        | FailureClass::Type
        | FailureClass::Test
        | FailureClass::Lint
        | FailureClass::Command
        | FailureClass::Setup
        | FailureClass::NoCommit
        | FailureClass::WrongCommits
        | FailureClass::FalseClaim
        | FailureClass::Uncommitted
        | FailureClass::Scope
        | FailureClass::Protected
        | FailureClass::TestsWeakened
        | FailureClass::Secrets
        | FailureClass::ConflictMarkers
        | FailureClass::Deliverable
        | FailureClass::GaveUp
        | FailureClass::Timeout
        | FailureClass::Conflict
        | FailureClass::RedOnMerged
        | FailureClass::Review
        | FailureClass::Rejected => true,
    }
}

/// What the agent wanted remembered, or else its summary.
fn said(submission: &Submission) -> Option<String> {
    let claim = &submission.claim;
    let lessons = claim.lessons.join(" · ");
    let text = if lessons.trim().is_empty() { &claim.summary } else { &lessons };
    Some(one_line(text, LESSON_CHARS_MAX)).filter(|text| !text.is_empty())
}
