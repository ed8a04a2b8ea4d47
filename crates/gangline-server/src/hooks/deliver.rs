//! Telling webhooks: one sender for each, so that none waits for another.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use gangline_api::webhook::Tested;
use gangline_domain::event::Recorded;
use gangline_domain::ids::Timestamp;
use gangline_ports::Past as _;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::ledger::{Ledger, Next, Try};
use super::post::{Message, post};
use super::{Hook, Signing};
use crate::app::App;
use crate::archive::Archive;
use crate::orchestrator::Orchestrator;
use crate::pause::chance;
use crate::view;

/// Events that are read at once.
const PAGE: u32 = 100;
/// How long it waits when the store cannot be read, or a ledger not be written.
const AGAIN: Duration = Duration::from_secs(1);
/// Events that may be passed over before a ledger says so: a crash only has them looked at again.
const PASSED_MAX: u64 = 1_000;

/// How a sender ends by itself.
enum Ended {
    /// Its webhook is no more.
    Retired,
    /// Nothing is committed any more.
    Over,
}

/// Tells all webhooks of what is committed, until `ending`. Follows the settings: a webhook has one
/// sender at a time, so that one which comes back waits for the end of its former one.
pub async fn deliver<O: Orchestrator, A: Archive>(app: App<O, A>, ending: CancellationToken) {
    let mut settings = app.settings_changes();
    let (mut senders, mut sending) = (JoinSet::new(), BTreeSet::new());
    loop {
        let hooks = Arc::clone(&settings.borrow_and_update().hooks);
        for hook in hooks.all().filter(|hook| !hook.retired.is_cancelled()) {
            if sending.insert(hook.name.clone()) {
                senders.spawn(sender(app.clone(), Arc::clone(hook), ending.clone()));
            }
        }
        tokio::select! {
            changed = settings.changed() => if changed.is_err() { break },
            () = ending.cancelled() => break,
            Some(ended) = senders.join_next() => match ended {
                Ok((name, Ended::Retired)) => drop(sending.remove(&name)),
                Ok((_, Ended::Over)) => {}
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            },
        }
    }
    while let Some(ended) = senders.join_next().await {
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

/// Sends until the webhook is retired, whose ledger then goes, or until `ending`.
async fn sender<O: Orchestrator, A: Archive>(
    app: App<O, A>,
    hook: Arc<Hook>,
    ending: CancellationToken,
) -> (String, Ended) {
    let ended = tokio::select! {
        () = ending.cancelled() => Ended::Over,
        ended = send_on(&app, &hook) => ended,
    };
    if let Ended::Retired = ended {
        let shelf = hook.shelf.clone();
        match tokio::task::spawn_blocking(move || shelf.remove()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, webhook = hook.name, "a webhook's ledger is still there");
            }
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    (hook.name.clone(), ended)
}

/// Goes along the sequence of events.
async fn send_on<O: Orchestrator, A: Archive>(app: &App<O, A>, hook: &Hook) -> Ended {
    let mut seq = app.orchestrator.seq();
    if hook.fresh {
        let begun = hook.ledger().clone();
        keep(hook, begun).await;
    }
    loop {
        let committed = *seq.borrow_and_update();
        let mut at = hook.ledger().cursor;
        if at > committed {
            // The store was restored to an earlier state; what happens from now on is new.
            tracing::warn!(
                webhook = hook.name,
                at,
                committed,
                "a webhook goes back with the store"
            );
            at = committed;
            keep(hook, Ledger::behind(at)).await;
        }
        while at < committed && !hook.retired.is_cancelled() {
            match app.orchestrator.past().events(at, PAGE).await {
                Ok(page) if page.is_empty() => break,
                Ok(page) => at = tell(app, hook, &page).await,
                Err(error) => {
                    tracing::warn!(%error, webhook = hook.name, "events cannot be read for a webhook yet");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
        tokio::select! {
            biased;
            () = hook.retired.cancelled() => return Ended::Retired,
            changed = seq.changed() => if changed.is_err() { return Ended::Over },
        }
    }
}

/// Tells of each event of a page that is wanted, and gives the number of the last one.
async fn tell<O: Orchestrator, A: Archive>(app: &App<O, A>, hook: &Hook, page: &[Recorded]) -> u64 {
    let mut at = hook.ledger().cursor;
    for recorded in page {
        if hook.retired.is_cancelled() {
            return at;
        }
        if hook.wants(&recorded.event) {
            hand_over(app, hook, recorded).await;
        }
        at = recorded.seq;
    }
    // In memory always, so that nothing is said to be behind; on disk now and then.
    let passed = {
        let mut ledger = hook.ledger();
        let before = ledger.cursor;
        ledger.cursor = ledger.cursor.max(at);
        (before / PASSED_MAX != at / PASSED_MAX).then(|| ledger.clone())
    };
    if let Some(ledger) = passed {
        keep(hook, ledger).await;
    }
    at
}

/// Until the event was taken or is given up.
async fn hand_over<O: Orchestrator, A: Archive>(app: &App<O, A>, hook: &Hook, recorded: &Recorded) {
    let id = id_of(recorded);
    let body = body_of(recorded);
    loop {
        let told = tokio::select! {
            told = told(app, hook, (&id, body.clone())) => told,
            () = hook.retired.cancelled() => return,
        };
        let done = Try {
            seq: recorded.seq,
            id: id.clone(),
            kind: recorded.event.type_name(),
            happened: recorded.at,
            now: App::<O, A>::now(),
            status: told.status,
            error: told.error,
            duration_ms: told.duration_ms,
        };
        if let Some(error) = &done.error {
            tracing::info!(
                webhook = hook.name,
                seq = recorded.seq,
                error,
                "an event is not delivered"
            );
        }
        let (ledger, next) = hook.ledger().after(done, chance());
        keep(hook, ledger).await;
        let pause = match next {
            Next::Delivered => return,
            Next::Again(pause) | Next::GivenUp(pause) => pause,
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = hook.nudge.notified() => {}
            () = hook.retired.cancelled() => return,
        }
        if let Next::GivenUp(_) = next {
            return;
        }
    }
}

/// Until it is written: what was not might be forgotten.
async fn keep(hook: &Hook, ledger: Ledger) {
    loop {
        let (shelf, copy) = (hook.shelf.clone(), ledger.clone());
        let written = match tokio::task::spawn_blocking(move || shelf.write(&copy)).await {
            Ok(written) => written,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        match written {
            Ok(()) => {
                *hook.ledger() = ledger;
                return;
            }
            Err(error) => {
                tracing::warn!(%error, webhook = hook.name, "a webhook's ledger cannot be written yet");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

/// The same in each try, and of no other event, not even of one that had this number in a store
/// that was restored since.
fn id_of(recorded: &Recorded) -> String {
    format!("evt_{}_{}", recorded.seq, recorded.at.0)
}

fn body_of(recorded: &Recorded) -> Bytes {
    let event = view::event(recorded);
    let kind = event.kind.clone();
    envelope(&kind, recorded.at, &json!(event))
}

/// The form that the scheme recommends.
fn envelope(kind: &str, at: Timestamp, data: &Value) -> Bytes {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    let message = json!({ "type": kind, "timestamp": at.to_string(), "data": data });
    Bytes::from(message.to_string())
}

/// What a receiver made of a message.
struct Told {
    status: Option<u16>,
    answer: String,
    error: Option<String>,
    duration_ms: u64,
}

/// One try.
async fn told<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    hook: &Hook,
    (id, body): (&str, Bytes),
) -> Told {
    let begun = Instant::now();
    let duration_ms = || u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let failed = |error: String| Told {
        status: None,
        answer: String::new(),
        error: Some(error),
        duration_ms: duration_ms(),
    };
    let aim = hook.aim();
    let key = match aim.keys.get(&*app.archive, Signing::Webhook(&hook.name)).await {
        Ok(key) => key,
        Err(error) => return failed(error),
    };
    // Of the try, not of the event: receivers refuse what is old.
    let timestamp_s = App::<O, A>::now().0.div_euclid(1_000_000);
    let signature = key.sign(id, timestamp_s, &body);
    let message = Message { id: id.to_owned(), timestamp_s, signature, body };
    match post(&aim.to, &message).await {
        Ok(answer) => {
            let status = answer.status;
            let error = match (status.is_success(), status.is_redirection()) {
                (true, _) => None,
                (false, true) => Some(format!("it answered {status}, and no redirect is followed")),
                (false, false) => Some(format!("it answered {status}")),
            };
            let status = Some(status.as_u16());
            Told { status, answer: answer.text, error, duration_ms: duration_ms() }
        }
        Err(error) => failed(error.to_string()),
    }
}

/// Sends a `ping`, beside whatever is being delivered. A receiver that takes it is tried again at
/// once.
pub(crate) async fn test<O: Orchestrator, A: Archive>(app: &App<O, A>, hook: &Hook) -> Tested {
    let now = App::<O, A>::now();
    let id = format!("ping_{}", now.0);
    let body = envelope("ping", now, &json!({ "webhook": hook.name }));
    let Told { status, answer, error, duration_ms } = told(app, hook, (&id, body)).await;
    let delivered = error.is_none();
    if delivered {
        // Wakes the sender if it waits, and leaves nothing for later if it does not.
        hook.nudge.notify_waiters();
    }
    Tested { id, delivered, status, answer, error, duration_ms }
}
