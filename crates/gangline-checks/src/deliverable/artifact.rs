use gangline_domain::verdict::{CheckResult, DECISIVE_LINES_MAX, Verdict};

use super::{Found, OutputFolder};
use crate::registry::{count, listed, printable};

pub(crate) const NAME: &str = "artifact";

/// Measures an artifact: there are files, those `declared` by name are among them, none is empty,
/// and what says by its ending that it is JSON or Markdown is.
pub fn artifact(folder: &OutputFolder, declared: &[String]) -> CheckResult {
    let files = match folder.files_for(NAME) {
        Ok(files) => files,
        Err(unread) => return *unread,
    };
    if files.is_empty() {
        let mut check =
            CheckResult::required(NAME, Verdict::Fail, "the output folder is empty".to_owned());
        check.lines = vec!["write the artifact's files into the output folder".to_owned()];
        return check;
    }
    let absent = |name: &&String| !files.iter().any(|file| file.name == **name);
    let missing = declared.iter().filter(absent);
    let mut flaws: Vec<String> =
        missing.map(|name| format!("{} is missing", printable(name))).collect();
    flaws.extend(files.iter().filter_map(Found::flaw));
    if flaws.is_empty() {
        let bytes: u64 = files.iter().map(|file| file.bytes).sum();
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let fact = format!("{}, {bytes} bytes: {}", count(files.len(), "file"), listed(&names));
        return CheckResult::required(NAME, Verdict::Pass, fact);
    }
    let mut check = CheckResult::required(NAME, Verdict::Fail, listed(&flaws));
    flaws.truncate(DECISIVE_LINES_MAX);
    check.lines = flaws;
    check
}
