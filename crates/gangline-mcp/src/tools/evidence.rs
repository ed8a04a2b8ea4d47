//! `get_evidence` and `get_diff`: what a decision rests on.

use gangline_api::codes;
use gangline_api::journal::{Diff, DiffQuery};
use gangline_api::verification::{CheckView, ReportView};
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::{Detail, PAGE_MAX};
use super::list::Answer;
use super::ticket::{evidence_of, object};
use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;
use crate::shown;

/// Decisive lines of a check in a summary.
const LINES_SUMMARY: usize = 3;
/// Characters of a diff in one answer.
const DIFF_CHARS_MAX: usize = 24_000;

/// `get_evidence`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetEvidence {
    /// The ticket's key, such as APP-12
    #[serde(alias = "ticket_id", alias = "key", alias = "workerId")]
    ticket_id: String,
    /// Only this check, with all its lines
    #[serde(default)]
    check: Option<String>,
    /// full: commands, exit codes, counts, digests of logs, and the merge candidate's report
    #[serde(default)]
    detail: Detail,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

/// What was measured.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Evidence {
    ticket_id: String,
    state: String,
    /// pass, fail or inconclusive: the worst of the required checks
    verdict: String,
    /// The commit whose tree was measured
    commit: String,
    /// The commit whose policy judged it
    base: String,
    /// What the agent said in all; nobody has to believe it
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<String>,
    checks: Vec<Check>,
    /// pass, fail or inconclusive: of the merged tree
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate_verdict: Option<String>,
    /// The reports themselves, with detail full
    #[serde(skip_serializing_if = "Option::is_none")]
    full: Option<JsonObject>,
}

impl Answer for Evidence {
    fn text_chars_max(&self) -> usize {
        shown::text_chars_max(self.full.is_some())
    }
}

/// One measurement.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Check {
    name: String,
    verdict: String,
    required: bool,
    /// What was measured
    fact: String,
    /// What the agent claimed about just this, and what became of that
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<String>,
    /// Lines that say what to mend, most decisive first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lines: Vec<String>,
    /// What a person should look at, though nothing failed
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubts: Vec<String>,
}

impl Check {
    fn of(check: CheckView, lines_max: usize) -> Self {
        let passed = check.verdict == "pass";
        let lines_max = if passed && lines_max == LINES_SUMMARY { 0 } else { lines_max };
        Self {
            name: check.name,
            verdict: check.verdict,
            required: check.required,
            fact: check.fact,
            claimed: check.claimed,
            claim: check.claim,
            lines: check.lines.into_iter().take(lines_max).collect(),
            doubts: check.doubts,
        }
    }
}

pub(super) async fn get_evidence<P: Place>(
    server: &Server<P>,
    wish: GetEvidence,
) -> Result<Evidence, Refusal> {
    let ticket = server.ticket(&wish.ticket_id, wish.project).await?;
    let detail = server.place.client().ticket(&ticket).await?;
    let full = match wish.detail {
        Detail::Full => object(&evidence_of(&detail)),
        Detail::Summary => None,
    };
    let Some(report) = detail.report else {
        let why = format!("nothing of {} has been verified yet", ticket.key);
        let hint = "wait_for_events tells when it has, with types [\"verified\"]";
        return Err(Refusal::new(codes::nothing_to_show, why).hint(hint));
    };
    let ReportView { verdict, commit, base, claim, checks, .. } = report;
    Ok(Evidence {
        ticket_id: ticket.key,
        state: detail.ticket.state,
        verdict,
        commit,
        base,
        claim: claim.map(|claim| claim.summary).filter(|summary| !summary.is_empty()),
        checks: wanted(checks, wish.check.as_deref())?,
        candidate_verdict: detail.candidate_report.map(|report| report.verdict),
        full,
    })
}

/// All checks in short, or the named one.
fn wanted(checks: Vec<CheckView>, name: Option<&str>) -> Result<Vec<Check>, Refusal> {
    let Some(name) = name else {
        return Ok(checks.into_iter().map(|check| Check::of(check, LINES_SUMMARY)).collect());
    };
    let names: Vec<String> = checks.iter().map(|check| check.name.clone()).collect();
    let found = checks.into_iter().filter(|check| check.name == name);
    let found: Vec<Check> = found.map(|check| Check::of(check, usize::MAX)).collect();
    if found.is_empty() {
        let detail = format!("there is no check `{name}`; there are {}", names.join(", "));
        return Err(Refusal::bad_request(detail));
    }
    Ok(found)
}

/// `get_diff`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetDiff {
    /// The ticket's key, such as APP-12
    #[serde(alias = "ticket_id", alias = "key", alias = "workerId")]
    ticket_id: String,
    /// The text of this file's changes only
    #[serde(default)]
    path: Option<String>,
    /// What this attempt changed, such as a1; the last one when absent
    #[serde(default)]
    attempt: Option<String>,
    /// Only what it changed otherwise than this earlier attempt did, such as a1
    #[serde(default)]
    since: Option<String>,
    /// full: the text of all changes, at most 24000 characters at once
    #[serde(default)]
    detail: Detail,
    /// Where in the text to begin: `nextOffset` of the last answer
    #[serde(default)]
    offset: u32,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

