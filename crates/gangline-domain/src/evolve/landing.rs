//! What happens to the entry that is in the lane of the merge queue.

use crate::event::TicketEvent;
use crate::ids::Timestamp;
use crate::ticket::{Intent, Landing, LandingStage, Phase, Ticket, TicketState};

impl Ticket {
    pub(super) fn land(&mut self, what: &TicketEvent, at: Timestamp) {
        let (entry, voided, stage) = match (&self.state, what) {
            (TicketState::Queued(entry), TicketEvent::LandingStarted { integration }) => {
                self.jobs = self.jobs.max(integration.n);
                let phase = Phase::Due { not_before: at };
                let job = integration.clone();
                (entry.clone(), 0, LandingStage::Integrating { job, inconclusive: 0, phase })
            }
            (TicketState::Landing(Landing { entry, voided, stage }), _) => {
                let moved = u8::from(matches!(what, TicketEvent::LandingVoided { .. }));
                let stage = next_stage(stage, what, at).unwrap_or_else(|| self.bug(what));
                (entry.clone(), voided.saturating_add(moved), stage)
            }
            _misfit => self.bug(what),
        };
        self.machine_works();
        self.state = TicketState::Landing(Landing { entry, voided, stage });
    }
}

/// The lane's next stage, if the event fits the one it is in.
fn next_stage(stage: &LandingStage, what: &TicketEvent, at: Timestamp) -> Option<LandingStage> {
    match (stage, what) {
        (
            LandingStage::Integrating { job, inconclusive, .. },
            TicketEvent::Integrated { found },
        ) => {
            let (job, inconclusive) = (job.clone(), *inconclusive);
            Some(LandingStage::Integrated { job, inconclusive, found: (**found).clone() })
        }
        (
            LandingStage::Integrated { .. } | LandingStage::Deferred { .. },
            TicketEvent::LandingIntended { intent },
        ) => Some(LandingStage::Intended(intent.clone())),
        (LandingStage::Intended(intent), TicketEvent::LandingDeferred { why, until }) => {
            let (why, until) = (why.clone(), *until);
            Some(LandingStage::Deferred { intent: intent.clone(), why, until })
        }
        (LandingStage::Intended(Intent { integration, .. }), TicketEvent::LandingVoided { .. }) => {
            Some(LandingStage::Integrating {
                job: integration.clone(),
                inconclusive: 0,
                phase: Phase::Due { not_before: at },
            })
        }
        _misfit => None,
    }
}
