//! Rust sources as syntax, each with the part it plays: program or test.
//!
//! The part is not guessed from names alone. Module declarations are followed from each crate's
//! roots, so a file below `#[cfg(test)] mod tests;` is a test, and a file that nothing declares is
//! found out.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::{Component, Path};

use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemFn, ItemImpl, ItemMod, ItemUse, Meta};

use super::tree::{Finding, Tree};

/// All Rust sources of the workspace.
pub(crate) struct Sources {
    /// By path. Files that do not parse, or that nothing compiles, are absent.
    pub(crate) files: BTreeMap<String, Source>,
    /// What could not be parsed, or is a module that is declared and missing.
    pub(crate) findings: Vec<Finding>,
    /// Sources that no `mod` declaration reaches.
    pub(crate) unreached: Vec<String>,
}

/// One Rust file.
pub(crate) struct Source {
    /// Its text.
    pub(crate) text: String,
    /// Its syntax.
    pub(crate) ast: syn::File,
    /// Its tokens; doc comments are attributes in here.
    pub(crate) tokens: TokenStream,
    /// Whether it is compiled into the program, or for tests only.
    pub(crate) part: Part,
    /// Lines of items that only tests compile.
    pub(crate) test_lines: Vec<RangeInclusive<usize>>,
}

/// What a file is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The product.
    Program,
    /// Tests, benchmarks and examples.
    Test,
}

impl Sources {
    /// Parses every Rust file below `crates/` and `xtask/`.
    pub(crate) fn read(tree: &Tree) -> Self {
        let mut reader = Reader { tree, parts: BTreeMap::new(), asts: BTreeMap::new() };
        let mut findings = Vec::new();
        let mut candidates = BTreeSet::new();
        for file in tree.files.iter().filter(|file| file.is("rs") && !file.is_fixture()) {
            if !file.path.starts_with("crates/") && !file.path.starts_with("xtask/") {
                continue;
            }
            candidates.insert(file.path.clone());
            match parse(&file.text) {
                Ok(parsed) => drop(reader.asts.insert(file.path.clone(), parsed)),
                Err(error) => findings.push(
                    Finding::new("parse", &file.path, format!("does not parse: {error}"))
                        .at(error.span().start().line),
                ),
            }
        }
        for (root, part) in roots(tree, &candidates) {
            findings.extend(reader.follow(&root, part));
        }
        let Reader { parts, asts, .. } = reader;
        let unreached = candidates.iter().filter(|path| !parts.contains_key(*path));
        let unreached = unreached.cloned().collect();
        let files = asts.into_iter().filter_map(|(path, (ast, tokens))| {
            let part = *parts.get(&path)?;
            let text = tree.file(&path).map(|file| file.text.clone()).unwrap_or_default();
            let test_lines = test_lines(&ast);
            Some((path, Source { text, ast, tokens, part, test_lines }))
        });
        Self { files: files.collect(), findings, unreached }
    }

    /// The files that are compiled into the program.
    pub(crate) fn program(&self) -> impl Iterator<Item = (&str, &Source)> {
        let all = self.files.iter().filter(|(_, source)| source.part == Part::Program);
        all.map(|(path, source)| (path.as_str(), source))
    }
}

impl Source {
    /// Whether only tests compile what stands on this line.
    pub(crate) fn is_test_line(&self, line: usize) -> bool {
        self.part == Part::Test || self.test_lines.iter().any(|range| range.contains(&line))
    }
}

fn parse(text: &str) -> syn::Result<(syn::File, TokenStream)> {
    let tokens: TokenStream = text.parse()?;
    Ok((syn::parse2(tokens.clone())?, tokens))
}

/// Follows `mod` declarations.
struct Reader<'a> {
    tree: &'a Tree,
    parts: BTreeMap<String, Part>,
    asts: BTreeMap<String, (syn::File, TokenStream)>,
}

impl Reader<'_> {
    fn follow(&mut self, root: &str, part: Part) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut waiting = vec![(root.to_owned(), part, true)];
        while let Some((path, part, is_root)) = waiting.pop() {
            // A file that the program and the tests both reach belongs to the program.
            if self.parts.get(&path).is_some_and(|known| *known <= part) {
                continue;
            }
            self.parts.insert(path.clone(), part);
            let Some((ast, _)) = self.asts.get(&path) else { continue };
            let below = children_folder(&path, is_root);
            for child in declared(&ast.items, &path, &below, part) {
                match child.places.iter().find(|place| self.tree.file(place).is_some()) {
                    Some(place) => {
                        // `#[path]` makes the file's own folder the base, as for `mod.rs`.
                        waiting.push((place.clone(), child.part, child.by_path));
                    }
                    None => findings.push(
                        Finding::new("parse", &path, format!("`mod {}` has no file", child.name))
                            .at(child.line),
                    ),
                }
            }
        }
        findings
    }
}

/// A `mod name;` and where its file may stand.
struct Child {
    name: String,
    line: usize,
    part: Part,
    places: Vec<String>,
    by_path: bool,
}

