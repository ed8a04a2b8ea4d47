//! One connection of a client: judged, connected, carried, told.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gangline_domain::network::{Host, Leave, Target, is_public, leave};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use super::Shared;
use super::gateway::{self, Gateway};
use super::request::{self, HEAD_BYTES_MAX, Request, Unfit};
use crate::journal::{Passage, PassageStep};

/// How long a client may take to say what it wants.
const HEAD_MAX: Duration = Duration::from_secs(30);
/// How long a name may take to be found, and an address to answer.
const RESOLVE_MAX: Duration = Duration::from_secs(20);
const CONNECT_MAX: Duration = Duration::from_secs(15);
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 4;
const BUFFER_BYTES: usize = 16 * 1024;

/// Who knows which addresses a name has.
#[derive(Debug, Clone)]
pub(super) enum Resolver {
    System,
    #[cfg(test)]
    Fixed(Vec<IpAddr>),
}

impl Resolver {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match self {
            Self::System => {
                let found = timeout(RESOLVE_MAX, tokio::net::lookup_host((name, 0))).await;
                let found = found.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
                Ok(found.map(|address| address.ip()).collect())
            }
            #[cfg(test)]
            Self::Fixed(addresses) => Ok(addresses.clone()),
        }
    }
}

/// Why a request gets no connection.
enum No {
    Denied(&'static str),
    Failed(String),
}

/// Serves one connection to its end.
pub(super) async fn serve(mut client: UnixStream, shared: Arc<Shared>) {
    let Ok(Ok(Some(head))) = timeout(HEAD_MAX, head_of(&mut client)).await else {
        // It went away without a word, or takes too long for one.
        return;
    };
    let request = match request::read(&head) {
        Ok(request) => request,
        Err(Unfit(code, words)) => return answer(&mut client, code, words).await,
    };
    let (Request::Connect(target) | Request::Forward { target, .. }) = &request;
    if shared.gateway.is_some() && Gateway::is_at(target) {
        return enter_gateway(client, request, shared).await;
    }
    let host = match connect(target, &shared).await {
        Ok(host) => host,
        Err(no) => return refuse(&mut client, &shared, target, no).await,
    };
    shared.tell(Passage::of(target, PassageStep::Opened));
    let told = Told::new(&shared, target.clone());
    // How it broke off matters to nobody but the two ends, which see it.
    drop(carry(client, host, &request, &told).await);
}

/// Lets a connection through to the gateway, which is no host.
async fn enter_gateway(mut client: UnixStream, request: Request, shared: Arc<Shared>) {
    match request {
        Request::Connect(_) => {
            // A client that is gone again is not served.
            if client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.is_ok() {
                gateway::serve(client, shared).await;
            }
        }
        Request::Forward { target, .. } => {
            let no = No::Denied("the gateway is no host behind the proxy");
            refuse(&mut client, &shared, &target, no).await;
        }
    }
}

/// Up to and with the empty line; nothing of what follows it. `None` when there is none.
async fn head_of(client: &mut UnixStream) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::with_capacity(512);
    while head.len() < HEAD_BYTES_MAX {
        match client.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        if head.ends_with(b"\r\n\r\n") {
            return Ok(Some(head));
        }
    }
    Ok(Some(head))
}

/// Connects to an address that the rules allow: the very address that was judged, so that a name
/// that means something else a moment later changes nothing.
async fn connect(target: &Target, shared: &Shared) -> Result<TcpStream, No> {
    if shared.is_full() {
        return Err(No::Denied("the attempt's bytes are used up"));
    }
    let addresses = match (leave(&shared.rules, target), &target.host) {
        (Leave::None, _) => return Err(No::Denied("no rule allows it")),
        (Leave::ToAddress, Host::Address(address)) => vec![*address],
        (Leave::ToPublic, Host::Address(_)) => {
            return Err(No::Denied("no rule names this address"));
        }
        (Leave::ToPublic | Leave::ToAddress, Host::Name(name)) => {
            let found = shared.resolver.addresses(name).await;
            let found = found.map_err(|error| No::Failed(format!("not found: {error}")))?;
            let public: Vec<IpAddr> =
                found.iter().copied().filter(|address| is_public(*address)).collect();
            if public.is_empty() && !found.is_empty() {
                return Err(No::Denied("it leads to an address that is not public"));
            }
            public
        }
    };
    let mut last = No::Failed("it has no address".to_owned());
    for address in addresses.into_iter().take(ADDRESSES_MAX) {
        let address = SocketAddr::new(address, target.port);
        match timeout(CONNECT_MAX, TcpStream::connect(address)).await {
            Ok(Ok(host)) => return Ok(host),
            Ok(Err(error)) => last = No::Failed(error.to_string()),
            Err(_elapsed) => last = No::Failed("it does not answer".to_owned()),
        }
    }
    Err(last)
}

