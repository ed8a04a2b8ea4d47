//! Which hosts the programs of a job may reach: rules, what they match, and what no rule reaches.
//!
//! A rule is matched by exact comparison of parsed parts, never by a search in text. A host is
//! read here as the operating system would read it, so that one and the same host has one form:
//! small letters, no final dot, addresses as numbers.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::resources::ByteSize;

mod address;
mod http_address;
mod wish;

pub use address::is_public;
pub use http_address::{BadHttpAddress, HttpAddress};

/// The port of a rule that names none.
const PORT_DEFAULT: u16 = 443;
/// Characters of a host's name and of one part of it, as in the name system.
const NAME_CHARS_MAX: usize = 253;
const LABEL_CHARS_MAX: usize = 63;

/// How much of the network a job's programs have. In ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkMode {
    /// A loopback of their own, and nothing else.
    None,
    /// Listed hosts, through a proxy that notes each connection.
    Proxy,
    /// The host's own network.
    Open,
}

impl fmt::Display for NetworkMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Proxy => "proxy",
            Self::Open => "open",
        })
    }
}

/// What a definition or a policy says about the network. It is written as `true` or `false`
/// (whether it is needed), as a mode, or as a table of these fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Network {
    /// How much, where it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<NetworkMode>,
    /// Whether there must be any, where no more than that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed: Option<bool>,
    /// Hosts beside those that the agent's kind needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<HostRule>,
    /// Bytes that may pass, both ways together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<ByteSize>,
}

impl Network {
    /// The same, with `other`'s mode and bytes where this says nothing, and the hosts of both.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        for rule in &other.allow {
            if !self.allow.contains(rule) {
                self.allow.push(rule.clone());
            }
        }
        if self.mode.is_none() && self.needed.is_none() {
            (self.mode, self.needed) = (other.mode, other.needed);
        }
        self.bytes = self.bytes.or(other.bytes);
        self
    }
}

/// A host as a client names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// In small letters, without a final dot, ASCII.
    Name(String),
    /// An address.
    Address(IpAddr),
}

/// Where a client wants to connect to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The host.
    pub host: Host,
    /// The port.
    pub port: u16,
}

/// One entry of an allow-list: `host`, `host:port`, `*.suffix`, `*.suffix:port`, `address:port`
/// or `[address]:port`. Without a port it is 443.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostRule {
    who: Who,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Who {
    /// This host and no other.
    Host(Host),
    /// All names below this one, and not it itself.
    Below(String),
}

/// Why a text is no host or rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a host: {why}", .given.escape_debug())]
pub struct BadHost {
    given: String,
    why: &'static str,
}

/// What a list of rules says to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Leave {
    /// By name: the addresses that the name stands for must be public.
    ToPublic,
    /// By a rule that names this very address.
    ToAddress,
    /// No rule.
    None,
}

/// What `rules` say to `target`.
pub fn leave(rules: &[HostRule], target: &Target) -> Leave {
    match (rules.iter().any(|rule| rule.allows(target)), &target.host) {
        (false, _) => Leave::None,
        (true, Host::Name(_)) => Leave::ToPublic,
        (true, Host::Address(_)) => Leave::ToAddress,
    }
}

impl HostRule {
    /// Whether it covers `target`.
    pub fn allows(&self, target: &Target) -> bool {
        let host = match (&self.who, &target.host) {
            (Who::Host(host), wanted) => host == wanted,
            (Who::Below(suffix), Host::Name(name)) => {
                name.strip_suffix(suffix.as_str()).is_some_and(|rest| {
                    rest.strip_suffix('.').is_some_and(|labels| !labels.is_empty())
                })
            }
            (Who::Below(_), Host::Address(_)) => false,
        };
        host && self.port == target.port
    }

    /// The target, when this is a rule for one address of this machine itself.
    pub fn loopback(&self) -> Option<(IpAddr, u16)> {
        match self.who {
            Who::Host(Host::Address(address)) if address.is_loopback() => {
                Some((address, self.port))
            }
            Who::Host(_) | Who::Below(_) => None,
        }
    }

    /// A rule for exactly this target. `localhost` means 127.0.0.1: a name would have to lead to
    /// a public address.
    pub fn exactly(target: Target) -> Self {
        let host = match target.host {
            Host::Name(name) if name == "localhost" => {
                Host::Address(IpAddr::V4(Ipv4Addr::LOCALHOST))
            }
            host @ (Host::Name(_) | Host::Address(_)) => host,
        };
        Self { who: Who::Host(host), port: target.port }
    }
}

