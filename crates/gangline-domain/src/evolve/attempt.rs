//! What happens to an attempt, from its start until what it left is in the hub.

use crate::budget::Usage;
use crate::event::TicketEvent;
use crate::ids::Timestamp;
use crate::job::{Attempt, AttemptEnd, EndKind, Infra, Lease, Left, Snapshot, Start};
use crate::mutant::{Mutant, active};
use crate::ticket::{
    AfterStop, Alert, Held, HeldFrom, Lost, NextStart, Phase, Said, Stage, Stop, Ticket,
    TicketState, Working,
};
use crate::verdict::Claim;

/// An ended attempt, whose work is to be fetched at once.
fn capturing(
    attempt: Attempt,
    end: AttemptEnd,
    lease: Lease,
    stop: Option<Stop>,
    at: Timestamp,
) -> Working {
    let phase = Phase::Due { not_before: at };
    Working { attempt, stage: Stage::Capturing { end, lease, stop, phase } }
}

fn is_hand_in(stop: &Stop) -> bool {
    matches!(stop.then, AfterStop::HandIn(_))
}

fn began(attempt: &Attempt) -> NextStart {
    match attempt.start {
        Start::Fresh => NextStart::Fresh,
        Start::Resume(_) => NextStart::Resume,
    }
}

impl Ticket {
    pub(super) fn working(&mut self, what: &TicketEvent) -> &mut Working {
        if !matches!(self.state, TicketState::Working(_)) {
            self.bug(what);
        }
        let TicketState::Working(working) = &mut self.state else { unreachable!("just looked") };
        working
    }

    pub(super) fn start(&mut self, attempt: &Attempt, lease: &Lease) {
        self.jobs = attempt.job.n;
        self.lost = None;
        self.home = Some(lease.node.clone());
        let lease = lease.clone();
        let (questions, said, alerts) = (vec![], vec![], vec![]);
        let stage = Stage::Running { lease, questions, said, stop: None, alerts };
        self.state = TicketState::Working(Working { attempt: attempt.clone(), stage });
    }

    pub(super) fn talk(&mut self, what: &TicketEvent) {
        let working = self.working(what);
        if let TicketEvent::StopRequested { stop: wish } = what
            && let Stage::Capturing { stop, .. } = &mut working.stage
        {
            if !active(Mutant::ForgetLateStop) {
                *stop = Some(wish.clone());
            }
            return;
        }
        let Stage::Running { questions, said, stop, .. } = &mut working.stage else {
            self.bug(what)
        };
        if let TicketEvent::QuestionAsked { question } = what {
            questions.push(question.clone());
        } else if let TicketEvent::QuestionAnswered { answer }
        | TicketEvent::QuestionExpired { answer } = what
        {
            questions.retain(|asked| asked.id != answer.question);
            said.push(Said::Answer(answer.clone()));
        } else if let TicketEvent::Steered { text } = what {
            said.push(Said::Word { text: text.clone() });
        } else if let TicketEvent::StopRequested { stop: wish } = what {
            *stop = Some(wish.clone());
        } else {
            self.bug(what);
        }
    }

    pub(super) fn alert(&mut self, what: &TicketEvent, at: Timestamp) {
        if let TicketEvent::AlertRaised { kind, since } = what
            && kind.is_of_ticket()
        {
            self.alarms.push(Alert { kind: *kind, since: *since, cleared_at: None });
            return;
        }
        if let TicketEvent::AlertCleared { kind } = what
            && kind.is_of_ticket()
        {
            self.alarms.retain(|alert| alert.kind != *kind);
            return;
        }
        let working = self.working(what);
        let Stage::Running { alerts, .. } = &mut working.stage else { self.bug(what) };
        if let TicketEvent::AlertRaised { kind, since } = what {
            alerts.push(Alert { kind: *kind, since: *since, cleared_at: None });
        } else if let TicketEvent::AlertCleared { kind } = what {
            for alert in alerts.iter_mut().filter(|alert| alert.kind == *kind) {
                alert.cleared_at.get_or_insert(at);
            }
        } else {
            self.bug(what);
        }
    }

