//! Lists of tickets, whole or page by page.

use axum::Extension;
use axum::extract::State;
use gangline_api::codes;
use gangline_api::ticket::{TicketView, Tickets, TicketsQuery};
use gangline_domain::command::Refusal;
use gangline_domain::ids::{ProjectId, TicketId, Timestamp};
use gangline_domain::ticket::{Ticket, TicketState};
use gangline_ports::Past as _;
use gangline_ports::store::ClosedPlace;

use crate::app::App;
use crate::archive::Archive;
use crate::etag::Written;
use crate::extract::Asked;
use crate::identity::Identity;
use crate::lists::{AsOf, ListOf};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::view;

/// Closed tickets of each project that are listed unless asked otherwise.
const CLOSED_DEFAULT: u32 = 100;
/// Closed tickets of each project that can be listed, and tickets of one page.
const CLOSED_MAX: u32 = 1_000;
/// How often more closed tickets are read for one page that a filter leaves empty.
const ROUNDS_MAX: u32 = 10;

pub(in crate::routes) async fn list<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
    Asked(query): Asked<TicketsQuery>,
) -> Result<Written<Tickets>, Failure> {
    let (of, as_of) = (ListOf::new(query, &identity), AsOf::now(&app));
    if let Some(written) = app.lists.get(&of, &as_of) {
        return Ok(written);
    }
    let tickets = read(&app, &identity, &of.query).await?;
    Ok(app.lists.keep(of, as_of, &tickets))
}

async fn read<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    identity: &Identity,
    query: &TicketsQuery,
) -> Result<Tickets, Failure> {
    let wanted = Wanted::new(app, identity, query)?;
    let Some(size) = query.page else {
        if query.cursor.is_some() {
            let detail = "`cursor` goes on with pages: it needs `page`";
            return Err(Failure::new(codes::bad_request, detail));
        }
        return whole(app, &wanted, query).await;
    };
    if !(1..=CLOSED_MAX).contains(&size) {
        let detail = format!("`page` is from 1 to {CLOSED_MAX}");
        return Err(Failure::new(codes::bad_request, detail));
    }
    let from = query.cursor.as_deref().map_or(Ok(Cursor::Start), Cursor::parsed)?;
    page(app, &wanted, size, query.closed, from).await
}

/// Which tickets are wanted.
struct Wanted<'a> {
    identity: &'a Identity,
    project: Option<ProjectId>,
    state: Option<&'a str>,
    label: Option<&'a str>,
    /// Those that may have such tickets.
    projects: Vec<ProjectId>,
}

impl<'a> Wanted<'a> {
    fn new<O: Orchestrator, A: Archive>(
        app: &App<O, A>,
        identity: &'a Identity,
        query: &'a TicketsQuery,
    ) -> Result<Self, Failure> {
        let project: Option<ProjectId> = query.project.as_deref().map(str::parse).transpose()?;
        let projects: Vec<ProjectId> = app.look(|board, _| match &project {
            Some(id) => board.projects.keys().filter(|known| *known == id).cloned().collect(),
            None => board.projects.keys().cloned().collect(),
        });
        if let (Some(id), true) = (&project, projects.is_empty()) {
            return Err(Refusal::NoSuchProject(id.clone()).into());
        }
        if let Some(state) = &query.state
            && !TicketState::WORDS.contains(&state.as_str())
        {
            let given: String = state.chars().take(40).collect();
            let words = TicketState::WORDS.join(", ");
            let detail = format!("`{}` is not a state; one is {words}", given.escape_debug());
            return Err(Failure::new(codes::bad_request, detail).hint("gangline list --all"));
        }
        let (state, label) = (query.state.as_deref(), query.label.as_deref());
        Ok(Self { identity, project, state, label, projects })
    }

    fn has(&self, ticket: &Ticket) -> bool {
        self.identity.is_for(&ticket.id.project)
            && self.project.as_ref().is_none_or(|id| ticket.id.project == *id)
            && self.state.is_none_or(|state| ticket.state.word() == state)
            && self.label.is_none_or(|label| ticket.spec.labels.contains(label))
    }
}

async fn whole<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    wanted: &Wanted<'_>,
    query: &TicketsQuery,
) -> Result<Tickets, Failure> {
    let mut tickets = live(app, wanted, None, usize::MAX);
    if query.closed {
        let limit = query.limit.unwrap_or(CLOSED_DEFAULT).min(CLOSED_MAX);
        for project in &wanted.projects {
            let closed = app.orchestrator.past().closed_tickets(project, None, limit).await?;
            tickets.extend(shown(app, closed.iter().filter(|ticket| wanted.has(ticket))));
        }
    }
    Ok(Tickets { tickets, next: None })
}

