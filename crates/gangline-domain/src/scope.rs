//! Declared file scopes, and whether two of them may touch the same file.

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::{Deserialize, Serialize};

/// Patterns that one scope may hold.
pub const PATTERNS_MAX: usize = 64;

/// Why a text is not a scope pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadScope {
    /// Not a path pattern below the repository's root.
    #[error("`{pattern}` is not a path pattern: {why}")]
    Pattern {
        /// As given.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
    /// Too many of them.
    #[error("{0} patterns are more than {PATTERNS_MAX}")]
    TooMany(usize),
}

/// The files that a ticket means to change, as glob patterns from the repository's root. Empty
/// means anywhere, and collides with nothing: who declares nothing asks for no protection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Scope(Vec<String>);

impl TryFrom<Vec<String>> for Scope {
    type Error = BadScope;
    fn try_from(patterns: Vec<String>) -> Result<Self, BadScope> {
        if patterns.len() > PATTERNS_MAX {
            return Err(BadScope::TooMany(patterns.len()));
        }
        for pattern in &patterns {
            check(pattern)?;
        }
        Ok(Self(patterns))
    }
}

impl From<Scope> for Vec<String> {
    fn from(scope: Scope) -> Self {
        scope.0
    }
}

fn check(pattern: &str) -> Result<(), BadScope> {
    let bad = |why: &str| BadScope::Pattern { pattern: pattern.to_owned(), why: why.to_owned() };
    if pattern.is_empty() || pattern.len() > 300 || pattern.chars().any(char::is_control) {
        return Err(bad("it must be 1 to 300 printable characters"));
    }
    if pattern.starts_with(['/', '-']) || pattern.split('/').any(|part| part == "..") {
        return Err(bad("it must stay below the repository's root"));
    }
    Glob::new(pattern).map(drop).map_err(|error| bad(&error.kind().to_string()))
}

/// How two scopes stand to one another.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// No file can match both.
    Apart,
    /// Some file may match both.
    Possible,
}

impl Scope {
    /// Whether nothing was declared.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The patterns, as declared.
    pub fn patterns(&self) -> &[String] {
        &self.0
    }

    /// This scope with the patterns of `other` that it has not.
    ///
    /// # Errors
    ///
    /// When that would be too many.
    pub fn with(&self, other: &Self) -> Result<Self, BadScope> {
        let mut patterns = self.0.clone();
        patterns.extend(other.0.iter().filter(|pattern| !self.0.contains(pattern)).cloned());
        Self::try_from(patterns)
    }

    /// Whether `path` (with `/`, from the repository's root) lies within the scope.
    pub fn contains(&self, path: &str) -> bool {
        self.0.is_empty() || self.set().is_match(path)
    }

    fn set(&self) -> GlobSet {
        let mut builder = GlobSetBuilder::new();
        for pattern in &self.0 {
            // A directory's name stands for all below it, as people write it.
            for text in [pattern.clone(), format!("{}/**", pattern.trim_end_matches('/'))] {
                builder.add(Glob::new(&text).expect("BUG: patterns are checked when read"));
            }
        }
        builder.build().expect("BUG: patterns are checked when read")
    }

    /// Errs on the side of [`Overlap::Possible`]: two patterns are apart only when their fixed
    /// beginnings are, or when one is a fixed path that the other does not match.
    pub fn overlap(&self, other: &Self) -> Overlap {
        let meets = |a: &String| other.0.iter().any(|b| may_meet(a, b));
        if self.0.iter().any(meets) { Overlap::Possible } else { Overlap::Apart }
    }
}

fn may_meet(a: &str, b: &str) -> bool {
    let (head_a, fixed_a) = fixed_head(a);
    let (head_b, fixed_b) = fixed_head(b);
    let mut pairs = head_a.iter().zip(&head_b);
    if !pairs.all(|(x, y)| x == y) {
        return false;
    }
    let single = |text: &str| Scope(vec![text.to_owned()]);
    match (fixed_a, fixed_b) {
        // One of the two heads is the other's beginning: the same path, or a folder around it.
        (true, false) => single(b).contains(a) || head_b.len() > head_a.len(),
        (false, true) => single(a).contains(b) || head_a.len() > head_b.len(),
        (true, true) | (false, false) => true,
    }
}

/// The path parts before the first wildcard, and whether there was none at all.
fn fixed_head(pattern: &str) -> (Vec<&str>, bool) {
    let parts = pattern.trim_end_matches('/').split('/');
    let wild = |part: &&str| part.contains(['*', '?', '[', '{', '\\']);
    let head: Vec<&str> = parts.clone().take_while(|part| !wild(part)).collect();
    let fixed = head.len() == parts.count();
    (head, fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(patterns: &[&str]) -> Scope {
        Scope::try_from(patterns.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
    }

    fn check(a: &[&str], b: &[&str], expected: Overlap) {
        assert_eq!(scope(a).overlap(&scope(b)), expected, "{a:?} and {b:?}");
        assert_eq!(scope(b).overlap(&scope(a)), expected, "{b:?} and {a:?}");
    }

    #[test]
    fn scopes_are_apart_only_when_no_file_can_match_both() {
        check(&["src/a"], &["src/b"], Overlap::Apart);
        check(&["src/a"], &["src/ab"], Overlap::Apart);
        check(&["src/a/**"], &["src/b/**"], Overlap::Apart);
        check(&["src/**"], &["src/b/x.rs"], Overlap::Possible);
        check(&["src"], &["src/b/x.rs"], Overlap::Possible);
        check(&["src/*.rs"], &["src/x.py"], Overlap::Apart);
        check(&["src/*.rs"], &["src/x.rs"], Overlap::Possible);
        check(&["docs/**", "src/a.rs"], &["tests/**", "src/a.rs"], Overlap::Possible);
        check(&["**/*.md"], &["src/**"], Overlap::Possible);
        check(&[], &["src/**"], Overlap::Apart);
        check(&["src/a/*.rs"], &["src"], Overlap::Possible);
    }

    #[test]
    fn a_pattern_stays_below_the_root() {
        for bad in ["", "/etc", "../x", "a/../b", "-x", "a\nb", "a[", "{a"] {
            assert!(Scope::try_from(vec![bad.to_owned()]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_folder_stands_for_all_below_it() {
        assert!(scope(&["src"]).contains("src/deep/file.rs"));
        assert!(!scope(&["src"]).contains("srcs/file.rs"));
        assert!(Scope::default().contains("anything"));
    }
}
