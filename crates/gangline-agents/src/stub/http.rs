//! As much of HTTP/1.1 as agents' clients use: one request per connection, a body with a known
//! length or in chunks.

use std::io;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Bytes that a request's head may have.
const HEAD_BYTES_MAX: u64 = 64 * 1024;
/// Bytes that a request's body may have.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// One request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// Without the query.
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// One answer.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Response {
    /// A JSON document.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        let body = body.to_string();
        Self { status, content_type: "application/json", headers: vec![], body }
    }

    /// Server-sent events that are named after their type.
    pub(super) fn named_events(events: &[Value]) -> Self {
        let mut body = String::new();
        for event in events {
            let name = event["type"].as_str().unwrap_or_default();
            body.extend(["event: ", name, "\ndata: ", &event.to_string(), "\n\n"]);
        }
        Self::events(body)
    }

    /// Server-sent events without names.
    pub(super) fn plain_events(events: &[Value]) -> Self {
        let mut body = String::new();
        for event in events {
            body.extend(["data: ", &event.to_string(), "\n\n"]);
        }
        Self::events(body)
    }

    fn events(body: String) -> Self {
        Self { status: 200, content_type: "text/event-stream", headers: vec![], body }
    }
}

impl Request {
    /// A header's value; names are lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the one request of a connection.
pub(super) async fn read(stream: &mut TcpStream) -> io::Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut head = (&mut reader).take(HEAD_BYTES_MAX);
    let mut line = String::new();
    head.read_line(&mut line).await?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(io::Error::other("no request line"));
    };
    let path = target.split('?').next().unwrap_or(target).to_owned();
    let mut request = Request { method: method.to_owned(), path, headers: vec![], body: vec![] };
    loop {
        let mut line = String::new();
        if head.read_line(&mut line).await? == 0 {
            return Err(io::Error::other("the head has no end"));
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    if request.header("expect").is_some() {
        reader.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let chunked = request.header("transfer-encoding").is_some_and(|how| how.contains("chunked"));
    if chunked {
        request.body = read_chunks(&mut reader).await?;
    } else {
        let length = request.header("content-length").and_then(|length| length.parse().ok());
        request.body = read_exactly(&mut reader, length.unwrap_or(0)).await?;
    }
    Ok(request)
}

async fn read_chunks(reader: &mut BufReader<&mut TcpStream>) -> io::Result<Vec<u8>> {
    let mut body = vec![];
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await?;
        let size = line.trim().split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
        let mut chunk = read_exactly(reader, size).await?;
        reader.read_line(&mut line).await?;
        if size == 0 {
            return Ok(body);
        }
        body.append(&mut chunk);
        if body.len() > BODY_BYTES_MAX {
            return Err(io::Error::other("the body is too long"));
        }
    }
}

async fn read_exactly(reader: &mut BufReader<&mut TcpStream>, n: usize) -> io::Result<Vec<u8>> {
    if n > BODY_BYTES_MAX {
        return Err(io::Error::other("the body is too long"));
    }
    let mut bytes = vec![0; n];
    reader.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// Answers, and ends the connection.
pub(super) async fn write(stream: &mut TcpStream, response: &Response) -> io::Result<()> {
    let Response { status, content_type, headers, body } = response;
    let mut head = format!("HTTP/1.1 {status} Status\r\ncontent-type: {content_type}\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value.as_str(), "\r\n"]);
    }
    head.extend(["content-length: ", &body.len().to_string(), "\r\nconnection: close\r\n\r\n"]);
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
