//! Holds the bans of `deny.toml` against `Cargo.lock`, so that they bind without cargo-deny.

use super::tree::{Finding, Tree};

/// Looks for banned packages anywhere in the dependency tree.
pub(super) fn findings(tree: &Tree) -> Vec<Finding> {
    let read = |path: &str| tree.file(path).and_then(|file| file.text.parse::<toml::Table>().ok());
    let (Some(deny), Some(lock)) = (read("deny.toml"), read("Cargo.lock")) else {
        return Vec::new();
    };
    let bans = deny.get("bans").and_then(|bans| bans.get("deny")).and_then(toml::Value::as_array);
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let locked: Vec<&str> =
        packages.into_iter().flatten().filter_map(|p| text(p, "name")).collect();
    let mut found = Vec::new();
    for ban in bans.into_iter().flatten() {
        let (Some(name), reason) = (text(ban, "crate"), text(ban, "reason")) else { continue };
        if locked.contains(&name) {
            let message = format!("`{name}` is banned: {}", reason.unwrap_or("see deny.toml"));
            found.push(Finding::new("bans", "Cargo.lock", message));
        }
    }
    found
}

fn text<'a>(table: &'a toml::Value, key: &str) -> Option<&'a str> {
    table.get(key)?.as_str()
}

#[cfg(test)]
mod tests;
