//! Calls that the daemon makes over HTTP: to addresses that were looked at, by TLS where it is wanted,
//! without redirects, within bounds. Who may be called is each caller's own rule.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{HOST, USER_AGENT};
use axum::http::{Method, Request, StatusCode, request};
use gangline_api::tls;
use gangline_api::version::PROGRAM_VERSION;
use gangline_domain::network::{Host, HttpAddress, Target};
use http_body_util::{BodyExt as _, Full};
use hyper::Response;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long one address may take to be connected to.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 3;
/// Bytes of an answer's head that are read.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// How much of an answer's body is read, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) body_bytes_max: usize,
    pub(crate) body_max: Duration,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Its body, as far as it was read.
    pub(crate) body: Vec<u8>,
    /// Whether that is all of it.
    pub(crate) whole: bool,
}

/// Why there is no answer. Names no part of the address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// It could not be connected to.
    #[error("it cannot be connected to: {0}")]
    Unreached(#[source] io::Error),
    /// TLS could not be agreed on.
    #[error("its TLS is not in order: {0}")]
    Tls(#[source] io::Error),
    /// The connection broke off, or it spoke no HTTP.
    #[error("it gave no answer: {0}")]
    Broken(#[source] hyper::Error),
}

/// What a target's name stands for at this moment, in canonical form. To be looked at, and then
/// connected to as they are: nothing resolves the name again.
pub(crate) async fn resolved(target: &Target) -> io::Result<Vec<IpAddr>> {
    let found: Vec<IpAddr> = match &target.host {
        Host::Address(address) => vec![*address],
        Host::Name(name) => {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            found.map(|address| address.ip()).collect()
        }
    };
    Ok(found.into_iter().map(|ip| ip.to_canonical()).collect())
}

/// The beginning of a request.
pub(crate) fn request(method: Method, to: &HttpAddress) -> request::Builder {
    let target = &to.target;
    let usual = if to.tls { 443 } else { 80 };
    let host = match target.port == usual {
        true => target.host.to_string(),
        false => target.to_string(),
    };
    Request::builder()
        .method(method)
        .uri(&to.path)
        .header(HOST, host)
        .header(USER_AGENT, format!("gangline/{PROGRAM_VERSION}"))
}

/// Sends a request to the first of these addresses that can be connected to.
pub(crate) async fn call(
    to: &HttpAddress,
    at: &[SocketAddr],
    request: Request<Full<Bytes>>,
    bounds: Bounds,
) -> Result<Answer, Unanswered> {
    let stream = connected(at).await.map_err(Unanswered::Unreached)?;
    match to.tls {
        true => {
            let host = match &to.target.host {
                Host::Name(name) => name.clone(),
                Host::Address(address) => address.to_string(),
            };
            let stream = tls::connect(&host, stream).await;
            exchanged(stream.map_err(Unanswered::Tls)?, request, bounds).await
        }
        false => exchanged(stream, request, bounds).await,
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

async fn exchanged<S>(
    stream: S,
    request: Request<Full<Bytes>>,
    bounds: Bounds,
) -> Result<Answer, Unanswered>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    let shaken = builder.max_buf_size(HEAD_BYTES_MAX).handshake(TokioIo::new(stream)).await;
    let (mut sender, carrying) = shaken.map_err(Unanswered::Broken)?;
    // Ends with this call: it is dropped with the set.
    let mut connection = JoinSet::new();
    connection.spawn(async { drop(carrying.await) });
    let answer = sender.send_request(request).await.map_err(Unanswered::Broken)?;
    Ok(read(answer, bounds).await)
}

/// The status, and as much of the body as is wanted and comes in time.
async fn read(answer: Response<Incoming>, bounds: Bounds) -> Answer {
    let (head, mut incoming) = answer.into_parts();
    let (mut body, mut whole): (Vec<u8>, bool) = (vec![], false);
    let reading = async {
        loop {
            match incoming.frame().await {
                Some(Ok(frame)) => {
                    let room = bounds.body_bytes_max - body.len();
                    let data = frame.data_ref().map(|data| &data[..]).unwrap_or_default();
                    body.extend_from_slice(&data[..data.len().min(room)]);
                    if data.len() > room {
                        break;
                    }
                }
                Some(Err(_broken_off)) => break,
                None => {
                    whole = true;
                    break;
                }
            }
        }
    };
    let _in_time = timeout(bounds.body_max, reading).await.is_ok();
    Answer { status: head.status, body, whole }
}
