//! The head of what a client asks of a proxy.

use std::fmt::Write;

use gangline_domain::network::Target;

/// Bytes of a head.
pub(super) const HEAD_BYTES_MAX: usize = 32 * 1024;
/// The port of plain HTTP.
const HTTP_PORT: u16 = 80;

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// A tunnel.
    Connect(Target),
    /// One request over plain HTTP.
    Forward {
        /// Where to.
        target: Target,
        /// Its head as the host gets it.
        head: String,
        /// Bytes that follow the head.
        body: u64,
    },
}

/// Why a request is not carried out: a status line's code and words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfit(pub(super) u16, pub(super) &'static str);

const BAD: Unfit = Unfit(400, "this is not a request to a proxy");

/// Headers that are between the client and this proxy.
const OWN: [&str; 8] = [
    "connection",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "upgrade",
];

/// Reads a head, which ends with an empty line.
pub(super) fn read(head: &[u8]) -> Result<Request, Unfit> {
    // Anything but printable ASCII could be read in more than one way.
    let plain = |b: &u8| matches!(b, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    let text = std::str::from_utf8(head).ok().filter(|_| head.iter().all(plain)).ok_or(BAD)?;
    let text = text.strip_suffix("\r\n\r\n").ok_or(BAD)?;
    let mut lines = text.split("\r\n");
    let mut words = lines.next().ok_or(BAD)?.split(' ');
    let (Some(method), Some(wanted), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(BAD);
    };
    if !matches!(version, "HTTP/1.1" | "HTTP/1.0") || !is_token(method) {
        return Err(BAD);
    }
    let headers = lines.map(header).collect::<Result<Vec<_>, _>>()?;
    if method == "CONNECT" {
        return Ok(Request::Connect(Target::parse(wanted).map_err(|_| BAD)?));
    }
    let (target, path) = split(wanted)?;
    let body = body(&headers)?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {target}\r\n");
    for (name, value) in headers.iter().filter(|(name, _)| !is_own(name)) {
        write!(head, "{name}: {value}\r\n").expect("BUG: a String takes all text");
    }
    // One request a connection: the next one might be for a host that is not listed.
    head.push_str("Connection: close\r\n\r\n");
    Ok(Request::Forward { target, head, body })
}

fn header(line: &str) -> Result<(&str, &str), Unfit> {
    let (name, value) = line.split_once(':').ok_or(BAD)?;
    // A line that goes on in the next one, or that ends within, is read differently elsewhere.
    if !is_token(name) || value.contains(['\r', '\n']) {
        Err(BAD)
    } else {
        Ok((name, value.trim()))
    }
}

fn is_token(text: &str) -> bool {
    let of_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(of_token)
}

fn is_own(name: &str) -> bool {
    OWN.iter().any(|own| name.eq_ignore_ascii_case(own))
}

/// `http://host[:port]/path` into target and path.
fn split(wanted: &str) -> Result<(Target, &str), Unfit> {
    let scheme = Unfit(400, "only http:// is forwarded: ask for a tunnel with CONNECT");
    let begins = wanted.get(..7).is_some_and(|begin| begin.eq_ignore_ascii_case("http://"));
    let rest = wanted.get(7..).filter(|_| begins).ok_or(scheme)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let target = Target::with_default(authority, HTTP_PORT).map_err(|_| BAD)?;
    match path {
        "" => Ok((target, "/")),
        path if path.starts_with('/') => Ok((target, path)),
        _query => Err(BAD),
    }
}

/// Bytes of the body. Without a length nobody could tell where this request ends.
fn body(headers: &[(&str, &str)]) -> Result<u64, Unfit> {
    let has = |wanted: &str| headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    if has("transfer-encoding") {
        return Err(Unfit(411, "a request over plain HTTP needs a Content-Length"));
    }
    let mut lengths =
        headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    match (lengths.next(), lengths.next()) {
        (None, _) => Ok(0),
        (Some((_, length)), None) if length.bytes().all(|b| b.is_ascii_digit()) => {
            length.parse().map_err(|_| BAD)
        }
        (Some(_), _) => Err(BAD),
    }
}