async fn refuse(client: &mut UnixStream, shared: &Shared, target: &Target, no: No) {
    let (code, step, why) = match no {
        No::Denied(why) => (403, PassageStep::Denied, why.to_owned()),
        No::Failed(why) => (502, PassageStep::Failed, why),
    };
    shared.tell(Passage { why: Some(why.clone()), ..Passage::of(target, step) });
    let hint = match step {
        PassageStep::Denied => " (see network.allow in the agent's definition or gangline.toml)",
        PassageStep::Opened
        | PassageStep::Failed
        | PassageStep::Closed
        | PassageStep::Waits
        | PassageStep::LeftOut => "",
    };
    answer(client, code, &format!("{target}: {why}{hint}")).await;
}

async fn answer(client: &mut UnixStream, code: u16, words: &str) {
    let reason = match code {
        400 => "Bad Request",
        403 => "Forbidden",
        411 => "Length Required",
        _other => "Bad Gateway",
    };
    let body = format!("gangline: {words}\n");
    let head = format!(
        "HTTP/1.1 {code} {reason}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    // A client that does not wait for its answer misses it.
    drop(client.write_all(head.as_bytes()).await);
    drop(client.shutdown().await);
}

/// Tells of the connection's end when it is dropped, however it ends.
struct Told<'s> {
    shared: &'s Shared,
    target: Target,
    sent: AtomicU64,
    received: AtomicU64,
}

impl<'s> Told<'s> {
    fn new(shared: &'s Shared, target: Target) -> Self {
        Self { shared, target, sent: AtomicU64::new(0), received: AtomicU64::new(0) }
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        let why = self.shared.is_full().then(|| "the attempt's bytes are used up".to_owned());
        self.shared.tell(Passage {
            why,
            sent_bytes: self.sent.load(Ordering::Relaxed),
            received_bytes: self.received.load(Ordering::Relaxed),
            ..Passage::of(&self.target, PassageStep::Closed)
        });
    }
}

async fn carry(
    mut client: UnixStream,
    mut host: TcpStream,
    request: &Request,
    told: &Told<'_>,
) -> io::Result<()> {
    let sent_max = match request {
        Request::Connect(_) => {
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            u64::MAX
        }
        Request::Forward { head, body, .. } => {
            count(told.shared, &told.sent, head.len())?;
            host.write_all(head.as_bytes()).await?;
            *body
        }
    };
    let (mut from_client, mut to_client) = client.split();
    let (mut from_host, mut to_host) = host.split();
    let up = async {
        pump(&mut from_client, &mut to_host, (told.shared, &told.sent), sent_max).await?;
        // The end of a body of known length is no end of the connection.
        if sent_max == u64::MAX { to_host.shutdown().await } else { Ok(()) }
    };
    let down = async {
        pump(&mut from_host, &mut to_client, (told.shared, &told.received), u64::MAX).await?;
        to_client.shutdown().await
    };
    tokio::try_join!(up, down)?;
    Ok(())
}

async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    into: &mut (impl AsyncWrite + Unpin),
    (shared, counter): (&Shared, &AtomicU64),
    mut left: u64,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(BUFFER_BYTES);
        let n = from.read(&mut buffer[..most]).await?;
        if n == 0 {
            return Ok(());
        }
        count(shared, counter, n)?;
        into.write_all(&buffer[..n]).await?;
        left -= u64::try_from(n).unwrap_or(left);
    }
    Ok(())
}

fn count(shared: &Shared, counter: &AtomicU64, n: usize) -> io::Result<()> {
    let n = u64::try_from(n).unwrap_or(u64::MAX);
    counter.fetch_add(n, Ordering::Relaxed);
    if shared.count(n) { Ok(()) } else { Err(io::ErrorKind::QuotaExceeded.into()) }
}
