//! Tokens: what somebody who is not at this machine proves to be allowed by.
//!
//! The secret itself is nowhere: it is told once, to whoever asked for it, and kept as its digest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{Actor, ProjectId, Timestamp, TokenId};

/// Tokens that are kept at once, those that have expired among them until the next one is added.
pub const TOKENS_MAX: usize = 1_000;
/// Characters of a token's name.
pub const TOKEN_NAME_CHARS_MAX: usize = 64;

/// What somebody may do at most; each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Look at everything.
    #[serde(rename = "L0")]
    Viewer,
    /// Add tickets, and steer those that run.
    #[serde(rename = "L1")]
    Operator,
    /// Decide what lands, and what agents may change.
    #[serde(rename = "L2")]
    Maintainer,
    /// Projects, tokens, and the daemon itself.
    #[serde(rename = "L3")]
    Admin,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Operator, Self::Maintainer, Self::Admin];

    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Maintainer => "maintainer",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Viewer => "L0",
            Self::Operator => "L1",
            Self::Maintainer => "L2",
            Self::Admin => "L3",
        })
    }
}

/// The text is no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a role: L0 (viewer), L1 (operator), L2 (maintainer) or L3 (admin)", .0.escape_debug())]
pub struct BadRole(String);

impl FromStr for Role {
    type Err = BadRole;
    fn from_str(text: &str) -> Result<Self, BadRole> {
        let lower = text.to_ascii_lowercase();
        let named =
            |role: &Self| role.to_string().eq_ignore_ascii_case(text) || role.word() == lower;
        let known = Self::ALL.into_iter().find(named);
        known.ok_or_else(|| BadRole(text.chars().take(40).collect()))
    }
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenUse {
    /// A program sends it.
    Api,
    /// A browser has it as a cookie.
    Session,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What people call it: the name that its bearer's deeds are told under.
    pub name: String,
    /// What it is for.
    #[serde(rename = "use")]
    pub used_as: TokenUse,
    /// What its bearer may do at most.
    pub role: Role,
    /// The projects it is for; all of them, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projects: Option<BTreeSet<ProjectId>>,
    /// The SHA-256 of its secret, in hexadecimal digits.
    pub sha256: String,
    /// From when on it is worth nothing; never, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
    /// Who added it.
    pub created_by: Actor,
}

impl Token {
    /// Whether it is worth nothing any more.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Whether it is for this project.
    pub fn is_for(&self, project: &ProjectId) -> bool {
        self.projects.as_ref().is_none_or(|projects| projects.contains(project))
    }
}

/// Adds a token; those that have expired by then go.
pub(crate) fn add(tokens: &mut BTreeMap<TokenId, Token>, token: &Token) {
    tokens.retain(|_, old| !old.has_expired(token.created_at));
    tokens.insert(token.id.clone(), token.clone());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_known_by_number_and_word_and_each_may_more_than_the_one_before() {
        for (at, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role.to_string(), format!("L{at}"));
            let texts = [role.to_string(), role.word().to_owned(), format!("l{at}")];
            assert!(texts.iter().all(|text| text.parse() == Ok(role)), "{texts:?}");
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"L{at}\""));
        }
        assert!(Role::ALL.is_sorted());
        let refused = "L4".parse::<Role>().unwrap_err().to_string();
        assert!(refused.starts_with("`L4` is not a role"), "{refused}");
    }
}
