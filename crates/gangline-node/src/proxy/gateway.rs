//! Calls of an agent to its model's provider, which get the real key out here.
//!
//! ```text
//!   agent, dummy key ─▶ loopback inside ─▶ shim ─▶ unix socket ─▶ gateway ─real key─▶ provider
//!                                                          limits ▸ secrets covered ▸ TLS
//! ```
//!
//! Whatever credential a call brings along is taken out: an agent can call the provider in nobody
//! else's name either. Of what it sends, secrets that this job knows are covered.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use gangline_domain::network::{Host, Target};
use gangline_domain::secret::Redactor;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Shared;
use super::calls::{Calls, Permit};
use super::tls;
use crate::durable::with_causes;
use crate::journal::{Passage, PassageStep};
use crate::vault::{Access, Subscription};
use crate::web;

/// Where agents find it, on the loopback inside their sandboxes.
pub(crate) const GATEWAY_PORT: u16 = 61_129;

/// Bytes of a call's body.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How long a provider may take to be reached.
const CONNECT_MAX: Duration = Duration::from_secs(30);

/// Which account a token of a subscription is for.
const ACCOUNT: HeaderName = HeaderName::from_static("chatgpt-account-id");

/// Headers in which providers look for a credential.
const CREDENTIALS: [HeaderName; 7] = [
    ACCOUNT,
    header::AUTHORIZATION,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-goog-api-key"),
    HeaderName::from_static("api-key"),
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
];
/// Headers of one connection, which the next one has anew.
const OF_CONNECTION: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::HOST,
];

type Answer = Response<BoxBody<Bytes, hyper::Error>>;

/// The way to one provider with one key.
pub(crate) struct Gateway {
    pub(crate) provider: Target,
    pub(crate) tls: bool,
    pub(crate) credential: Credential,
    pub(crate) calls: Calls,
    pub(crate) redactor: Redactor,
}

/// By what it says who calls.
pub(crate) enum Credential {
    /// The header that carries the key, and the whole of it.
    Key(HeaderName, HeaderValue),
    /// Tokens that are renewed.
    Subscription(Subscription),
}

impl Credential {
    async fn headers(&self) -> Result<Vec<(HeaderName, HeaderValue)>, Failed> {
        let subscription = match self {
            Self::Key(name, value) => return Ok(vec![(name.clone(), value.clone())]),
            Self::Subscription(subscription) => subscription,
        };
        let failed = |error: &dyn std::error::Error| Failed::Subscription(with_causes(error));
        let Access { token, account, .. } =
            subscription.access().await.map_err(|error| failed(&error))?;
        let bearer = (header::AUTHORIZATION, format!("Bearer {token}"));
        let all = [bearer].into_iter().chain(account.map(|account| (ACCOUNT, account)));
        all.map(|(name, text)| {
            let mut value = HeaderValue::from_str(&text).map_err(|error| failed(&error))?;
            value.set_sensitive(true);
            Ok((name, value))
        })
        .collect()
    }
}

impl Gateway {
    /// Whether a connection inside is meant for it.
    pub(super) fn is_at(target: &Target) -> bool {
        target.port == GATEWAY_PORT
            && matches!(&target.host, Host::Address(address) if address.is_loopback())
    }
}

/// Why a call came to nothing here.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the call is larger than {BODY_BYTES_MAX} bytes, or was broken off")]
    Body,
    #[error("{0} cannot be reached: {1}")]
    Unreached(String, String),
    #[error("the bytes of this attempt are used up")]
    UsedUp,
    #[error("the limit of calls cannot be kept: {0}")]
    Limits(String),
    #[error("{0}")]
    Subscription(String),
}

