//! Many streams over one WebSocket: a browser has few connections to one server.

use std::pin::Pin;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use futures_util::stream::unfold;
use gangline_api::codes;
use gangline_api::stream::{
    ALIVE_MS, ASK_BYTES_MAX, Begin, JobOf, LineOf, SUBSCRIPTION_CHARS_MAX, SUBSCRIPTIONS_MAX, Told,
    WsAsk, WsStream, WsTold,
};
use gangline_domain::ids::TicketId;
use serde_json::json;
use tokio::time::{Instant, timeout};
use tokio_stream::{StreamExt as _, StreamMap};

use super::journals::{JournalItem, JournalReader};
use super::streams::seat;
use crate::app::App;
use crate::archive::Archive;
use crate::feed::{EventReader, Item, Wanted, every};
use crate::identity::Identity;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;

/// How long a reader may take for a message.
const SEND: Duration = Duration::from_secs(20);
/// How long nothing may be heard of it, not even an answer to a ping.
const SILENCE: Duration = Duration::from_millis(3 * ALIVE_MS);
/// How long the ends of its streams may take when the daemon ends.
const FAREWELL: Duration = Duration::from_secs(1);

/// A connection that goes over to another protocol.
pub(crate) struct Upgraded(Response);

impl IntoResponse for Upgraded {
    fn into_response(self) -> Response {
        self.0
    }
}

pub(super) async fn socket<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Upgraded, Failure> {
    let upgrade = upgrade.map_err(|rejection| {
        let detail = format!("this is a WebSocket: {}", rejection.body_text());
        Failure::new(codes::bad_request, detail).hint("GET /stream is the same without one")
    })?;
    let seat = seat(&app)?;
    let talk = async move |socket| {
        let talk = Talk { app, identity, socket, streams: StreamMap::new() };
        talk.run().await;
        drop(seat);
    };
    Ok(Upgraded(upgrade.max_message_size(ASK_BYTES_MAX).on_upgrade(talk)))
}

/// What a subscription tells, as JSON.
type Telling = Pin<Box<dyn Stream<Item = String> + Send>>;

struct Talk<O, A> {
    app: App<O, A>,
    identity: Identity,
    socket: WebSocket,
    streams: StreamMap<String, Telling>,
}

/// The other side is gone, or is to go.
struct Gone;

impl<O: Orchestrator, A: Archive> Talk<O, A> {
    async fn run(mut self) {
        let mut alive = every(ALIVE_MS);
        let mut heard = Instant::now();
        loop {
            let done = tokio::select! {
                () = self.app.ending.cancelled() => return self.farewell().await,
                said = self.socket.recv() => match said {
                    Some(Ok(said)) => {
                        heard = Instant::now();
                        self.hear(said).await
                    }
                    Some(Err(_)) | None => Err(Gone),
                },
                Some((_, text)) = self.streams.next(), if !self.streams.is_empty() => {
                    self.say(Message::Text(text.into())).await
                }
                _ = alive.tick() => {
                    if !self.identity.is_still_in(&self.app) {
                        return self.close(close_code::POLICY, "revoked").await;
                    }
                    if heard.elapsed() > SILENCE { Err(Gone) } else { self.ping().await }
                }
            };
            if done.is_err() {
                return;
            }
        }
    }

