//! Texts of the policy that cannot hold a traversal, a leading dash or a control character.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// Why a text is not what a key asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not {wanted}: {why}", .given.escape_debug())]
pub struct BadText {
    given: String,
    wanted: &'static str,
    why: &'static str,
}

/// Declares a validated text type that is read from its text.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $wanted:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The text, as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadText;
            fn from_str(text: &str) -> Result<Self, BadText> {
                let check: fn(&str) -> Result<(), &'static str> = $check;
                match check(text) {
                    Ok(()) => Ok(Self(text.to_owned())),
                    Err(why) => {
                        let given = text.chars().take(80).collect();
                        Err(BadText { given, wanted: $wanted, why })
                    }
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadText;
            fn try_from(text: String) -> Result<Self, BadText> {
                text.parse()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_type!(
    /// What ticket keys begin with: `[A-Z][A-Z0-9]*`, at most 16 characters.
    KeyPrefix, "a key prefix such as APP", key_prefix
);
text_type!(
    /// The name of a command check: `[a-z0-9][a-z0-9._-]*`, at most 40 characters, and none of
    /// the names of Gangline's own checks.
    CheckName, "a name for a check", check_name
);
text_type!(
    /// The name of an environment variable: `[A-Za-z_][A-Za-z0-9_]*`, not one of Gangline's own.
    EnvName, "the name of an environment variable", env_name
);
text_type!(
    /// The name of a webhook or an intake: `[a-z0-9][a-z0-9-]*`, at most 40 characters; also a
    /// file name.
    HookName, "a name for a hook", hook_name
);
text_type!(
    /// A repository of a forge: two or more parts of letters, digits, `.`, `_` and `-`, with `/`.
    RepositoryName, "a repository's name such as ann/shop", repository_name
);
text_type!(
    /// A path below the repository's root, with `/`.
    RelativePath, "a path in the repository", relative_path
);

text_type!(
    /// A folder below `HOME`, never `HOME` itself, with `/`: at most 300 characters.
    HomePath, "a folder below HOME such as .npm", home_path
);

/// Names that the checks built into Gangline have in a report.
const CHECK_NAMES_TAKEN: [&str; 25] = [
    "commits",
    "files",
    "clean",
    "scope",
    "protected",
    "markers",
    "secrets",
    "setup",
    "waived",
    "dates",
    "harness",
    "hidden",
    "lockfile",
    "size",
    "built",
    "licence",
    "test-changes",
    "special-cases",
    "watched",
    "addressed",
    "review",
    "artifact",
    "report",
    "candidate",
    "external-ci",
];

fn key_prefix(text: &str) -> Result<(), &'static str> {
    if !text.bytes().next().is_some_and(|b| b.is_ascii_uppercase()) {
        return Err("it must begin with A-Z");
    }
    if text.len() > 16 {
        return Err("it is longer than 16 characters");
    }
    if text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
        Ok(())
    } else {
        Err("only A-Z and 0-9 are allowed")
    }
}

fn hook_name(text: &str) -> Result<(), &'static str> {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if !text.bytes().next().is_some_and(word) {
        return Err("it must begin with a-z or 0-9");
    }
    if text.len() > 40 {
        return Err("it is longer than 40 characters");
    }
    match text.bytes().all(|b| word(b) || b == b'-') {
        true => Ok(()),
        false => Err("only a-z, 0-9 and - are allowed"),
    }
}

fn check_name(text: &str) -> Result<(), &'static str> {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if !text.bytes().next().is_some_and(word) {
        return Err("it must begin with a-z or 0-9");
    }
    if text.len() > 40 {
        return Err("it is longer than 40 characters");
    }
    if CHECK_NAMES_TAKEN.contains(&text) {
        return Err("a check of Gangline's own has that name");
    }
    if text.bytes().all(|b| word(b) || matches!(b, b'.' | b'_' | b'-')) {
        Ok(())
    } else {
        Err("only a-z, 0-9, . _ and - are allowed")
    }
}

fn env_name(text: &str) -> Result<(), &'static str> {
    let word = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    if !text.bytes().next().is_some_and(word) {
        return Err("it must begin with a letter or _");
    }
    if text.starts_with("GANGLINE_") {
        return Err("names with GANGLINE_ are set by Gangline");
    }
    if text.len() <= 128 && text.bytes().all(|b| word(b) || b.is_ascii_digit()) {
        Ok(())
    } else {
        Err("only letters, digits and _ are allowed, at most 128")
    }
}

fn repository_name(text: &str) -> Result<(), &'static str> {
    if text.len() > 200 {
        return Err("it is longer than 200 characters");
    }
    if !text.contains('/') {
        return Err("it has an owner and a name, with / between");
    }
    for part in text.split('/') {
        let fit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if part.is_empty() || part.starts_with(['-', '.']) || !part.bytes().all(fit) {
            return Err("its parts are letters, digits, . _ and -, and begin with none of . and -");
        }
    }
    Ok(())
}

fn relative_path(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.len() > 300 || text.chars().any(char::is_control) {
        return Err("it must be 1 to 300 printable characters");
    }
    if text.starts_with(['/', '-', '~']) || text.contains('\\') {
        return Err("it must not begin with / - or ~, nor hold a backslash");
    }
    for part in text.trim_end_matches('/').split('/') {
        match part {
            ".." => return Err("it must stay below the repository's root"),
            "" | "." => return Err("no part may be empty or a dot"),
            ".git" => return Err("what git keeps for itself is never touched"),
            _ordinary => {}
        }
    }
    Ok(())
}

fn home_path(text: &str) -> Result<(), &'static str> {
    if text.len() > 300 || text.chars().any(char::is_control) {
        return Err("it must be at most 300 printable characters");
    }
    if text.starts_with(['/', '-', '~', '$']) || text.contains('\\') {
        return Err(
            "it is relative to HOME, and must not begin with / - ~ or $, nor hold a backslash",
        );
    }
    if text.split('/').any(|part| part == "..") {
        return Err("it must stay below HOME");
    }
    if text.is_empty() || text == "." || text == "./" {
        return Err("all of HOME is never kept");
    }
    if text.split('/').any(|part| part.is_empty() || part == ".") {
        return Err("no part may be empty or a dot");
    }
    Ok(())
}
