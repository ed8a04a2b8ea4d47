//! What a message changes, and what is to be done then. No I/O, no clock.

use super::board::{Board, Wanted};
use super::keys;
use super::model::{EVENTS_KEPT, Effect, Flash, Link, Message, Model, Reading};
use super::page::{self, Of, Page};
use super::rows::{About, Section};
use gangline_api::client::TicketRef;
use gangline_api::event::EventView;
use gangline_api::main_agent::MainAgentView;
use gangline_api::node::NodeView;
use gangline_api::ticket::TicketDetail;

/// Changes the model, and names what is to be done.
#[must_use]
pub(super) fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let selected = model.selected.clone();
    let mut effects = match message {
        Message::Typed(typed) => keys::typed(model, typed),
        Message::Resized(width, height) => {
            model.size = (width, height);
            model.pages.iter_mut().for_each(|page| page.resize(width));
            refill(model)
        }
        Message::Tick(now_us) => {
            model.now_us = now_us;
            tick(model)
        }
        Message::Read(board) => read(model, *board),
        Message::Unread(why) => {
            model.reading = Reading::Stale;
            if model.link == Link::Up {
                model.flash = Some(Flash { text: why, good: false });
            }
            vec![]
        }
        Message::Happened(events) => happened(model, events),
        Message::Lost(why) => {
            let since_us = match &model.link {
                Link::Lost { since_us, .. } => *since_us,
                Link::Up => model.now_us,
            };
            model.link = Link::Lost { since_us, why };
            vec![]
        }
        Message::Back => {
            model.link = Link::Up;
            model.stale();
            model.read_if_stale()
        }
        Message::Pulses(told) => {
            heard(model, told);
            vec![]
        }
        Message::Detail(detail) => {
            learn(model, *detail);
            vec![]
        }
        Message::Diff(ticket, diff) => {
            fill(model, &Of::Diff(ticket), |page| page.set(page::diff(&diff)));
            vec![]
        }
        Message::Journal(ticket, lines) => {
            fill(model, &Of::Journal(ticket), |page| page.extend(page::journal(&lines)));
            vec![]
        }
        Message::Told(flash) => {
            model.flash = Some(flash);
            vec![]
        }
        Message::Returned(flash) => {
            model.flash = flash;
            model.stale();
            model.read_if_stale()
        }
    };
    if model.selected != selected {
        effects.extend(unknown(model));
    }
    effects
}

impl Model {
    /// Something has happened since the board was read.
    pub(super) fn stale(&mut self) {
        self.reading = match self.reading {
            Reading::Fresh | Reading::Stale => Reading::Stale,
            Reading::Busy | Reading::BusyAndStale => Reading::BusyAndStale,
        };
    }

    /// Reads the board when that is wanted and can be done.
    pub(super) fn read_if_stale(&mut self) -> Vec<Effect> {
        if self.reading != Reading::Stale || self.link != Link::Up {
            return vec![];
        }
        self.reading = Reading::Busy;
        vec![Effect::Read(Wanted {
            project: self.project.clone(),
            selected: self.selected_ticket(),
            changed: std::mem::take(&mut self.changed),
        })]
    }
}

fn tick(model: &mut Model) -> Vec<Effect> {
    let mut effects = model.read_if_stale();
    // What a running job is at is told by no event. Where nothing runs, nothing is asked.
    let live = model.rows.iter().any(|row| row.section == Section::Work)
        || model.board.tickets.iter().any(|ticket| ticket.state == "working");
    if live && !model.listening && model.link == Link::Up {
        model.listening = true;
        effects.push(Effect::Listen);
    }
    effects
}

fn read(model: &mut Model, board: Board) -> Vec<Effect> {
    model.reading = match model.reading {
        Reading::Fresh | Reading::Busy => Reading::Fresh,
        Reading::Stale | Reading::BusyAndStale => Reading::Stale,
    };
    model.board = board;
    model.arrange();
    // The next reading, if any, begins with the next tick: a storm of events is one reading a second.
    refill(model)
}

fn happened(model: &mut Model, events: Vec<EventView>) -> Vec<Effect> {
    if events.is_empty() {
        return vec![];
    }
    for event in &events {
        if let (Some(project), Some(key)) = (&event.project, &event.key) {
            model.changed.insert(TicketRef { project: project.clone(), key: key.clone() });
        }
    }
    model.events.extend(events);
    let surplus = model.events.len().saturating_sub(EVENTS_KEPT);
    model.events.drain(..surplus);
    model.stale();
    model.read_if_stale()
}

/// Asks for the evidence of what is selected, where it is not known.
fn unknown(model: &Model) -> Vec<Effect> {
    match &model.selected {
        Some(About::Ticket(ticket)) if !model.board.details.contains_key(ticket) => {
            vec![Effect::Detail(ticket.clone())]
        }
        Some(About::Ticket(_) | About::Kind(_) | About::Machine(_)) | None => vec![],
    }
}

/// What the nodes' jobs are at, and who is there.
fn heard(model: &mut Model, told: Option<(Vec<NodeView>, Vec<MainAgentView>)>) {
    model.listening = false;
    if let Some((nodes, main_agents)) = told {
        model.board.status.nodes = nodes;
        model.board.main_agents = main_agents;
        model.arrange();
    }
}

fn learn(model: &mut Model, detail: TicketDetail) {
    let name = super::board::named(&detail.ticket);
    let (width, now_us) = (model.size.0, model.now_us);
    fill(model, &Of::Ticket(name.clone()), |page| page.set(page::ticket(&detail, width, now_us)));
    if model.board.ticket(&name).is_some() {
        model.board.details.insert(name, detail);
        model.arrange();
    }
}

/// Reads the tickets of open pages anew.
fn refill(model: &Model) -> Vec<Effect> {
    let of_page = |page: &Page| match &page.of {
        Of::Ticket(ticket) => Some(Effect::Detail(ticket.clone())),
        Of::Diff(_) | Of::Journal(_) | Of::Help => None,
    };
    model.pages.iter().filter_map(of_page).collect()
}

/// Changes the open pages about this.
fn fill(model: &mut Model, of: &Of, change: impl Fn(&mut Page)) {
    model.pages.iter_mut().filter(|page| page.of == *of).for_each(change);
}
