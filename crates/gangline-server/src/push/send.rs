//! Telling devices: one message at a time for each, so that none waits for another.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderName, Method, StatusCode};
use gangline_domain::event::Recorded;
use gangline_domain::ids::{ProjectId, TicketId, Timestamp};
use gangline_domain::network::HttpAddress;
use gangline_ports::Past as _;
use http_body_util::Full;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::book::{Book, Owner, Subscription, Told, WORTH_MS};
use super::seal::Keys;
use super::words::{Message, needed, trial};
use super::{Push, PushReach};
use crate::app::App;
use crate::archive::Archive;
use crate::hooks::reachable;
use crate::orchestrator::Orchestrator;
use crate::outward::{self, Bounds};
use crate::pause::chance;

/// Events that are read at once.
const PAGE: u32 = 500;
/// Calls to push services at once.
const CALLS_MAX: usize = 16;
/// How long a call may take in all.
const CALL_MAX: Duration = Duration::from_secs(15);
/// The status says all.
const ANSWER: Bounds = Bounds { body_bytes_max: 0, body_max: Duration::from_secs(1) };
/// How long it waits when the store cannot be read, or the book not be written.
const AGAIN: Duration = Duration::from_secs(1);
/// Events that need nobody, before it is written that they were looked at.
const PASSED_MAX: u64 = 1_000;

const TTL: HeaderName = HeaderName::from_static("ttl");
const URGENCY: HeaderName = HeaderName::from_static("urgency");
const TOPIC: HeaderName = HeaderName::from_static("topic");

