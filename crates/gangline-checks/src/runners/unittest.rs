//! Python's `unittest`: `Ran 4 tests in 0.001s`, then `FAILED (failures=1, errors=1)`.

use super::Reading;

pub(super) fn read(lines: &[String]) -> Option<Reading> {
    let mut reading = Reading::default();
    let mut seen = false;
    for (at, line) in lines.iter().enumerate() {
        if let Some(name) = line.strip_prefix("FAIL: ").or_else(|| line.strip_prefix("ERROR: ")) {
            let framed = at > 0 && lines[at - 1].starts_with("=====");
            if framed {
                reading.name(name);
                reading.lines.extend(cause(&lines[at + 1..]));
            }
        }
        let Some(total) = ran(line) else { continue };
        seen = true;
        let verdict = lines[at + 1..].iter().find(|line| !line.is_empty());
        let verdict = verdict.map_or("", String::as_str);
        let not = |word: &str| number_behind(verdict, word);
        let failed = not("(failures=").or(not(" failures=")).unwrap_or(0)
            + not("errors=").unwrap_or(0)
            + not("unexpected successes=").unwrap_or(0);
        let skipped = not("skipped=").unwrap_or(0) + not("expected failures=").unwrap_or(0);
        let passed = total.saturating_sub(failed).saturating_sub(skipped);
        reading.add(gangline_domain::verdict::TestCounts { passed, failed, skipped });
    }
    seen.then_some(reading)
}

fn ran(line: &str) -> Option<u32> {
    let (number, rest) = line.strip_prefix("Ran ")?.split_once(' ')?;
    let is_summary = rest.starts_with("test in ") || rest.starts_with("tests in ");
    number.parse().ok().filter(|_| is_summary)
}

fn number_behind(text: &str, word: &str) -> Option<u32> {
    let (_, rest) = text.split_once(word)?;
    rest.split([',', ')']).next()?.parse().ok()
}

/// The exception at the end of the traceback: the first line that is not indented behind it.
fn cause(block: &[String]) -> Option<String> {
    let traceback = block.iter().position(|line| line.starts_with("Traceback "))?;
    let mut behind = block[traceback + 1..].iter().take_while(|line| !line.starts_with("===="));
    behind.find(|line| !line.is_empty() && !line.starts_with(' ')).cloned()
}
