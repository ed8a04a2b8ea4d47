//! Relative links in documents.

use super::tree::{Entry, Finding, Tree};

const RULE: &str = "links";

/// Looks for relative links to files or headings that are not there.
pub(super) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for document in tree.files.iter().filter(|file| file.is("md") && !file.is_fixture()) {
        for (line, target) in targets(&document.text) {
            if let Some(message) = broken(tree, document, &target) {
                found.push(Finding::new(RULE, &document.path, message).at(line));
            }
        }
    }
    found
}

fn broken(tree: &Tree, document: &Entry, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() { document.path.clone() } else { resolve(&document.path, file)? };
    let Some(there) = tree.file(&path) else {
        let folder = format!("{}/", path.trim_end_matches('/'));
        let message = || format!("`{target}` leads nowhere: there is no {path}");
        return tree.below(&folder).next().is_none().then(message);
    };
    let known = heading.is_empty() || headings(&there.text).any(|found| found == heading);
    (!known).then(|| format!("`{target}`: {path} has no heading `#{heading}`"))
}

/// `None` for a link that leaves the repository: not ours to check.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Headings as anchors, in the way that forges make them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    prose(text).filter_map(|(_, line)| {
        let title = line.strip_prefix('#')?.trim_start_matches('#').trim();
        let kept = title.to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        Some(kept.map(|c| if c == ' ' { '-' } else { c }).collect())
    })
}

/// The targets of inline links, with their lines.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in prose(text) {
        // Code spans show links, they do not make them.
        let spoken: String = line.split('`').step_by(2).collect::<Vec<_>>().join("_");
        let mut rest = spoken.as_str();
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, tail)) = after.split_once(')') else { break };
            let target = target.split_whitespace().next().unwrap_or_default();
            found.push((at, target.to_owned()));
            rest = tail;
        }
    }
    found
}

/// The lines outside of fenced code, numbered from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((at + 1, line))
    })
}

#[cfg(test)]
mod tests;
