//! What each event must be like, judged on the board before it.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a promise is about some events; what it does not name does not concern it"
)]

use std::collections::BTreeMap;

use gangline_domain::board::Board;
use gangline_domain::budget::Budget;
use gangline_domain::command::Command;
use gangline_domain::event::TicketEvent;
use gangline_domain::external::{self, HandIn, is_external};
use gangline_domain::failure::FailureClass;
use gangline_domain::ids::{Actor, ExternalId, JobKind, ProjectId, TicketId, Timestamp};
use gangline_domain::job::{Attempt, AttemptEnd, Integration, JobResult, Run};
use gangline_domain::ticket::{
    AfterStop, AlertKind, Approval, Cause, Escalation, Held, HeldFrom, Lost, NextStart, Reason,
    Stage, Stop, StopHow, Ticket, TicketState, Working,
};
use gangline_domain::verdict::{Report as Checks, Verdict};

use super::{Checker, broken, digest};
use crate::run::Violation;
use crate::world::{AGENTS_MAX, SLOTS};

impl Checker {
    /// Judges an event on the board before it.
    pub(super) fn judge(
        &mut self,
        id: &TicketId,
        what: &TicketEvent,
        at: Timestamp,
    ) -> Result<(), Violation> {
        let board = &self.board;
        let run = board.ticket(id).and_then(gangline_domain::ticket::Ticket::run);
        let really = |result: JobResult| {
            let run = run.clone();
            let known = run.as_ref().is_some_and(|run| {
                let outcome = (run.job.clone(), run.lease.fence, digest(&result));
                self.outcomes.contains(&outcome)
            });
            match known {
                true => Ok(()),
                false => Err(broken("a stale fence changes nothing", format!("{id}: {result:?}"))),
            }
        };
        if let Some(result) = Self::review_result(what) {
            really(result)?;
        }
        match what {
            TicketEvent::AttemptStarted { attempt, lease } => {
                self.may_start(id, attempt)?;
                self.granted.insert((attempt.job.clone(), lease.fence));
            }
            TicketEvent::JobStarted { run } => {
                self.granted.insert((run.job.clone(), run.lease.fence));
            }
            TicketEvent::ReviewerStarted { reviewer, run } => {
                self.may_review(id, reviewer)?;
                self.granted.insert((run.job.clone(), run.lease.fence));
            }
            TicketEvent::ReviewerEnded { review } => self.reviewed(id, review),
            TicketEvent::ReviewerJudged { check } => self.review_judged(id, check),
            TicketEvent::AttemptEnded { end } => {
                if !self.really_handed_in(id, end)? {
                    really(JobResult::Attempt((**end).clone()))?;
                }
                self.is_over(run.as_ref());
            }
            TicketEvent::AttemptRegained => self.may_go_on(id)?,
            TicketEvent::AttemptAdopted { end } => self.really_late(id, end)?,
            TicketEvent::AlertRaised { kind, .. } => self.alarmed(id, run.as_ref(), *kind)?,
            TicketEvent::AlertCleared { kind } => self.calmed(id, *kind)?,
            TicketEvent::Escalated { escalation } => self.may_escalate(id, escalation)?,
            TicketEvent::SentBack { record: None, next, .. } => self.goes_on(id, *next)?,
            TicketEvent::AttemptLost => self.is_over(run.as_ref()),
            TicketEvent::Captured { snapshot } => {
                really(JobResult::Captured(snapshot.clone()))?;
                self.is_captured(id);
            }
            TicketEvent::Verified { report } => {
                really(JobResult::Verified((**report).clone()))?;
                self.measured(id, report);
            }
            TicketEvent::Integrated { found } => {
                really(JobResult::Integrated((**found).clone()))?;
                self.integrated(id, found);
            }
            TicketEvent::Approved { approval } => self.may_approve(id, approval)?,
            TicketEvent::StopRequested { stop } => self.is_to_end(run.as_ref(), stop, at),
            TicketEvent::Submitted { .. } => self.judged_again(id),
            TicketEvent::LandingStarted { .. } => self.lane(id)?,
            TicketEvent::Cancelled | TicketEvent::Held { .. } => self.kept_before(id)?,
            _no_promise => {}
        }
        self.leaves(id, what)
    }

