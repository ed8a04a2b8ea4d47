//! `lockfile`: a locked version is what it was, from where it was, and a lockfile changes with its
//! manifest. Left out when no lockfile changed.

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::verdict::{CheckResult, Verdict};
use serde_json::Value as Json;
use toml::{Table, Value};

use crate::finding::{Finding, failed, unapproved};
use crate::registry::{Facts, listed};
use crate::subject::ChangedPath;

pub(crate) const NAME: &str = "lockfile";

/// A lockfile, the manifests beside or below it that make it change, and how it is read.
struct Kind {
    file: &'static str,
    manifests: &'static [&'static str],
    read: fn(&str) -> Option<Locked>,
}

/// Packages with their versions, and the digests that each was locked with; and where they come
/// from.
#[derive(Debug, Default)]
struct Locked {
    digests: BTreeMap<String, BTreeSet<String>>,
    sources: BTreeSet<String>,
}

const KINDS: [Kind; 5] = [
    Kind { file: "Cargo.lock", manifests: &["Cargo.toml"], read: cargo },
    Kind { file: "poetry.lock", manifests: &["pyproject.toml"], read: cargo },
    Kind { file: "uv.lock", manifests: &["pyproject.toml"], read: cargo },
    Kind { file: "package-lock.json", manifests: &["package.json"], read: npm },
    Kind { file: "go.sum", manifests: &["go.mod"], read: go },
];

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let mut paths = vec![];
    let mut found = vec![];
    for changed in facts.changed {
        let file = changed.path.rsplit('/').next().unwrap_or_default();
        let Some(kind) = KINDS.iter().find(|kind| kind.file == file) else { continue };
        paths.push(changed.path.as_str());
        found.extend(compared(kind, changed));
        let with_manifest = facts.changed.iter().any(|other| {
            let name = other.path.rsplit('/').next().unwrap_or_default();
            kind.manifests.contains(&name)
        });
        if !with_manifest && changed.before.is_some() {
            let what = format!("changed, though no {} did", kind.manifests.join(" or "));
            found.push(Finding::new(&changed.path, None, what));
        }
    }
    if paths.is_empty() {
        return None;
    }
    let found = unapproved(facts, found);
    if found.is_empty() {
        let fact = format!("what was locked before is what it was: {}", listed(&paths));
        return Some(CheckResult::required(NAME, Verdict::Pass, fact));
    }
    Some(failed(NAME, "what is locked is not what it was", &found))
}

fn compared(kind: &Kind, changed: &ChangedPath) -> Vec<Finding> {
    let Some(after) = changed.text_after() else { return vec![] };
    let Some(after) = (kind.read)(after) else {
        return vec![Finding::new(&changed.path, None, "cannot be read")];
    };
    let before = changed.text_before().and_then(kind.read).unwrap_or_default();
    let mut found = vec![];
    for (package, digests) in &after.digests {
        let was = before.digests.get(package);
        if was.is_some_and(|was| !was.is_empty() && !digests.is_empty() && was.is_disjoint(digests))
        {
            found.push(Finding::new(&changed.path, None, format!("{package} has another digest")));
        }
    }
    for (package, was) in &before.digests {
        let bare = after.digests.get(package).is_some_and(BTreeSet::is_empty);
        if bare && !was.is_empty() {
            found.push(Finding::new(&changed.path, None, format!("{package} has no digest now")));
        }
    }
    if changed.before.is_some() {
        let new = after.sources.difference(&before.sources);
        found.extend(new.map(|source| {
            Finding::new(
                &changed.path,
                None,
                format!("packages come from {source} now, and did not"),
            )
        }));
    }
    found
}

/// `[[package]]` with name, version, checksum and source.
fn cargo(text: &str) -> Option<Locked> {
    let table: Table = text.parse().ok()?;
    let mut locked = Locked::default();
    for package in table.get("package").and_then(Value::as_array)? {
        let part = |key: &str| package.get(key).and_then(Value::as_str);
        let name = format!("{} {}", part("name")?, part("version").unwrap_or_default());
        let digests = locked.digests.entry(name).or_default();
        digests.extend(part("checksum").map(str::to_owned));
        let files = ["files", "wheels"].iter().filter_map(|key| package.get(*key)?.as_array());
        let hash = |file: &Value| Some(file.get("hash")?.as_str()?.to_owned());
        digests.extend(files.flatten().filter_map(hash));
        locked.sources.extend(part("source").and_then(origin));
    }
    Some(locked)
}

/// `packages`, with `integrity` and `resolved`.
fn npm(text: &str) -> Option<Locked> {
    let whole: Json = serde_json::from_str(text).ok()?;
    let mut locked = Locked::default();
    for (path, package) in whole.get("packages")?.as_object()? {
        let part = |key: &str| package.get(key).and_then(Json::as_str);
        let Some(version) = part("version").filter(|_| !path.is_empty()) else { continue };
        let digests = locked.digests.entry(format!("{path} {version}")).or_default();
        digests.extend(part("integrity").map(str::to_owned));
        locked.sources.extend(part("resolved").and_then(origin));
    }
    Some(locked)
}

/// `module version digest`
fn go(text: &str) -> Option<Locked> {
    let mut locked = Locked::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        let (module, version, digest) = (words.next()?, words.next()?, words.next()?);
        let digests = locked.digests.entry(format!("{module} {version}")).or_default();
        digests.insert(digest.to_owned());
    }
    Some(locked)
}

/// Scheme and host of an address, such as `registry+https://host`.
fn origin(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    Some(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests;