    pub(super) fn end(&mut self, what: &TicketEvent, end: &AttemptEnd, at: Timestamp) {
        self.usage = self.usage.plus(end.usage);
        let working = self.working(what);
        let Stage::Running { lease, stop, .. } = &working.stage else { self.bug(what) };
        let (lease, stop) = (lease.clone(), stop.clone());
        *working = capturing(working.attempt.clone(), end.clone(), lease, stop, at);
    }

    pub(super) fn lose(&mut self, what: &TicketEvent) {
        let working = self.working(what);
        let attempt = working.attempt.clone();
        let (lease, counted, running) = match &working.stage {
            Stage::Running { lease, .. } => (lease.clone(), Usage::default(), true),
            Stage::Capturing { lease, end, .. } => (lease.clone(), end.usage, false),
            Stage::Captured { .. } => self.bug(what),
        };
        let (questions, said, alerts) = (vec![], vec![], vec![]);
        let handed_in = None;
        let mut lost =
            Lost { attempt, lease, counted, running, questions, said, alerts, handed_in };
        if let Stage::Running { stop, .. } | Stage::Capturing { stop, .. } = &working.stage {
            // Its job tells its own end again, should its node come back.
            lost.handed_in = stop.clone().filter(is_hand_in);
        }
        if let Stage::Running { questions, said, alerts, .. } = &working.stage {
            lost.questions.clone_from(questions);
            lost.said.clone_from(said);
            lost.alerts.clone_from(alerts);
        }
        self.machine_failed(Infra::NodeLost.to_string());
        self.lost = Some(Box::new(lost));
        if active(Mutant::LostNodeSpendsTry) {
            self.tries_spent += 1;
        }
        // Where the lost attempt left off is not known, so nothing can be resumed.
        self.next_start = NextStart::Fresh;
        self.state = TicketState::Open;
    }

    pub(super) fn regain(&mut self, what: &TicketEvent) {
        let Some(lost) = self.lost.take() else { self.bug(what) };
        let Lost { attempt, lease, questions, said, alerts, handed_in: stop, .. } = *lost;
        self.infra_in_row = self.infra_in_row.saturating_sub(1);
        self.next_start = began(&attempt);
        let stage = Stage::Running { lease, questions, said, stop, alerts };
        self.state = TicketState::Working(Working { attempt, stage });
    }

    pub(super) fn adopt(&mut self, what: &TicketEvent, end: &AttemptEnd, at: Timestamp) {
        let Some(lost) = self.lost.take() else { self.bug(what) };
        let Lost { attempt, lease, counted, handed_in, .. } = *lost;
        self.usage = self.usage.plus(end.usage.minus(counted));
        self.machine_works();
        self.next_start = began(&attempt);
        self.state = TicketState::Working(capturing(attempt, end.clone(), lease, handed_in, at));
    }

    pub(super) fn captured(&mut self, what: &TicketEvent, snapshot: Option<&Snapshot>) {
        let working = self.working(what);
        // The report of the checkout may have been lost; the capture knows.
        working.attempt.base = snapshot.map(|snapshot| snapshot.base.clone());
        let attempt = working.attempt.clone();
        let Stage::Capturing { end, stop, .. } = &working.stage else { self.bug(what) };
        let (end, stop) = (end.clone(), stop.clone());
        let session = end.session.clone();
        let by_machine = matches!(end.how, EndKind::Infra(_));
        working.stage = Stage::Captured { end, snapshot: snapshot.cloned(), stop };
        let Some(snapshot) = snapshot else { return };
        if !by_machine {
            self.machine_works();
        }
        self.last_attempt = Some(Box::new(attempt.clone()));
        self.left = Some(Left {
            attempt: attempt.job,
            base: snapshot.base.clone(),
            head: snapshot.head.clone(),
            rescue: snapshot.rescue.clone(),
            session,
            agent: attempt.agent,
        });
    }

    pub(super) fn handed_back(&mut self, what: &TicketEvent, lease: &Lease, at: Timestamp) {
        let TicketState::Held(Held { from: HeldFrom::TakenOver(attempt), .. }) = &self.state else {
            self.bug(what)
        };
        let end = AttemptEnd {
            how: EndKind::HandedBack,
            claim: Claim::default(),
            session: None,
            usage: Usage::default(),
        };
        let working = capturing(attempt.clone(), end, lease.clone(), None, at);
        // Whoever worked in it has seen to the machine, too.
        self.machine_works();
        self.state = TicketState::Working(working);
    }
}
