use gangline_domain::verdict::{CheckResult, Verdict};

use super::OutputFolder;
use crate::registry::{count, listed, printable};

pub(crate) const NAME: &str = "report";

/// Measures a report: exactly one Markdown file with a heading and text below it. Other files may
/// lie beside it.
pub fn report(folder: &OutputFolder) -> CheckResult {
    let files = match folder.files_for(NAME) {
        Ok(files) => files,
        Err(unread) => return *unread,
    };
    let reports: Vec<_> = files.iter().filter(|file| file.ending() == "md").collect();
    let fail = |fact: String, mend: &str| {
        let mut check = CheckResult::required(NAME, Verdict::Fail, fact);
        check.lines = vec![mend.to_owned()];
        check
    };
    let [report] = reports.as_slice() else {
        let names: Vec<&str> = reports.iter().map(|file| file.name.as_str()).collect();
        let fact = match names.as_slice() {
            [] => "there is no Markdown file in the output folder".to_owned(),
            names => format!("{}: {}", count(names.len(), "Markdown file"), listed(names)),
        };
        return fail(fact, "write exactly one Markdown file into the output folder");
    };
    if let Some(flaw) = report.flaw() {
        return fail(flaw, "begin the report with a heading, `# Title`");
    }
    let bytes = match report.read() {
        Ok(bytes) => bytes,
        Err(error) => {
            return CheckResult::required(
                NAME,
                Verdict::Inconclusive,
                format!("it cannot be read: {error}"),
            );
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    let prose = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let words: usize = prose.map(|line| line.split_whitespace().count()).sum();
    let name = printable(&report.name);
    if words == 0 {
        return fail(format!("{name} has headings and no text"), "write what you found below them");
    }
    CheckResult::required(NAME, Verdict::Pass, format!("{name}, {}", count(words, "word")))
}
