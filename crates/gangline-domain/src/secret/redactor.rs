//! Takes secrets out of texts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{Secret, forms};

/// Bytes of a form at a text's end or beginning that count as a piece of it: a text may have been
/// cut, or come in pieces.
pub const EDGE_BYTES_MIN: usize = 6;
/// What shows that a text was cut.
const CUT: &str = "…";

/// Knows secrets in all their forms, and puts `[secret NAME]` in their place. Cheap to clone.
#[derive(Clone, Default)]
pub struct Redactor(Option<Arc<Known>>);

struct Known {
    /// Each form, with the place of its label.
    forms: Vec<(Vec<u8>, usize)>,
    labels: Vec<String>,
    whole: AhoCorasick,
    /// The first and last [`EDGE_BYTES_MIN`] bytes of each form.
    heads: AhoCorasick,
    tails: AhoCorasick,
    bytes_max: usize,
}

impl Redactor {
    /// One that knows these secrets by these names.
    pub fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a Secret)>) -> Self {
        let mut labels: Vec<String> = vec![];
        let mut forms: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for (name, secret) in secrets {
            labels.push(format!("[secret {name}]"));
            for form in forms::of(secret.bytes()) {
                forms.entry(form).or_insert(labels.len() - 1);
            }
        }
        if forms.is_empty() {
            return Self(None);
        }
        let forms: Vec<(Vec<u8>, usize)> = forms.into_iter().collect();
        let bounded = "BUG: few and short patterns make an automaton";
        let bytes = || forms.iter().map(|(form, _)| form.as_slice());
        let whole = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(bytes());
        let heads = AhoCorasick::new(bytes().map(|form| &form[..EDGE_BYTES_MIN]));
        let tails = AhoCorasick::new(bytes().map(|form| &form[form.len() - EDGE_BYTES_MIN..]));
        let bytes_max = bytes().map(<[u8]>::len).max().unwrap_or(0);
        Self(Some(Arc::new(Known {
            whole: whole.expect(bounded),
            heads: heads.expect(bounded),
            tails: tails.expect(bounded),
            forms,
            labels,
            bytes_max,
        })))
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The label of the first secret that stands in `bytes`, whole.
    pub fn find(&self, bytes: &[u8]) -> Option<&str> {
        let known = self.0.as_ref()?;
        let found = known.whole.find(bytes)?;
        Some(known.label(found.pattern().as_usize()))
    }

    /// The text without them, and without pieces of them at its ends.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            }),
        }
    }

    /// Bytes without them, and without pieces of them at their ends.
    pub fn bytes<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let Some(known) = &self.0 else { return Cow::Borrowed(bytes) };
        let whole: Vec<Found> = known.whole.find_iter(bytes).map(Found::of).collect();
        let first = whole.first().map_or(bytes.len(), |found| found.start);
        let last = whole.last().map_or(0, |found| found.end);
        let begin = known.begun_before(&bytes[..first]);
        let from = begin.as_ref().map_or(0, |begin| begin.end);
        let end = known.goes_on(&bytes[last.max(from)..], last.max(from));
        let all: Vec<Found> = begin.into_iter().chain(whole).chain(end).collect();
        if all.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let mut kept = Vec::with_capacity(bytes.len());
        let mut at = 0;
        for found in all {
            kept.extend_from_slice(&bytes[at..found.start]);
            kept.extend_from_slice(known.label(found.form).as_bytes());
            at = found.end;
        }
        kept.extend_from_slice(&bytes[at..]);
        Cow::Owned(kept)
    }

    /// A text that may go on where the one before ended, of which `before` keeps the end; without
    /// those parts of secrets that stand in it.
    pub fn piece(&self, before: &mut Vec<u8>, text: &str) -> String {
        let Some(known) = &self.0 else { return text.to_owned() };
        let told = before.len();
        before.extend_from_slice(text.as_bytes());
        let whole: Vec<Found> = known.whole.find_iter(&*before).map(Found::of).collect();
        let last = whole.last().map_or(0, |found| found.end);
        let end = known.goes_on(&before[last..], last);
        let mut kept = Vec::with_capacity(text.len());
        let mut at = told;
        for found in whole.into_iter().chain(end).filter(|found| found.end > told) {
            kept.extend_from_slice(&before[at..found.start.max(at)]);
            kept.extend_from_slice(known.label(found.form).as_bytes());
            at = found.end;
        }
        kept.extend_from_slice(&before[at.min(before.len())..]);
        let excess = before.len().saturating_sub(known.bytes_max);
        before.drain(..excess);
        let kept = String::from_utf8_lossy(&kept).into_owned();
        if told == 0 { self.text(&kept).into_owned() } else { kept }
    }

    /// Every text in a JSON value, names of members included.
    pub fn json(&self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => {
                if let Cow::Owned(without) = self.text(text) {
                    *text = without;
                }
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            serde_json::Value::Object(members) => {
                let held: Vec<String> = members
                    .keys()
                    .filter(|name| self.find(name.as_bytes()).is_some())
                    .cloned()
                    .collect();
                for name in held {
                    if let Some(value) = members.remove(&name) {
                        members.insert(self.text(&name).into_owned(), value);
                    }
                }
                members.values_mut().for_each(|value| self.json(value));
            }
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {
            }
        }
    }

    /// The same length, with each of them covered: for what must not change its length.
    pub fn cover(&self, bytes: &mut [u8]) {
        let Some(known) = &self.0 else { return };
        let found: Vec<(usize, usize)> =
            known.whole.find_iter(&*bytes).map(|found| (found.start(), found.end())).collect();
        for (start, end) in found {
            bytes[start..end].fill(b'*');
        }
    }

    /// For bytes that come in pieces.
    pub fn stream(&self) -> RedactorStream {
        RedactorStream { redactor: self.clone(), held: vec![] }
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = self.0.as_ref().map(|known| known.labels.as_slice()).unwrap_or_default();
        f.debug_tuple("Redactor").field(&labels).finish()
    }
}

