//! Repeats: a request that comes again with its key is answered as it was the first time.
//!
//! ```text
//!   Idempotency-Key: k ─▸ fingerprint of who, where and what ─▸ one event or more, with both
//!        again, the same request   ─▸ the answer, from those events
//!        again, another request    ─▸ 422 idempotency_key_reused
//! ```

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Method};
use gangline_api::codes;
use gangline_api::version::IDEMPOTENCY_HEADER;
use gangline_domain::event::{Event, TicketEvent};
use gangline_domain::ids::{IdempotencyKey, TicketKey};
use gangline_domain::spec::TICKETS_AT_ONCE_MAX;
use gangline_ports::Past as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::archive::Archive;
use crate::extract::decoded;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;

/// Events that one command makes at most: one for each ticket, and those that end one.
const EVENTS_MAX: usize = TICKETS_AT_ONCE_MAX + 8;

/// Where a request goes and what it carries, but for who sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u8; 32]);

/// Says of a request with a key what it asks, so that its key is good for nothing else.
pub(crate) async fn fingerprinted(
    mut request: Request,
    bytes_max: usize,
) -> Result<Request, Failure> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || !request.headers().contains_key(IDEMPOTENCY_HEADER) {
        return Ok(request);
    }
    let body = std::mem::take(request.body_mut());
    let body = to_bytes(body, bytes_max).await.map_err(|_broken| {
        Failure::new(codes::body_too_large, "the request has too many bytes, or broke off")
    })?;
    let path = request.uri().path_and_query().map(PathAndQuery::as_str).unwrap_or_default();
    let mut hash = Sha256::new();
    for part in [request.method().as_str().as_bytes(), path.as_bytes(), &canonical(&body)] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    request.extensions_mut().insert(Fingerprint(hash.finalize().into()));
    *request.body_mut() = Body::from(body);
    Ok(request)
}

/// JSON with its keys in order and without blanks: it says the same.
fn canonical(body: &[u8]) -> Vec<u8> {
    let value = serde_json::from_slice::<Value>(body);
    value.ok().and_then(|value| serde_json::to_vec(&value).ok()).unwrap_or_else(|| body.to_vec())
}

/// The key of a request, if it has one, as the key of this request of `who` alone.
pub(crate) fn key_of(
    headers: &HeaderMap,
    fingerprint: Option<&Fingerprint>,
    who: &str,
) -> Result<Option<IdempotencyKey>, Failure> {
    let Some(sent) = headers.get(IDEMPOTENCY_HEADER) else { return Ok(None) };
    let key = IdempotencyKey::sent(&decoded(sent.as_bytes()))?;
    let Some(Fingerprint(of)) = fingerprint else { return Ok(Some(key)) };
    let mut hash = Sha256::new();
    hash.update(of);
    hash.update(who.as_bytes());
    let hash: [u8; 32] = hash.finalize().into();
    let fold = |print: u64, byte: &u8| (print << 8) | u64::from(*byte);
    Ok(Some(key.of_request(hash.iter().take(8).fold(0, fold))))
}

/// What was done under a key before.
#[derive(Debug, Default)]
pub(crate) struct Earlier(Vec<Event>);

impl Earlier {
    /// What a request with this key did; nothing where it comes for the first time.
    ///
    /// # Errors
    ///
    /// Where the key came with another request.
    pub(crate) async fn of<O: Orchestrator, A: Archive>(
        app: &App<O, A>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Self>, Failure> {
        let Some(key) = key else { return Ok(None) };
        let known =
            app.look(|board, _| board.answers.get(key).map(|done| done.map(|done| done.seq)));
        let last = match known {
            None => return Ok(None),
            Some(last) => last?,
        };
        let after = last.saturating_sub(EVENTS_MAX as u64);
        let most = u32::try_from(EVENTS_MAX).unwrap_or(u32::MAX);
        let events = app.orchestrator.past().events(after, most).await?;
        let of_key = events
            .into_iter()
            .filter(|recorded| recorded.key.as_ref().is_some_and(|of| of.name() == key.name()));
        Ok(Some(Self(of_key.map(|recorded| recorded.event).collect())))
    }

    /// The tickets of which it is true, in the order in which it happened.
    pub(crate) fn tickets(&self, is: fn(&TicketEvent) -> bool) -> Vec<TicketKey> {
        let of_tickets = self.0.iter().filter_map(|event| {
            let Event::Ticket { ticket, what } = event else { return None };
            is(what).then(|| ticket.key.clone())
        });
        of_tickets.collect()
    }
}
