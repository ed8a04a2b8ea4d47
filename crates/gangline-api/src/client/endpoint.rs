//! Where a daemon answers: at its socket, or at an address.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use hyper::Uri;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use crate::tls;

/// Where a daemon answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Endpoint {
    Socket(PathBuf),
    Url(DaemonUrl),
}

/// Bytes to and fro.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Endpoint {
    pub(super) async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            Self::Socket(path) => Ok(Box::new(UnixStream::connect(path).await?)),
            Self::Url(url) => url.connect().await,
        }
    }

    /// What the `Host` header says.
    pub(super) fn host(&self) -> String {
        match self {
            Self::Socket(_) => "gangline".to_owned(),
            Self::Url(url) => url.authority(),
        }
    }

    /// What stands before each path.
    pub(super) fn prefix(&self) -> &str {
        match self {
            Self::Socket(_) => "",
            Self::Url(url) => &url.prefix,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(path) => path.display().fmt(f),
            Self::Url(url) => url.fmt(f),
        }
    }
}

/// The address of a daemon's HTTP routes, such as `https://crew.example/gangline`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaemonUrl {
    tls: bool,
    /// A name, or an address without brackets.
    host: String,
    port: u16,
    /// Before each path: empty, or with a slash before and none behind.
    prefix: String,
}

/// What no daemon can be asked with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEndpoint {
    /// Nothing that HTTP could be spoken to.
    #[error("{0:?} is not the address of a daemon, which is like http://127.0.0.1:3001")]
    NoUrl(String),
    /// A password or a token stands in it.
    #[error("an address says where a daemon is, not who asks: leave out what is before the @")]
    Credential,
    /// Not what a token is made of.
    #[error("the token is empty, or has characters that no token has")]
    Token,
}

impl FromStr for DaemonUrl {
    type Err = BadEndpoint;

    fn from_str(text: &str) -> Result<Self, BadEndpoint> {
        let no_url = || BadEndpoint::NoUrl(text.to_owned());
        let uri: Uri = text.trim().parse().map_err(|_| no_url())?;
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            Some(_) | None => return Err(no_url()),
        };
        let authority = uri.authority().ok_or_else(no_url)?;
        if authority.as_str().contains('@') {
            return Err(BadEndpoint::Credential);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || uri.query().is_some() || text.contains('#') {
            return Err(no_url());
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let prefix = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { tls, host: host.to_owned(), port, prefix })
    }
}

impl fmt::Display for DaemonUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.prefix)
    }
}

impl DaemonUrl {
    /// Host and port, the port only where it is not the usual one.
    fn authority(&self) -> String {
        let Self { tls, host, port, .. } = self;
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let usual = if *tls { 443 } else { 80 };
        if *port == usual { host } else { format!("{host}:{port}") }
    }

    async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        // What is asked is small, and whoever asks waits.
        stream.set_nodelay(true)?;
        match self.tls {
            true => Ok(Box::new(tls::connect(&self.host, stream).await?)),
            false => Ok(Box::new(stream)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        text.parse::<DaemonUrl>().map(|url| url.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn an_address_names_where_the_routes_begin() {
        for (text, url) in [
            ("http://127.0.0.1:3001", "http://127.0.0.1:3001"),
            ("http://127.0.0.1:3001/", "http://127.0.0.1:3001"),
            ("https://crew.example:443/gangline/", "https://crew.example/gangline"),
            ("http://[::1]:3001", "http://[::1]:3001"),
            (" http://crew ", "http://crew"),
        ] {
            assert_eq!(read(text), Ok(url.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_told() {
        for text in ["", "crew:3001", "ftp://crew", "http://", "http://crew?x=1", "http://crew#x"] {
            assert!(read(text).unwrap_err().contains("like http://127.0.0.1:3001"), "{text}");
        }
        let told = read("https://me:secret@crew").unwrap_err();
        assert!(told.contains("not who asks") && !told.contains("secret"), "{told}");
    }
}
