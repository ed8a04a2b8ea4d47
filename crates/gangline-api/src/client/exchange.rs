//! One request and its answer over a connection of its own.

use std::io::ErrorKind;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use super::{Client, ClientError};
use crate::problem::Problem;
use crate::version::{
    API_VERSION, API_VERSION_HEADER, BASE, IDEMPOTENCY_HEADER, PERSON_HEADER,
    PROGRAM_VERSION_HEADER,
};

/// Bytes that an answer may have.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What is to be sent.
pub(super) struct Ask {
    method: &'static str,
    path: String,
    body: Option<Vec<u8>>,
    key: Option<String>,
    timeout: Duration,
    any_version: bool,
}

impl Ask {
    pub(super) fn new(method: &'static str, path: &str, timeout: Duration) -> Self {
        let path = format!("{BASE}{path}");
        Self { method, path, body: None, key: None, timeout, any_version: false }
    }

    pub(super) fn body(mut self, body: &impl Serialize) -> Self {
        self.body = Some(serde_json::to_vec(body).expect("BUG: a request is JSON"));
        self
    }

    pub(super) fn idempotent(mut self, key: Option<&str>) -> Self {
        self.key = key.map(str::to_owned);
        self
    }

    pub(super) fn waiting(mut self, wait: Duration) -> Self {
        self.timeout += wait;
        self
    }

    pub(super) fn any_version(mut self) -> Self {
        self.any_version = true;
        self
    }

    fn shown(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}

/// Sends and reads the answer, all within the request's time.
pub(super) async fn send<T: DeserializeOwned>(client: &Client, ask: Ask) -> Result<T, ClientError> {
    let (shown, timeout, any_version) = (ask.shown(), ask.timeout, ask.any_version);
    let exchanged = tokio::time::timeout(timeout, exchange(client, ask)).await;
    let (status, headers, body) = exchanged.map_err(|_| ClientError::TimedOut {
        request: shown.clone(),
        after_ms: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
    })??;
    understood(client, &headers, any_version)?;
    let malformed = |source: serde_json::Error| ClientError::Malformed {
        request: shown,
        source: source.into(),
    };
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(malformed);
    }
    let problem: Problem = serde_json::from_slice(&body).map_err(malformed)?;
    Err(ClientError::Refused(Box::new(problem)))
}

async fn exchange(
    client: &Client,
    ask: Ask,
) -> Result<(StatusCode, HeaderMap, Bytes), ClientError> {
    let shown = ask.shown();
    let stream = UnixStream::connect(client.socket()).await.map_err(|e| no_daemon(client, &e))?;
    let broken = |source: Box<dyn std::error::Error + Send + Sync>| ClientError::Broken {
        request: shown.clone(),
        source,
    };
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|e| broken(e.into()))?;
    let request = request(client, ask);
    let talk = async {
        let response: Response<Incoming> =
            sender.send_request(request).await.map_err(|error| match error.is_parse() {
                true => ClientError::NotGangline { socket: client.socket().to_owned() },
                false => broken(error.into()),
            })?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(&broken)?;
        Ok((parts.status, parts.headers, body.to_bytes()))
    };
    // The connection is driven beside the request, in the same task: nothing is left running.
    let (mut talk, mut connection) = (std::pin::pin!(talk), std::pin::pin!(connection));
    let mut open = true;
    loop {
        tokio::select! {
            biased;
            answer = &mut talk => return answer,
            // Its error, if any, is the request's as well.
            _closed = &mut connection, if open => open = false,
        }
    }
}

fn request(client: &Client, ask: Ask) -> Request<Full<Bytes>> {
    let mut request = Request::builder()
        .method(ask.method)
        .uri(&ask.path)
        .header(HOST, "gangline")
        .header(PERSON_HEADER, super::address::segment(client.person()));
    if let Some(key) = &ask.key {
        request = request.header(IDEMPOTENCY_HEADER, super::address::segment(key));
    }
    if ask.body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let body = Full::new(Bytes::from(ask.body.unwrap_or_default()));
    request.body(body).expect("BUG: every part of a request is encoded")
}

fn no_daemon(client: &Client, error: &std::io::Error) -> ClientError {
    let socket = client.socket().to_owned();
    if error.kind() == ErrorKind::PermissionDenied {
        ClientError::NotYours { socket }
    } else if error.kind() == ErrorKind::InvalidInput {
        ClientError::PathTooLong { socket }
    } else {
        // Nothing is there, a stale socket is, or whatever it is cannot be talked to.
        ClientError::NoDaemon { socket }
    }
}

/// Whether the answer comes from a daemon whose answers mean what we think.
fn understood(client: &Client, headers: &HeaderMap, any: bool) -> Result<(), ClientError> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(api) = text(API_VERSION_HEADER) else {
        return Err(ClientError::NotGangline { socket: client.socket().to_owned() });
    };
    if any || api == API_VERSION.to_string() {
        return Ok(());
    }
    let program = text(PROGRAM_VERSION_HEADER).unwrap_or("of an unknown version").to_owned();
    Err(ClientError::OtherVersion { api: api.to_owned(), program })
}
