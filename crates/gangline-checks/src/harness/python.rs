//! Python: the runners' sections and files, hooks in `conftest.py`, modules that stand in front of
//! others.

use toml::{Table, Value};

use super::{name, verb};
use crate::code::{Keep, Language, code};
use crate::subject::ChangedPath;

const FILES: [&str; 5] = ["pytest.ini", ".pytest.ini", "pytest.toml", ".coveragerc", "tox.ini"];
/// Modules that are loaded by themselves, or that a module of the project would stand in front of.
const SHADOWED: [&str; 12] = [
    "pytest",
    "_pytest",
    "unittest",
    "pluggy",
    "doctest",
    "sitecustomize",
    "usercustomize",
    "nose",
    "hypothesis",
    "mock",
    "iniconfig",
    "py",
];
/// Sections of `pyproject.toml`.
const SECTIONS: [&str; 5] =
    ["tool.pytest", "tool.coverage", "tool.tox", "tool.hatch", "project.entry-points"];

pub(super) fn compare(changed: &ChangedPath) -> Vec<String> {
    let path = changed.path.as_str();
    match name(path) {
        "conftest.py" => conftest(changed),
        "pyproject.toml" => pyproject(changed),
        "setup.cfg" => ini(changed),
        file if FILES.contains(&file) => {
            vec![format!("the runner's configuration {}", verb(changed))]
        }
        file if is_path_file(file) => vec!["python runs it by itself".to_owned()],
        _other => shadows(changed),
    }
}

fn is_path_file(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, ending)| ending == "pth")
}

/// Fixtures may come and go. Hooks and ends of the process decide about tests.
fn conftest(changed: &ChangedPath) -> Vec<String> {
    const WORDS: [&str; 13] = [
        "def pytest_",
        "pytest_plugins",
        "collect_ignore",
        "_exit(",
        "sys.exit(",
        "exit(",
        "atexit",
        "hookimpl",
        "hookwrapper",
        "TerminalReporter",
        "sys.modules",
        "autouse=True",
        "os.kill(",
    ];
    let counted = |text: Option<&str>, word: &str| {
        let text = code(text.unwrap_or_default(), Language::Python, Keep::Code);
        text.replace(" = True", "=True").matches(word).count()
    };
    let more = WORDS
        .iter()
        .filter(|word| counted(changed.text_after(), word) > counted(changed.text_before(), word));
    let mut found: Vec<String> = more.map(|word| format!("`{}` was added", word.trim())).collect();
    let is_hook = |line: &&str| line.trim_start().starts_with("def pytest_");
    let hooks = |text: Option<&str>| text.unwrap_or_default().lines().filter(is_hook).count();
    if found.is_empty()
        && hooks(changed.text_before()) > 0
        && changed.text_before() != changed.text_after()
    {
        found.push("it holds hooks of the runner, and changed".to_owned());
    }
    found
}

fn pyproject(changed: &ChangedPath) -> Vec<String> {
    let read = |text: Option<&str>| text.and_then(|text| text.parse::<Table>().ok());
    let Some(after) = read(changed.text_after()) else { return vec![] };
    let before = read(changed.text_before()).unwrap_or_default();
    let at = |table: &Table, key: &str| -> Option<Value> {
        let (head, rest) = key.split_once('.')?;
        table.get(head)?.get(rest).cloned()
    };
    let changed = SECTIONS.iter().filter(|key| at(&before, key) != at(&after, key));
    changed.map(|key| format!("`[{key}]` changed")).collect()
}

fn ini(changed: &ChangedPath) -> Vec<String> {
    let sections = |text: Option<&str>| {
        let mut kept = vec![];
        let mut inside = false;
        for line in text.unwrap_or_default().lines() {
            if line.starts_with('[') {
                inside = ["[tool:pytest]", "[coverage", "[tox"]
                    .iter()
                    .any(|name| line.starts_with(name));
            }
            if inside && !line.trim().is_empty() {
                kept.push(line.trim().to_owned());
            }
        }
        kept
    };
    match sections(changed.text_before()) == sections(changed.text_after()) {
        true => vec![],
        false => vec!["the section of the tests' runner changed".to_owned()],
    }
}

/// A module or package with another's name, where it would be found first.
fn shadows(changed: &ChangedPath) -> Vec<String> {
    if changed.after.is_none() || changed.before.is_some() {
        return vec![];
    }
    let path = changed.path.as_str();
    let module = match path.strip_suffix("/__init__.py") {
        Some(package) => name(package),
        None => name(path).strip_suffix(".py").unwrap_or_default(),
    };
    let shadowed = SHADOWED.iter().find(|name| **name == module);
    shadowed.map(|name| format!("it stands in front of python's `{name}`")).into_iter().collect()
}