    /// What nobody works on is judged because a person wants it.
    fn judged_again(&mut self, id: &TicketId) {
        let state = self.board.ticket(id).map(|ticket| &ticket.state);
        if let Some(
            TicketState::Escalated(_) | TicketState::Held(Held { from: HeldFrom::Open, .. }),
        ) = state
        {
            self.handed_back.insert(id.clone());
        }
    }

    fn is_captured(&mut self, id: &TicketId) {
        if let Some(TicketState::Working(Working { attempt, .. })) =
            self.board.ticket(id).map(|ticket| &ticket.state)
        {
            self.captured.insert(attempt.job.clone());
        }
    }

    fn integrated(&mut self, id: &TicketId, found: &Integration) {
        let collides = matches!(found, Integration::Conflict { .. });
        self.troubles.insert((id.clone(), AlertKind::Conflict), collides);
        if let Integration::Built { report, .. } = found {
            self.troubles.insert((id.clone(), AlertKind::TestsFailing), tests_fail(report));
        }
    }

    fn measured(&mut self, id: &TicketId, report: &Checks) {
        self.troubles.insert((id.clone(), AlertKind::TestsFailing), tests_fail(report));
        let measured = (id.clone(), report.commit.clone());
        if report.doubts().next().is_some() {
            self.doubted.insert(measured.clone());
        } else {
            self.doubted.remove(&measured);
        }
        if report.verdict() == Verdict::Pass {
            self.verified.insert(measured);
        }
    }

    /// What lands was measured with a pass, and nobody but a person lets pass what was doubted.
    fn may_approve(&self, id: &TicketId, approval: &Approval) -> Result<(), Violation> {
        self.reviewed_before(id, approval)?;
        let commit = (id.clone(), approval.commit.clone());
        if !self.verified.contains(&commit) {
            return Err(broken("inconclusive is no pass", id.to_string()));
        }
        match approval.by == Actor::Policy && self.doubted.contains(&commit) {
            true => Err(broken("what is doubted waits for a person", id.to_string())),
            false => Ok(()),
        }
    }

    /// What a person wants ended goes nowhere else.
    fn leaves(&mut self, id: &TicketId, what: &TicketEvent) -> Result<(), Violation> {
        self.is_for_what_is_asked(id, what)?;
        self.is_told(id, what, self.now)?;
        self.repeated(id, what);
        self.taught(id, what)?;
        match what {
            TicketEvent::StopRequested { stop } => match stop.then {
                AfterStop::Hold | AfterStop::TakeOver | AfterStop::Cancel => {
                    self.leaving.insert(id.clone());
                }
                AfterStop::Return | AfterStop::HandIn(_) => {}
            },
            TicketEvent::Submitted { .. }
            | TicketEvent::SentBack { .. }
            | TicketEvent::Parked { .. }
                if self.leaving.contains(id) =>
            {
                return Err(broken("a ticket that is to stop goes no further", id.to_string()));
            }
            TicketEvent::Cancelled | TicketEvent::Held { .. } | TicketEvent::Escalated { .. } => {
                self.leaving.remove(id);
            }
            _on_its_way => {}
        }
        Ok(())
    }

    /// What an external session has handed in of the running attempt, by the judge's own board.
    fn handed_in(&self, id: &TicketId) -> Option<HandIn> {
        let ticket = self.board.ticket(id)?;
        let external = ticket.running_attempt()?.external.as_ref()?;
        external::handed_in(ticket, external, ticket.run()?.lease.fence).cloned()
    }

    /// Whether the end is what a session has handed in; then it really said so, of this attempt.
    fn really_handed_in(&self, id: &TicketId, end: &AttemptEnd) -> Result<bool, Violation> {
        let Some(hand_in) = self.handed_in(id) else { return Ok(false) };
        let run = self.board.ticket(id).and_then(Ticket::run);
        let said = self.wishes.values().any(|wish| {
            matches!(wish, Command::HandIn { ticket, fence, hand_in: said, .. }
                if ticket == id && **said == hand_in
                    && run.as_ref().is_some_and(|run| run.lease.fence == *fence))
        });
        match said && end.how == hand_in.how.end() && end.claim == hand_in.claim {
            true => Ok(true),
            false => Err(broken("what is handed in is a session's own word", id.to_string())),
        }
    }

    /// The session has gone: what it is at must end.
    pub(super) fn gone(&mut self, project: &ProjectId, external: &ExternalId, at: Timestamp) {
        let its_own = self.board.tickets.values().filter(|ticket| ticket.id.project == *project);
        let attempts = its_own.filter_map(|ticket| ticket.running_attempt());
        for attempt in attempts.filter(|attempt| attempt.external.as_ref() == Some(external)) {
            self.stops.entry(attempt.job.clone()).or_insert(at);
        }
    }

