//! Requests over HTTP, beside bare routes of the same library that give the same bytes, with `wrk`.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use gangline_process::{Child, Cmd};
use memchr::memmem;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::program::{Home, Program, beside, plain_policy};
use crate::streams::STAMP;
use crate::table::{Bound, Row};

/// Tickets on the board that is read.
const TICKETS: usize = 50;
/// How long each load lasts.
const SECONDS: u32 = 5;
/// Connections of the load.
const CONNECTIONS: u32 = 256;
/// How long a bare server may run, and take to end.
const RUN_MAX: Duration = Duration::from_mins(5);
const GRACE: Duration = Duration::from_secs(5);

/// A server that is asked, and what it is shown.
#[derive(Debug, Clone)]
pub struct Door {
    /// Such as `127.0.0.1:3001`.
    pub address: String,
    /// A token; none when empty.
    pub bearer: String,
}

impl Door {
    async fn ask(&self, method: &str, path: &str, body: &str) -> anyhow::Result<TcpStream> {
        let mut stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let authorization = match self.bearer.as_str() {
            "" => String::new(),
            secret => format!("Authorization: Bearer {secret}\r\n"),
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{authorization}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        Ok(stream)
    }

    /// A stream whose head has been read: it is open.
    pub async fn get(&self, path: &str) -> anyhow::Result<TcpStream> {
        let mut stream = self.ask("GET", path, "").await?;
        head(&mut stream).await?;
        Ok(stream)
    }

    /// Fails unless it is done.
    pub async fn post(&self, path: &str, body: &str) -> anyhow::Result<()> {
        let mut stream = self.ask("POST", path, body).await?;
        head(&mut stream).await
    }

    /// The text of the first event of a stream, with [`STAMP`] where its moment was.
    pub async fn first_of(&self, path: &str) -> anyhow::Result<String> {
        let mut stream = self.get(path).await?;
        let (mut text, mut piece) = (String::new(), vec![0; 16 * 1024]);
        loop {
            let n = stream.read(&mut piece).await?;
            ensure!(n > 0, "the stream ended: {text}");
            text.push_str(&String::from_utf8_lossy(&piece[..n]));
            // Chunks of the encoding are not the text's.
            let begin = text.find("event: event\n");
            let Some(end) = begin.and_then(|at| Some(at + text[at..].find("\n\n")?)) else {
                continue;
            };
            let event = &text[begin.unwrap_or_default()..end];
            let at = event.find("\"at_us\":").context("an event without its moment")? + 8;
            let stamped = format!("{}{STAMP}{}", &event[..at], &event[at + STAMP.len()..]);
            return Ok(format!("id: 1\n{stamped}\n\n"));
        }
    }
}

/// Reads the head of an answer; fails unless it is a good one.
async fn head(stream: &mut TcpStream) -> anyhow::Result<()> {
    let mut head = Vec::new();
    while memmem::find(&head, b"\r\n\r\n").is_none() {
        let byte = stream.read_u8().await.context("no answer")?;
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head);
    ensure!(head.starts_with("HTTP/1.1 20"), "{}", head.lines().next().unwrap_or_default());
    Ok(())
}

/// The bare server.
pub struct Bare {
    child: Child,
    /// How it is asked.
    pub door: Door,
}

impl Bare {
    /// One that gives these bytes, and tells this event.
    pub async fn start(home: &Home, same: &[u8], event: &str) -> anyhow::Result<Self> {
        let (same_file, event_file) = (home.path("same"), home.path("event"));
        std::fs::write(&same_file, same)?;
        std::fs::write(&event_file, event)?;
        let cmd = Cmd::new(beside("gangline-bare-http")?).arg(&same_file).arg(&event_file);
        let mut child = cmd.deadline(RUN_MAX).spawn()?;
        let out = child.take_stdout().context("no way from it")?;
        let address = BufReader::new(out).lines().next_line().await?;
        let address = address.context("the bare server said nothing")?;
        Ok(Self { child, door: Door { address, bearer: String::new() } })
    }

