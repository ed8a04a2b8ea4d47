//! One call of a webhook: to an address that was looked at, without redirects, within bounds.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, StatusCode};
use http_body_util::Full;
use tokio::time::timeout;

use super::sign::{ID, SIGNATURE, TIMESTAMP};
use super::{Outbound, reach};
use crate::outward::{self, Bounds, Unanswered};

/// How long a call may take in all.
const CALL_MAX: Duration = Duration::from_secs(15);
/// The status decides: of the body as much is read as comes soon, and how that breaks off is of no
/// matter.
const ANSWER: Bounds = Bounds { body_bytes_max: 1024, body_max: Duration::from_secs(2) };

/// A signed message.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) timestamp_s: i64,
    pub(super) signature: String,
    pub(super) body: Bytes,
}

/// What a receiver answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// The beginning of its body.
    pub(super) text: String,
}

/// Why there is no answer. Names no part of the address but what it leads to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    /// The name leads nowhere.
    #[error("its name cannot be resolved: {0}")]
    Unresolved(#[source] io::Error),
    /// It leads where webhooks may not go.
    #[error("it leads to {ip}, {}", why(*tls))]
    OutOfReach {
        /// Where.
        ip: IpAddr,
        /// Whether it would be behind TLS.
        tls: bool,
    },
    /// It did not answer.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    /// It took too long.
    #[error("it gave no answer within {} s", CALL_MAX.as_secs())]
    Slow,
}

impl NotTaken {
    /// Whether it is known to lead where nothing may go.
    pub(crate) fn is_out_of_reach(&self) -> bool {
        matches!(self, Self::OutOfReach { .. })
    }
}

fn why(tls: bool) -> &'static str {
    match tls {
        true => "which is not public; allow_private = true lets calls go to private networks",
        false => "and plain http is for private networks alone; use https",
    }
}

/// Hands a message over.
pub(super) async fn post(to: &Outbound, message: &Message) -> Result<Answer, NotTaken> {
    match timeout(CALL_MAX, call(to, message)).await {
        Ok(answer) => answer,
        Err(_elapsed) => Err(NotTaken::Slow),
    }
}

async fn call(to: &Outbound, message: &Message) -> Result<Answer, NotTaken> {
    let addresses = reach::addresses(&to.address, to.allow_private).await?;
    let answer = outward::call(&to.address, &addresses, request(to, message), ANSWER).await?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    Ok(Answer { status: answer.status, text })
}

fn request(to: &Outbound, message: &Message) -> Request<Full<Bytes>> {
    outward::request(Method::POST, &to.address)
        .header(CONTENT_TYPE, "application/json")
        .header(ID, &message.id)
        .header(TIMESTAMP, message.timestamp_s)
        .header(SIGNATURE, &message.signature)
        .body(Full::new(message.body.clone()))
        .expect("BUG: an address was read, and headers are text")
}