    /// An attempt that runs must end, once somebody wants it to.
    fn is_to_end(&mut self, run: Option<&Run>, stop: &Stop, at: Timestamp) {
        let attempt = run.filter(|run| run.job.kind == JobKind::Attempt);
        if let (Some(run), StopHow::Stop | StopHow::Kill) = (attempt, stop.how) {
            self.stops.insert(run.job.clone(), at);
        }
    }

    /// Nobody waits any more for the attempt to stop.
    fn is_over(&mut self, run: Option<&Run>) {
        if let Some(run) = run {
            self.stops.remove(&run.job);
        }
    }

    /// What is adopted is what the lost attempt really came to.
    fn really_late(&self, id: &TicketId, end: &AttemptEnd) -> Result<(), Violation> {
        let lost = self.board.ticket(id).and_then(|ticket| ticket.lost.as_deref());
        let handed_in = lost.and_then(|lost| lost.handed_in.as_ref());
        if let Some(Stop { then: AfterStop::HandIn(hand_in), .. }) = handed_in {
            return match end.how == hand_in.how.end() {
                true => Ok(()),
                false => Err(broken("what is handed in is a session's own word", id.to_string())),
            };
        }
        let result = JobResult::Attempt(end.clone());
        let known = lost.is_some_and(|Lost { attempt, lease, .. }| {
            self.outcomes.contains(&(attempt.job.clone(), lease.fence, digest(&result)))
        });
        match known {
            true => Ok(()),
            false => Err(broken("a stale fence changes nothing", id.to_string())),
        }
    }

    /// What is told of a ticket's work is so, and was not before.
    fn alarm_changes(&self, id: &TicketId, kind: AlertKind, so: bool) -> Result<(), Violation> {
        let is_so = self.troubles.get(&(id.clone(), kind)).copied().unwrap_or_default();
        let ticket = self.board.ticket(id);
        let known = ticket.is_some_and(|ticket| ticket.alerts().any(|known| known.kind == kind));
        if is_so == so && known != so {
            return Ok(());
        }
        let detail = format!("{id} {kind:?} {so}, is {is_so}, was {known}");
        Err(broken("an alert of a ticket is real, and told once", detail))
    }

    fn calmed(&self, id: &TicketId, kind: AlertKind) -> Result<(), Violation> {
        if kind.is_of_ticket() { self.alarm_changes(id, kind, false) } else { Ok(()) }
    }

    /// Somebody really is to look at it, and was not told before.
    fn alarmed(
        &mut self,
        id: &TicketId,
        run: Option<&Run>,
        kind: AlertKind,
    ) -> Result<(), Violation> {
        if kind.is_of_ticket() {
            return self.alarm_changes(id, kind, true);
        }
        let attempt = run.map(|run| (run.job.clone(), kind));
        let attempt = attempt.filter(|attempt| self.alarms.contains(attempt));
        match attempt.is_some_and(|attempt| self.alerts.insert(attempt)) {
            true => Ok(()),
            false => Err(broken("an alert is real, and raised once", format!("{id} {kind:?}"))),
        }
    }

    /// One attempt per ticket, after its dependencies, within its budget. Promises 2 and 7.
    fn may_start(&self, id: &TicketId, attempt: &Attempt) -> Result<(), Violation> {
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        if attempt.job.ticket != *id || ticket.run().is_some() {
            return Err(broken("one attempt per ticket", id.to_string()));
        }
        let unmet = self.board.unmet(ticket);
        if !unmet.is_empty() {
            return Err(broken("dependencies land first", format!("{id}: {unmet:?}")));
        }
        self.begins_anew(id, attempt)?;
        self.may_be_told(id, attempt)?;
        self.is_able(ticket, attempt)?;
        self.affords(ticket, &attempt.allotment)
    }

