//! Calling a webhook: plain HTTP to an address of this machine, or of its private network where the
//! machine's configuration says so. No name is looked up, so that none can lead elsewhere.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a call may take.
const CALL_MAX: Duration = Duration::from_secs(5);
/// Bytes that are read of an answer: its first line is all that counts.
const ANSWER_BYTES_MAX: u64 = 1024;

/// How far webhooks may reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Webhooks {
    /// There are none.
    None,
    /// This machine.
    #[default]
    Loopback,
    /// This machine and private networks.
    Private,
}

/// Where a session is told of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    host: String,
    address: SocketAddr,
    path: String,
}

/// Why a text is no webhook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadWebhook {
    /// It has another form.
    #[error("a webhook is http://ADDRESS[:PORT][/PATH], with an address in numbers or localhost")]
    Form,
    /// It is not within reach.
    #[error(
        "the webhook's address {0} is not one that this machine's configuration lets be called"
    )]
    Reach(IpAddr),
}

/// Why a webhook did not take what it was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    /// It could not be reached.
    #[error("it could not be reached")]
    Io(#[from] io::Error),
    /// It took too long.
    #[error("it took too long")]
    Slow,
    /// It answered with something else than success.
    #[error("it answered `{0}`")]
    Refused(String),
}

impl Webhook {
    /// Reads an address that is within reach.
    pub fn parse(text: &str, reach: Webhooks) -> Result<Self, BadWebhook> {
        let rest = text.strip_prefix("http://").ok_or(BadWebhook::Form)?;
        let end = rest.find('/').unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        if !plain(path) || host.contains('@') {
            return Err(BadWebhook::Form);
        }
        let address = address(host).ok_or(BadWebhook::Form)?;
        let ip = address.ip().to_canonical();
        let within = match reach {
            Webhooks::None => false,
            Webhooks::Loopback => ip.is_loopback(),
            Webhooks::Private => ip.is_loopback() || is_private(ip),
        };
        if !within {
            return Err(BadWebhook::Reach(ip));
        }
        let path = if path.is_empty() { "/".to_owned() } else { path.to_owned() };
        Ok(Self { host: host.to_owned(), address, path })
    }

    /// Hands over a JSON text. Taken means: answered with 2xx.
    pub(crate) async fn post(&self, body: &[u8]) -> Result<(), NotTaken> {
        let exchange = async {
            let mut stream = TcpStream::connect(self.address).await?;
            let head = format!(
                "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n",
                self.path,
                self.host,
                body.len(),
            );
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(body).await?;
            let mut answer = vec![];
            let mut reading = stream.take(ANSWER_BYTES_MAX);
            while !answer.contains(&b'\n') && reading.read_buf(&mut answer).await? > 0 {}
            Ok(answer)
        };
        let answer: Vec<u8> = match tokio::time::timeout(CALL_MAX, exchange).await {
            Ok(answer) => answer.map_err(NotTaken::Io)?,
            Err(_elapsed) => return Err(NotTaken::Slow),
        };
        let line = String::from_utf8_lossy(&answer);
        let line: String = line.lines().next().unwrap_or_default().chars().take(80).collect();
        let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
        match status.is_some_and(|status| status.len() == 3 && status.starts_with('2')) {
            true => Ok(()),
            false => Err(NotTaken::Refused(line.escape_debug().to_string())),
        }
    }
}

/// `127.0.0.1:8000`, `[::1]:8000`, `localhost`; port 80 when there is none.
fn address(host: &str) -> Option<SocketAddr> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()?),
        Some(_) | None => (host, 80),
    };
    let ip = match name.strip_prefix('[') {
        Some(rest) => IpAddr::V6(rest.strip_suffix(']')?.parse().ok()?),
        None if name == "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
        None => IpAddr::V4(name.parse().ok()?),
    };
    Some(SocketAddr::new(ip, port))
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn only_addresses_within_reach_are_webhooks() {
        let told = |text: &str, reach| match Webhook::parse(text, reach) {
            Ok(webhook) => format!("{} {}", webhook.address, webhook.path),
            Err(BadWebhook::Form) => "form".to_owned(),
            Err(BadWebhook::Reach(_)) => "reach".to_owned(),
        };
        let local = |text| told(text, Webhooks::Loopback);
        assert_eq!(local("http://127.0.0.1:8000/hook?a=1"), "127.0.0.1:8000 /hook?a=1");
        assert_eq!(local("http://localhost"), "127.0.0.1:80 /");
        assert_eq!(local("http://[::1]:9/x"), "[::1]:9 /x");
        assert_eq!(local("http://[::ffff:10.0.0.1]:9/"), "reach");
        assert_eq!(local("http://10.0.0.1/"), "reach");
        assert_eq!(local("http://169.254.169.254/latest"), "reach");
        for bad in [
            "https://127.0.0.1/",
            "http://example.org/",
            "http://a@127.0.0.1/",
            "http://127.1/",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1/a b",
            "http://127.0.0.1/a\r\nX: y",
            "ftp://x",
        ] {
            assert_eq!(local(bad), "form", "{bad}");
        }
        assert_eq!(told("http://10.0.0.1:1/", Webhooks::Private), "10.0.0.1:1 /");
        assert_eq!(told("http://169.254.169.254/", Webhooks::Private), "reach");
        assert_eq!(told("http://8.8.8.8/", Webhooks::Private), "reach");
        assert_eq!(told("http://127.0.0.1/", Webhooks::None), "reach");
    }

    #[tokio::test]
    async fn what_is_not_answered_with_success_is_not_taken() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let webhook =
            Webhook::parse(&format!("http://{address}/hook"), Webhooks::Loopback).unwrap();
        let answer = async |status: &str| {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = vec![];
            while !asked.ends_with(b"{}") {
                assert!(stream.read_buf(&mut asked).await.unwrap() > 0);
            }
            stream.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).await.unwrap();
            String::from_utf8(asked).unwrap()
        };
        let (taken, asked) = tokio::join!(webhook.post(b"{}"), answer("204 No Content"));
        assert!(taken.is_ok() && asked.starts_with("POST /hook HTTP/1.1\r\n"), "{asked}");
        let (taken, _) = tokio::join!(webhook.post(b"{}"), answer("500 No"));
        assert_eq!(taken.unwrap_err().to_string(), "it answered `HTTP/1.1 500 No`");
    }
}
