//! One request and its answer.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap};
use hyper::{Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::task::yield_now;

use super::endpoint::Endpoint;
use super::kept::Lost;
use super::{Client, ClientError, Way};
use crate::problem::Problem;
use crate::version::{
    API_VERSION, API_VERSION_HEADER, BASE, IDEMPOTENCY_HEADER, MAIN_AGENT_HEADER, PERSON_HEADER,
    PROGRAM_VERSION_HEADER,
};

/// So long an answer is looked for before anybody sleeps. Most come sooner, and to be woken takes as
/// long again as the answer itself.
const AWAKE: Duration = Duration::from_micros(200);

/// What is to be sent.
pub(super) struct Ask {
    method: &'static str,
    path: String,
    body: Option<Bytes>,
    key: Option<String>,
    timeout: Duration,
    waits: bool,
    any_version: bool,
}

impl Ask {
    pub(super) fn new(method: &'static str, path: &str, timeout: Duration) -> Self {
        let path = format!("{BASE}{path}");
        Self { method, path, body: None, key: None, timeout, waits: false, any_version: false }
    }

    pub(super) fn body(mut self, body: &impl Serialize) -> Self {
        self.body = Some(serde_json::to_vec(body).expect("BUG: a request is JSON").into());
        self
    }

    pub(super) fn idempotent(mut self, key: Option<&str>) -> Self {
        self.key = key.map(str::to_owned);
        self
    }

    pub(super) fn waiting(mut self, wait: Duration) -> Self {
        self.timeout += wait;
        self.waits = !wait.is_zero();
        self
    }

    pub(super) fn any_version(mut self) -> Self {
        self.any_version = true;
        self
    }

    /// Whether asking it twice is as good as asking once. What waits is answered by the daemon that
    /// was asked, or by none.
    fn is_repeatable(&self) -> bool {
        (self.method == "GET" && !self.waits) || self.key.is_some()
    }

    fn shown(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}

/// Sends and reads the answer, all within the request's time.
pub(super) async fn send<T: DeserializeOwned>(client: &Client, ask: Ask) -> Result<T, ClientError> {
    let (shown, timeout, any_version) = (ask.shown(), ask.timeout, ask.any_version);
    // Boxed: it is moved at each step on its way down, and is large.
    let exchanged = Box::pin(exchange(client, ask));
    let awake = match &client.way {
        Way::Within(_) => Duration::ZERO,
        Way::Connected(..) => AWAKE,
    };
    let answer =
        in_time(exchanged, timeout, awake).await.ok_or_else(|| ClientError::TimedOut {
            request: shown.clone(),
            after_ms: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
        })??;
    if let Way::Connected(kept, _) = &client.way {
        understood(kept.endpoint(), answer.headers(), any_version)?;
    }
    let malformed = |source: serde_json::Error| ClientError::Malformed {
        request: shown,
        source: source.into(),
    };
    if answer.status().is_success() {
        return serde_json::from_slice(answer.body()).map_err(malformed);
    }
    let problem: Problem = serde_json::from_slice(answer.body()).map_err(malformed)?;
    Err(ClientError::Refused(Box::new(problem)))
}

/// Waits so long for an answer, and does not sleep while it is awake, nor sets a timer.
async fn in_time<T>(
    answer: impl Future<Output = T>,
    timeout: Duration,
    awake: Duration,
) -> Option<T> {
    let began = Instant::now();
    let late = async {
        while began.elapsed() < awake {
            yield_now().await;
        }
        tokio::time::sleep(timeout.saturating_sub(awake)).await;
    };
    tokio::select! {
        biased;
        answer = answer => Some(answer),
        () = late => None,
    }
}

async fn exchange(client: &Client, ask: Ask) -> Result<Response<Bytes>, ClientError> {
    let (shown, repeatable) = (ask.shown(), ask.is_repeatable());
    let request = || request(client, &ask);
    let (kept, asked) = match &client.way {
        Way::Within(routes) => return Ok(routes.answer(request()).await),
        Way::Connected(kept, _) if repeatable => (kept, kept.ask_again(request).await),
        Way::Connected(kept, _) => (kept, kept.ask(request()).await),
    };
    asked.map_err(|lost| unanswered(kept.endpoint(), shown, lost))
}

/// Why there is no answer.
pub(super) fn unanswered(endpoint: &Endpoint, request: String, lost: Lost) -> ClientError {
    match (lost, endpoint) {
        (Lost::Unreached(error), Endpoint::Socket(socket)) => no_daemon(socket.clone(), &error),
        (Lost::Unreached(source), Endpoint::Url(url)) => {
            ClientError::Unreached { url: url.to_string(), source }
        }
        (Lost::NotHttp, endpoint) => ClientError::NotGangline { place: endpoint.to_string() },
        (Lost::Unanswered(source) | Lost::Halfway(source), _) => {
            ClientError::Broken { request, source }
        }
    }
}

fn request(client: &Client, ask: &Ask) -> Request<Full<Bytes>> {
    let mut request = match &client.way {
        Way::Within(_) => Request::builder().uri(&ask.path).header(HOST, "gangline"),
        Way::Connected(kept, _) => {
            let endpoint = kept.endpoint();
            let path = format!("{}{}", endpoint.prefix(), ask.path);
            Request::builder().uri(path).header(HOST, endpoint.host())
        }
    };
    request = request.method(ask.method);
    request = match &client.way {
        Way::Connected(_, Some(token)) => request.header(AUTHORIZATION, format!("Bearer {token}")),
        Way::Connected(_, None) | Way::Within(_) => {
            request.header(PERSON_HEADER, super::address::segment(client.person()))
        }
    };
    if let Some(agent) = &client.main_agent {
        request = request.header(MAIN_AGENT_HEADER, agent.header());
    }
    if let Some(key) = &ask.key {
        request = request.header(IDEMPOTENCY_HEADER, super::address::segment(key));
    }
    if ask.body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let body = Full::new(ask.body.clone().unwrap_or_default());
    request.body(body).expect("BUG: every part of a request is encoded")
}

fn no_daemon(socket: PathBuf, error: &std::io::Error) -> ClientError {
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
pub(super) fn understood(
    endpoint: &Endpoint,
    headers: &HeaderMap,
    any: bool,
) -> Result<(), ClientError> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(api) = text(API_VERSION_HEADER) else {
        return Err(ClientError::NotGangline { place: endpoint.to_string() });
    };
    if any || api == API_VERSION.to_string() {
        return Ok(());
    }
    let program = text(PROGRAM_VERSION_HEADER).unwrap_or("of an unknown version").to_owned();
    Err(ClientError::OtherVersion { api: api.to_owned(), program })
}
