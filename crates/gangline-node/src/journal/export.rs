//! Journals as one file of tool calls per session, for other tools.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use gangline_domain::ids::{JobId, Timestamp};
use serde::Serialize;

use super::entry::{Entry, What};
use super::human;
use super::reader::{Item, Reader};
use crate::durable::{self, FileFault};
use crate::places::run_of_dir;

/// What was exported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// The files that were written.
    pub files: Vec<PathBuf>,
    /// Tool calls in them.
    pub calls: u64,
}

/// Why nothing more was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder is not that of a run of a job.
    #[error("{} is not the folder of a run", .0.display())]
    NotARun(PathBuf),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileFault),
}

/// One line of `tool_calls.jsonl`.
#[derive(Serialize)]
struct ToolCall<'a> {
    ts: Timestamp,
    agent: &'a str,
    tool: &'a str,
    input: &'a str,
    paths: &'a [String],
    ok: Option<bool>,
    duration_ms: Option<u64>,
}

struct Open {
    at: Timestamp,
    tool: String,
    detail: String,
    paths: Vec<String>,
}

/// Tool calls that may be open at once; the oldest is told as unfinished beyond.
const OPEN_MAX: usize = 1_000;

/// Writes `to/agent-workspace/sessions/session-<job>/tool_calls.jsonl` for the journal of each
/// run in `dirs`, anew. Times are microseconds since the Unix epoch.
pub fn export(dirs: &[PathBuf], to: &Path) -> Result<Exported, ExportError> {
    let mut exported = Exported::default();
    for dir in dirs {
        let (job, _) = run_of_dir(dir).ok_or_else(|| ExportError::NotARun(dir.clone()))?;
        let folder = to.join("agent-workspace/sessions").join(format!("session-{job}"));
        durable::make_dir(&folder)?;
        let file = folder.join("tool_calls.jsonl");
        exported.calls += export_one(&dir.join("journal.jsonl"), &job, &file)?;
        exported.files.push(file);
    }
    Ok(exported)
}

fn export_one(journal: &Path, job: &JobId, to: &Path) -> Result<u64, FileFault> {
    let fault = |error| FileFault::new("write", to, error);
    let mut out = BufWriter::new(File::create(to).map_err(fault)?);
    let mut agent = job.ticket.key.to_string();
    let mut open: BTreeMap<String, Open> = BTreeMap::new();
    let mut calls = 0;
    let mut tell = |agent: &str, call: &Open, end: Option<(bool, Timestamp)>| {
        calls += 1;
        let line = ToolCall {
            ts: call.at,
            agent,
            tool: &call.tool,
            input: &call.detail,
            paths: &call.paths,
            ok: end.map(|(ok, _)| ok),
            duration_ms: end.map(|(_, at)| at.ms_since(call.at)),
        };
        let mut line = durable::json(&line);
        line.push(b'\n');
        out.write_all(&line).map_err(fault)
    };
    let mut reader = Reader::follow(journal, 0)?;
    while let Some(item) = reader.next()? {
        let Item::Entry(Entry { at, what, .. }) = item else { continue };
        if let What::Opened { agent: Some(name), .. } = &what {
            agent = human::label(name, &job.ticket.key);
        } else if let What::ToolStarted { id, tool, detail, paths } = what {
            if open.len() >= OPEN_MAX
                && let Some((_, oldest)) = open.pop_first()
            {
                tell(&agent, &oldest, None)?;
            }
            open.insert(id, Open { at, tool, detail, paths });
        } else if let What::ToolFinished { id, ok, .. } = what
            && let Some(call) = open.remove(&id)
        {
            tell(&agent, &call, Some((ok, at)))?;
        }
    }
    for call in open.values() {
        tell(&agent, call, None)?;
    }
    out.flush().map_err(fault)?;
    Ok(calls)
}
