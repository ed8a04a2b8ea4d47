//! The Test Anything Protocol, and Perl's `prove`, which sums it up.

use gangline_domain::verdict::TestCounts;

use super::Reading;

pub(super) fn read(lines: &[String]) -> Option<Reading> {
    let mut reading = prove(lines).or_else(|| protocol(lines))?;
    for line in lines.iter().filter(|line| line.starts_with("# ")) {
        let told = line.trim_start_matches(['#', ' ']);
        if ["Failed test", "at ", "got:", "expected:"].iter().any(|word| told.starts_with(word)) {
            reading.line(told);
        }
    }
    Some(reading)
}

/// Only the outermost level: subtests are indented, and each is summed up by a line of its own.
fn protocol(lines: &[String]) -> Option<Reading> {
    let mut reading = Reading::default();
    let mut planned: Option<u32> = None;
    for line in lines {
        if let Some(plan) = line.strip_prefix("1..") {
            let number = plan.split(' ').next().and_then(|number| number.parse::<u32>().ok());
            planned = number.map(|number| planned.unwrap_or(0) + number).or(planned);
            continue;
        }
        let (passed, rest) = match line.strip_prefix("not ok") {
            Some(rest) => (false, rest),
            None => match line.strip_prefix("ok") {
                Some(rest) => (true, rest),
                None => continue,
            },
        };
        if !(rest.is_empty() || rest.starts_with(' ')) {
            continue;
        }
        let directive = rest.split_once(" # ").map(|(_, text)| text.to_ascii_lowercase());
        let set_aside = directive.is_some_and(|d| d.starts_with("skip") || d.starts_with("todo"));
        let one = match (set_aside, passed) {
            (true, _) => TestCounts { skipped: 1, ..TestCounts::default() },
            (false, true) => TestCounts { passed: 1, ..TestCounts::default() },
            (false, false) => {
                let rest = rest.trim_start();
                reading.name(rest.split_once(" - ").map_or(rest, |(_, name)| name));
                TestCounts { failed: 1, ..TestCounts::default() }
            }
        };
        reading.add(one);
    }
    let planned = planned?;
    let told = reading.counts != TestCounts::default() || planned == 0;
    if !told && !lines.iter().any(|line| line.starts_with("TAP version ")) {
        return None;
    }
    // A test that was planned and never reported did not pass.
    let missing = planned.saturating_sub(reading.counts.ran() + reading.counts.skipped);
    reading.add(TestCounts { failed: missing, ..TestCounts::default() });
    Some(reading)
}

/// `Files=1, Tests=4, …` counts; the lines before it say what failed.
fn prove(lines: &[String]) -> Option<Reading> {
    let summary = lines.iter().rev().find_map(|line| line.strip_prefix("Files="))?;
    let (_, tests) = summary.split_once("Tests=")?;
    let total: u32 = tests.split(',').next()?.parse().ok()?;
    let mut reading = Reading::default();
    let mut failed = 0;
    for line in lines {
        if let Some((file, rest)) = line.split_once(" (Wstat: ") {
            let count = rest.split_once("Failed: ").and_then(|(_, n)| n.split(')').next());
            let count = count.and_then(|count| count.parse::<u32>().ok()).unwrap_or(0);
            failed += count;
            if count > 0 {
                reading.name(file);
            }
        }
    }
    reading.add(TestCounts { passed: total.saturating_sub(failed), failed, skipped: 0 });
    Some(reading)
}
