//! A flood of an agent's output on its way through its job into the journal, beside a plain copy of
//! as much output with the checksums that the journal's lines have.
#![expect(clippy::cast_precision_loss, reason = "bytes far below 2^52, for ratios")]

use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use gangline_process::Cmd;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::memory::{pss_anon_mib, row};
use crate::program::{Home, Program, plain_policy};
use crate::soak::identities;
use crate::table::{Bound, Row};

/// What the agent prints.
const BYTES: u64 = 100 * 1_000 * 1_000;
/// In lines of the length that agents print on the average.
const LINE_BYTES: u64 = 1_500;
/// By how much its job may grow meanwhile.
const GROWTH_MIB_MAX: f64 = 20.0;
/// How long the flood may take.
const FLOOD_MAX: Duration = Duration::from_mins(2);
const LOOK_EVERY: Duration = Duration::from_millis(20);
const BLOCK_BYTES: usize = 64 * 1024;
/// Bytes at a journal's end that hold its last lines.
const TAIL_BYTES: u64 = 8 * 1024;

/// See the module.
pub async fn measure(program: &Program) -> anyhow::Result<Vec<Row>> {
    let home = Home::new(program)?;
    std::fs::write(home.path("config/config.toml"), "[daemon]\njournal_mib = 1024\n")?;
    let repo = home.repository("repo", &plain_policy("journal", "J")).await?;
    home.run(&repo, &["up", "--detach"]).await?;
    let flooded = flood(&home, &repo).await;
    home.run(&repo, &["down", "--jobs"]).await?;
    let Flooded { bytes, took, growth_mib } = flooded?;
    let rate = bytes as f64 / took.as_secs_f64();
    let copy = BYTES as f64 / copied(&home).await?.as_secs_f64();
    Ok(vec![
        Row {
            name: "journal of 100 MB of an agent's output",
            figure: format!("{:.0} MB/s", rate / 1e6),
            floor: format!("checksummed copy {:.0} MB/s", copy / 1e6),
            ratio: rate / copy,
            bound: Bound::AtLeast(0.5),
        },
        row("growth of its job meanwhile", growth_mib, GROWTH_MIB_MAX),
    ])
}

struct Flooded {
    /// Of the journal.
    bytes: u64,
    /// From its first line of the flood to its last.
    took: Duration,
    growth_mib: f64,
}

async fn flood(home: &Home, repo: &Path) -> anyhow::Result<Flooded> {
    let body = format!(
        "```gangline-script\nsteps:\n  - say: here\n  - sleep: 1000\n  - flood: {{ bytes: {BYTES}, \
         line_bytes: {LINE_BYTES} }}\n  - say: flooded\n  - sleep: 60000\n```\n"
    );
    home.run(repo, &["add", "--title", "Flood", "--body", &body]).await?;
    let deadline = Instant::now() + FLOOD_MAX;
    let (pid, journal) = loop {
        ensure!(Instant::now() < deadline, "no job began");
        let job = identities(home)?.into_iter().find(|(_, identity)| identity.is_alive());
        if let Some((run, identity)) = job
            && tail(&run.join("journal.jsonl")).contains("here")
        {
            break (identity.pid, run.join("journal.jsonl"));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    };
    let before = pss_anon_mib(pid)?;
    let mut most = before;
    while !tail(&journal).contains("flooded") {
        ensure!(Instant::now() < deadline, "the flood does not end: {}", tail(&journal));
        most = most.max(pss_anon_mib(pid)?);
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let bytes = std::fs::metadata(&journal)?.len();
    ensure!(bytes >= BYTES, "only {bytes} bytes were kept");
    Ok(Flooded { bytes, took: between(&journal)?, growth_mib: most - before })
}

/// The last lines of a journal, as far as there is one.
fn tail(journal: &Path) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(journal)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut bytes = vec![];
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

/// From the first line of the flood to the word after it, by the journal's own clock.
fn between(journal: &Path) -> anyhow::Result<Duration> {
    let text = std::fs::read_to_string(journal)?;
    let at = |line: Option<&str>| -> anyhow::Result<u64> {
        let line: Value = serde_json::from_str(line.context("no such line")?)?;
        line["at_us"].as_u64().context("no time")
    };
    let first = at(text.lines().find(|line| line.contains("\"kind\":\"raw\"")))?;
    let last = at(text.lines().rev().find(|line| line.contains("flooded")))?;
    Ok(Duration::from_micros(last.saturating_sub(first)))
}

/// The floor: as much of a program's output is read from a pipe and copied to a file, with the sum
/// of each line behind it.
async fn copied(home: &Home) -> anyhow::Result<Duration> {
    let line = "x".repeat(usize::try_from(LINE_BYTES)? - 1);
    let mut child = Cmd::new("yes").arg(line).env_from_host(&["PATH"]).spawn()?;
    let mut from = BufReader::with_capacity(BLOCK_BYTES, child.take_stdout().context("no pipe")?);
    let mut to = BufWriter::with_capacity(BLOCK_BYTES, File::create(home.path("floor"))?);
    let (mut line, mut copied, mut began) = (vec![], 0, None);
    while copied < BYTES {
        line.clear();
        copied += from.read_until(b'\n', &mut line).await? as u64;
        began.get_or_insert_with(Instant::now);
        to.write_all(&line)?;
        writeln!(to, "{:08x}", crc32fast::hash(&line))?;
    }
    to.flush()?;
    let took = began.map(|began| began.elapsed());
    ensure!(child.end(Duration::ZERO).await.is_proven(), "the program did not end");
    took.context("nothing was copied")
}
