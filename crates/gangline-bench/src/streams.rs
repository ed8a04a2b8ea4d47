//! A thousand readers of one stream of events: how long an event takes to reach them, beside a bare
//! route that sends the same bytes to as many.
//!
//! An event bears the moment at which it was decided, before it was durable. How long events waited
//! for that on average, as the daemon counts it, is taken off: what is left is from the commit to
//! the reader, with whatever the slowest commits took beyond the average.
#![expect(clippy::cast_precision_loss, reason = "microseconds far below 2^52, for ratios")]

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::http::{Bare, Door, body};
use crate::memory::{pss_anon_mib, row};
use crate::program::{Home, Program, plain_policy};
use crate::soak::daemon;
use crate::table::{Bound, Row};

/// Readers at once.
const READERS: usize = 1_000;
/// How often both are measured, in turn: an odd number.
const ROUNDS: usize = 3;
/// Events that each of them gets in a round.
const EVENTS: usize = 500;
/// Microseconds between two events.
pub const EVERY: u64 = 10_000;
/// What stands for the moment of an event in the bare server's text.
pub const STAMP: &str = "@@@@@@@@@@@@@@@@";
/// What stands before that moment.
const MARK: &[u8] = b"\"at_us\":";
/// How long readers wait for the last event.
const PATIENCE: Duration = Duration::from_mins(1);

/// Microseconds since the epoch.
pub fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// See the module.
pub async fn measure(program: &Program) -> anyhow::Result<Vec<Row>> {
    let home = Home::new(program)?;
    std::fs::write(home.path("config/config.toml"), "[http]\nrequests_per_minute = 0\n")?;
    let home = home.with("GANGLINE_LISTEN", "127.0.0.1:0");
    let repo = home.repository("repo", &plain_policy("streams", "S")).await?;
    let status = home.json(&repo, &["up", "--detach"]).await?;
    let address = status["http"].as_str().context("it does not listen")?.to_owned();
    let measured = rounds(&home, &repo, &address).await;
    home.run(&repo, &["down", "--jobs"]).await?;
    let (ours, bare, grown) = measured?;
    Ok(vec![
        Row {
            name: "commit to 1,000 readers at 100/s, p99",
            figure: millis(ours),
            floor: format!("bare broadcast {}", millis(bare)),
            ratio: ours as f64 / bare as f64,
            bound: Bound::AtMost(2.0),
        },
        row("daemon with 1,000 readers", grown, 200.0),
    ])
}

fn millis(us: u64) -> String {
    format!("{:.1} ms", us as f64 / 1_000.0)
}

/// The round whose ratio is the median, and the most memory of all rounds: five seconds are few enough
/// for somebody else's work to fall into one of the two alone.
async fn rounds(home: &Home, repo: &Path, address: &str) -> anyhow::Result<(u64, u64, f64)> {
    let secret = home.run(repo, &["token", "add", "bench", "--role", "operator"]).await?;
    let door = Door { address: address.to_owned(), bearer: secret.stdout.text().trim().to_owned() };
    home.run(repo, &["add", "--draft", "--title", "Look at me"]).await?;
    let mut all = vec![];
    for _ in 0..ROUNDS {
        all.push(both(home, &door).await?);
    }
    let most = all.iter().map(|(_, _, memory)| *memory).fold(0.0, f64::max);
    let ratio = |(ours, bare, _): &(u64, u64, f64)| *ours as f64 / *bare as f64;
    all.sort_by(|one, other| ratio(one).total_cmp(&ratio(other)));
    let (ours, bare, _) = all[ROUNDS / 2];
    Ok((ours, bare, most))
}