    /// Ends it.
    pub async fn end(mut self) -> anyhow::Result<()> {
        ensure!(self.child.end(GRACE).await.is_proven(), "a server did not end");
        Ok(())
    }
}

/// See the module.
pub async fn measure(program: &Program) -> anyhow::Result<Vec<Row>> {
    let home = Home::new(program)?;
    std::fs::write(home.path("config/config.toml"), "[http]\nrequests_per_minute = 0\n")?;
    let home = home.with("GANGLINE_LISTEN", "127.0.0.1:0");
    let repo = home.repository("repo", &plain_policy("board", "B")).await?;
    let status = home.json(&repo, &["up", "--detach"]).await?;
    let address = status["http"].as_str().context("it does not listen")?.to_owned();
    let measured = both(&home, &repo, address).await;
    home.run(&repo, &["down", "--jobs"]).await?;
    measured
}

async fn both(home: &Home, repo: &Path, address: String) -> anyhow::Result<Vec<Row>> {
    home.run(repo, &["project", "add"]).await?;
    let secret = home.run(repo, &["token", "add", "bench", "--role", "operator"]).await?;
    let door = Door { address, bearer: secret.stdout.text().trim().to_owned() };
    let tickets = "/api/v1/projects/board/tickets";
    for n in 0..TICKETS {
        door.post(tickets, &format!(r#"{{"title":"Ticket {n}","draft":true}}"#)).await?;
    }
    let board = format!("/api/v1/tickets?project=board&limit={TICKETS}");
    let (listed, added) = (body(&door, "GET", &board, "").await?, {
        body(&door, "POST", tickets, r#"{"title":"One","draft":true}"#).await?
    });
    let reads = load(home, repo, &door, &board, None).await?;
    let bare = Bare::start(home, &listed, "").await?;
    let bare_reads = load(home, repo, &bare.door, "/same", None).await?;
    bare.end().await?;
    let create = r#"{"title":"One more","draft":true}"#;
    let creations = load(home, repo, &door, tickets, Some(create)).await?;
    let bare = Bare::start(home, &added, "").await?;
    let bare_creations = load(home, repo, &bare.door, "/same", Some(create)).await?;
    bare.end().await?;
    let beside = |name, ours: f64, floor: f64, promise| Row {
        name,
        figure: format!("{ours:.0}/s"),
        floor: format!("bare route {floor:.0}/s"),
        ratio: ours / floor,
        bound: Bound::AtLeast(promise),
    };
    Ok(vec![
        beside("reads of a board of 50 tickets", reads, bare_reads, 0.5),
        beside("durable creations of tickets", creations, bare_creations, 0.1),
    ])
}

/// The body of an answer.
pub(crate) async fn body(
    door: &Door,
    method: &str,
    path: &str,
    sent: &str,
) -> anyhow::Result<Vec<u8>> {
    let mut stream = door.ask(method, path, sent).await?;
    let (mut all, mut piece) = (Vec::new(), vec![0; 16 * 1024]);
    loop {
        let n = stream.read(&mut piece).await?;
        all.extend_from_slice(&piece[..n]);
        let Some(end) = memmem::find(&all, b"\r\n\r\n") else {
            ensure!(n > 0, "no answer to {method} {path}");
            continue;
        };
        let head = String::from_utf8_lossy(&all[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.context("an answer without its length")?.trim().parse()?;
        if all.len() >= end + 4 + length {
            return Ok(all[end + 4..end + 4 + length].to_vec());
        }
        ensure!(n > 0, "a short answer to {method} {path}");
    }
}

/// Requests in a second.
async fn load(
    home: &Home,
    repo: &Path,
    door: &Door,
    path: &str,
    sent: Option<&str>,
) -> anyhow::Result<f64> {
    let script = home.path("load.lua");
    let mut lua = format!(
        "wrk.headers['Content-Type'] = 'application/json'\n\
         wrk.headers['Authorization'] = 'Bearer {}'\n",
        door.bearer
    );
    if let Some(sent) = sent {
        writeln!(lua, "wrk.method = 'POST'\nwrk.body = '{sent}'")?;
    }
    std::fs::write(&script, lua)?;
    let script = script.display().to_string();
    let (seconds, connections) = (format!("-d{SECONDS}"), format!("-c{CONNECTIONS}"));
    let url = format!("http://{}{path}", door.address);
    let argv = ["wrk", "-t1", &connections, &seconds, "-s", &script, &url];
    let told = home.other(repo, &argv).await.context("wrk (Debian's package `wrk`) is needed")?;
    if let Some(bad) = told.lines().find(|line| line.contains("Non-2xx")) {
        bail!("{url}: {bad}");
    }
    let line = told.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    Ok(line.with_context(|| told.clone())?.trim().parse()?)
}
