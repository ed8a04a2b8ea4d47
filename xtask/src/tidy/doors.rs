//! What may be named where: one door to processes, and a domain that knows no world.
//!
//! Clippy's disallowed methods see resolved paths but not folders; this rule sees folders, and the
//! imports that a method ban lets through. Together they leave no second door.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ItemUse, UseTree};

use super::source::{Source, Sources};
use super::tree::Finding;

/// Where a process may be started: the product's one door, and this tool's own.
const MAY_SPAWN: &[&str] = &["crates/gangline-process/", "xtask/"];

const DOMAIN: &str = "crates/gangline-domain/src/";

/// Paths that the domain must not name, each a prefix in segments.
const WORLDLY: &[&[&str]] = &[
    &["tokio"],
    &["rand"],
    &["fastrand"],
    &["getrandom"],
    &["std", "env"],
    &["std", "fs"],
    &["std", "io"],
    &["std", "net"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "time", "Instant"],
    &["std", "time", "SystemTime"],
];

/// Looks at every path that the program names.
pub(super) fn findings(sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, source) in sources.program() {
        let may_spawn = MAY_SPAWN.iter().any(|folder| path.starts_with(folder));
        for (line, segments) in named(source) {
            if !may_spawn && starts_a_process(&segments) {
                let message = format!(
                    "`{}`: only gangline-process starts processes; give it a command instead",
                    segments.join("::")
                );
                found.push(Finding::new("one-door", path, message).at(line));
            }
            if path.starts_with(DOMAIN) && is_worldly(&segments) {
                let message = format!(
                    "`{}`: the domain has no clock, randomness or I/O; take it as an argument",
                    segments.join("::")
                );
                found.push(Finding::new("pure-domain", path, message).at(line));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn starts_a_process(segments: &[String]) -> bool {
    let command = segments.windows(2).position(|pair| pair[0] == "process" && pair[1] == "Command");
    command.is_some_and(|at| at == 0 || matches!(segments[at - 1].as_str(), "std" | "tokio"))
}

fn is_worldly(segments: &[String]) -> bool {
    WORLDLY.iter().any(|banned| {
        segments.len() >= banned.len() && segments.iter().zip(*banned).all(|(a, b)| a == b)
    })
}

/// Every path outside of test items: in code, in macros, and spelled out from `use` trees.
fn named(source: &Source) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    in_tokens(source.tokens.clone(), &mut found);
    let mut imports = Imports::default();
    imports.visit_file(&source.ast);
    found.extend(imports.0);
    found.retain(|(line, _)| !source.is_test_line(*line));
    found
}

/// Collects maximal runs of `name::name::name`.
fn in_tokens(tokens: TokenStream, found: &mut Vec<(usize, Vec<String>)>) {
    let mut run: Option<(usize, Vec<String>)> = None;
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                let line = ident.span().start().line;
                match &mut run {
                    Some((_, segments)) if colons == 2 => segments.push(ident.to_string()),
                    Some(_) | None => found.extend(run.replace((line, vec![ident.to_string()]))),
                }
                colons = 0;
            }
            TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
            TokenTree::Punct(_) | TokenTree::Literal(_) => {
                found.extend(run.take());
                colons = 0;
            }
            TokenTree::Group(group) => {
                found.extend(run.take());
                colons = 0;
                in_tokens(group.stream(), found);
            }
        }
    }
    found.extend(run);
}

/// Spells `use a::{b, c::D}` out as `a::b` and `a::c::D`.
#[derive(Default)]
struct Imports(Vec<(usize, Vec<String>)>);

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.spell(&item.tree, &[]);
        visit::visit_item_use(self, item);
    }
}

impl Imports {
    fn spell(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.spell(&path.tree, &with(&path.ident)),
            UseTree::Name(name) => self.0.push((name.ident.span().start().line, with(&name.ident))),
            UseTree::Rename(name) => {
                self.0.push((name.ident.span().start().line, with(&name.ident)));
            }
            UseTree::Glob(glob) => {
                self.0.push((glob.star_token.spans[0].start().line, before.to_vec()));
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.spell(tree, before);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
