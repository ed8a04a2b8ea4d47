//! Tokens, by which people and programs come in that are not at this machine's socket.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `POST /tokens`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddToken {
    /// What to call it: the name that its bearer's deeds are told under.
    pub name: String,
    /// What its bearer may do at most: `L0` (viewer), `L1` (operator), `L2` (maintainer) or `L3`
    /// (admin); never more than whoever adds it.
    pub role: String,
    /// The projects it is for; all of them, when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<String>,
    /// Milliseconds after which it is worth nothing; never, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_ms: Option<u64>,
}

/// The answer to [`AddToken`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenAdded {
    /// The token.
    pub token: TokenView,
    /// What its bearer sends, as `Authorization: Bearer …`. It is told this once and kept nowhere;
    /// absent in the answer to a repeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// All tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tokens {
    /// By id.
    pub tokens: Vec<TokenView>,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `api` for programs, `session` for a browser.
    #[serde(rename = "use")]
    pub used_as: String,
    /// What its bearer may do at most.
    pub role: String,
    /// The projects it is for; all of them, when empty.
    pub projects: Vec<String>,
    /// When it was added.
    pub created_us: i64,
    /// Who added it.
    pub created_by: String,
    /// From when on it is worth nothing; never, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_us: Option<i64>,
    /// Whether that has come.
    pub expired: bool,
}

/// `POST /login-links`: lets a browser in, once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AddLoginLink {
    /// What the browser may do at most; as much as whoever asks, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// The answer to [`AddLoginLink`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoginLink {
    /// To be opened once, before it expires. It begins with the address that the daemon listens
    /// at.
    pub url: String,
    /// Until when.
    pub expires_us: i64,
}

/// `GET /login/ways`, for whoever asks: by which ways a browser can be let in, beside a link that
/// `gangline dashboard` prints.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignInWays {
    /// By an issuer of OpenID Connect, where one is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc: Option<WayIn>,
}

/// One of [`SignInWays`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WayIn {
    /// What people call it.
    pub label: String,
    /// Where it begins: a path of this daemon.
    pub path: String,
}

/// `GET /me`: who asks, as the daemon sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Me {
    /// The name that their deeds are told under; over the unix socket, the request's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `L0` to `L3`.
    pub role: String,
    /// The projects they are kept to; absent where they are kept to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projects: Option<Vec<String>>,
    /// By which door, from where and with which token; absent over the unix socket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
}
