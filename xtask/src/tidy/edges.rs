//! Which crate may depend on which. An edge that is not listed here does not exist.

use super::tree::{Entry, Finding, Tree};

const RULE: &str = "edges";

/// Every edge inside the workspace that is allowed, development dependencies included.
///
/// Arrows point down: binary, server, engine, ports, domain. Adapters know the ports and the domain
/// and never one another, save that whoever runs programs uses `gangline-process`.
const EDGES: &[(&str, &[&str])] = &[
    ("gangline-domain", &[]),
    ("gangline-api", &[]),
    ("gangline-process", &[]),
    ("gangline-ports", &["gangline-domain"]),
    ("gangline-policy", &["gangline-domain"]),
    ("gangline-engine", &["gangline-domain", "gangline-ports"]),
    ("gangline-sim", &["gangline-domain", "gangline-ports", "gangline-engine"]),
    ("gangline-store", &["gangline-domain", "gangline-ports"]),
    ("gangline-link", &["gangline-domain", "gangline-ports"]),
    ("gangline-surfaces", &["gangline-domain", "gangline-ports"]),
    ("gangline-git", &["gangline-domain", "gangline-ports", "gangline-process"]),
    ("gangline-agents", &["gangline-domain", "gangline-ports", "gangline-process"]),
    (
        "gangline-checks",
        &["gangline-domain", "gangline-ports", "gangline-policy", "gangline-process"],
    ),
    (
        "gangline-node",
        &[
            "gangline-domain",
            "gangline-ports",
            "gangline-policy",
            "gangline-process",
            "gangline-git",
            "gangline-agents",
            "gangline-checks",
        ],
    ),
    ("gangline-mcp", &["gangline-api"]),
    (
        "gangline-server",
        &["gangline-domain", "gangline-ports", "gangline-engine", "gangline-api", "gangline-mcp"],
    ),
    ("xtask", &[]),
];

/// The crates at the top: they put the others together, so they may know all of them.
const TOPS: &[&str] = &["gangline", "gangline-bench"];

/// What the domain must not even be able to name.
const IMPURE: &[&str] = &["tokio", "rand", "fastrand", "getrandom", "uuid", "jiff", "rustix"];

/// Reads every member's manifest.
pub(super) fn findings(tree: &Tree) -> Vec<Finding> {
    let manifests: Vec<(&Entry, toml::Table)> = manifests(tree);
    let members: Vec<&str> = manifests.iter().filter_map(|(_, table)| name(table)).collect();
    let mut found = Vec::new();
    for (file, table) in &manifests {
        let Some(from) = name(table) else {
            found.push(Finding::new(RULE, &file.path, "a manifest without a package name"));
            continue;
        };
        let allowed = EDGES.iter().find(|(name, _)| *name == from).map(|(_, allowed)| *allowed);
        if allowed.is_none() && !TOPS.contains(&from) {
            let message = format!("`{from}` has no row in the list of allowed edges");
            found.push(Finding::new(RULE, &file.path, message));
            continue;
        }
        for to in dependencies(table) {
            let edge = members.contains(&to.as_str()) || to.starts_with("gangline");
            if edge && allowed.is_some_and(|allowed| !allowed.contains(&to.as_str())) {
                let message = format!("`{from}` must not depend on `{to}`");
                found.push(Finding::new(RULE, &file.path, message).at(line_of(&file.text, &to)));
            }
            if from == "gangline-domain" && IMPURE.contains(&to.as_str()) {
                let message = format!("the domain is pure: it must not depend on `{to}`");
                found.push(Finding::new(RULE, &file.path, message).at(line_of(&file.text, &to)));
            }
        }
    }
    found
}

fn manifests(tree: &Tree) -> Vec<(&Entry, toml::Table)> {
    let of_members = tree.files.iter().filter(|file| {
        let parts: Vec<&str> = file.path.split('/').collect();
        matches!(parts.as_slice(), ["crates", _, "Cargo.toml"] | ["xtask", "Cargo.toml"])
    });
    of_members.map(|file| (file, file.text.parse().unwrap_or_default())).collect()
}

fn name(manifest: &toml::Table) -> Option<&str> {
    manifest.get("package")?.get("name")?.as_str()
}

/// The packages that a manifest depends on, under their own names.
fn dependencies(manifest: &toml::Table) -> Vec<String> {
    let mut places = vec![manifest];
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    places.extend(
        targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table),
    );
    let mut found = Vec::new();
    for place in places {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(table) = place.get(kind).and_then(toml::Value::as_table) else { continue };
            for (key, value) in table {
                let package = value.get("package").and_then(toml::Value::as_str);
                found.push(package.unwrap_or(key).to_owned());
            }
        }
    }
    found
}

fn line_of(text: &str, name: &str) -> usize {
    text.lines().position(|line| line.starts_with(name)).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests;
