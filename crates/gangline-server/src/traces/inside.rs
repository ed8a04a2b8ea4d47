//! What went on inside a job, as its journal tells it: tool calls of an agent, checks of a commit.

use std::collections::BTreeMap;

use gangline_domain::ids::{JobId, Timestamp};
use gangline_domain::verdict::Report;
use serde::Deserialize;

use super::span::{Draft, Lasted, SpanId, Told, TraceId};

/// Calls of one job that are told; the rest is counted.
pub(super) const CALLS_MAX: u32 = 10_000;

/// A job that is over.
#[derive(Debug, Clone)]
pub(super) struct Inside {
    pub(super) job: JobId,
    /// When this run of it began.
    pub(super) begun: Timestamp,
    pub(super) trace: TraceId,
    pub(super) parent: SpanId,
    pub(super) measured: Measured,
    pub(super) content: bool,
}

/// What a report says of its checks that no journal does.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured(BTreeMap<String, Took>);

#[derive(Debug, Clone, Default)]
struct Took {
    ms: Option<u64>,
    exit: Option<i32>,
    tests: Option<u32>,
    required: bool,
}

impl Measured {
    pub(super) fn of(report: &Report) -> Self {
        let took = report.checks.iter().map(|check| {
            let evidence = check.evidence.as_ref();
            let took = Took {
                ms: evidence.map(|evidence| evidence.duration_ms),
                exit: evidence.and_then(|evidence| evidence.exit),
                tests: evidence.and_then(|evidence| evidence.tests).map(|tests| tests.ran()),
                required: check.required,
            };
            (check.name.clone(), took)
        });
        Self(took.collect())
    }
}

/// What a line of a journal says, as far as spans are made of it.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    ToolStarted {
        id: String,
        tool: String,
        #[serde(default)]
        detail: String,
    },
    ToolFinished {
        id: String,
        ok: bool,
        #[serde(default)]
        detail: String,
    },
    Checked {
        name: String,
        verdict: String,
        #[serde(default)]
        fact: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct At {
    n: u64,
    at_us: i64,
}

/// A call that has not come back.
#[derive(Debug)]
struct Call {
    n: u64,
    at: Timestamp,
    tool: String,
    detail: String,
}

/// Reads a journal line by line.
#[derive(Debug)]
pub(super) struct Reading {
    of: Inside,
    open: BTreeMap<String, Call>,
    told: u32,
    left_out: u32,
}

impl Reading {
    pub(super) fn new(of: Inside) -> Self {
        Self { of, open: BTreeMap::new(), told: 0, left_out: 0 }
    }

    /// What is over with this line.
    pub(super) fn take(&mut self, entry: &serde_json::Value) -> Option<Draft> {
        let At { n, at_us } = At::deserialize(entry).ok()?;
        let at = Timestamp(at_us);
        match Line::deserialize(entry).ok()? {
            Line::ToolStarted { id, tool, detail } => {
                self.open.insert(id, Call { n, at, tool, detail });
                None
            }
            Line::ToolFinished { id, ok, detail } => {
                let call = self.open.remove(&id)?;
                let draft = self.called(&id, &call, at)?;
                Some(if ok { draft } else { draft.failed("tool_error", &self.said(detail)) })
            }
            Line::Checked { name, verdict, fact } => self.checked((n, at), &name, &verdict, fact),
            Line::Other => None,
        }
    }

    /// Calls that never came back: they ended with the job.
    pub(super) fn ended(mut self, at: Timestamp) -> (Vec<Draft>, u32) {
        let open = std::mem::take(&mut self.open);
        let drafts = open.iter().filter_map(|(id, call)| {
            let draft = self.called(id, call, at)?;
            Some(draft.failed("unfinished", ""))
        });
        let drafts = drafts.collect();
        (drafts, self.left_out)
    }

    fn said(&self, text: String) -> String {
        if self.of.content { text } else { String::new() }
    }

    fn is_full(&mut self) -> bool {
        let full = self.told >= CALLS_MAX;
        match full {
            true => self.left_out += 1,
            false => self.told += 1,
        }
        full
    }

    fn called(&mut self, id: &str, call: &Call, to: Timestamp) -> Option<Draft> {
        if self.is_full() {
            return None;
        }
        let what = format!("{} {} tool {}", self.of.job, self.of.begun.0, call.n);
        let ids = (self.of.trace, self.of.trace.span(what));
        let lasted = Lasted { from: call.at, to };
        let draft = Draft::new(format!("execute_tool {}", call.tool), ids, lasted)
            .below(self.of.parent)
            .with("gen_ai.operation.name", "execute_tool")
            .with("gen_ai.tool.name", call.tool.as_str())
            .with("gen_ai.tool.call.id", id);
        let detail = self.of.content.then(|| call.detail.clone());
        Some(draft.with_some("gangline.tool.detail", detail.filter(|detail| !detail.is_empty())))
    }

    fn checked(
        &mut self,
        (n, to): (u64, Timestamp),
        name: &str,
        verdict: &str,
        fact: String,
    ) -> Option<Draft> {
        if self.is_full() {
            return None;
        }
        let took = self.of.measured.0.get(name).cloned().unwrap_or_default();
        let ms = i64::try_from(took.ms.unwrap_or(0)).unwrap_or(i64::MAX);
        let from = Timestamp(to.0.saturating_sub(ms.saturating_mul(1_000)).max(self.of.begun.0));
        let what = format!("{} {} check {n}", self.of.job, self.of.begun.0);
        let ids = (self.of.trace, self.of.trace.span(what));
        let draft = Draft::new(format!("check {name}"), ids, Lasted { from, to })
            .below(self.of.parent)
            .with("gangline.check", name)
            .with("gangline.verdict", verdict)
            .with("gangline.required", took.required)
            .with_some("process.exit.code", took.exit)
            .with_some("gangline.tests", took.tests)
            .with_some("gangline.fact", self.of.content.then(|| Told::from(fact)));
        Some(match verdict {
            "pass" => draft,
            other => draft.failed(other, ""),
        })
    }
}
