use std::borrow::Cow;

use gangline_domain::proposal::{PLAN_BYTES_MAX, PLAN_FILE, Proposal};
use gangline_domain::verdict::{CheckResult, Verdict};

use super::OutputFolder;
use crate::registry::{count, listed};

pub(crate) const NAME: &str = "plan";

/// Measures a plan of a project whose keys begin with `prefix`: a file [`PLAN_FILE`] that can be read
/// without a flaw, by [`Proposal::read`]. Other files may lie beside it. `redacted` takes known
/// secrets out of its text, for what it proposes is kept.
pub fn plan(
    folder: &OutputFolder,
    prefix: &str,
    redacted: impl FnOnce(&str) -> Cow<'_, str>,
) -> (CheckResult, Option<Box<Proposal>>) {
    let required = |verdict, fact| CheckResult::required(NAME, verdict, fact);
    let fail = |fact: String, lines: Vec<String>| {
        (CheckResult { lines, ..required(Verdict::Fail, fact) }, None)
    };
    let files = match folder.files_for(NAME) {
        Ok(files) => files,
        Err(unread) => return (*unread, None),
    };
    let Some(file) = files.iter().find(|file| file.name == PLAN_FILE) else {
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let beside = match names.as_slice() {
            [] => String::new(),
            names => format!(", but {}", listed(names)),
        };
        let fact = format!("there is no {PLAN_FILE} in the output folder{beside}");
        return fail(fact, vec![format!("write the plan to {PLAN_FILE} in the output folder")]);
    };
    if file.bytes > PLAN_BYTES_MAX as u64 {
        let fact = format!("{PLAN_FILE} has {} bytes, more than {PLAN_BYTES_MAX}", file.bytes);
        return fail(fact, vec!["say less in each ticket, or propose fewer".to_owned()]);
    }
    let bytes = match file.read() {
        Ok(bytes) => bytes,
        Err(error) => {
            let fact = format!("{PLAN_FILE} cannot be read: {error}");
            return (required(Verdict::Inconclusive, fact), None);
        }
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return fail(format!("{PLAN_FILE} is not UTF-8 text"), vec![]);
    };
    match Proposal::read(&redacted(&text), prefix) {
        Ok(proposal) => {
            let fact = format!("{PLAN_FILE}, {}", count(proposal.tickets.len(), "ticket"));
            (required(Verdict::Pass, fact), Some(Box::new(proposal)))
        }
        Err(wrong) => {
            let line = |wrong: &gangline_domain::readme::Wrong| {
                format!("{PLAN_FILE}:{}: {}", wrong.line, wrong.what)
            };
            let lines: Vec<String> = wrong.iter().map(line).collect();
            let more = match lines.len() {
                1 => String::new(),
                lines => format!(", and {} more", lines - 1),
            };
            fail(format!("{}{more}", lines.first().cloned().unwrap_or_default()), lines)
        }
    }
}
