//! `node --test`, in its `spec` (`ℹ pass 1`) and `tap` (`# pass 1`) reports.

use super::Reading;

pub(super) fn read(lines: &[String]) -> Option<Reading> {
    let mut reading = Reading::default();
    let mut summaries = 0;
    for line in lines {
        let Some((word, number)) = summary(line) else { continue };
        let mut counts = gangline_domain::verdict::TestCounts::default();
        match word {
            "tests" => summaries += 1,
            "pass" => counts.passed = number,
            "fail" | "cancelled" => counts.failed = number,
            "skipped" | "todo" => counts.skipped = number,
            _suites => {}
        }
        reading.add(counts);
    }
    if summaries == 0 {
        return None;
    }
    let listed = lines.iter().rposition(|line| line == "✖ failing tests:");
    for line in listed.map_or(&[][..], |at| &lines[at + 1..]) {
        match line.strip_prefix("✖ ") {
            Some(name) => reading.name(name.rsplit_once(" (").map_or(name, |(name, _)| name)),
            None if line.contains("Error") => reading.line(line),
            None => {}
        }
    }
    for (at, line) in lines.iter().enumerate() {
        let Some(rest) = line.trim_start().strip_prefix("not ok ") else { continue };
        let name = rest.split_once(" - ").map_or(rest, |(_, name)| name);
        let block = lines[at + 1..].iter().take_while(|line| line.trim() != "...");
        let mut block = block.map(|line| line.trim());
        // A suite fails because of a test in it, which is listed by itself.
        if block.clone().any(|line| line == "failureType: 'subtestsFailed'") {
            continue;
        }
        reading.name(name);
        block
            .by_ref()
            .filter(|line| line.starts_with("error: "))
            .for_each(|line| reading.line(line));
    }
    Some(reading)
}

const WORDS: [&str; 7] = ["tests", "suites", "pass", "fail", "cancelled", "skipped", "todo"];

/// `# pass 1`, with either mark. Both are at the beginning of their lines.
fn summary(line: &str) -> Option<(&str, u32)> {
    let rest = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))?;
    let (word, number) = rest.split_once(' ')?;
    if !WORDS.contains(&word) {
        return None;
    }
    Some((word, number.parse().ok()?))
}
