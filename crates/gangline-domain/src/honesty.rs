//! Claims put beside facts, and the record that comes of it for each agent.
//!
//! A claim is true, false, or unproven when nothing was measured that speaks for or against it.
//! Who claims nothing is silent, and has nothing to be judged. A false claim need not be a lie:
//! it is one that the measurement contradicts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{AgentKind, AgentName, Timestamp};
use crate::job::Attempt;
use crate::project::Project;
use crate::ticket::{Submission, Ticket, TicketState};
use crate::verdict::{Claim, ClaimSource, Report, Truth, Verdict};

/// Records that a project keeps; beyond that, the one that was added to longest ago goes.
pub const RECORDS_MAX: usize = 256;

/// What the agent says by ending its attempt.
pub const DONE: &str = "done";
/// What it says when it ends the attempt because nothing is left to do.
pub const NO_CHANGE: &str = "no change needed";

/// How an agent ended its attempt, in its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It did what was asked for.
    Done,
    /// Nothing needs to change.
    NoChangeNeeded {
        /// The commits that it made all the same.
        new_commits: u32,
    },
}

/// All that an attempt claimed, with what became of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsJudged {
    /// Where the claims were read.
    pub source: ClaimSource,
    /// By what was claimed: [`DONE`] or [`NO_CHANGE`], `commits`, `files`, names of checks.
    pub claims: BTreeMap<String, Truth>,
}

impl ClaimsJudged {
    /// How many of them came to this.
    pub fn count(&self, truth: Truth) -> u32 {
        let claims = self.claims.values().filter(|found| **found == truth).count();
        u32::try_from(claims).unwrap_or(u32::MAX)
    }
}

/// Puts a claim beside the report on what it is about.
pub fn judge(claim: &Claim, ending: Ending, report: &Report) -> ClaimsJudged {
    let mut claims: BTreeMap<String, Truth> = BTreeMap::new();
    for judged in report.checks.iter().filter_map(|check| check.judged.as_ref()) {
        // One claim can be about several checks, as `tests` is about all that are tests.
        let truth = claims.entry(judged.claim.clone()).or_insert(judged.truth);
        *truth = (*truth).max(judged.truth);
    }
    let told = [("commits", claim.commits.is_some()), ("files", claim.files.is_some())];
    let told = told.into_iter().filter_map(|(name, told)| told.then_some(name));
    for name in told.chain(claim.checks.keys().map(String::as_str)) {
        claims.entry(name.to_owned()).or_insert(Truth::Unproven);
    }
    if let Some((words, truth)) = ended(claim, ending, report) {
        claims.insert(words.to_owned(), truth);
    }
    ClaimsJudged { source: claim.source, claims }
}

/// Whoever ends with words that could be read says that the required checks pass.
fn ended(claim: &Claim, ending: Ending, report: &Report) -> Option<(&'static str, Truth)> {
    if claim.source == ClaimSource::Nothing {
        return None;
    }
    let words = match ending {
        Ending::Done => DONE,
        Ending::NoChangeNeeded { new_commits: 0 } => NO_CHANGE,
        Ending::NoChangeNeeded { .. } => return Some((NO_CHANGE, Truth::False)),
    };
    let truth = match report.verdict() {
        Verdict::Pass => Truth::True,
        Verdict::Inconclusive => Truth::Unproven,
        // What the agent itself said to fail contradicts nothing that it said.
        Verdict::Fail if only_as_told(report) => return None,
        Verdict::Fail => Truth::False,
    };
    Some((words, truth))
}

fn only_as_told(report: &Report) -> bool {
    report
        .not_passed()
        .all(|check| check.judged.as_ref().is_some_and(|judged| judged.truth == Truth::True))
}

/// What is known of an agent's claims: of one definition, driven one way, with one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HonestyRecord {
    /// The definition.
    pub agent: AgentName,
    /// How it was driven.
    pub kind: AgentKind,
    /// The model that the definition asked for, where it named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// When it was added to last.
    pub last_at: Timestamp,
    /// Its counts.
    pub counts: HonestyCounts,
}

/// See [`HonestyRecord`]. What a person did, and what a person had judged once more, is in none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HonestyCounts {
    /// Attempts whose work was verified.
    pub attempts: u32,
    /// Those of them that passed.
    pub passed: u32,
    /// Those of `attempts` that were the first of their ticket to get a verdict, on its first try.
    pub firsts: u32,
    /// Those of `firsts` that passed.
    pub first_passed: u32,
    /// Claims that were true.
    pub claims_true: u32,
    /// Claims that were false.
    pub claims_false: u32,
    /// Claims that nothing spoke for or against.
    pub claims_unproven: u32,
    /// Those of all these claims that were read from a final message, and may be misread.
    pub claims_read: u32,
}

impl HonestyCounts {
    fn add(&mut self, judged: &ClaimsJudged, verdict: Verdict, first: bool) {
        let passed = u32::from(verdict == Verdict::Pass);
        self.attempts += 1;
        self.passed += passed;
        if first && verdict != Verdict::Inconclusive {
            self.firsts += 1;
            self.first_passed += passed;
        }
        self.claims_true += judged.count(Truth::True);
        self.claims_false += judged.count(Truth::False);
        self.claims_unproven += judged.count(Truth::Unproven);
        if judged.source == ClaimSource::Message {
            self.claims_read += u32::try_from(judged.claims.len()).unwrap_or(u32::MAX);
        }
    }
}

impl Project {
    /// Counts what was measured of a ticket that is being verified. An inconclusive report that is
    /// followed by a second measurement is left to that one.
    pub(crate) fn count_claims(&mut self, ticket: &Ticket, report: &Report, at: Timestamp) {
        let TicketState::Verifying(verifying) = &ticket.state else { return };
        let Submission { attempt, snapshot, claim, .. } = &verifying.submission;
        let verdict = report.verdict();
        let again = verdict == Verdict::Inconclusive && verifying.inconclusive == 0;
        if again || verifying.submission.by_person || verifying.submission.again {
            return;
        }
        let ending = match verifying.submission.no_change {
            true => Ending::NoChangeNeeded { new_commits: snapshot.new_commits },
            false => Ending::Done,
        };
        let first = ticket.verified == 0 && attempt.try_no == 1;
        let record = self.record_of(attempt, at);
        record.counts.add(&judge(claim, ending, report), verdict, first);
    }

    fn record_of(&mut self, attempt: &Attempt, at: Timestamp) -> &mut HonestyRecord {
        let Attempt { agent, kind, model, .. } = attempt;
        let place = self.honesty.binary_search_by(|known| {
            (&known.agent, &known.kind, &known.model).cmp(&(agent, kind, model))
        });
        let place = place.unwrap_or_else(|place| {
            let mut place = place;
            if self.honesty.len() >= RECORDS_MAX
                && let Some((oldest, _)) =
                    self.honesty.iter().enumerate().min_by_key(|(_, known)| known.last_at)
            {
                self.honesty.remove(oldest);
                place -= usize::from(oldest < place);
            }
            let (agent, kind, model) = (agent.clone(), kind.clone(), model.clone());
            let counts = HonestyCounts::default();
            self.honesty.insert(place, HonestyRecord { agent, kind, model, last_at: at, counts });
            place
        });
        let record = &mut self.honesty[place];
        record.last_at = at;
        record
    }
}

#[cfg(test)]
mod tests;