/// Tells devices what needs their people, until `ending`. Follows the settings.
pub async fn tell_devices<O: Orchestrator, A: Archive>(app: App<O, A>, ending: CancellationToken) {
    let mut settings = app.settings_changes();
    loop {
        let push = settings.borrow_and_update().push.clone();
        let work = async {
            match &push {
                Some(push) => run(&app, push).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = ending.cancelled() => return,
            changed = settings.changed() => if changed.is_err() { return },
            () = work => return,
        }
    }
}

/// Until nothing is committed any more. It can be left at any point: what is not written yet is done
/// again, with the same tags.
async fn run<O: Orchestrator, A: Archive>(app: &App<O, A>, push: &Arc<Push>) {
    let mut seq = app.orchestrator.seq();
    let (mut calls, mut called) = (JoinSet::new(), BTreeSet::new());
    loop {
        let committed = *seq.borrow_and_update();
        tidy(app, push).await;
        take_up(app, push, committed).await;
        let now = App::<O, A>::now();
        let mut next: Option<Timestamp> = None;
        let free = waiting(&push.book(), &called);
        for known in free {
            match known.due() {
                Some(due) if due > now => next = Some(next.map_or(due, |next| next.min(due))),
                Some(_) if called.len() < CALLS_MAX => {
                    called.insert(known.id.clone());
                    calls.spawn(call(Arc::clone(push), known, now));
                }
                // A call ends, and then there is room.
                Some(_) | None => {}
            }
        }
        tokio::select! {
            changed = seq.changed() => if changed.is_err() { return },
            () = push.kept.nudge.notified() => {}
            () = until(next, now) => {}
            Some(ended) = calls.join_next() => match ended {
                Ok(id) => drop(called.remove(&id)),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            },
        }
    }
}

fn waiting(book: &Book, called: &BTreeSet<String>) -> Vec<Subscription> {
    let free = book.subscriptions.iter().filter(|known| !called.contains(&known.id));
    free.filter(|known| !known.waiting.is_empty()).cloned().collect()
}

async fn until(next: Option<Timestamp>, now: Timestamp) {
    match next {
        Some(next) => tokio::time::sleep(Duration::from_millis(next.ms_since(now) + 1)).await,
        None => std::future::pending().await,
    }
}

/// Forgets devices whose people are let in no more, and what is worth nothing any more.
async fn tidy<O: Orchestrator, A: Archive>(app: &App<O, A>, push: &Push) {
    let now = App::<O, A>::now();
    // Never the book and the board at once: others may look at them the other way around.
    let owners: Vec<(String, Owner)> = {
        let book = push.book();
        book.subscriptions.iter().map(|known| (known.id.clone(), known.owner.clone())).collect()
    };
    let out: BTreeSet<String> = app.orchestrator.read(|board| {
        let known = |id: &_| board.tokens.get(id).is_some_and(|token| !token.has_expired(now));
        let out = owners.into_iter().filter(|(_, owner)| !owner.is_still_in(now, known));
        out.map(|(id, _)| id).collect()
    });
    let stale = push.book().has_stale(now);
    if stale || !out.is_empty() {
        keep(push, move |book| {
            book.subscriptions.retain(|known| !out.contains(&known.id));
            book.give_up(now);
        })
        .await;
    }
}

/// Has what the events up to `committed` come to wait for its devices.
async fn take_up<O: Orchestrator, A: Archive>(app: &App<O, A>, push: &Push, committed: u64) {
    if push.book().cursor > committed {
        tracing::warn!(committed, "push messages go back with the store");
        keep(push, move |book| book.go_back(committed)).await;
    }
    loop {
        let (at, nobody) = {
            let book = push.book();
            (book.cursor, book.subscriptions.is_empty())
        };
        if at >= committed {
            return;
        }
        if nobody {
            push.pass(committed).await;
            return;
        }
        let page = match app.orchestrator.past().events(at, PAGE).await {
            Ok(page) => page,
            Err(error) => {
                tracing::warn!(%error, "events cannot be read for push messages yet");
                tokio::time::sleep(AGAIN).await;
                continue;
            }
        };
        let Some(last) = page.last().map(|recorded| recorded.seq) else { return };
        let found = messages(app, &page).await;
        if found.is_empty() && at / PASSED_MAX == last / PASSED_MAX {
            push.pass(last).await;
        } else {
            keep(push, move |book| book.take_up(&found, last)).await;
        }
    }
}

async fn messages<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    page: &[Recorded],
) -> Vec<(Option<ProjectId>, Message)> {
    let now = App::<O, A>::now();
    let mut found = vec![];
    for recorded in page {
        if now.ms_since(recorded.at) >= WORTH_MS {
            continue;
        }
        let Some(need) = needed(recorded) else { continue };
        let called = match &need.ticket {
            Some(ticket) => title(app, ticket).await,
            None => None,
        };
        found.push((need.project.clone(), need.message(recorded, called.as_deref())));
    }
    found
}

/// What a ticket is called; nothing where that cannot be read now.
async fn title<O: Orchestrator, A: Archive>(app: &App<O, A>, id: &TicketId) -> Option<String> {
    match app.orchestrator.ticket(id).await {
        Ok(found) => found.map(|found| found.spec.title),
        Err(error) => {
            tracing::debug!(%error, "a ticket cannot be read for a push message");
            None
        }
    }
}

/// Until it is written: what was not might be forgotten.
async fn keep(push: &Push, change: impl Fn(&mut Book) + Clone + Send + 'static) {
    while let Err(error) = push.change(change.clone()).await {
        tracing::warn!(%error, "who is told by push messages cannot be written yet");
        tokio::time::sleep(AGAIN).await;
    }
}

impl Push {
    /// Nothing up to `seq` was for anybody. On disk that stands later: a crash has it looked at again.
    async fn pass(&self, seq: u64) {
        let _alone = self.kept.writing.lock().await;
        self.book().cursor = seq;
    }
}