    /// Nobody works on what he cannot do, and nobody else on what names its agent: that one, or on
    /// the last try a fallback of it, or whom the policy names for the same failure again.
    fn is_able(&self, ticket: &Ticket, attempt: &Attempt) -> Result<(), Violation> {
        let agents = &self.board.projects[&ticket.id.project].settings.agents;
        let labels = |prefix: &'static str| {
            ticket.spec.labels.iter().filter_map(move |label| label.strip_prefix(prefix))
        };
        let facts = agents.get(&attempt.agent);
        let can = facts.map(|facts| &facts.capabilities);
        let home = &self.board.projects[&ticket.id.project];
        let session = attempt.external.as_ref().and_then(|id| home.externals.get(id));
        let session = session.filter(|session| session.agent == attempt.agent);
        if facts.is_some_and(|facts| is_external(&facts.kind)) != session.is_some() {
            let detail = format!("{}: {:?}", ticket.id, attempt.external);
            return Err(broken("what is assigned has its session", detail));
        }
        let learnt = |need: &str| session.is_some_and(|s| s.capabilities.contains(need));
        let needs = ticket.spec.capabilities.iter().map(String::as_str);
        for need in needs.chain(labels("capability:")) {
            if !can.is_some_and(|can| can.contains(need)) && !learnt(need) {
                let detail = format!("{}: {} and {need}", ticket.id, attempt.agent);
                return Err(broken("nobody works on what he cannot do", detail));
            }
        }
        let strange = labels("agent:").find(|name| {
            let named = agents.iter().find(|(agent, _)| agent.as_str() == *name);
            let fallback = named.is_some_and(|(_, facts)| facts.fallback.contains(&attempt.agent))
                || (ticket.repeats() > 0 && home.settings.retry.agents.contains(&attempt.agent));
            attempt.agent.as_str() != *name && !fallback
        });
        match strange {
            None => Ok(()),
            Some(_) => {
                Err(broken("a ticket's own agent works on it", format!("{}", attempt.agent)))
            }
        }
    }

    /// A lost attempt goes on only where nothing newer has begun.
    fn may_go_on(&self, id: &TicketId) -> Result<(), Violation> {
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        match &ticket.lost {
            Some(lost) if ticket.run().is_none() && ticket.jobs == lost.attempt.job.n => {
                self.affords(ticket, &lost.attempt.allotment)
            }
            _newer => Err(broken("one attempt per ticket", format!("{id}: {:?}", ticket.lost))),
        }
    }

    /// What may be spent is there, whatever the other attempts of the project still spend.
    pub(super) fn affords(&self, ticket: &Ticket, allotment: &Budget) -> Result<(), Violation> {
        let project = &self.board.projects[&ticket.id.project];
        let budgets = &project.settings.budgets;
        let others = self.board.tickets.values().filter(|other| other.id.project == project.id);
        let held: u64 = others
            .filter_map(|other| match (other.running_attempt(), other.reviewer()) {
                (Some(attempt), _) => Some(attempt.allotment),
                (None, reviewer) => reviewer.map(|reviewer| reviewer.allotment),
            })
            .map(|allotment| allotment.tokens.unwrap_or(0))
            .sum();
        let day = project.usage_on(self.now).tokens;
        for (what, budget, used) in [
            ("ticket", budgets.ticket, ticket.usage.tokens),
            ("project", budgets.project, project.usage.tokens + held),
            ("day", budgets.day, day + held),
        ] {
            let Some(most) = budget.tokens else { continue };
            let wanted = allotment.tokens.unwrap_or(u64::MAX);
            if wanted == 0 || used.saturating_add(wanted) > most {
                let detail = format!("{}, {what}: {wanted} and {used} of {most}", ticket.id);
                return Err(broken("budgets hold", detail));
            }
        }
        Ok(())
    }

    /// Only its own budget makes a ticket a person's.
    fn may_escalate(&self, id: &TicketId, escalation: &Escalation) -> Result<(), Violation> {
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        let own = self.board.projects[&id.project].settings.budgets.ticket;
        let spent = own.tokens.is_some_and(|tokens| ticket.usage.tokens >= tokens);
        match escalation.reason == Reason::Budget && !spent {
            true => Err(broken("the budgets of others are waited for", id.to_string())),
            false => Ok(()),
        }
    }

    /// What was cut short for want of budget goes on where it was.
    fn goes_on(&self, id: &TicketId, next: NextStart) -> Result<(), Violation> {
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        let whole = matches!(&ticket.state, TicketState::Working(Working { stage, .. })
            if matches!(stage, Stage::Captured { snapshot: Some(_), .. }));
        match whole && next != NextStart::Resume {
            true => Err(broken("what is cut short is resumed", id.to_string())),
            false => Ok(()),
        }
    }

    /// An attempt's work is captured before its ticket goes anywhere else.
    fn kept_before(&self, id: &TicketId) -> Result<(), Violation> {
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        match &ticket.state {
            TicketState::Working(Working { attempt, .. })
                if !self.captured.contains(&attempt.job) =>
            {
                Err(broken("work is captured before its ticket moves on", id.to_string()))
            }
            _at_rest => Ok(()),
        }
    }

    fn lane(&self, id: &TicketId) -> Result<(), Violation> {
        let mut others = self
            .board
            .queue()
            .filter(|ticket| ticket.id.project == id.project && ticket.id != *id)
            .filter(|ticket| matches!(ticket.state, TicketState::Landing(_)));
        match others.next() {
            None => Ok(()),
            Some(other) => Err(broken("one lane", format!("{id} beside {}", other.id))),
        }
    }

    /// Counts tries as the table of the design says, and compares.
    pub(super) fn count(&mut self, id: &TicketId, what: &TicketEvent) -> Result<(), Violation> {
        let tries = self.tries.entry(id.clone()).or_default();
        match what {
            TicketEvent::Retried => *tries = 0,
            TicketEvent::HandedBack { .. } => {
                self.handed_back.insert(id.clone());
            }
            TicketEvent::AttemptStarted { .. } => {
                self.handed_back.remove(id);
            }
            TicketEvent::SentBack { record: Some(record), .. } => match record.cause {
                Cause::ChecksFailed if self.handed_back.contains(id) => {}
                Cause::ChecksFailed | Cause::GaveUp | Cause::TimedOut | Cause::Crashed => {
                    *tries += 1;
                }
                Cause::AgentBroken
                | Cause::Infra
                | Cause::Conflict
                | Cause::RedOnMerged
                | Cause::Rejected => {}
            },
            _spends_nothing => {}
        }
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        let most = self.board.projects[&id.project].settings.limits.tries;
        if ticket.tries_spent != *tries || *tries > most {
            let detail = format!("{id}: {} spent, {tries} counted", ticket.tries_spent);
            return Err(broken("what spends a try", detail));
        }
        Ok(())
    }

    /// Promise 7, on the durable board.
    pub(super) fn limits(board: &Board) -> Result<(), Violation> {
        let mut by_node: BTreeMap<_, u32> = BTreeMap::new();
        let mut by_project: BTreeMap<_, u32> = BTreeMap::new();
        let mut by_definition: BTreeMap<_, u32> = BTreeMap::new();
        let mut by_session: BTreeMap<_, u32> = BTreeMap::new();
        let mut worktrees: BTreeMap<_, u32> = BTreeMap::new();
        for ticket in board.tickets.values() {
            if let (Some(run), Some(by)) = (ticket.run(), ticket.reviewer()) {
                let project = &ticket.id.project;
                *by_node.entry(run.lease.node).or_default() += 1;
                *by_project.entry(project).or_default() += 1;
                *by_definition.entry((project, &by.agent)).or_default() += 1;
            }
            if let TicketState::Working(Working { attempt, stage: Stage::Running { lease, .. } }) =
                &ticket.state
            {
                let project = &ticket.id.project;
                *by_node.entry(lease.node.clone()).or_default() += 1;
                *worktrees.entry(project).or_default() += 1;
                *by_project.entry(project).or_default() += 1;
                *by_definition.entry((project, &attempt.agent)).or_default() += 1;
                if let Some(id) = &attempt.external {
                    *by_session.entry((project, id)).or_default() += 1;
                }
            }
        }
        let limits = |project: &ProjectId| &board.projects[project].settings.limits;
        let all: u32 = by_node.values().sum();
        let crowded = all > AGENTS_MAX
            || by_node.values().any(|count| *count > SLOTS)
            || by_project.iter().any(|(project, count)| *count > limits(project).agents)
            || worktrees.iter().any(|(project, count)| *count > limits(project).worktrees)
            || by_definition
                .iter()
                .any(|((project, _), count)| *count > limits(project).per_definition)
            || by_session.iter().any(|((project, id), count)| {
                let session = board.projects[*project].externals.get(*id);
                session.is_some_and(|session| *count > session.max_concurrent)
            });
        match crowded {
            true => Err(broken("limits hold", format!("{by_project:?} {by_definition:?}"))),
            false => Ok(()),
        }
    }
}

fn tests_fail(report: &Checks) -> bool {
    let failed = report.checks.iter().filter(|check| check.verdict == Verdict::Fail);
    failed.map(FailureClass::of_check).any(|class| class == FailureClass::Test)
}
