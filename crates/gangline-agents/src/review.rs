//! What a reviewer answers: one block of JSON in its last message.
//!
//! No file is read: the programs of the change that a reviewer runs could have written it. What an
//! agent says last is its own.

use gangline_domain::reviewer::{FINDING_CHARS_MAX, FINDINGS_MAX, Finding};
use gangline_domain::verdict::SUMMARY_CHARS_MAX;
use serde::Deserialize;

/// Bytes of a message that are looked at, from its end.
const MESSAGE_BYTES_MAX: usize = 256 * 1024;
/// Places in a message that are tried as the beginning of the answer.
const BEGINNINGS_MAX: usize = 200;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The reviewer's own words, on one line.
    pub summary: String,
    /// What it found; at most [`FINDINGS_MAX`], blocking ones first where there are more.
    pub findings: Vec<Finding>,
    /// How many more there were.
    pub left_out: u32,
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    summary: String,
    findings: Vec<WrittenFinding>,
}

#[derive(Deserialize)]
struct WrittenFinding {
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    line: Option<u64>,
    severity: Severity,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Severity {
    Blocking,
    Remark,
}

/// Reads the answer in a reviewer's last message: the last object in it that is one.
///
/// # Errors
///
/// What the message has instead, in words.
pub fn read(message: &str) -> Result<Answer, String> {
    let start = message.len().saturating_sub(MESSAGE_BYTES_MAX);
    let start = (start..message.len()).find(|at| message.is_char_boundary(*at)).unwrap_or(0);
    let message = &message[start..];
    let mut nearest = None;
    let begins = message.rmatch_indices('{').map(|(at, _)| at).take(BEGINNINGS_MAX);
    for at in begins {
        let mut values = serde_json::Deserializer::from_str(&message[at..]).into_iter::<Written>();
        match values.next() {
            Some(Ok(written)) => return Ok(answer(written)),
            Some(Err(error)) if message[at..].contains("\"findings\"") => {
                nearest = Some(error.to_string());
            }
            Some(Err(_)) | None => {}
        }
    }
    Err(match (message.trim().is_empty(), nearest) {
        (true, _) => "it said nothing".to_owned(),
        (false, Some(why)) => why,
        (false, None) => "its last message holds no JSON object with `findings`".to_owned(),
    })
}

fn answer(written: Written) -> Answer {
    let mut findings: Vec<Finding> = written.findings.into_iter().map(finding).collect();
    if findings.len() > FINDINGS_MAX {
        findings.sort_by_key(|finding| !finding.blocking);
    }
    let left_out = findings.len().saturating_sub(FINDINGS_MAX);
    findings.truncate(FINDINGS_MAX);
    Answer {
        summary: one_line(&written.summary, SUMMARY_CHARS_MAX),
        findings,
        left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
    }
}

fn finding(written: WrittenFinding) -> Finding {
    let file = written.file.unwrap_or_default();
    Finding {
        file: one_line(file.trim_start_matches("./"), 500),
        line: written.line.and_then(|line| u32::try_from(line).ok()).filter(|line| *line > 0),
        blocking: written.severity == Severity::Blocking,
        text: one_line(&written.text, FINDING_CHARS_MAX),
    }
}

/// Without control characters and line ends, and no longer than `chars_max`.
fn one_line(text: &str, chars_max: usize) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.chars().count() > chars_max {
        false => line,
        true => line.chars().take(chars_max - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"I read it all. {not json}
```json
{"summary": "One bug.\n", "findings": [
  {"file": "./src/a.py", "line": 3, "severity": "blocking", "text": "divides by\nzero"},
  {"severity": "remark", "text": "no test for the empty cart"}]}
```
Nothing else."#;

    #[test]
    fn the_last_object_with_findings_is_the_answer() {
        let answer = read(TWO).unwrap();
        assert_eq!(answer.summary, "One bug.");
        let shown: Vec<_> = answer
            .findings
            .iter()
            .map(|f| (f.file.as_str(), f.line, f.blocking, f.text.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("src/a.py", Some(3), true, "divides by zero"),
                ("", None, false, "no test for the empty cart"),
            ]
        );
        // Quoted before, such as the form in the brief, does not count.
        let twice = format!("{TWO}\nOn second thoughts: {{\"findings\": []}}");
        assert_eq!(read(&twice).unwrap().findings, []);
    }

    #[test]
    fn what_is_no_answer_is_told() {
        for (message, why) in [
            ("", "it said nothing"),
            ("Looks good to me!", "its last message holds no JSON object with `findings`"),
            ("{\"verdict\": \"pass\"}", "its last message holds no JSON object with `findings`"),
        ] {
            assert_eq!(read(message).unwrap_err(), why, "{message}");
        }
        let wrong = read(r#"{"findings": [{"severity": "fatal", "text": "x"}]}"#).unwrap_err();
        assert!(wrong.contains("fatal"), "{wrong}");
    }

    #[test]
    fn findings_are_bounded_and_the_gravest_are_kept() {
        let remark = r#"{"severity": "remark", "text": "t"}"#;
        let blocking = r#"{"severity": "blocking", "text": "b"}"#;
        let many = vec![remark; FINDINGS_MAX + 4].join(",");
        let answer = read(&format!("{{\"findings\": [{many}, {blocking}]}}")).unwrap();
        assert_eq!((answer.findings.len(), answer.left_out), (FINDINGS_MAX, 5));
        assert!(answer.findings[0].blocking);
        let long = "x".repeat(5_000);
        let text =
            format!("{{\"findings\": [{{\"severity\": \"remark\", \"text\": \"{long}\"}}]}}");
        assert_eq!(read(&text).unwrap().findings[0].text.chars().count(), FINDING_CHARS_MAX);
    }

    #[test]
    fn no_message_takes_long() {
        assert!(read(&"{".repeat(2_000_000)).is_err());
        assert!(read(&"{\"findings\":[".repeat(100_000)).is_err());
    }
}
