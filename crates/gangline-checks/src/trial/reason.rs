//! Why what a suite says of a commit should be looked at twice.

use crate::code::{Keep, Language, code};
use crate::harness;
use crate::registry::Facts;
use crate::subject::ChangedPath;

/// Words by which code can tell that it is tested, end the process, or reach into the runner. They
/// stand in honest code, too: they cost a run, and no more.
const WORDS: [&str; 40] = [
    "exit",
    "abort",
    "atexit",
    "_exit",
    "quit(",
    "kill",
    "signal",
    "fork",
    "sys.modules",
    "argv",
    "environ",
    "getenv",
    "process.env",
    "env::var",
    "env!",
    "os.Args",
    "cfg!(",
    "cfg(",
    "pytest",
    "unittest",
    "jest",
    "vitest",
    "mocha",
    "node:test",
    "testing.",
    "eval(",
    "exec(",
    "compile(",
    "__import__",
    "importlib",
    "getattr(",
    "setattr(",
    "__builtins__",
    "ctypes",
    "globalThis",
    "Reflect",
    "prototype",
    "monkeypatch",
    "stdout",
    "stack()",
];

/// What could change how tests are run, or what their runner says; `None` for plain code.
pub(super) fn to_doubt(facts: &Facts<'_>) -> Option<String> {
    if let Some(found) = harness::findings(facts.policy, facts.changed).first() {
        return Some(format!("{} changed, which decides how tests are run", found.path));
    }
    facts.changed.iter().find_map(|changed| of_file(facts, changed))
}

fn of_file(facts: &Facts<'_>, changed: &ChangedPath) -> Option<String> {
    let path = changed.path.as_str();
    if facts.policy.tests.contains(path) {
        return Some(format!("{path} belongs to the tests, and changed"));
    }
    let Some(language) = Language::of(path) else {
        // Prose tells nobody how to run tests. Of anything else, who knows.
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        let prose =
            matches!(ending, "md" | "rst" | "txt" | "adoc" | "svg" | "png" | "jpg" | "po" | "ftl");
        return (!prose).then(|| format!("{path} changed, which is no plain code"));
    };
    if language == Language::Hash {
        return Some(format!("{path} changed, which is no plain code"));
    }
    let is_text = changed.after.is_none() || changed.text_after().is_some();
    if !is_text {
        return Some(format!("{path} cannot be read"));
    }
    let text = code(changed.text_after().unwrap_or_default(), language, Keep::Strings);
    let lines: Vec<&str> = text.lines().collect();
    let new = changed.new_lines();
    let mut words = new.iter().filter_map(|(number, _)| {
        let line = lines.get(number - 1)?;
        WORDS.iter().find(|word| line.contains(**word))
    });
    words.next().map(|word| format!("new code in {path} holds `{}`", word.trim_end_matches('(')))
}
