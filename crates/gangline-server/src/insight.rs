//! What the events come to over time: how much lands, how long it takes, and what goes wrong.
//!
//! A fold over the sequence of events and nothing else: the same events give the same figures,
//! whenever and wherever they are counted. It is kept in memory and begun anew with each daemon.

#![expect(
    clippy::cast_precision_loss,
    reason = "what is measured is exact up to 2^52, and nobody reads it more closely"
)]

mod spread;

use std::collections::BTreeMap;

use gangline_api::insight::TallyView as Tally;
use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::ids::{AgentKind, AgentName, ProjectId, TicketId, Timestamp};
use gangline_domain::job::{Attempt, EndKind, Integration};
use gangline_domain::ticket::{Cause, TryRecord};
use gangline_domain::verdict::{Coverage, Report, Verdict};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::archive::Archive;
use crate::follow::{Place, follow};
use crate::orchestrator::Orchestrator;
use crate::view::word;

pub(crate) use spread::{BOUNDS_MS, Spread};

/// Days of which the figures are kept apart, for each project.
pub(crate) const DAYS_MAX: usize = 400;
/// Definitions of agents that are told apart in one project; what others do counts as `others`.
const AGENTS_MAX: usize = 64;
/// Checks that are told apart in one project.
const CHECKS_MAX: usize = 64;
/// Under this name counts what has no place of its own any more.
const OTHERS: &str = "others";
pub(crate) const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;

/// What was counted of one definition of an agent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct AgentTally {
    pub(crate) attempts: u64,
    /// Attempts by how they ended.
    pub(crate) ends: BTreeMap<&'static str, u64>,
    /// Of its commits that were measured.
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) tokens: u64,
    pub(crate) cost_microusd: u64,
    pub(crate) busy_ms: u64,
}

/// All figures of one project.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProjectFigures {
    pub(crate) total: Tally,
    /// By the number of days since the Unix epoch (UTC), at most [`DAYS_MAX`].
    pub(crate) days: BTreeMap<i64, Tally>,
    pub(crate) agents: BTreeMap<(String, String), AgentTally>,
    /// Required checks that failed, by name.
    pub(crate) failing: BTreeMap<String, u64>,
    /// Tries that failed, by the class of their failure.
    pub(crate) classes: BTreeMap<String, u64>,
    /// From its addition to its landing.
    pub(crate) to_landing: Spread,
    /// From the approval to the landing: the time that a merge takes.
    pub(crate) to_merge: Spread,
    /// From the request of a review to its answer.
    pub(crate) to_review: Spread,
    pub(crate) attempt: Spread,
    pub(crate) verification: Spread,
    /// Tries that landed tickets took.
    pub(crate) tries: BTreeMap<u8, u64>,
    /// What ran of the code, by the check that measured it, for what landed last and was measured.
    pub(crate) coverage: BTreeMap<String, Coverage>,
}

/// The figures by which a team sees whether it is worth it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Success {
    /// Tickets that landed or were delivered, per day of the last seven.
    pub(crate) landed_per_day: f64,
    /// Of all reviews, those that let a commit pass; absent where there was none.
    pub(crate) review_pass_rate: Option<f64>,
    /// Collisions with the target; absent where no commit was left.
    pub(crate) conflicts_per_100_commits: Option<f64>,
}

impl ProjectFigures {
    pub(crate) fn success(&self, now_us: i64) -> Success {
        let today = now_us.div_euclid(DAY_US);
        let week = self.days.range(today - 6..=today).map(|(_, day)| day.landed + day.delivered);
        let Tally { approved, rejected, conflicts, commits, .. } = self.total;
        let ratio = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        Success {
            landed_per_day: week.sum::<u64>() as f64 / 7.0,
            review_pass_rate: ratio(approved, approved + rejected),
            conflicts_per_100_commits: ratio(conflicts, commits).map(|each| each * 100.0),
        }
    }
}

/// What is remembered of a ticket until it is closed.
#[derive(Debug, Clone, Default)]
struct Live {
    added: Option<Timestamp>,
    attempt: Option<(AgentName, AgentKind, u8)>,
    begun: Option<Timestamp>,
    submitted: Option<Timestamp>,
    review: Option<Timestamp>,
    approved: Option<Timestamp>,
    was_measured: bool,
    coverage: BTreeMap<String, Coverage>,
}

/// All figures.
#[derive(Debug, Clone, Default)]
pub(crate) struct Insight {
    /// The last event that was counted.
    pub(crate) seq: u64,
    pub(crate) projects: BTreeMap<ProjectId, ProjectFigures>,
    /// Events by type.
    pub(crate) events: BTreeMap<&'static str, u64>,
    live: BTreeMap<TicketId, Live>,
}

