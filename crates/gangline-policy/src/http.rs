//! `[http]`: the address that the daemon answers at beside its socket.

use std::net::SocketAddr;

use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::oidc::SeedJwt;

/// Where the daemon listens unless the file says otherwise: the port of the workers' API.
pub const LISTEN_DEFAULT: &str = "127.0.0.1:3001";

/// `[http]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Where it listens. Whoever comes in needs a token, wherever they come from.
    pub listen: Listen,
    /// Names by which it may be called, beside those of this machine. `*.` stands for all names
    /// that end alike.
    pub hosts: Vec<HostName>,
    /// Pages of other sites that may ask, such as `https://board.example.org`.
    pub origins: Vec<PageOrigin>,
    /// Requests of one token or session in a minute; 0 is no bound.
    pub requests_per_minute: u32,
}

/// Requests that one token or session may make in a minute unless the file says otherwise: a page
/// that is looked at all day asks a tenth of that.
const REQUESTS_PER_MINUTE: u32 = 6_000;
/// Workers that one client may spawn in a minute unless the file says otherwise.
const SPAWNS_PER_MINUTE: u32 = 60;

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: Listen::default(),
            hosts: vec![],
            origins: vec![],
            requests_per_minute: REQUESTS_PER_MINUTE,
        }
    }
}

/// `[seed_api]`: the workers' API, `/api/workers`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeedApi {
    /// What its clients show.
    pub auth: SeedAuth,
    /// Workers that one client may spawn in a minute; 0 is no bound.
    pub spawns_per_minute: u32,
    /// `[seed_api.jwt]`: how JWTs are judged; there for [`SeedAuth::Jwt`].
    pub jwt: Option<Box<SeedJwt>>,
}

impl Default for SeedApi {
    fn default() -> Self {
        Self { auth: SeedAuth::default(), spawns_per_minute: SPAWNS_PER_MINUTE, jwt: None }
    }
}

/// See [`SeedApi::auth`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeedAuth {
    /// Nothing; they are on this machine, or call it by one of [`Http::hosts`].
    #[default]
    None,
    /// A token of this daemon.
    ApiKey,
    /// A JWT, judged as [`SeedApi::jwt`] says.
    Jwt,
}

/// See [`Http::listen`]; written as `auto`, an address with a port, or `off`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Listen {
    /// At [`LISTEN_DEFAULT`], or nowhere when another program has that.
    #[default]
    Auto,
    /// Just there.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

impl Listen {
    /// Reads what people write.
    ///
    /// # Errors
    ///
    /// What is wrong, and how it is written.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "auto" => return Ok(Self::Auto),
            "off" => return Ok(Self::Off),
            _address => {}
        }
        text.parse().map(Self::At).map_err(|_| {
            let given: String = text.chars().take(60).collect();
            let given = given.escape_debug();
            format!(
                "`{given}` is not an address with a port\nwrite \"{LISTEN_DEFAULT}\", \"auto\" or \"off\""
            )
        })
    }
}

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A host name without a port, in lower case; see [`Http::hosts`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName(pub String);

impl<'de> Deserialize<'de> for HostName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?.to_ascii_lowercase();
        let bare = text.strip_prefix("*.").unwrap_or(&text);
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        // A name without a dot after `*.` would let a whole country in.
        if bare.is_empty() || bare.starts_with('.') || !bare.bytes().all(plain) {
            let given: String = text.chars().take(60).collect();
            let given = given.escape_debug();
            let message = format!(
                "`{given}` is not a host name\nwrite \"gangline.example.org\" or \"*.flycast\", without a port"
            );
            return Err(de::Error::custom(message));
        }
        Ok(Self(text))
    }
}

/// A scheme, a host and, where it is not the usual one, a port; see [`Http::origins`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOrigin(pub String);

impl<'de> Deserialize<'de> for PageOrigin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?.to_ascii_lowercase();
        let authority = text.split_once("://").map(|(_, authority)| authority);
        let plain = |b: u8| b.is_ascii_alphanumeric() || b".-:[]_".contains(&b);
        if !authority.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(plain)) {
            let given: String = text.chars().take(60).collect();
            let given = given.escape_debug();
            let message = format!(
                "`{given}` is not an origin\nwrite \"https://board.example.org\", without a path"
            );
            return Err(de::Error::custom(message));
        }
        Ok(Self(text))
    }
}