impl Known {
    fn label(&self, form: usize) -> &str {
        &self.labels[self.forms[form].1]
    }

    /// The form of which `bytes`, whose first stands at `offset`, have at their end no more than
    /// the beginning. What shows that they were cut goes with it.
    fn goes_on(&self, bytes: &[u8], offset: usize) -> Option<Found> {
        let all = offset + bytes.len();
        let bytes = bytes.strip_suffix(CUT.as_bytes()).unwrap_or(bytes);
        let from = bytes.len().saturating_sub(self.bytes_max);
        self.heads.find_overlapping_iter(&bytes[from..]).find_map(|found| {
            let (at, form) = (from + found.start(), found.pattern().as_usize());
            let (rest, whole) = (&bytes[at..], &self.forms[form].0);
            let cut = rest.len() < whole.len() && whole.starts_with(rest);
            cut.then_some(Found { start: offset + at, end: all, form })
        })
    }

    /// The form of which `bytes` have at their beginning no more than the end.
    fn begun_before(&self, bytes: &[u8]) -> Option<Found> {
        let to = bytes.len().min(self.bytes_max);
        let found = self.tails.find_overlapping_iter(&bytes[..to]).filter_map(|found| {
            let (end, form) = (found.end(), found.pattern().as_usize());
            let whole = &self.forms[form].0;
            let cut = end < whole.len() && whole.ends_with(&bytes[..end]);
            cut.then_some(Found { start: 0, end, form })
        });
        found.max_by_key(|found| found.end)
    }
}

/// A form, or a piece of one, in some bytes.
struct Found {
    start: usize,
    end: usize,
    form: usize,
}

impl Found {
    fn of(found: aho_corasick::Match) -> Self {
        Self { start: found.start(), end: found.end(), form: found.pattern().as_usize() }
    }
}

/// Takes secrets out of bytes wherever the pieces are cut. Holds back no more than the longest
/// form has bytes.
#[derive(Debug)]
pub struct RedactorStream {
    redactor: Redactor,
    held: Vec<u8>,
}

impl RedactorStream {
    /// Takes a piece, and gives what nothing that follows can change.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Some(known) = &self.redactor.0 else { return bytes.to_vec() };
        self.held.extend_from_slice(bytes);
        let sure = self.held.len().saturating_sub(known.bytes_max - 1);
        let mut out = Vec::with_capacity(sure);
        let mut at = 0;
        for found in known.whole.find_iter(&self.held) {
            // What begins here may yet turn out to be a longer one.
            if found.start() >= sure {
                break;
            }
            out.extend_from_slice(&self.held[at..found.start()]);
            out.extend_from_slice(known.label(found.pattern().as_usize()).as_bytes());
            at = found.end();
        }
        let upto = at.max(sure);
        out.extend_from_slice(&self.held[at..upto]);
        self.held.drain(..upto);
        out
    }

    /// What is still held, at the end.
    pub fn finish(self) -> Vec<u8> {
        self.redactor.bytes(&self.held).into_owned()
    }
}
