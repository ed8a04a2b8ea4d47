//! One reader of the sequence of events: from the past into the present, without a gap.

use std::collections::{BTreeSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;

use gangline_api::codes;
use gangline_api::stream::{ALIVE_MS, End, EndReason};
use gangline_domain::event::{Recorded, TYPES};
use gangline_domain::ids::{ProjectId, TicketId};
use gangline_ports::Past as _;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Interval;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::{Frame, about, every};
use crate::app::App;
use crate::archive::Archive;
use crate::follow::PAGE;
use crate::identity::Identity;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;

/// Frames that a reader is told before it looks whether it is the end.
const IN_A_ROW_MAX: u32 = 64;

/// What a reader wants to see, and may.
#[derive(Debug)]
pub(crate) struct Wanted {
    project: Option<ProjectId>,
    ticket: Option<TicketId>,
    types: Option<BTreeSet<&'static str>>,
    pub(crate) identity: Identity,
}

impl Wanted {
    /// As a request says it.
    pub(crate) fn of(
        identity: Identity,
        project: Option<&str>,
        key: Option<&str>,
        types: Option<&str>,
    ) -> Result<Self, Failure> {
        let project = project.map(str::parse::<ProjectId>).transpose()?;
        let ticket = match (&project, key) {
            (_, None) => None,
            (Some(project), Some(key)) => {
                Some(TicketId { project: project.clone(), key: key.parse()? })
            }
            (None, Some(_)) => {
                return Err(Failure::new(codes::bad_request, "`key` needs `project`"));
            }
        };
        if let Some(project) = &project {
            identity.reaches(Some(project.as_str()), true)?;
        }
        let types = types.map(|types| types.split(',').map(known).collect()).transpose()?;
        Ok(Self { project, ticket, types, identity })
    }

    /// The one ticket that it is about, if it is about one.
    pub(crate) fn ticket(&self) -> Option<&TicketId> {
        self.ticket.as_ref()
    }

    pub(crate) fn takes(&self, recorded: &Recorded) -> bool {
        self.fits(about(&recorded.event))
    }

    fn fits(
        &self,
        (project, ticket, kind): (Option<&ProjectId>, Option<&TicketId>, &'static str),
    ) -> bool {
        // What concerns all projects is told to those who see all of them.
        let may = match project {
            Some(project) => self.identity.is_for(project),
            None => self.identity.projects.is_none(),
        };
        may && self.project.as_ref().is_none_or(|wanted| project == Some(wanted))
            && self.ticket.as_ref().is_none_or(|wanted| ticket == Some(wanted))
            && self.types.as_ref().is_none_or(|wanted| wanted.contains(kind))
    }
}

fn known(name: &str) -> Result<&'static str, Failure> {
    let name = name.trim();
    let found = TYPES.iter().find(|known| **known == name).copied();
    found.ok_or_else(|| {
        let detail = format!("`{}` is no type of event", name.escape_debug());
        Failure::new(codes::bad_request, detail).hint("docs/http.md lists them")
    })
}

/// What a reader comes upon.
#[derive(Debug)]
pub(crate) enum Item {
    /// What follows is behind this number.
    Begin(u64),
    Event(Arc<Frame>),
    /// Nothing happened for a while.
    Alive,
    /// The last one.
    End(End),
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Begin,
    Past,
    Live,
    Over,
}

/// Reads on and on.
pub(crate) struct EventReader<O, A> {
    app: App<O, A>,
    wanted: Wanted,
    heard: broadcast::Receiver<Arc<Frame>>,
    /// All up to this number was looked at.
    last: u64,
    ready: VecDeque<Arc<Frame>>,
    stage: Stage,
    /// Frames since anything else was looked at.
    in_a_row: u32,
    /// Both are kept from frame to frame: to begin them anew for each would cost more than it.
    alive: Interval,
    ending: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl<O: Orchestrator, A: Archive> EventReader<O, A> {
    /// Begins behind `after`, or now.
    pub(crate) fn new(app: App<O, A>, wanted: Wanted, after: Option<u64>) -> Self {
        let heard = app.feed.listen();
        let last = after.unwrap_or_else(|| app.orchestrator.committed());
        let (alive, ending) = (every(ALIVE_MS), Box::pin(app.ending.clone().cancelled_owned()));
        let (ready, stage) = (VecDeque::new(), Stage::Begin);
        Self { app, wanted, heard, last, ready, stage, in_a_row: 0, alive, ending }
    }

    /// The next one; nothing behind the end.
    pub(crate) async fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Some(Item::Event(frame));
            }
            let item = match self.stage {
                Stage::Begin => Some(self.begin()),
                Stage::Past => self.read_past().await,
                Stage::Live => self.hear().await,
                Stage::Over => return None,
            };
            if item.is_some() {
                return item;
            }
        }
    }

    fn begin(&mut self) -> Item {
        let committed = self.app.orchestrator.committed();
        if self.last > committed {
            self.last = committed;
            return self.over(EndReason::Ahead);
        }
        self.stage = Stage::Past;
        Item::Begin(self.last)
    }

    /// Reads a page from the store; when there is none left, the ring goes on from here.
    async fn read_past(&mut self) -> Option<Item> {
        if self.app.ending.is_cancelled() {
            return Some(self.over(EndReason::Closing));
        }
        if !self.wanted.identity.is_still_in(&self.app) {
            return Some(self.over(EndReason::Revoked));
        }
        // First the ear, then the look: what is committed in between is heard.
        self.heard = self.app.feed.listen();
        let committed = self.app.orchestrator.committed();
        let past = self.app.orchestrator.past();
        let found = match self.wanted.ticket() {
            Some(ticket) => past.events_of(ticket, self.last, PAGE).await,
            None => past.events(self.last, PAGE).await,
        };
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                self.stage = Stage::Over;
                let problem = Some(Failure::from(error).0);
                let resume = Some(self.last);
                return Some(Item::End(End { reason: EndReason::Failed, resume, problem }));
            }
        };
        let reached = found.last().map_or(self.last, |recorded| recorded.seq);
        if u32::try_from(found.len()).unwrap_or(u32::MAX) < PAGE {
            self.stage = Stage::Live;
            // A ticket's last event may be older than what was committed since, and looked at.
            self.last = reached.max(committed);
        } else {
            self.last = reached;
        }
        let wanted = found.iter().filter(|recorded| self.wanted.takes(recorded));
        self.ready.extend(wanted.map(|recorded| Arc::new(Frame::of(recorded))));
        None
    }

    async fn hear(&mut self) -> Option<Item> {
        loop {
            if self.in_a_row == IN_A_ROW_MAX {
                self.in_a_row = 0;
                if let Some(over) = self.look_up() {
                    return Some(over);
                }
            }
            let frame = tokio::select! {
                // What is there comes first: to ask a thousand times whether it is the end costs
                // more than to send a frame.
                biased;
                heard = self.heard.recv() => match heard {
                    Ok(frame) => frame,
                    Err(RecvError::Lagged(_)) => return Some(self.over(EndReason::Slow)),
                    Err(RecvError::Closed) => return Some(self.over(EndReason::Closing)),
                },
                () = &mut self.ending => return Some(self.over(EndReason::Closing)),
                _ = self.alive.tick() => return match self.wanted.identity.is_still_in(&self.app) {
                    true => Some(Item::Alive),
                    false => Some(self.over(EndReason::Revoked)),
                },
            };
            self.in_a_row += 1;
            if frame.seq <= self.last {
                continue;
            }
            // The relay passed over what was committed while nobody listened, or could not read.
            if frame.seq > self.last + 1 {
                self.stage = Stage::Past;
                return None;
            }
            self.last = frame.seq;
            if frame.closes_doors() && !self.wanted.identity.is_still_in(&self.app) {
                return Some(self.over(EndReason::Revoked));
            }
            if self.wanted.fits((frame.project.as_ref(), frame.ticket.as_ref(), frame.kind)) {
                return Some(Item::Event(frame));
            }
        }
    }

    /// Whether it is the end, for readers who never come to wait.
    fn look_up(&mut self) -> Option<Item> {
        if self.app.ending.is_cancelled() {
            return Some(self.over(EndReason::Closing));
        }
        (!self.wanted.identity.is_still_in(&self.app)).then(|| self.over(EndReason::Revoked))
    }

    fn over(&mut self, reason: EndReason) -> Item {
        self.stage = Stage::Over;
        Item::End(End { reason, resume: Some(self.last), problem: None })
    }
}
