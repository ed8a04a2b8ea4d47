//! One call of Gangline's own to a provider.

use std::io;
use std::time::Duration;

use gangline_domain::network::Target;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Request, header};
use serde_json::Value;
use tokio::time::timeout;

use super::gateway::exchange;
use crate::web;

/// How long it may take in all.
const CALL_MAX: Duration = Duration::from_secs(30);
/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
#[error("{address}: {why}")]
pub struct PostFailed {
    address: String,
    why: String,
}

/// Sends JSON, and gives the answer's status and body.
pub(crate) async fn post_json(address: &str, body: &Value) -> Result<(u16, Bytes), PostFailed> {
    let failed = |why: String| PostFailed { address: address.to_owned(), why };
    let parts = web::parts(address).ok_or_else(|| failed("no address".to_owned()))?;
    let called = timeout(CALL_MAX, call(parts, body)).await;
    let called = called.map_err(|_| failed(format!("no answer in {} s", CALL_MAX.as_secs())))?;
    called.map_err(|error| failed(error.to_string()))
}

async fn call(
    (target, tls, path): (Target, bool, String),
    body: &Value,
) -> io::Result<(u16, Bytes)> {
    let request = Request::post(if path.is_empty() { "/" } else { &path })
        .header(header::HOST, web::authority(&target, tls))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json")
        .body(Full::new(Bytes::from(body.to_string())))
        .map_err(io::Error::other)?;
    let (answer, _connection) = exchange((&target, tls), request).await?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(io::Error::other)?;
    Ok((head.status.as_u16(), body.to_bytes()))
}
