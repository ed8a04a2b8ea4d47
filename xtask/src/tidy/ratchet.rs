//! The ratchet on size. What exceeds a limit stands on a list with its size, and the list may only
//! shrink: grown is a failure, and so is shrunk without lowering the number.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Block, FnArg, ImplItemFn, ItemFn, ItemImpl, ItemMod, ItemTrait, Signature, TraitItemFn};

use super::source::{Source, Sources};
use super::tree::{Finding, Tree};

const RULE: &str = "ratchet";
const LIST: &str = "xtask/ratchet.toml";

/// What is measured, its limit, and its table in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Measure {
    /// From `fn` to the closing brace.
    FunctionLines,
    /// Lines with code on them, tests apart.
    FileLines,
    /// Without the receiver.
    Parameters,
    /// Of any file in git.
    BlobBytes,
}

impl Measure {
    const ALL: [Self; 4] =
        [Self::FunctionLines, Self::FileLines, Self::Parameters, Self::BlobBytes];

    fn table(self) -> &'static str {
        match self {
            Self::FunctionLines => "function_lines",
            Self::FileLines => "file_lines",
            Self::Parameters => "parameters",
            Self::BlobBytes => "blob_bytes",
        }
    }

    fn limit(self) -> u64 {
        match self {
            Self::FunctionLines => 70,
            Self::FileLines => 500,
            Self::Parameters => 5,
            Self::BlobBytes => 256 * 1024,
        }
    }
}

/// Something that was measured: its place is `path` or `path::module::Type::function`.
type Sizes = BTreeMap<(Measure, String), Size>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Size {
    value: u64,
    line: usize,
}

/// Measures everything and compares it with the limits and with the list.
pub(super) fn findings(tree: &Tree, sources: &Sources) -> Vec<Finding> {
    let list = match read_list(tree) {
        Ok(list) => list,
        Err(finding) => return vec![finding],
    };
    let mut sizes = Sizes::new();
    for (path, source) in sources.program() {
        measure(path, source, &mut sizes);
    }
    for file in &tree.files {
        sizes.insert((Measure::BlobBytes, file.path.clone()), Size { value: file.bytes, line: 0 });
    }
    compare(&sizes, &list)
}

fn read_list(tree: &Tree) -> Result<BTreeMap<(Measure, String), u64>, Finding> {
    let Some(file) = tree.file(LIST) else {
        return Err(Finding::new(RULE, LIST, "the list is missing: an empty file will do"));
    };
    let unreadable = |error: String| Finding::new(RULE, LIST, error);
    let table: toml::Table = file
        .text
        .parse()
        .map_err(|error: toml::de::Error| unreadable(error.message().to_owned()))?;
    let mut list = BTreeMap::new();
    for (name, entries) in &table {
        let measure = Measure::ALL.into_iter().find(|measure| measure.table() == name);
        let (Some(measure), Some(entries)) = (measure, entries.as_table()) else {
            return Err(unreadable(format!("`{name}` is not a table of the list")));
        };
        for (place, value) in entries {
            let Some(value) = value.as_integer().and_then(|value| u64::try_from(value).ok()) else {
                return Err(unreadable(format!("`{place}` needs a whole number")));
            };
            list.insert((measure, place.clone()), value);
        }
    }
    Ok(list)
}

fn compare(sizes: &Sizes, list: &BTreeMap<(Measure, String), u64>) -> Vec<Finding> {
    let mut found = Vec::new();
    for ((measure, place), size) in sizes {
        let path = place.split("::").next().unwrap_or(place);
        let name = place.rsplit("::").next().unwrap_or(place);
        let (value, max) = (size.value, measure.limit());
        let what = match measure {
            Measure::FunctionLines => format!("`{name}` has {value} lines, {max} are allowed"),
            Measure::FileLines => format!("{value} program lines, {max} are allowed"),
            Measure::Parameters => format!("`{name}` has {value} parameters, {max} are allowed"),
            Measure::BlobBytes => format!("{value} bytes, {max} are allowed"),
        };
        let verdict = match list.get(&(*measure, place.clone())) {
            None if value > max => what,
            Some(listed) if value > *listed => format!("{what}; it has grown from {listed}"),
            Some(_) if value <= max => format!("within the limit now: remove it from {LIST}"),
            Some(listed) if value < *listed => {
                format!("smaller than the {listed} in {LIST}: lower it to {value}")
            }
            None | Some(_) => continue,
        };
        found.push(Finding::new(RULE, path, verdict).at(size.line));
    }
    let known: BTreeSet<_> = sizes.keys().collect();
    for entry in list.keys().filter(|entry| !known.contains(entry)) {
        let (measure, place) = entry;
        let message = format!("{}: `{place}` is gone: remove it", measure.table());
        found.push(Finding::new(RULE, LIST, message));
    }
    found
}

