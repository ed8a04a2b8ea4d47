//! Maven's surefire: `Tests run: 4, Failures: 1, Errors: 1, Skipped: 1`, once for each module.

use gangline_domain::verdict::TestCounts;

use super::Reading;

pub(super) fn read(lines: &[String]) -> Option<Reading> {
    let mut reading = Reading::default();
    let mut seen = false;
    let mut listing = false;
    for line in lines {
        let text = unlabelled(line);
        if let Some(counts) = summary(text) {
            seen = true;
            listing = false;
            reading.add(counts);
        } else if matches!(text.trim(), "Failures:" | "Errors:") {
            listing = true;
        } else if listing {
            match text.strip_prefix("  ") {
                Some(failure) => {
                    let place = failure.split(' ').next().unwrap_or(failure);
                    reading.name(place.split(':').next().unwrap_or(place));
                    reading.line(failure);
                }
                None => listing = false,
            }
        } else if line.starts_with("[ERROR] ") && text.contains(".java:[") {
            reading.line(text);
        }
    }
    if !seen && lines.iter().any(|line| unlabelled(line).starts_with("No tests to run.")) {
        seen = true;
    }
    seen.then_some(reading)
}

/// What stands behind `[INFO] `, `[WARNING] ` or `[ERROR] `.
fn unlabelled(line: &str) -> &str {
    let labels = ["[INFO] ", "[WARNING] ", "[ERROR] "];
    labels.iter().find_map(|label| line.strip_prefix(label)).unwrap_or(line)
}

/// A module's sum. Lines of single classes have a time behind them.
fn summary(text: &str) -> Option<TestCounts> {
    let rest = text.strip_prefix("Tests run: ")?;
    let mut numbers = [0u32; 4];
    let mut parts = rest.split(", ");
    for (number, label) in numbers.iter_mut().zip(["", "Failures: ", "Errors: ", "Skipped: "]) {
        *number = parts.next()?.strip_prefix(label)?.trim().parse().ok()?;
    }
    if parts.next().is_some() {
        return None;
    }
    let [run, failures, errors, skipped] = numbers;
    let failed = failures.saturating_add(errors);
    let passed = run.saturating_sub(failed).saturating_sub(skipped);
    Some(TestCounts { passed, failed, skipped })
}