fn declared(items: &[Item], file: &str, below: &str, part: Part) -> Vec<Child> {
    let mut found = Vec::new();
    for item in items {
        let Item::Mod(module) = item else { continue };
        let name = module.ident.to_string();
        let name = name.trim_start_matches("r#");
        let part = if is_test_only(&module.attrs) { Part::Test } else { part };
        if let Some((_, inner)) = &module.content {
            found.extend(declared(inner, file, &format!("{below}/{name}"), part));
            continue;
        }
        let by_path = path_attribute(&module.attrs);
        let places = match &by_path {
            Some(path) => vec![normal(&format!("{}/{path}", folder_of(file)))],
            None => vec![format!("{below}/{name}.rs"), format!("{below}/{name}/mod.rs")],
        };
        found.push(Child {
            name: name.to_owned(),
            line: module.ident.span().start().line,
            part,
            places,
            by_path: by_path.is_some(),
        });
    }
    found
}

/// `src/a.rs` keeps its children in `src/a`; roots and `mod.rs` keep them beside themselves.
fn children_folder(path: &str, is_root: bool) -> String {
    let folder = folder_of(path);
    let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if is_root || stem == "mod" { folder.to_owned() } else { format!("{folder}/{stem}") }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Resolves `.` and `..` without touching the disk.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in Path::new(path).components() {
        if part == Component::ParentDir {
            parts.pop();
        } else if let Component::Normal(name) = part {
            parts.extend(name.to_str());
        }
    }
    parts.join("/")
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    let value = attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => Some(&pair.value),
        Meta::NameValue(_) | Meta::Path(_) | Meta::List(_) => None,
    })?;
    let syn::Expr::Lit(literal) = value else { return None };
    let syn::Lit::Str(text) = &literal.lit else { return None };
    Some(text.value())
}

/// The files that cargo compiles by itself, without a `mod` declaration.
fn roots(tree: &Tree, candidates: &BTreeSet<String>) -> Vec<(String, Part)> {
    let mut found = Vec::new();
    let manifests = tree.files.iter().filter(|file| {
        file.path.ends_with("/Cargo.toml")
            && !file.is_fixture()
            && (file.path.starts_with("crates/") || file.path.starts_with("xtask/"))
    });
    for manifest in manifests {
        let home = folder_of(&manifest.path);
        for path in candidates.iter().filter(|path| path.starts_with(&format!("{home}/"))) {
            let parts: Vec<&str> = path[home.len() + 1..].split('/').collect();
            let part = match parts.as_slice() {
                ["build.rs"]
                | ["src", "lib.rs" | "main.rs"]
                | ["src", "bin", _]
                | ["src", "bin", _, "main.rs"] => Part::Program,
                ["tests" | "benches" | "examples", _]
                | ["tests" | "benches" | "examples", _, "main.rs"] => Part::Test,
                _ => continue,
            };
            found.push((path.clone(), part));
        }
        found.extend(named_roots(&manifest.text, home));
    }
    found
}

/// Targets whose manifest gives a `path`.
fn named_roots(manifest: &str, home: &str) -> Vec<(String, Part)> {
    let Ok(table) = manifest.parse::<toml::Table>() else { return Vec::new() };
    let mut found = Vec::new();
    for (kind, part) in [
        ("lib", Part::Program),
        ("bin", Part::Program),
        ("test", Part::Test),
        ("bench", Part::Test),
        ("example", Part::Test),
    ] {
        let Some(value) = table.get(kind) else { continue };
        let one = std::slice::from_ref(value);
        let targets = value.as_array().map_or(one, Vec::as_slice);
        for path in targets.iter().filter_map(|target| target.get("path")?.as_str()) {
            found.push((normal(&format!("{home}/{path}")), part));
        }
    }
    found
}

/// Whether these attributes keep the item out of every build but a test's.
pub(crate) fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let last = attribute.path().segments.last();
        let is_test = last.is_some_and(|segment| segment.ident == "test");
        let cfg = attribute.path().is_ident("cfg");
        is_test || (cfg && attribute.parse_args::<Meta>().is_ok_and(|meta| needs_test(&meta)))
    })
}

fn needs_test(meta: &Meta) -> bool {
    let Meta::List(list) = meta else { return meta.path().is_ident("test") };
    let parser = syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated;
    let Ok(inner) = list.parse_args_with(parser) else { return false };
    if list.path.is_ident("all") {
        inner.iter().any(needs_test)
    } else if list.path.is_ident("any") {
        !inner.is_empty() && inner.iter().all(needs_test)
    } else {
        false
    }
}

/// Collects the lines of items that only tests compile.
#[derive(Default)]
struct TestItems(Vec<RangeInclusive<usize>>);

impl TestItems {
    /// Records the item when only tests compile it; `false` when it must be entered instead.
    fn record(&mut self, attributes: &[Attribute], item: &impl Spanned) -> bool {
        let only = is_test_only(attributes);
        if only {
            let span = item.span();
            self.0.push(span.start().line..=span.end().line);
        }
        only
    }
}

impl<'ast> Visit<'ast> for TestItems {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !self.record(&item.attrs, item) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !self.record(&item.attrs, item) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if !self.record(&item.attrs, item) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !self.record(&item.attrs, item) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.record(&item.attrs, item);
    }
}

fn test_lines(ast: &syn::File) -> Vec<RangeInclusive<usize>> {
    let mut items = TestItems::default();
    // A whole file may say of itself that only tests compile it.
    if is_test_only(&ast.attrs) {
        items.0.push(0..=usize::MAX);
    }
    items.visit_file(ast);
    items.0
}
