//! `watched`: no new code asks whether it is being tested, or is equal to whatever it is compared
//! with. There are honest reasons for that, so it is a doubt for a person and never a failure. Left
//! out when there is none of it.

use gangline_domain::verdict::{CheckResult, Verdict};

use crate::code::{Keep, Language, code};
use crate::registry::{Facts, count, printable};
use crate::subject::ChangedPath;

pub(crate) const NAME: &str = "watched";

/// Words by which code finds out that it is tested, by language.
const ASKS: [(Language, &[&str]); 4] = [
    (
        Language::Rust,
        &[
            "cfg!(test",
            "cfg!(debug_assertions",
            "cfg!(not(debug_assertions",
            "cfg(not(debug_assertions",
            "cfg(not(test",
            "cfg_attr(not(test",
            "RUST_TEST",
            "current_exe(",
            "thread::current().name",
        ],
    ),
    (
        Language::Python,
        &[
            "PYTEST_CURRENT_TEST",
            "\"pytest\"",
            "'pytest'",
            "\"unittest\"",
            "'unittest'",
            "sys._getframe",
            "inspect.stack",
            "inspect.currentframe",
            "traceback.extract_stack",
            "os._exit",
            "sys.settrace",
            "gc.get_objects",
        ],
    ),
    (
        Language::Script,
        &[
            "JEST_WORKER_ID",
            "VITEST",
            "NODE_TEST_CONTEXT",
            "NODE_ENV",
            "Error().stack",
            "captureStackTrace",
            "Symbol.toPrimitive",
            "require.cache",
            "prepareStackTrace",
        ],
    ),
    (
        Language::Go,
        &[
            "testing.Testing(",
            "os.Args[0]",
            "flag.Lookup(\"test",
            "runtime.Caller",
            "debug.Stack",
            ".test\"",
        ],
    ),
];
/// Words that ask what time it is.
const CLOCKS: [&str; 10] = [
    "time.time(",
    "datetime.now",
    "datetime.utcnow",
    "date.today",
    "Date.now",
    "new Date(",
    "time.Now(",
    "SystemTime::now",
    "Utc::now",
    "Local::now",
];

/// Words that ask where code runs: that is seen by running it elsewhere.
const WHERE: [&str; 4] = ["\"CI\"", "'CI'", "env.CI", "`CI`"];

/// Whether new code asks where it runs.
pub(crate) fn asks_where(facts: &Facts<'_>) -> bool {
    let source = |changed: &&ChangedPath| Language::of(&changed.path).is_some();
    facts.changed.iter().filter(source).any(|changed| {
        let mut new = changed.new_lines().into_iter();
        new.any(|(_, line)| WHERE.iter().any(|word| line.contains(word)))
    })
}

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let mut doubts = vec![];
    for changed in facts.changed.iter().filter(|c| !facts.policy.tests.contains(&c.path)) {
        let Some(language) = Language::of(&changed.path) else { continue };
        let text = code(changed.text_after().unwrap_or_default(), language, Keep::Strings);
        let lines: Vec<&str> = text.lines().collect();
        for (number, _) in changed.new_lines() {
            let Some(line) = lines.get(number - 1) else { continue };
            let next = lines.get(number).copied().unwrap_or_default();
            if let Some(word) =
                asks(language, line).or_else(|| bomb(line)).or_else(|| equal(line, next))
            {
                let path = printable(&changed.path);
                doubts.push(format!(
                    "{path}:{number}: new code holds `{}`",
                    word.trim_end_matches('(')
                ));
            }
        }
    }
    if doubts.is_empty() {
        return None;
    }
    let fact = format!("{} that may know of tests", count(doubts.len(), "new line"));
    doubts.truncate(5);
    Some(CheckResult { doubts, ..CheckResult::required(NAME, Verdict::Pass, fact) })
}

fn asks(language: Language, line: &str) -> Option<&'static str> {
    let words = ASKS.iter().find(|(of, _)| *of == language).map(|(_, words)| *words)?;
    words.iter().find(|word| line.contains(**word)).copied()
}

/// What is equal to everything.
fn equal(line: &str, next: &str) -> Option<&'static str> {
    let compares = line.contains("def __eq__")
        && (line.contains("return True") || next.trim() == "return True");
    compares.then_some("def __eq__")
}

/// Code that becomes another when its day has come: the clock, compared with a moment that is
/// written there.
fn bomb(line: &str) -> Option<&'static str> {
    let clock = CLOCKS.iter().find(|word| line.contains(**word))?;
    let plain: String = line.chars().filter(|c| *c != '_').collect();
    let mut numbers =
        plain.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u64>().ok());
    let compares = ["<", ">", "==", ".after(", ".before(", ".After(", ".Before("]
        .iter()
        .any(|word| line.contains(word));
    let moment = |n: u64| (2_000..2_200).contains(&n) || n > 1_000_000_000;
    (compares && numbers.any(moment)).then_some(*clock)
}

#[cfg(test)]
mod tests;
