//! `lib.rs` and `mod.rs` are tables of contents: docs, attributes, `mod` and re-exports.

use syn::spanned::Spanned;
use syn::{Item, Visibility};

use super::source::{Sources, is_test_only};
use super::tree::Finding;

/// Looks at the program's `lib.rs` and `mod.rs` files.
pub(super) fn findings(sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, source) in sources.program() {
        if !path.ends_with("/lib.rs") && !path.ends_with("/mod.rs") {
            continue;
        }
        for item in source.ast.items.iter().filter(|item| !belongs(item)) {
            let line = item.span().start().line;
            let message = "only docs, `mod` and `pub use` stand in a table of contents: \
                           move this to a module";
            found.push(Finding::new("contents", path, message).at(line));
        }
    }
    found
}

fn belongs(item: &Item) -> bool {
    if let Item::Mod(module) = item {
        return module.content.is_none() || is_test_only(&module.attrs);
    }
    matches!(item, Item::Use(import) if !matches!(import.vis, Visibility::Inherited))
}

#[cfg(test)]
mod tests;
