//! How an agent or a check is given a secret.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::SecretName;

/// Characters of a variable's name.
const VARIABLE_CHARS_MAX: usize = 128;

/// `NAME` is a file `/secrets/NAME`, `VARIABLE=NAME` a variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SecretUse {
    /// A file that only its owner reads.
    File(SecretName),
    /// A variable of the environment.
    Variable {
        /// Its name.
        variable: String,
        /// The secret's.
        secret: SecretName,
    },
}

/// Why a text is no use of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadUse {
    /// The secret's name is none.
    #[error("{0}: write NAME for a file /secrets/NAME, or VARIABLE=NAME")]
    Name(#[from] crate::ids::BadName),
    /// The variable's name is none, or not for secrets.
    #[error("`{}` is not a variable for a secret: {why}", given.escape_debug())]
    Variable {
        /// As it was given.
        given: String,
        /// Why.
        why: &'static str,
    },
}

/// Variables that decide which programs run and how.
const STEERING: [&str; 12] = [
    "PATH",
    "HOME",
    "SHELL",
    "IFS",
    "ENV",
    "BASH_ENV",
    "TMPDIR",
    "USER",
    "NODE_OPTIONS",
    "PYTHONSTARTUP",
    "PERL5OPT",
    "RUBYOPT",
];
/// What the names of such variables begin with.
const STEERING_STARTS: [&str; 4] = ["GANGLINE_", "LD_", "DYLD_", "GIT_CONFIG"];

impl SecretUse {
    /// The secret's name.
    pub fn secret(&self) -> &SecretName {
        match self {
            Self::File(secret) | Self::Variable { secret, .. } => secret,
        }
    }
}

impl FromStr for SecretUse {
    type Err = BadUse;

    fn from_str(text: &str) -> Result<Self, BadUse> {
        let Some((variable, secret)) = text.split_once('=') else {
            return Ok(Self::File(text.trim().parse()?));
        };
        let (variable, secret) = (variable.trim(), secret.trim());
        let bad = |why| Err(BadUse::Variable { given: variable.chars().take(80).collect(), why });
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let begins = variable.bytes().next().is_some_and(|b| word(b) && !b.is_ascii_digit());
        if !begins || !variable.bytes().all(word) || variable.len() > VARIABLE_CHARS_MAX {
            return bad("only letters, digits and _ are allowed, and no digit first");
        }
        let steers = STEERING_STARTS.iter().any(|start| variable.starts_with(start));
        if steers || STEERING.contains(&variable) {
            return bad("it decides which programs run, or is set by Gangline");
        }
        Ok(Self::Variable { variable: variable.to_owned(), secret: secret.parse()? })
    }
}

impl TryFrom<String> for SecretUse {
    type Error = BadUse;
    fn try_from(text: String) -> Result<Self, BadUse> {
        text.parse()
    }
}

impl From<SecretUse> for String {
    fn from(told: SecretUse) -> Self {
        told.to_string()
    }
}

impl fmt::Display for SecretUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(secret) => secret.fmt(f),
            Self::Variable { variable, secret } => write!(f, "{variable}={secret}"),
        }
    }
}
