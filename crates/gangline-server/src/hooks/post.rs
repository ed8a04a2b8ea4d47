//! One call of a webhook: to an address that was looked at, without redirects, within bounds.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use axum::http::{Request, StatusCode};
use gangline_api::version::PROGRAM_VERSION;
use http_body_util::{BodyExt as _, Full};
use hyper::Response;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::sign::{ID, SIGNATURE, TIMESTAMP};
use super::{Outbound, reach, tls};

/// How long a call may take in all, and how long one address may take to be connected to.
const CALL_MAX: Duration = Duration::from_secs(15);
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// How long an answer's body is read.
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 3;
/// Bytes of an answer's head, and of its body, that are read.
const HEAD_BYTES_MAX: usize = 16 * 1024;
const ANSWER_BYTES_MAX: usize = 1024;

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
pub(super) enum NotTaken {
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
    /// It could not be connected to.
    #[error("it cannot be connected to: {0}")]
    Unreached(#[source] io::Error),
    /// TLS could not be agreed on.
    #[error("its TLS is not in order: {0}")]
    Tls(#[source] io::Error),
    /// The connection broke off, or it spoke no HTTP.
    #[error("it gave no answer: {0}")]
    Broken(#[source] hyper::Error),
    /// It took too long.
    #[error("it gave no answer within {} s", CALL_MAX.as_secs())]
    Slow,
}

fn why(tls: bool) -> &'static str {
    match tls {
        true => "which is not public; allow_private = true lets webhooks go to private networks",
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
    let addresses = reach::addresses(to).await?;
    let stream = connected(&addresses).await.map_err(NotTaken::Unreached)?;
    let request = request(to, message);
    match to.address.tls {
        true => {
            let stream = tls::connect(&to.address.target.host, stream).await;
            exchanged(stream.map_err(NotTaken::Tls)?, request).await
        }
        false => exchanged(stream, request).await,
    }
}

async fn connected(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses.iter().take(ADDRESSES_MAX) {
        match timeout(CONNECT_MAX, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_elapsed) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

fn request(to: &Outbound, message: &Message) -> Request<Full<Bytes>> {
    let target = &to.address.target;
    let usual = if to.address.tls { 443 } else { 80 };
    let host = match target.port == usual {
        true => target.host.to_string(),
        false => target.to_string(),
    };
    Request::post(&to.address.path)
        .header(HOST, host)
        .header(USER_AGENT, format!("gangline/{PROGRAM_VERSION}"))
        .header(CONTENT_TYPE, "application/json")
        .header(ID, &message.id)
        .header(TIMESTAMP, message.timestamp_s)
        .header(SIGNATURE, &message.signature)
        .body(Full::new(message.body.clone()))
        .expect("BUG: an address was read, and headers are text")
}

async fn exchanged<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answer, NotTaken>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    let shaken = builder.max_buf_size(HEAD_BYTES_MAX).handshake(TokioIo::new(stream)).await;
    let (mut sender, carrying) = shaken.map_err(NotTaken::Broken)?;
    // Ends with this call: it is dropped with the set.
    let mut connection = JoinSet::new();
    connection.spawn(async { drop(carrying.await) });
    let answer = sender.send_request(request).await.map_err(NotTaken::Broken)?;
    Ok(read(answer).await)
}

/// The status, which decides, and as much of the body as comes soon; how that breaks off is of no
/// matter.
async fn read(answer: Response<Incoming>) -> Answer {
    let (head, mut body) = answer.into_parts();
    let mut bytes: Vec<u8> = vec![];
    let reading = async {
        while bytes.len() < ANSWER_BYTES_MAX
            && let Some(Ok(frame)) = body.frame().await
        {
            let room = ANSWER_BYTES_MAX - bytes.len();
            let data = frame.data_ref().map(|data| &data[..data.len().min(room)]);
            bytes.extend_from_slice(data.unwrap_or_default());
        }
    };
    let _in_time = timeout(ANSWER_MAX, reading).await.is_ok();
    Answer { status: head.status, text: String::from_utf8_lossy(&bytes).into_owned() }
}