impl FromStr for HostRule {
    type Err = BadHost;

    fn from_str(text: &str) -> Result<Self, BadHost> {
        if let Some(rest) = text.strip_prefix("*.") {
            let target = Target::with_default(rest, PORT_DEFAULT)?;
            return match target.host {
                Host::Name(name) if name.contains('.') => {
                    Ok(Self { who: Who::Below(name), port: target.port })
                }
                Host::Name(_) => Err(bad(text, "`*.` needs a name with a dot behind it")),
                Host::Address(_) => Err(bad(text, "`*.` needs a name behind it")),
            };
        }
        Ok(Self::exactly(Target::with_default(text, PORT_DEFAULT)?))
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.who {
            Who::Host(host) => write!(f, "{host}:{}", self.port),
            Who::Below(suffix) => write!(f, "*.{suffix}:{}", self.port),
        }
    }
}

impl Serialize for HostRule {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HostRule {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Target {
    /// Reads `host:port`, where `[…]` may stand around an address.
    pub fn parse(text: &str) -> Result<Self, BadHost> {
        match split(text)? {
            (host, Some(port)) => Ok(Self { host: host.parse()?, port: port_of(text, port)? }),
            (_, None) => Err(bad(text, "it has no port")),
        }
    }

    /// The same, with a port for a text that has none.
    pub fn with_default(text: &str, port: u16) -> Result<Self, BadHost> {
        let (host, given) = split(text)?;
        let port = given.map_or(Ok(port), |given| port_of(text, given))?;
        Ok(Self { host: host.parse()?, port })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// The text before the last colon that is not within an address, and the one behind it.
fn split(text: &str) -> Result<(&str, Option<&str>), BadHost> {
    if let Some(inner) = text.strip_prefix('[') {
        let Some((address, rest)) = inner.split_once(']') else {
            return Err(bad(text, "`[` has no `]`"));
        };
        if !address.contains(':') {
            return Err(bad(text, "only IPv6 addresses stand in brackets"));
        }
        return match rest.strip_prefix(':') {
            Some(port) => Ok((address, Some(port))),
            None if rest.is_empty() => Ok((address, None)),
            None => Err(bad(text, "after `]` comes a port or nothing")),
        };
    }
    match text.split_once(':') {
        Some((_, port)) if port.contains(':') => {
            Err(bad(text, "write an IPv6 address in brackets"))
        }
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((text, None)),
    }
}

fn port_of(text: &str, port: &str) -> Result<u16, BadHost> {
    let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let number = port.parse().ok().filter(|port| *port != 0 && digits);
    number.ok_or_else(|| bad(text, "the port is not a number from 1 to 65535"))
}

impl FromStr for Host {
    type Err = BadHost;

    fn from_str(text: &str) -> Result<Self, BadHost> {
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Self::Address(address.into()));
        }
        if let Ok(address) = text.parse::<Ipv6Addr>() {
            // The same host in both families is one host.
            return Ok(Self::Address(IpAddr::V6(address).to_canonical()));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if name.is_empty() || name.len() > NAME_CHARS_MAX {
            return Err(bad(text, "a name has 1 to 253 characters"));
        }
        if !name.is_ascii() {
            return Err(bad(text, "write an international name in its `xn--` form"));
        }
        for label in name.split('.') {
            let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
            let edges = label.starts_with('-') || label.ends_with('-');
            if label.is_empty() || label.len() > LABEL_CHARS_MAX || edges {
                return Err(bad(text, "a part of the name is empty, too long or begins with `-`"));
            }
            if !label.bytes().all(letter) {
                return Err(bad(text, "a name has letters, digits, `-` and dots"));
            }
        }
        // `127.1`, `2130706433` and `0x7f.1` are addresses to a resolver.
        let last = name.rsplit('.').next().unwrap_or_default();
        let number = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
        if number {
            return Err(bad(text, "it ends in a number and is no complete address"));
        }
        Ok(Self::Name(name))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

fn bad(text: &str, why: &'static str) -> BadHost {
    BadHost { given: text.chars().take(80).collect(), why }
}

#[cfg(test)]
mod tests;
