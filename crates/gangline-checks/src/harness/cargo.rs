//! Cargo: targets and profiles in manifests, the toolchain, the runner's configuration.

use toml::{Table, Value};

use super::{name, verb};
use crate::subject::ChangedPath;

/// What a manifest says about tests, by its path within the file.
const KEYS: [&str; 15] = [
    "package.build",
    "package.autotests",
    "package.autobins",
    "package.autoexamples",
    "package.autobenches",
    "package.workspace",
    "lib.test",
    "lib.harness",
    "lib.doctest",
    "lib.path",
    "test",
    "workspace.members",
    "workspace.default-members",
    "workspace.exclude",
    "features.default",
];
/// What replaces a dependency or changes how tests are compiled.
const TABLES: [&str; 3] = ["patch", "replace", "profile"];

pub(super) fn compare(changed: &ChangedPath) -> Vec<String> {
    let path = changed.path.as_str();
    match name(path) {
        "Cargo.toml" => manifest(changed),
        "nextest.toml" | "rust-toolchain" | "rust-toolchain.toml" => {
            vec![format!("the runner's configuration {}", verb(changed))]
        }
        "config.toml" | "config" if path.contains(".cargo/") => {
            vec![format!("cargo's configuration {}", verb(changed))]
        }
        "build.rs" => build_script(changed),
        _other => vec![],
    }
}

fn manifest(changed: &ChangedPath) -> Vec<String> {
    let read = |text: Option<&str>| text.and_then(|text| text.parse::<Table>().ok());
    let (Some(after), before) = (read(changed.text_after()), read(changed.text_before())) else {
        // A crate that is taken away takes its tests along, which others tell.
        return vec![];
    };
    let is_new = before.is_none();
    let before = before.unwrap_or_default();
    let mut found = vec![];
    for key in KEYS {
        let (was, is) = (at(&before, key), at(&after, key));
        // Members may come; a new crate may have tests of its own.
        let grown = match (was, is) {
            (Some(Value::Array(was)), Some(Value::Array(is))) => {
                matches!(key, "workspace.members") && was.iter().all(|member| is.contains(member))
            }
            (None, Some(is)) => is_new && !silences(key, is),
            (_, _) => false,
        };
        if was != is && !grown {
            found.push(format!("`{key}` {}", told(was, is)));
        }
    }
    for key in TABLES {
        let (was, is) = (before.get(key), after.get(key));
        if was != is && !(is_new && key == "profile") {
            found.push(format!("`[{key}]` {}", told(was, is)));
        }
    }
    for kind in ["bin", "example", "bench"] {
        let off = |table: &Table| table.get(kind).map(switched_off).unwrap_or_default();
        if off(&after) > off(&before) {
            found.push(format!("a `[[{kind}]]` is not tested any more"));
        }
    }
    found
}

/// Whether a key keeps tests from being run, in a manifest that is new.
fn silences(key: &str, value: &Value) -> bool {
    match key {
        "test" => value.as_array().into_iter().flatten().any(|target| {
            ["test", "harness"].iter().any(|key| target.get(key) == Some(&Value::Boolean(false)))
        }),
        _switch => *value == Value::Boolean(false),
    }
}

/// Targets with `test = false` or without the harness.
fn switched_off(targets: &Value) -> usize {
    let targets = targets.as_array().into_iter().flatten();
    let off = |key: &str, target: &Value| target.get(key) == Some(&Value::Boolean(false));
    targets.filter(|target| off("test", target) || off("harness", target)).count()
}

fn at<'t>(table: &'t Table, key: &str) -> Option<&'t Value> {
    let mut parts = key.split('.');
    let mut value = table.get(parts.next()?)?;
    for part in parts {
        value = value.get(part)?;
    }
    Some(value)
}

fn told(was: Option<&Value>, is: Option<&Value>) -> String {
    match (was, is) {
        (None, Some(_)) => "was added".to_owned(),
        (Some(_), None) => "was taken out".to_owned(),
        (_, _) => "was changed".to_owned(),
    }
}

/// A build script may say what it likes; it may not switch code off that the base compiled.
fn build_script(changed: &ChangedPath) -> Vec<String> {
    const SWITCHES: [&str; 4] =
        ["rustc-cfg", "rustc-flags", "rustc-link-arg", "rustc-env=RUST_TEST"];
    let lines = changed.new_lines();
    let switch = lines.iter().find_map(|(_, line)| SWITCHES.iter().find(|s| line.contains(**s)));
    switch.map(|switch| format!("the build script sets `{switch}`")).into_iter().collect()
}