    async fn say(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(SEND, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    async fn ping(&mut self) -> Result<(), Gone> {
        self.say(Message::Ping(axum::body::Bytes::new())).await
    }

    /// Tells the ends of all streams.
    async fn farewell(mut self) {
        while let Ok(Some((_, text))) = timeout(FAREWELL, self.streams.next()).await {
            if self.say(Message::Text(text.into())).await.is_err() {
                return;
            }
        }
        self.close(close_code::AWAY, "closing").await;
    }

    async fn close(mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        // Whoever is gone already needs no farewell.
        let _gone = self.say(Message::Close(Some(frame))).await;
    }

    async fn hear(&mut self, said: Message) -> Result<(), Gone> {
        let text = match said {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(Gone),
            Message::Binary(_) => {
                let failure = Failure::new(codes::bad_request, "messages are text, not bytes");
                return self.refuse(None, failure).await;
            }
        };
        let ask: WsAsk = match serde_json::from_str(&text) {
            Ok(ask) => ask,
            Err(error) => {
                let detail = format!("this is no message that is known here: {error}");
                let failure = Failure::new(codes::bad_request, detail);
                return self.refuse(None, failure.hint("docs/http.md#streams")).await;
            }
        };
        match ask {
            WsAsk::Unsubscribe { id } => {
                self.streams.remove(&id);
                Ok(())
            }
            WsAsk::Subscribe { id, stream } => match self.subscribe(&id, stream).await {
                Ok(()) => Ok(()),
                Err(failure) => self.refuse(Some(id), failure).await,
            },
        }
    }

    async fn refuse(&mut self, id: Option<String>, failure: Failure) -> Result<(), Gone> {
        let id = id.map(|id| id.chars().take(SUBSCRIPTION_CHARS_MAX).collect());
        let told = WsTold { id, what: Told::Problem(failure.0) };
        let text = serde_json::to_string(&told).expect("BUG: a problem is JSON");
        self.say(Message::Text(text.into())).await
    }

    async fn subscribe(&mut self, id: &str, stream: WsStream) -> Result<(), Failure> {
        if id.is_empty() || id.chars().count() > SUBSCRIPTION_CHARS_MAX {
            let detail = format!("`id` has 1 to {SUBSCRIPTION_CHARS_MAX} characters");
            return Err(Failure::new(codes::bad_request, detail));
        }
        if self.streams.contains_key(id) {
            let detail = "a subscription of this name is open";
            return Err(Failure::new(codes::bad_request, detail).hint("unsubscribe it first"));
        }
        if self.streams.len() >= SUBSCRIPTIONS_MAX {
            let detail = format!("{SUBSCRIPTIONS_MAX} subscriptions are open on this connection");
            return Err(Failure::new(codes::too_many_streams, detail).hint("unsubscribe some"));
        }
        let (app, identity) = (self.app.clone(), self.identity.clone());
        let name = json!(id).to_string();
        let telling: Telling = match stream {
            WsStream::Events(query) => {
                let (project, key) = (query.project.as_deref(), query.key.as_deref());
                let wanted = Wanted::of(identity, project, key, query.types.as_deref())?;
                let reader = EventReader::new(app, wanted, query.after);
                Box::pin(unfold((reader, name), async |(mut reader, name)| {
                    let item = reader.next().await?;
                    Some((event_text(&name, item), (reader, name)))
                }))
            }
            WsStream::Journal { project, key, job, from } => {
                identity.reaches(Some(&project), true)?;
                let ticket = TicketId { project: project.parse()?, key: key.parse()? };
                let job = job.as_deref().map(str::parse).transpose()?;
                let reader = JournalReader::new(app, identity, ticket, (job, from)).await?;
                Box::pin(unfold((reader, name), async |(mut reader, name)| {
                    let item = reader.next().await?;
                    Some((line_text(&name, item), (reader, name)))
                }))
            }
        };
        self.streams.insert(id.to_owned(), telling);
        Ok(())
    }
}

/// What a subscription tells, by its name, which is JSON already as `what` is.
fn told(name: &str, kind: &str, what: &str) -> String {
    format!(r#"{{"id":{name},"{kind}":{what}}}"#)
}

fn as_json(what: &impl serde::Serialize) -> String {
    serde_json::to_string(what).expect("BUG: what is told is JSON")
}

fn event_text(name: &str, item: Item) -> String {
    match item {
        Item::Begin(seq) => told(name, "begin", &as_json(&Begin { seq })),
        Item::Event(frame) => told(name, "event", &frame.json),
        Item::Alive => told(name, "alive", "{}"),
        Item::End(end) => told(name, "end", &as_json(&end)),
    }
}

fn line_text(name: &str, item: JournalItem) -> String {
    match item {
        JournalItem::Job(job) => told(name, "job", &as_json(&JobOf { job: job.to_string() })),
        JournalItem::Line(job, line) => {
            told(name, "line", &as_json(&LineOf { job: job.to_string(), line }))
        }
        JournalItem::Alive => told(name, "alive", "{}"),
        JournalItem::End(end) => told(name, "end", &as_json(&end)),
    }
}