/// Where a page begins: behind this ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cursor {
    Start,
    Live(TicketId),
    Closed(Option<ClosedPlace>),
}

impl Cursor {
    fn parsed(text: &str) -> Result<Self, Failure> {
        let bad = || Failure::new(codes::bad_request, "`cursor` is none that a page has told");
        let id = |project: &str, key: &str| {
            let id = TicketId {
                project: project.parse().map_err(|_| bad())?,
                key: key.parse().map_err(|_| bad())?,
            };
            Ok::<_, Failure>(id)
        };
        match text.split('.').collect::<Vec<_>>().as_slice() {
            ["live", project, key] => Ok(Self::Live(id(project, key)?)),
            ["closed"] => Ok(Self::Closed(None)),
            ["closed", since, project, key] => {
                let since = Timestamp(since.parse().map_err(|_| bad())?);
                Ok(Self::Closed(Some(ClosedPlace { since, ticket: id(project, key)? })))
            }
            _none => Err(bad()),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Start => String::new(),
            Self::Live(id) => format!("live.{}.{}", id.project, id.key),
            Self::Closed(None) => "closed".to_owned(),
            Self::Closed(Some(ClosedPlace { since, ticket })) => {
                format!("closed.{}.{}.{}", since.0, ticket.project, ticket.key)
            }
        }
    }
}

/// A page: live tickets by project and key, then closed ones of all projects, the last closed first.
async fn page<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    wanted: &Wanted<'_>,
    size: u32,
    closed: bool,
    from: Cursor,
) -> Result<Tickets, Failure> {
    let most = usize::try_from(size).unwrap_or(usize::MAX);
    let mut tickets = vec![];
    let mut place = match from {
        Cursor::Closed(place) => place,
        Cursor::Start | Cursor::Live(_) => {
            let after = if let Cursor::Live(after) = &from { Some(after) } else { None };
            tickets = live(app, wanted, after, most + 1);
            if tickets.len() > most {
                tickets.truncate(most);
                return Ok(ended_at(tickets));
            }
            None
        }
    };
    if !closed {
        return Ok(Tickets { tickets, next: None });
    }
    for _round in 0..ROUNDS_MAX {
        if tickets.len() >= most {
            break;
        }
        let count = size.saturating_sub(u32::try_from(tickets.len()).unwrap_or(size));
        let read = closed_after(app, wanted, place.as_ref(), count).await?;
        let all = read.len() < usize::try_from(count).unwrap_or(usize::MAX);
        tickets.extend(shown(app, read.iter().filter(|ticket| wanted.has(ticket))));
        place = read.last().map(ClosedPlace::of).or(place);
        if all {
            return Ok(Tickets { tickets, next: None });
        }
    }
    Ok(Tickets { tickets, next: Some(Cursor::Closed(place).text()) })
}

/// A page whose last ticket is a live one, with more to follow.
fn ended_at(tickets: Vec<TicketView>) -> Tickets {
    let next = tickets.last().map(|last| format!("live.{}.{}", last.project, last.key));
    Tickets { tickets, next }
}

fn live<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    wanted: &Wanted<'_>,
    after: Option<&TicketId>,
    most: usize,
) -> Vec<TicketView> {
    use std::ops::Bound::{Excluded, Unbounded};
    app.look(|board, seen| {
        let from = after.map_or(Unbounded, Excluded);
        let behind = board.tickets.range((from, Unbounded));
        let of_them = behind.map(|(_, ticket)| ticket).filter(|ticket| wanted.has(ticket));
        of_them.take(most).map(|ticket| view::list_entry(board, seen, ticket)).collect()
    })
}

/// Closed tickets of all wanted projects behind a place, the last closed first, whatever the filters
/// say.
async fn closed_after<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    wanted: &Wanted<'_>,
    after: Option<&ClosedPlace>,
    count: u32,
) -> Result<Vec<Ticket>, Failure> {
    let mut read = vec![];
    for project in wanted.projects.iter().filter(|id| wanted.identity.is_for(id)) {
        read.extend(app.orchestrator.past().closed_tickets(project, after, count).await?);
    }
    read.sort_by(|one, other| (other.since, &other.id).cmp(&(one.since, &one.id)));
    read.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    Ok(read)
}

fn shown<'a, O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    tickets: impl Iterator<Item = &'a Ticket>,
) -> Vec<TicketView> {
    app.look(|board, seen| tickets.map(|ticket| view::list_entry(board, seen, ticket)).collect())
}
