//! npm and its kin: scripts and the runners' own sections in `package.json`, their files.

use serde_json::{Map, Value};

use super::{name, verb};
use crate::subject::ChangedPath;

/// Sections that configure runners, or what a name is resolved to.
const SECTIONS: [&str; 15] = [
    "jest",
    "vitest",
    "mocha",
    "ava",
    "tap",
    "nyc",
    "c8",
    "babel",
    "type",
    "imports",
    "overrides",
    "resolutions",
    "workspaces",
    "pnpm",
    "standard",
];
/// Beginnings of files that configure runners.
const FILES: [&str; 15] = [
    "jest.config.",
    "jest.setup.",
    "vitest.config.",
    "vitest.workspace.",
    "vitest.setup.",
    "vite.config.",
    ".mocharc",
    "karma.conf.",
    "playwright.config.",
    "cypress.config.",
    "ava.config.",
    ".taprc",
    ".nycrc",
    ".c8rc",
    ".babelrc",
];
const NAMES: [&str; 6] =
    [".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", "bunfig.toml", "babel.config.js"];

pub(super) fn compare(changed: &ChangedPath) -> Vec<String> {
    let file = name(&changed.path);
    if file == "package.json" {
        return manifest(changed);
    }
    let configures = FILES.iter().any(|start| file.starts_with(start)) || NAMES.contains(&file);
    match configures {
        true => vec![format!("the runner's configuration {}", verb(changed))],
        false => vec![],
    }
}

fn manifest(changed: &ChangedPath) -> Vec<String> {
    let read = |text: Option<&str>| match serde_json::from_str(text?) {
        Ok(Value::Object(map)) => Some(map),
        Ok(_) | Err(_) => None,
    };
    // Another package, with scripts of its own.
    let Some(before) = read(changed.text_before()) else { return vec![] };
    let Some(after) = read(changed.text_after()) else {
        return vec!["the scripts are gone, or cannot be read".to_owned()];
    };
    let mut found: Vec<String> = SECTIONS
        .iter()
        .filter(|key| before.get(**key) != after.get(**key))
        .map(|key| format!("`{key}` changed"))
        .collect();
    found.extend(scripts(&section(&before, "scripts"), &section(&after, "scripts")));
    found
}

fn section(map: &Map<String, Value>, key: &str) -> Map<String, Value> {
    match map.get(key) {
        Some(Value::Object(section)) => section.clone(),
        Some(_) | None => Map::new(),
    }
}

/// A script more harms nobody, unless another one runs it by its name.
fn scripts(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let mut found = vec![];
    for (script, was) in before {
        match after.get(script) {
            Some(is) if is == was => {}
            Some(_) => found.push(format!("the script `{script}` changed")),
            None => found.push(format!("the script `{script}` was taken out")),
        }
    }
    for script in after.keys().filter(|script| !before.contains_key(*script)) {
        let hook = ["pre", "post"].iter().any(|when| {
            script.strip_prefix(when).is_some_and(|of| {
                before.contains_key(of) || matches!(of, "install" | "test" | "pare")
            })
        });
        if hook || matches!(script.as_str(), "install" | "prepare") {
            found.push(format!("the script `{script}` was added, which npm runs by itself"));
        }
    }
    found
}
