//! Sources that no build sees, and test modules that every build sees.

use std::collections::BTreeMap;

use super::source::{Part, Sources};
use super::tree::Finding;

/// Looks for files without a `mod`, `tests.rs` without `#[cfg(test)]`, and second test binaries.
pub(super) fn findings(sources: &Sources) -> Vec<Finding> {
    let mut found: Vec<Finding> = sources
        .unreached
        .iter()
        .map(|path| {
            let message = "no `mod` declaration reaches this file, so nothing ever compiles it";
            Finding::new("forgotten", path, message)
        })
        .collect();
    for (path, source) in sources.program() {
        if path.ends_with("/tests.rs") && source.part == Part::Program {
            let message = "declared without `#[cfg(test)]`: it is compiled into the program";
            found.push(Finding::new("forgotten", path, message));
        }
    }
    found.extend(second_binaries(sources));
    found
}

/// Each integration-test binary links the whole crate again: one is enough.
fn second_binaries(sources: &Sources) -> Vec<Finding> {
    let mut of_crate: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in sources.files.keys() {
        let parts: Vec<&str> = path.split('/').collect();
        let (["crates", name, "tests", _] | ["crates", name, "tests", _, "main.rs"]) =
            parts.as_slice()
        else {
            continue;
        };
        of_crate.entry(name).or_default().push(path);
    }
    let extra = of_crate.into_values().flat_map(|paths| paths.into_iter().skip(1));
    let message = "a second integration-test binary: make it a module of the first";
    extra.map(|path| Finding::new("forgotten", path, message)).collect()
}

#[cfg(test)]
mod tests;
