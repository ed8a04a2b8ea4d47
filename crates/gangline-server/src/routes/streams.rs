//! Streams as server-sent events. Messages are made once for all readers of the sequence.

use std::convert::Infallible;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use gangline_api::codes;
use gangline_api::stream::{Begin, JobOf, JournalStreamQuery, LineOf, StreamQuery};
use gangline_domain::ids::JobId;
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;

use super::journals::{JournalItem, JournalReader};
use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Asked, OfTicket};
use crate::feed::{EventReader, Item, STREAMS_MAX, Wanted};
use crate::identity::Identity;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;

/// The media type of server-sent events.
pub(super) const SSE_MEDIA_TYPE: &str = "text/event-stream";
/// Where a reader that resumes says how far it has come.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Proxies that hold answers back until they are whole are asked not to.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// An answer that goes on and on.
pub(crate) struct Sse(Body);

impl IntoResponse for Sse {
    fn into_response(self) -> Response {
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static(SSE_MEDIA_TYPE)),
            (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (ACCEL_BUFFERING, HeaderValue::from_static("no")),
        ];
        (headers, self.0).into_response()
    }
}

/// A place among the streams that may be open.
pub(super) fn seat<O, A>(app: &App<O, A>) -> Result<OwnedSemaphorePermit, Failure> {
    app.feed.seats.clone().try_acquire_owned().map_err(|_none| {
        let detail = format!("{STREAMS_MAX} streams are open");
        Failure::new(codes::too_many_streams, detail).hint("end some, or ask GET /events")
    })
}

pub(super) async fn events<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    Asked(query): Asked<StreamQuery>,
) -> Result<Sse, Failure> {
    let StreamQuery { after, project, key, types } = query;
    let wanted = Wanted::of(identity, project.as_deref(), key.as_deref(), types.as_deref())?;
    let seat = seat(&app)?;
    let after = match resumed(&headers)? {
        Some(id) => Some(id.parse().map_err(|_| unknown_id(id))?),
        None => after,
    };
    let reader = EventReader::new(app, wanted, after);
    Ok(Sse::of(reader, seat))
}

pub(super) async fn journal<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    OfTicket(ticket): OfTicket,
    Asked(query): Asked<JournalStreamQuery>,
) -> Result<Sse, Failure> {
    let seat = seat(&app)?;
    let begin = match resumed(&headers)? {
        Some(id) => {
            let (job, from) = id.rsplit_once(':').ok_or_else(|| unknown_id(id))?;
            (Some(job.parse()?), from.parse().map_err(|_| unknown_id(id))?)
        }
        None => (query.job.as_deref().map(str::parse::<JobId>).transpose()?, query.from),
    };
    let reader = JournalReader::new(app, identity, ticket, begin).await?;
    Ok(Sse::of(reader, seat))
}

/// What is said one after the other, until there is nothing more.
trait Messages: Send + 'static {
    fn message(&mut self) -> impl Future<Output = Option<Bytes>> + Send;
}

impl<O: Orchestrator, A: Archive> Messages for EventReader<O, A> {
    async fn message(&mut self) -> Option<Bytes> {
        self.next().await.map(as_sse)
    }
}

impl<O: Orchestrator, A: Archive> Messages for JournalReader<O, A> {
    async fn message(&mut self) -> Option<Bytes> {
        self.next().await.map(line_as_sse)
    }
}

impl Sse {
    fn of(reader: impl Messages, seat: OwnedSemaphorePermit) -> Self {
        // Boxed: it goes from message to message, for each of a thousand readers.
        let reader = Box::new(reader);
        Self(Body::from_stream(unfold((reader, seat), async |(mut reader, seat)| {
            let message = reader.message().await?;
            Some((Ok::<_, Infallible>(message), (reader, seat)))
        })))
    }
}

fn resumed(headers: &HeaderMap) -> Result<Option<&str>, Failure> {
    let Some(id) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let id = id.to_str().map_err(|_| unknown_id("something else than text"))?;
    // A reader that has come upon nothing yet says so by an empty one.
    Ok((!id.is_empty()).then_some(id))
}

fn unknown_id(id: &str) -> Failure {
    let shown: String = id.chars().take(80).collect();
    let detail = format!("Last-Event-ID: this stream has given no id `{}`", shown.escape_debug());
    Failure::new(codes::bad_request, detail)
}

/// A message without an id: a reader that resumes is where it was.
fn message(event: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).expect("BUG: what is told is JSON");
    format!("event: {event}\ndata: {data}\n\n").into()
}

fn as_sse(item: Item) -> Bytes {
    match item {
        Item::Begin(seq) => {
            let data = serde_json::to_string(&Begin { seq }).expect("BUG: a number is JSON");
            format!("id: {seq}\nevent: begin\ndata: {data}\n\n").into()
        }
        Item::Event(frame) => frame.sse.clone(),
        Item::Alive => Bytes::from_static(b": alive\n\n"),
        Item::End(end) => message("end", &end),
    }
}

fn line_as_sse(item: JournalItem) -> Bytes {
    match item {
        JournalItem::Job(job) => message("job", &JobOf { job: job.to_string() }),
        JournalItem::Line(job, line) => {
            let (job, next) = (job.to_string(), line.next);
            let line = LineOf { job: job.clone(), line };
            let data = serde_json::to_string(&line).expect("BUG: a line is JSON");
            format!("id: {job}:{next}\nevent: line\ndata: {data}\n\n").into()
        }
        JournalItem::Alive => Bytes::from_static(b": alive\n\n"),
        JournalItem::End(end) => message("end", &end),
    }
}
