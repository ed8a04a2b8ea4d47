//! `[forges.NAME]` of the machine's configuration: where a forge is, and what logs in there. A
//! repository that could say so itself would have the token sent wherever its author likes.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::secrets::{SecretSource, is_for, repositories};

/// A forge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForgeRef {
    /// How it is spoken to.
    #[serde(default)]
    pub kind: ForgeKind,
    /// Where its API is.
    #[serde(default = "api_default")]
    pub api: ApiAddress,
    /// Where its repositories are: `REPOSITORY.git` below it is one.
    #[serde(default = "git_default")]
    pub git: GitAddress,
    /// Where its token is.
    pub from: SecretSource,
    /// The repositories on this machine whose commits may be pushed there.
    #[serde(deserialize_with = "repositories")]
    pub repositories: BTreeSet<PathBuf>,
}

impl ForgeRef {
    /// Whether commits of a repository may be pushed there.
    pub fn is_for(&self, repository: &Path) -> bool {
        is_for(&self.repositories, repository)
    }
}

/// How a forge is spoken to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForgeKind {
    /// GitHub, or who speaks its REST API.
    #[default]
    Github,
}

/// Where an API is: `https://…`, or `http://` on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApiAddress(String);

/// Where repositories are: `https://…`, `http://` on this machine, or `file:///folder`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GitAddress(String);

/// Why a text is no address of a forge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not where a forge is\n{help}")]
pub struct BadAddress {
    given: String,
    help: &'static str,
}

impl ApiAddress {
    /// Without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl GitAddress {
    /// Without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ApiAddress {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let help = "write https://HOST/PATH, without a user in it";
        web(text).map(Self).ok_or_else(|| BadAddress { given: shown(text), help })
    }
}

impl FromStr for GitAddress {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let help = "write https://HOST/PATH, without a user in it, or file:///folder";
        let folder = text.strip_prefix("file://").filter(|path| path.starts_with('/'));
        let folder =
            folder.filter(|path| plain(path)).map(|_| text.trim_end_matches('/').to_owned());
        folder
            .or_else(|| web(text))
            .map(Self)
            .ok_or_else(|| BadAddress { given: shown(text), help })
    }
}

impl TryFrom<String> for ApiAddress {
    type Error = BadAddress;

    fn try_from(text: String) -> Result<Self, BadAddress> {
        text.parse()
    }
}

impl TryFrom<String> for GitAddress {
    type Error = BadAddress;

    fn try_from(text: String) -> Result<Self, BadAddress> {
        text.parse()
    }
}

impl From<ApiAddress> for String {
    fn from(address: ApiAddress) -> Self {
        address.0
    }
}

impl From<GitAddress> for String {
    fn from(address: GitAddress) -> Self {
        address.0
    }
}

impl fmt::Display for ApiAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for GitAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address on the web to which a token may be sent.
fn web(text: &str) -> Option<String> {
    let text = text.trim_end_matches('/');
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split('/').next().filter(|authority| !authority.is_empty())?;
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let is_here = matches!(host, "127.0.0.1" | "[::1]" | "localhost");
    let is_safe = scheme == "https" || (scheme == "http" && is_here);
    (is_safe && plain(rest) && !authority.contains('@')).then(|| text.to_owned())
}

/// Nothing that is more than host, port and path.
fn plain(text: &str) -> bool {
    let fit = |c: char| c.is_ascii_alphanumeric() || "-._~/:[]%+".contains(c);
    text.chars().all(fit) && !text.split('/').any(|part| part == "..")
}

fn shown(text: &str) -> String {
    // A user's password may stand before the `@`.
    let text = text.rsplit_once('@').map_or(text, |(_, host)| host);
    text.chars().take(80).collect::<String>().escape_debug().to_string()
}

fn api_default() -> ApiAddress {
    ApiAddress("https://api.github.com".to_owned())
}

fn git_default() -> GitAddress {
    GitAddress("https://github.com".to_owned())
}