impl Insight {
    /// Counts an event. Events that were counted are passed over.
    pub(crate) fn take(&mut self, recorded: &Recorded) {
        if recorded.seq <= self.seq {
            return;
        }
        self.seq = recorded.seq;
        *self.events.entry(recorded.event.type_name()).or_default() += 1;
        if let Event::ProjectRemoved { project } = &recorded.event {
            self.projects.remove(project);
            self.live.retain(|ticket, _| ticket.project != *project);
        }
        let Event::Ticket { ticket, what } = &recorded.event else { return };
        let live = self.live.entry(ticket.clone()).or_default();
        let figures = self.projects.entry(ticket.project.clone()).or_default();
        let mut counting = Counting { figures, live, at: recorded.at };
        counting.take(what);
        if matches!(
            what,
            TicketEvent::Landed { .. } | TicketEvent::Delivered { .. } | TicketEvent::Cancelled
        ) {
            self.live.remove(ticket);
        }
    }
}

/// Counts what is committed, from the first event on, until `ending`.
pub async fn measure<O: Orchestrator, A: Archive>(app: App<O, A>, ending: CancellationToken) {
    let place = Place { seq: app.orchestrator.seq(), at: app.insight().seq };
    follow(
        &app.orchestrator,
        &ending,
        place,
        || true,
        |page| {
            let mut insight = app.insight_mut();
            for recorded in page {
                insight.take(recorded);
            }
        },
    )
    .await;
}

/// One event, where it is counted.
struct Counting<'i> {
    figures: &'i mut ProjectFigures,
    live: &'i mut Live,
    at: Timestamp,
}