/// What changed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DiffView {
    ticket_id: String,
    /// From this commit
    base: String,
    /// To this one
    commit: String,
    files: Vec<File>,
    /// How many files there are in all
    files_total: u32,
    /// The unified diff, every character visible
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Where the rest of the text begins
    #[serde(skip_serializing_if = "Option::is_none")]
    next_offset: Option<u32>,
    /// Whether Gangline itself kept no more of the text
    truncated: bool,
}

impl Answer for DiffView {
    fn is_verbatim(&self) -> bool {
        true
    }
}

/// A changed file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct File {
    path: String,
    /// One letter, as git prints it
    status: String,
    /// Absent for binary files
    #[serde(skip_serializing_if = "Option::is_none")]
    added: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<u32>,
}

pub(super) async fn get_diff<P: Place>(
    server: &Server<P>,
    wish: GetDiff,
) -> Result<DiffView, Refusal> {
    let ticket = server.ticket(&wish.ticket_id, wish.project).await?;
    let query = DiffQuery { attempt: wish.attempt, since: wish.since, ..DiffQuery::default() };
    let diff = server.place.client().diff(&ticket, &query).await?;
    let text = match (&wish.path, wish.detail) {
        (Some(path), _) => Some(of_file(&diff, path)?),
        (None, Detail::Full) => Some(diff.text.as_str()),
        (None, Detail::Summary) => None,
    };
    let (text, next_offset) = match text {
        Some(text) => {
            let (text, next) = part(&shown::verbatim(text), wish.offset);
            (Some(text), next)
        }
        None => (None, None),
    };
    let files_total = u32::try_from(diff.files.len()).unwrap_or(u32::MAX);
    let some = diff.files.into_iter().take(usize::try_from(PAGE_MAX).unwrap_or(usize::MAX));
    let files = some.map(|file| File {
        path: shown::verbatim(&file.path),
        status: shown::line(&file.status),
        added: file.added,
        deleted: file.deleted,
    });
    Ok(DiffView {
        ticket_id: ticket.key,
        base: diff.base,
        commit: diff.commit,
        files: files.collect(),
        files_total,
        text,
        next_offset,
        truncated: diff.truncated,
    })
}

/// The changes of one file.
fn of_file<'a>(diff: &'a Diff, path: &str) -> Result<&'a str, Refusal> {
    let known = diff.files.iter().any(|file| file.path == path);
    let ending = format!(" b/{path}");
    let mut at = 0;
    let mut begun = None;
    for line in diff.text.split_inclusive('\n') {
        if line.starts_with("diff --git ") {
            if let Some(begun) = begun {
                return Ok(&diff.text[begun..at]);
            }
            begun = line.trim_end().ends_with(&ending).then_some(at);
        }
        at += line.len();
    }
    match begun {
        Some(begun) => Ok(&diff.text[begun..]),
        None if known => {
            let detail = format!("the text of {path} is beyond what is kept of the diff");
            Err(Refusal::new(codes::nothing_to_show, detail))
        }
        None => Err(Refusal::bad_request(format!("{path} is not among the changed files"))),
    }
}

/// A piece of a text, and where the next one begins. Offsets count characters.
fn part(text: &str, offset: u32) -> (String, Option<u32>) {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    let part: String = text.chars().skip(offset).take(DIFF_CHARS_MAX).collect();
    let next = offset.saturating_add(DIFF_CHARS_MAX);
    let more = text.chars().nth(next).is_some();
    (part, more.then(|| u32::try_from(next).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use gangline_api::journal::DiffFile;

    use super::*;

    fn diff(text: &str) -> Diff {
        let file = |path: &str| DiffFile {
            path: path.to_owned(),
            status: "M".to_owned(),
            added: Some(1),
            deleted: Some(0),
        };
        let files = vec![file("a.txt"), file("dir/a.txt"), file("late.txt")];
        let (base, commit) = ("0".repeat(40), "1".repeat(40));
        let (job, text) = ("shop.APP-1.a1".to_owned(), text.to_owned());
        Diff { base, commit, files, text, truncated: true, job, since: None, with_base: false }
    }

    #[test]
    fn the_changes_of_one_file_are_found_by_its_whole_path() {
        let first = "diff --git a/a.txt b/a.txt\n+diff --git a/x b/dir/a.txt\n";
        let second = "diff --git a/dir/a.txt b/dir/a.txt\n+two\n";
        let diff = diff(&format!("{first}{second}"));
        assert_eq!(of_file(&diff, "a.txt").as_deref(), Ok(first));
        assert_eq!(of_file(&diff, "dir/a.txt").as_deref(), Ok(second));
        assert_eq!(of_file(&diff, "late.txt").unwrap_err().code, "nothing_to_show");
        assert_eq!(of_file(&diff, "txt").unwrap_err().code, "bad_request");
    }

    #[test]
    fn a_long_text_is_read_piece_by_piece_to_its_end() {
        let text = "é".repeat(DIFF_CHARS_MAX + 5);
        let (first, next) = part(&text, 0);
        assert_eq!(next, Some(24_000));
        let (rest, end) = part(&text, 24_000);
        assert_eq!((first + &rest == text, end), (true, None));
        assert_eq!(part(&text, u32::MAX), (String::new(), None));
    }
}