fn measure(path: &str, source: &Source, sizes: &mut Sizes) {
    let lines = Size { value: program_lines(source), line: 0 };
    sizes.insert((Measure::FileLines, path.to_owned()), lines);
    let mut functions = Functions { source, place: vec![path.to_owned()], sizes };
    functions.visit_file(&source.ast);
}

/// Lines on which code stands: no blank lines, no comments, no tests.
fn program_lines(source: &Source) -> u64 {
    let text: Vec<&str> = source.text.lines().collect();
    let mut lines = BTreeSet::new();
    occupied(source.tokens.clone(), &text, &mut lines);
    lines.retain(|line| !source.is_test_line(*line));
    lines.len() as u64
}

fn occupied(tokens: TokenStream, text: &[&str], lines: &mut BTreeSet<usize>) {
    for token in tokens {
        if is_doc_comment(&token, text) {
            continue;
        }
        if let TokenTree::Group(group) = token {
            lines.insert(group.span_open().start().line);
            lines.insert(group.span_close().end().line);
            occupied(group.stream(), text, lines);
        } else {
            let span = token.span();
            lines.extend(span.start().line..=span.end().line);
        }
    }
}

/// A doc comment arrives as the tokens of an attribute, all of them standing where the comment does.
fn is_doc_comment(token: &TokenTree, text: &[&str]) -> bool {
    let start = token.span().start();
    let line = text.get(start.line.saturating_sub(1)).copied().unwrap_or_default();
    let written = line.chars().nth(start.column);
    let slash = matches!(token, TokenTree::Punct(mark) if mark.as_char() == '/');
    written == Some('/') && !slash
}

/// Measures each function outside of tests.
struct Functions<'a> {
    source: &'a Source,
    place: Vec<String>,
    sizes: &'a mut Sizes,
}

impl Functions<'_> {
    fn function(&mut self, signature: &Signature, body: Option<&Block>) {
        let line = signature.fn_token.span.start().line;
        if self.source.is_test_line(line) {
            return;
        }
        let place = format!("{}::{}", self.place.join("::"), signature.ident);
        let parameters = signature.inputs.iter().filter(|input| matches!(input, FnArg::Typed(_)));
        let size = Size { value: parameters.count() as u64, line };
        self.keep(Measure::Parameters, place.clone(), size);
        if let Some(body) = body {
            let last = body.brace_token.span.close().end().line;
            let size = Size { value: (last + 1 - line) as u64, line };
            self.keep(Measure::FunctionLines, place, size);
        }
    }

    /// Two functions of one place, such as two `from` of one type, count as the larger.
    fn keep(&mut self, measure: Measure, place: String, size: Size) {
        let kept = self.sizes.entry((measure, place)).or_insert(size);
        *kept = (*kept).max(size);
    }

    fn within(&mut self, name: String, visit: impl FnOnce(&mut Self)) {
        self.place.push(name);
        visit(self);
        self.place.pop();
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.within(item.ident.to_string(), |this| visit::visit_item_mod(this, item));
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let name = if let syn::Type::Path(path) = &*item.self_ty {
            path.path.segments.last().map(|last| last.ident.to_string())
        } else {
            None
        };
        let name = name.unwrap_or_else(|| "impl".to_owned());
        self.within(name, |this| visit::visit_item_impl(this, item));
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        self.within(item.ident.to_string(), |this| visit::visit_item_trait(this, item));
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, Some(&item.block));
        self.within(item.sig.ident.to_string(), |this| visit::visit_item_fn(this, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, Some(&item.block));
        self.within(item.sig.ident.to_string(), |this| visit::visit_impl_item_fn(this, item));
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        self.function(&item.sig, item.default.as_ref());
        self.within(item.sig.ident.to_string(), |this| visit::visit_trait_item_fn(this, item));
    }
}

#[cfg(test)]
mod tests;
