//! Every stable error code of the wire has a page, and every page a code.

use std::collections::BTreeMap;

use super::tree::{Finding, Tree};

const RULE: &str = "error-codes";
/// Where codes are declared: `codes! { ... }` with lines of the form `    code = status,`.
const DECLARED: &str = "crates/gangline-api/src/codes.rs";
const PAGES: &str = "docs/errors/";

/// Compares the declared codes with the pages, both ways.
pub(super) fn findings(tree: &Tree) -> Vec<Finding> {
    let Some(source) = tree.file(DECLARED) else { return Vec::new() };
    let codes = declared(&source.text);
    let mut found = Vec::new();
    if codes.is_empty() {
        found.push(Finding::new(RULE, DECLARED, "no `codes! { code = status, }` lines found here"));
    }
    for (code, (line, status)) in &codes {
        let page = format!("{PAGES}{code}.md");
        let Some(page) = tree.file(&page) else {
            let message = format!("`{code}` has no page: write {page}");
            found.push(Finding::new(RULE, DECLARED, message).at(*line));
            continue;
        };
        if !page.text.starts_with(&format!("# {code}\n")) {
            found.push(Finding::new(RULE, &page.path, format!("must begin with `# {code}`")));
        }
        if !page.text.contains(&status.to_string()) {
            let message = format!("must name the HTTP status {status}");
            found.push(Finding::new(RULE, &page.path, message));
        }
    }
    for page in tree.below(PAGES).filter(|page| page.is("md")) {
        let name = page.path.trim_start_matches(PAGES).trim_end_matches(".md");
        if name != "README" && !codes.contains_key(name) {
            found.push(Finding::new(RULE, &page.path, format!("no code `{name}` is declared")));
        }
    }
    found
}

/// Code to its line and HTTP status.
fn declared(text: &str) -> BTreeMap<String, (usize, u16)> {
    let mut inside = false;
    let mut found = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        if line.contains("codes! {") && !line.contains("macro_rules") {
            inside = true;
        } else if line.starts_with('}') {
            inside = false;
        }
        if let Some((code, status)) = line.trim().trim_end_matches(',').split_once(" = ")
            && inside
            && let Ok(status) = status.parse()
        {
            found.insert(code.to_owned(), (at + 1, status));
        }
    }
    found
}

#[cfg(test)]
mod tests;