/// Serves the calls of one connection.
pub(super) async fn serve(client: UnixStream, shared: Arc<Shared>) {
    let calls = service_fn(|call| {
        let shared = Arc::clone(&shared);
        async move { Ok::<Answer, std::convert::Infallible>(answered(call, &shared).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(client), calls)
        .await;
    // A client that breaks off knows that it did.
    drop(served);
}

async fn answered(call: Request<Incoming>, shared: &Arc<Shared>) -> Answer {
    let Some(gateway) = &shared.gateway else {
        return told(StatusCode::BAD_GATEWAY, "there is no gateway");
    };
    let of = |step| Passage::of(&gateway.provider, step);
    match pass_on(call, gateway, shared).await {
        Ok(answer) => answer,
        Err(failed) => {
            let why = Some(failed.to_string());
            shared.tell(Passage { why, ..of(PassageStep::Failed) });
            told(StatusCode::BAD_GATEWAY, &failed.to_string())
        }
    }
}

fn told(status: StatusCode, words: &str) -> Answer {
    let body = serde_json::json!({ "error": { "type": "gateway", "message": words } }).to_string();
    let body = Full::new(Bytes::from(body)).map_err(|never| match never {}).boxed();
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

async fn pass_on(
    call: Request<Incoming>,
    gateway: &Gateway,
    shared: &Arc<Shared>,
) -> Result<Answer, Failed> {
    let (head, body) = call.into_parts();
    let body = Limited::new(body, BODY_BYTES_MAX).collect().await.map_err(|_| Failed::Body)?;
    let mut body = body.to_bytes().to_vec();
    // Of the same length, so that nothing that counts them is wrong.
    gateway.redactor.cover(&mut body);
    let sent = u64::try_from(body.len()).unwrap_or(u64::MAX);
    if shared.is_full() || !shared.count(sent) {
        return Err(Failed::UsedUp);
    }
    let mut request = Request::new(Full::new(Bytes::from(body)));
    *request.method_mut() = head.method;
    *request.uri_mut() = target(&head.uri, &gateway.redactor);
    for (name, value) in &head.headers {
        if !CREDENTIALS.contains(name) && !OF_CONNECTION.contains(name) {
            let mut bytes = value.as_bytes().to_vec();
            gateway.redactor.cover(&mut bytes);
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                request.headers_mut().append(name, value);
            }
        }
    }
    let headers = request.headers_mut();
    headers.remove(header::EXPECT);
    headers.remove(header::CONTENT_LENGTH);
    let host = authority(gateway);
    let host = HeaderValue::from_str(&host).map_err(|error| unreached(gateway, &error))?;
    headers.insert(header::HOST, host);
    for (name, value) in Box::pin(gateway.credential.headers()).await? {
        headers.insert(name, value);
    }

    let waits = |why| {
        let of = Passage::of(&gateway.provider, PassageStep::Waits);
        shared.tell(Passage { why: Some(why), ..of });
    };
    let permit = gateway.calls.enter(waits).await;
    let permit = permit.map_err(|error| Failed::Limits(error.to_string()))?;
    let provider = (&gateway.provider, gateway.tls);
    let reached = timeout(CONNECT_MAX, exchange(provider, request)).await;
    let reached = reached.map_err(|_| Failed::Unreached(authority(gateway), "no answer".into()))?;
    let (answer, connection) = reached.map_err(|error| unreached(gateway, &error))?;
    shared.tell(Passage::of(&gateway.provider, PassageStep::Opened));
    let told = Told { shared: Arc::clone(shared), sent, received: AtomicU64::new(0) };
    let (mut head, body) = answer.into_parts();
    for name in OF_CONNECTION {
        head.headers.remove(name);
    }
    let body = Carried { body, told, _connection: connection, _permit: permit };
    Ok(Response::from_parts(head, body.boxed()))
}

fn unreached(gateway: &Gateway, error: &dyn std::fmt::Display) -> Failed {
    Failed::Unreached(authority(gateway), error.to_string())
}

fn authority(gateway: &Gateway) -> String {
    web::authority(&gateway.provider, gateway.tls)
}

/// Path and query, without a key in it.
fn target(uri: &Uri, redactor: &Redactor) -> Uri {
    let query = uri.query().unwrap_or_default().split('&');
    let kept = query.filter(|pair| !pair.is_empty() && !pair.starts_with("key="));
    let kept: Vec<&str> = kept.collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    let mut text = format!("{}{mark}{}", uri.path(), kept.join("&")).into_bytes();
    redactor.cover(&mut text);
    Uri::try_from(text).unwrap_or_else(|_| Uri::from_static("/"))
}

/// The answer as far as its head, and what carries the rest.
pub(crate) async fn exchange(
    (Target { host, port }, tls): (&Target, bool),
    request: Request<Full<Bytes>>,
) -> io::Result<(Response<Incoming>, JoinSet<()>)> {
    let host = match host {
        Host::Name(name) => name.clone(),
        Host::Address(address) => address.to_string(),
    };
    let stream = TcpStream::connect((host.as_str(), *port)).await?;
    stream.set_nodelay(true)?;
    let sent = if tls {
        send(tls::connect(&host, stream).await?, request).await
    } else {
        send(stream, request).await
    };
    sent.map_err(io::Error::other)
}

/// Sends the request over a stream of its own; the second half carries the answer's body.
async fn send<S>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<(Response<Incoming>, JoinSet<()>), hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, carrying) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let mut connection = JoinSet::new();
    connection.spawn(async { drop(carrying.await) });
    Ok((sender.send_request(request).await?, connection))
}

/// Tells of a call's end when it is dropped.
struct Told {
    shared: Arc<Shared>,
    sent: u64,
    received: AtomicU64,
}

impl Drop for Told {
    fn drop(&mut self) {
        let Some(gateway) = &self.shared.gateway else { return };
        self.shared.tell(Passage {
            sent_bytes: self.sent,
            received_bytes: self.received.load(Ordering::Relaxed),
            ..Passage::of(&gateway.provider, PassageStep::Closed)
        });
    }
}

/// An answer's body, with what must live for as long as it does.
struct Carried {
    body: Incoming,
    told: Told,
    _connection: JoinSet<()>,
    _permit: Permit,
}

impl Body for Carried {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            let bytes = u64::try_from(data.len()).unwrap_or(u64::MAX);
            self.told.received.fetch_add(bytes, Ordering::Relaxed);
            if !self.told.shared.count(bytes) {
                return Poll::Ready(None);
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