/// One try of what waits first for a device.
async fn call(push: Arc<Push>, to: Subscription, now: Timestamp) -> String {
    let Some(message) = to.waiting.front() else { return to.id };
    let told = post(&push, &to, message, now).await;
    if let Told::Refused(why) | Told::Failed(why) = &told {
        tracing::info!(device = to.id, seq = message.seq, why, "a push message is not taken");
    }
    let (id, seq, chance) = (to.id.clone(), message.seq, chance());
    keep(&push, move |book| book.after(&id, seq, told.clone(), now, chance)).await;
    to.id
}

/// Sends a message that says nothing else, beside whatever waits.
pub(crate) async fn test(push: &Push, to: &Subscription, now: Timestamp) -> Told {
    let told = post(push, to, &trial(now.0), now).await;
    // Whoever takes it is tried at once with what waits; who does not is tried when it was due anyway.
    if let Told::Taken | Told::Gone = told {
        let (id, over) = (to.id.clone(), told.clone());
        keep(push, move |book| book.after(&id, 0, over.clone(), now, 0)).await;
        push.kept.nudge.notify_one();
    }
    told
}

async fn post(push: &Push, to: &Subscription, message: &Message, now: Timestamp) -> Told {
    match timeout(CALL_MAX, posted(push, to, message, now)).await {
        Ok(told) => told,
        Err(_elapsed) => Told::Failed(format!("it gave no answer within {} s", CALL_MAX.as_secs())),
    }
}

async fn posted(push: &Push, to: &Subscription, message: &Message, now: Timestamp) -> Told {
    let text = serde_json::to_vec(&message.says).expect("BUG: a message is JSON");
    let sealed = Keys::read(&to.keys()).ok().and_then(|keys| keys.sealed(&text));
    let (Some(address), Some(sealed)) = (to.address(), sealed) else { return Told::Gone };
    let vapid = match push.vapid().await {
        Ok(vapid) => vapid,
        Err(error) => return Told::Failed(format!("the key cannot be kept: {error}")),
    };
    let left_ms = WORTH_MS.saturating_sub(now.ms_since(Timestamp(message.at_us)));
    let request = outward::request(Method::POST, &address)
        .header(AUTHORIZATION, vapid.authorization(&address, &push.reach.contact, now))
        .header(CONTENT_TYPE, "application/octet-stream")
        .header(CONTENT_ENCODING, "aes128gcm")
        .header(TTL, left_ms / 1_000)
        .header(URGENCY, if message.urgent { "high" } else { "normal" })
        .header(TOPIC, message.topic())
        .body(Full::new(Bytes::from(sealed)))
        .expect("BUG: an address was read, and headers are text");
    let addresses = match reachable(&address, push.reach.allow_private).await {
        Ok(addresses) => addresses,
        Err(error) => return Told::Failed(error.to_string()),
    };
    match outward::call(&address, &addresses, request, ANSWER).await {
        Ok(answer) => judged(answer.status),
        Err(error) => Told::Failed(error.to_string()),
    }
}

/// What the status of a push service means (RFC 8030, 5 and 7.3).
fn judged(status: StatusCode) -> Told {
    let why = || format!("it answered {status}");
    match status {
        status if status.is_success() => Told::Taken,
        StatusCode::NOT_FOUND | StatusCode::GONE => Told::Gone,
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE => Told::Refused(why()),
        _else => Told::Failed(why()),
    }
}

/// Whether messages may go to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Reached {
    /// They may, or that is not known now: each message looks again.
    Yes,
    /// It is no address of HTTPS.
    NoAddress,
    /// It is on this machine or in a network that is not public.
    Private,
}

/// Looks where an endpoint leads to.
pub(crate) async fn may_reach(endpoint: &str, by: &PushReach) -> Reached {
    let Ok(address) = endpoint.parse::<HttpAddress>() else { return Reached::NoAddress };
    if !address.tls && !by.allow_private {
        return Reached::NoAddress;
    }
    match reachable(&address, by.allow_private).await {
        Err(error) if error.is_out_of_reach() => Reached::Private,
        // Its name may be resolved later.
        Ok(_) | Err(_) => Reached::Yes,
    }
}