/// The 99th percentile of each, in microseconds, and the daemon's memory with all its readers.
async fn both(home: &Home, door: &Door) -> anyhow::Result<(u64, u64, f64)> {
    let status = body(door, "GET", "/api/v1/status", "").await?;
    let status: serde_json::Value = serde_json::from_slice(&status)?;
    let last = status["seq"].as_u64().with_context(|| status.to_string())?;
    let path = format!("/api/v1/stream?after={last}");
    let readers = Readers::open(door, &path).await?;
    let pid = daemon(home)?.context("the daemon left no pid file")?;
    let before = waits(door).await?;
    let said = tell(door).await;
    let memory = pss_anon_mib(pid)?;
    let ours = readers.p99().await?;
    said?;
    let after = waits(door).await?;
    let committing = (after.1 - before.1) / (after.0 - before.0).max(1.0);
    let ours = ours.saturating_sub(Duration::from_secs_f64(committing).as_micros().try_into()?);
    let sample = door.first_of(&path).await?;
    let bare = Bare::start(home, b"", &sample).await?;
    let readers = Readers::open(&bare.door, "/stream").await?;
    bare.door.post(&format!("/go/{EVENTS}"), "").await?;
    let floor = readers.p99().await?;
    bare.end().await?;
    Ok((ours, floor, memory))
}

/// Events that the daemon has made durable, and the seconds that they waited for that.
async fn waits(door: &Door) -> anyhow::Result<(f64, f64)> {
    let page = body(door, "GET", "/metrics", "").await?;
    let page = String::from_utf8(page)?;
    let figure = |name: &str| {
        let value = page.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        value.with_context(|| format!("no {name} in its metrics"))
    };
    let events = figure("gangline_durable_events_total ")?;
    Ok((events, figure("gangline_durability_wait_seconds_total ")?))
}

/// Makes events, a hundred in a second, over four connections: each waits for its own to be durable.
async fn tell(door: &Door) -> anyhow::Result<()> {
    let mut beat = tokio::time::interval(Duration::from_micros(EVERY));
    let mut saying = JoinSet::new();
    let path = "/api/v1/projects/streams/tickets/S-1/steer";
    for _ in 0..EVENTS {
        beat.tick().await;
        let door = door.clone();
        saying.spawn(async move { door.post(path, r#"{"text":"mind the gap"}"#).await });
    }
    while let Some(said) = saying.join_next().await {
        said??;
    }
    Ok(())
}

/// Connections that wait for events.
struct Readers(JoinSet<anyhow::Result<Vec<u64>>>);

impl Readers {
    /// They all read already.
    async fn open(door: &Door, path: &str) -> anyhow::Result<Self> {
        let mut readers = JoinSet::new();
        for _ in 0..READERS {
            let stream = door.get(path).await?;
            readers.spawn(read(stream));
        }
        Ok(Self(readers))
    }

    /// The 99th percentile of how long each event took to each reader; all of them got all.
    async fn p99(mut self) -> anyhow::Result<u64> {
        let mut all = Vec::with_capacity(READERS * EVENTS);
        while let Some(read) = self.0.join_next().await {
            let took = read??;
            ensure!(took.len() == EVENTS, "a reader got {} of {EVENTS} events", took.len());
            all.extend(took);
        }
        all.sort_unstable();
        Ok(all[all.len() * 99 / 100].max(1))
    }
}

/// How long each event took, in microseconds.
async fn read(mut stream: TcpStream) -> anyhow::Result<Vec<u64>> {
    let mut took = Vec::with_capacity(EVENTS);
    let mut kept = Vec::new();
    let mut piece = vec![0; 16 * 1024];
    while took.len() < EVENTS {
        let n = tokio::time::timeout(PATIENCE, stream.read(&mut piece)).await;
        let n = n.with_context(|| format!("only {} of {EVENTS} events came", took.len()))??;
        ensure!(n > 0, "the stream ended after {} of {EVENTS} events", took.len());
        let now = now_us();
        kept.extend_from_slice(&piece[..n]);
        let mut at = 0;
        while let Some(found) = memmem::find(&kept[at..], MARK) {
            let begin = at + found + MARK.len();
            let Some(digits) = kept.get(begin..begin + STAMP.len()) else { break };
            let digits = std::str::from_utf8(digits)?;
            took.push(now.saturating_sub(digits.parse().with_context(|| digits.to_owned())?));
            at = begin + STAMP.len();
        }
        let keep = kept.len().saturating_sub(at).min(64 * 1024);
        kept.drain(..kept.len() - keep);
    }
    stream.shutdown().await.ok();
    Ok(took)
}