impl Counting<'_> {
    /// Counts in all and on the day.
    fn count(&mut self, count: impl Fn(&mut Tally)) {
        count(&mut self.figures.total);
        let days = &mut self.figures.days;
        count(days.entry(self.at.0.div_euclid(DAY_US)).or_default());
        while days.len() > DAYS_MAX {
            days.pop_first();
        }
    }

    fn since(&self, begun: Option<Timestamp>) -> Option<u64> {
        let begun = begun?;
        u64::try_from((self.at.0 - begun.0) / 1_000).ok()
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "figures are about some events; what they do not name does not concern them"
    )]
    fn take(&mut self, what: &TicketEvent) {
        match what {
            TicketEvent::Added { .. } => {
                self.live.added = Some(self.at);
                self.count(|tally| tally.added += 1);
            }
            TicketEvent::AttemptStarted { attempt, .. } => self.begun(attempt),
            TicketEvent::AttemptEnded { end } | TicketEvent::AttemptAdopted { end } => {
                let spent = end.usage;
                self.ended(end_word(&end.how), (spent.tokens, spent.cost_microusd));
            }
            TicketEvent::AttemptLost => self.ended("lost", (0, 0)),
            TicketEvent::QuestionAsked { .. } => self.count(|tally| tally.questions += 1),
            TicketEvent::AlertRaised { .. } => self.count(|tally| tally.alerts += 1),
            TicketEvent::Captured { snapshot: Some(snapshot) } => {
                let commits = u64::from(snapshot.new_commits);
                self.count(|tally| tally.commits += commits);
            }
            TicketEvent::Submitted { .. } => self.live.submitted = Some(self.at),
            TicketEvent::Verified { report } => {
                self.live.coverage = coverage(report);
                let failed = report.not_passed().filter(|check| check.verdict == Verdict::Fail);
                let names: Vec<String> = failed.map(|check| check.name.clone()).collect();
                self.measured(report.verdict(), names);
            }
            TicketEvent::ReviewerEnded { review } => {
                let spent = review.usage;
                self.count(|tally| {
                    tally.tokens += spent.tokens;
                    tally.cost_microusd += spent.cost_microusd;
                });
            }
            TicketEvent::ReviewerJudged { check } => match check.verdict {
                Verdict::Pass => self.count(|tally| tally.approved += 1),
                Verdict::Fail => self.count(|tally| tally.rejected += 1),
                Verdict::Inconclusive => {}
            },
            TicketEvent::ReviewRequested => self.live.review = Some(self.at),
            TicketEvent::Approved { .. } => {
                self.reviewed();
                self.live.approved = Some(self.at);
                self.count(|tally| tally.approved += 1);
            }
            TicketEvent::Rejected { .. } => {
                self.reviewed();
                self.count(|tally| tally.rejected += 1);
            }
            TicketEvent::Integrated { found } => {
                match &**found {
                    Integration::Conflict { .. } => self.count(|tally| tally.conflicts += 1),
                    // What was measured on the merged tree is what lands.
                    Integration::Built { report, .. } => {
                        let merged = coverage(report);
                        if !merged.is_empty() {
                            self.live.coverage = merged;
                        }
                    }
                }
            }
            TicketEvent::SentBack { record: Some(record), .. } => self.sent_back(record),
            TicketEvent::Escalated { .. } => self.count(|tally| tally.escalated += 1),
            TicketEvent::Landed { .. } => self.landed(),
            TicketEvent::Delivered { .. } => self.count(|tally| tally.delivered += 1),
            TicketEvent::Cancelled => self.count(|tally| tally.cancelled += 1),
            _not_counted => {}
        }
    }

    fn agent(&mut self) -> Option<&mut AgentTally> {
        let (agent, kind, _) = self.live.attempt.as_ref()?;
        let agents = &mut self.figures.agents;
        let mut name = (agent.to_string(), kind.to_string());
        if agents.len() >= AGENTS_MAX && !agents.contains_key(&name) {
            name = (OTHERS.to_owned(), OTHERS.to_owned());
        }
        Some(agents.entry(name).or_default())
    }

    fn begun(&mut self, attempt: &Attempt) {
        self.live.attempt = Some((attempt.agent.clone(), attempt.kind.clone(), attempt.try_no));
        self.live.begun = Some(self.at);
        self.count(|tally| tally.attempts += 1);
        if let Some(agent) = self.agent() {
            agent.attempts += 1;
        }
    }

    fn ended(&mut self, how: &'static str, (tokens, cost_microusd): (u64, u64)) {
        let begun = self.live.begun.take();
        let busy_ms = self.since(begun);
        if let Some(ms) = busy_ms {
            self.figures.attempt.take(ms);
        }
        let busy_ms = busy_ms.unwrap_or(0);
        self.count(|tally| {
            tally.tokens += tokens;
            tally.cost_microusd += cost_microusd;
            tally.busy_ms += busy_ms;
        });
        if let Some(agent) = self.agent() {
            *agent.ends.entry(how).or_default() += 1;
            agent.tokens += tokens;
            agent.cost_microusd += cost_microusd;
            agent.busy_ms += busy_ms;
        }
    }

    fn measured(&mut self, verdict: Verdict, failed: Vec<String>) {
        if let Some(ms) = self.since(self.live.submitted) {
            self.figures.verification.take(ms);
        }
        let is_first = !std::mem::replace(&mut self.live.was_measured, true);
        self.count(|tally| {
            tally.measured_first += u64::from(is_first);
            match verdict {
                Verdict::Pass => {
                    tally.passed += 1;
                    tally.passed_first += u64::from(is_first);
                }
                Verdict::Fail => tally.failed += 1,
                Verdict::Inconclusive => tally.inconclusive += 1,
            }
        });
        if let Some(agent) = self.agent() {
            agent.passed += u64::from(verdict == Verdict::Pass);
            agent.failed += u64::from(verdict == Verdict::Fail);
        }
        let failing = &mut self.figures.failing;
        for mut name in failed {
            if failing.len() >= CHECKS_MAX && !failing.contains_key(&name) {
                OTHERS.clone_into(&mut name);
            }
            *failing.entry(name).or_default() += 1;
        }
    }

    fn reviewed(&mut self) {
        let requested = self.live.review.take();
        if let Some(ms) = self.since(requested) {
            self.figures.to_review.take(ms);
        }
    }

    fn sent_back(&mut self, record: &TryRecord) {
        // What cannot be put together textually is an `Integrated` of its own.
        if record.cause == Cause::RedOnMerged {
            self.count(|tally| tally.conflicts += 1);
        }
        *self.figures.classes.entry(word(record.class())).or_default() += 1;
    }

    fn landed(&mut self) {
        self.count(|tally| tally.landed += 1);
        let measured = std::mem::take(&mut self.live.coverage);
        if !measured.is_empty() {
            self.figures.coverage = measured;
        }
        if let Some(ms) = self.since(self.live.added) {
            self.figures.to_landing.take(ms);
        }
        if let Some(ms) = self.since(self.live.approved) {
            self.figures.to_merge.take(ms);
        }
        if let Some((_, _, tries)) = self.live.attempt {
            *self.figures.tries.entry(tries).or_default() += 1;
        }
    }
}

/// What the report tells of coverage, by the names of its checks.
fn coverage(report: &Report) -> BTreeMap<String, Coverage> {
    let told = report.checks.iter().filter_map(|check| Some((check.name.clone(), check.coverage?)));
    told.take(CHECKS_MAX).collect()
}

/// How an attempt ended, in a word.
pub(crate) fn end_word(how: &EndKind) -> &'static str {
    match how {
        EndKind::Finished => "finished",
        EndKind::NoChangeNeeded => "no_change_needed",
        EndKind::HandedBack => "handed_back",
        EndKind::GaveUp(_) => "gave_up",
        EndKind::TimedOut => "timed_out",
        EndKind::Crashed(_) => "crashed",
        EndKind::BudgetSpent => "budget_spent",
        EndKind::Unanswered(_) => "unanswered",
        EndKind::Quota { .. } => "quota",
        EndKind::AuthFailed(_) => "auth_failed",
        EndKind::AgentMissing(_) => "agent_missing",
        EndKind::Stopped => "stopped",
        EndKind::Infra(_) => "infra",
    }
}

#[cfg(test)]
mod tests;
