//! `wait_for_events`: the sequence of events, as far as a main agent wants to hear of them.

use std::time::Duration;

use gangline_api::event::{EVENTS_PAGE_MAX, EventView, EventsQuery};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::arguments::page;
use super::list::Answer;
use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;
use crate::shown::{cut, moment};

/// How long is waited when nothing else is asked for.
const WAIT_MS_DEFAULT: u64 = 20_000;
/// Longer than this no call waits: clients give up after a minute.
const WAIT_MS_MAX: u64 = 50_000;
/// Pages that are looked through when the time is up: other projects may have filled them.
const PAGES_MAX: u32 = 20;
/// Characters of one event's text.
const TEXT_CHARS_MAX: usize = 500;

/// What is told when nothing else is asked for: an end, or something that a person has to do.
const MILESTONES: [&str; 9] = [
    "landed",
    "delivered",
    "escalated",
    "cancelled",
    "question_asked",
    "review_requested",
    "parked",
    "alert_raised",
    "node_alert_raised",
];

/// `wait_for_events`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WaitForEvents {
    /// Only what happened after this event number: `next` of the last answer, or `seq` of another
    /// tool's; what happens from now on when absent
    #[serde(default)]
    after: Option<u64>,
    /// Milliseconds to wait for a first one, up to 50000; 20000 when absent, 0 to look only
    #[serde(default, alias = "wait_ms")]
    wait_ms: Option<u64>,
    /// Only of this ticket
    #[serde(default, alias = "ticket_id", alias = "key", alias = "workerId")]
    ticket_id: Option<String>,
    /// Only these types, such as landed, question_asked, attempt_started; "all" for every type.
    /// When absent: landed, delivered, escalated, cancelled, question_asked, review_requested,
    /// parked, alert_raised, node_alert_raised
    #[serde(default)]
    types: Vec<String>,
    /// At most so many, up to 100; 20 when absent
    #[serde(default)]
    limit: Option<u32>,
    /// The project; by default the working directory's. What concerns all projects is told too
    #[serde(default)]
    project: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct News {
    /// In sequence
    events: Vec<Event>,
    /// Pass this as `after` next time
    next: u64,
}

impl Answer for News {}

/// Something that happened.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Event {
    seq: u64,
    at: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    text: String,
}

impl From<EventView> for Event {
    fn from(event: EventView) -> Self {
        Self {
            seq: event.seq,
            at: moment(event.at_us),
            kind: event.kind,
            ticket_id: event.key,
            commit: event.commit,
            text: cut(&event.text, TEXT_CHARS_MAX),
        }
    }
}

pub(super) async fn wait_for_events<P: Place>(
    server: &Server<P>,
    wish: WaitForEvents,
) -> Result<News, Refusal> {
    let client = server.place.client();
    let (project, key) = match &wish.ticket_id {
        Some(said) => {
            let ticket = server.ticket(said, wish.project.clone()).await?;
            // A key that nobody has would be waited for in vain.
            client.ticket(&ticket).await?;
            (ticket.project, Some(ticket.key))
        }
        None => (server.project_name(wish.project.clone()).await?, None),
    };
    let after = match wish.after {
        Some(after) => after,
        None => client.status().await?.seq,
    };
    let wait = Duration::from_millis(wish.wait_ms.unwrap_or(WAIT_MS_DEFAULT).min(WAIT_MS_MAX));
    let deadline = Instant::now() + wait;
    let mut news = News { events: vec![], next: after };
    let mut pages = 0;
    loop {
        pages += 1;
        let left = deadline.saturating_duration_since(Instant::now());
        let query = EventsQuery {
            after: news.next,
            limit: Some(EVENTS_PAGE_MAX),
            wait_ms: Some(u64::try_from(left.as_millis()).unwrap_or(0)),
            // What concerns all projects is told with what happens in this one.
            project: key.is_some().then(|| project.clone()),
            key: key.clone(),
            types: None,
        };
        let asked = client.events(&query).await;
        let found = asked.map_err(|error| gone(&Refusal::from(error), &news))?;
        // Nothing before its time is up: the daemon is about to end, and is not to be pressed.
        let is_full = found.events.len() >= EVENTS_PAGE_MAX as usize && pages < PAGES_MAX;
        let over = Instant::now() >= deadline && !is_full || found.events.is_empty();
        let here = |event: &EventView| event.project.as_ref().is_none_or(|of| *of == project);
        let events = found.events.into_iter().filter(here).collect();
        let more = taken(&mut news, events, found.next, &wish);
        if more || !news.events.is_empty() || over {
            return Ok(news);
        }
    }
}

/// Takes what is wanted of a page. Whether there is more of it than was asked for.
fn taken(news: &mut News, found: Vec<EventView>, next: u64, wish: &WaitForEvents) -> bool {
    let wanted = found.into_iter().filter(|event| is_wanted(&event.kind, &wish.types));
    for event in wanted {
        if news.events.len() >= page(wish.limit) {
            return true;
        }
        news.next = event.seq;
        news.events.push(event.into());
    }
    news.next = news.next.max(next);
    false
}

fn is_wanted(kind: &str, types: &[String]) -> bool {
    match types {
        [] => MILESTONES.contains(&kind),
        types => types.iter().any(|wanted| wanted == kind || wanted == "all"),
    }
}

/// A daemon that goes while it is listened to was ended by somebody: it is not started by this.
fn gone(refusal: &Refusal, news: &News) -> Refusal {
    match refusal.code.as_str() {
        "outage" => Refusal::new("no_daemon", "the daemon ended while it was waited for")
            .hint(format!("ask again, with after {}", news.next)),
        _other => refusal.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: u64, kind: &str) -> EventView {
        EventView {
            seq,
            at_us: 0,
            actor: "gangline".to_owned(),
            kind: kind.to_owned(),
            project: Some("shop".to_owned()),
            key: Some("APP-1".to_owned()),
            job: None,
            commit: None,
            text: String::new(),
        }
    }

    fn check(wish: &WaitForEvents, expected: (&[u64], u64, bool)) {
        let kinds = ["ticket_added", "landed", "attempt_ended", "landed", "escalated", "verified"];
        let found = (11..).zip(kinds).map(|(seq, kind)| event(seq, kind)).collect();
        let mut news = News { events: vec![], next: 10 };
        let more = taken(&mut news, found, 16, wish);
        let seqs: Vec<u64> = news.events.iter().map(|event| event.seq).collect();
        assert_eq!((seqs.as_slice(), news.next, more), expected);
    }

    #[test]
    fn a_page_that_is_cut_is_gone_on_with_behind_its_last_event() {
        let some = |limit| WaitForEvents { limit: Some(limit), ..WaitForEvents::default() };
        check(&some(20), (&[12, 14, 15], 16, false));
        check(&some(2), (&[12, 14], 14, true));
        let of = |kind: &str| WaitForEvents { types: vec![kind.to_owned()], ..some(20) };
        check(&of("verified"), (&[16], 16, false));
        check(&of("no_such_type"), (&[], 16, false));
        check(&of("all"), (&[11, 12, 13, 14, 15, 16], 16, false));
    }
}
