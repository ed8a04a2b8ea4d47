//! Addresses of HTTP, read into one form.

use std::fmt;
use std::str::FromStr;

use super::{Host, Target};

/// Bytes that an address may have.
const BYTES_MAX: usize = 500;

/// `https://HOST[:PORT][/PATH][?QUERY]`, or the same with `http://`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAddress {
    /// Whether it is behind TLS.
    pub tls: bool,
    /// Host and port.
    pub target: Target,
    /// Path and query, beginning with `/`.
    pub path: String,
}

/// Why a text is no address of HTTP. What stands in it is not repeated: it may be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadHttpAddress(String);

impl HttpAddress {
    /// Whether it names this machine itself. What `localhost` leads to is looked at again by
    /// whoever connects.
    pub fn is_loopback(&self) -> bool {
        match &self.target.host {
            Host::Name(name) => name == "localhost",
            Host::Address(address) => address.is_loopback(),
        }
    }
}

impl FromStr for HttpAddress {
    type Err = BadHttpAddress;

    fn from_str(text: &str) -> Result<Self, BadHttpAddress> {
        let bad = |why: &str| BadHttpAddress(why.to_owned());
        if text.len() > BYTES_MAX {
            return Err(BadHttpAddress(format!("it has more than {BYTES_MAX} bytes")));
        }
        let begins = "it begins with https://";
        let (scheme, rest) = text.split_once("://").ok_or_else(|| bad(begins))?;
        let (tls, port) = match scheme.to_ascii_lowercase().as_str() {
            "https" => (true, 443),
            "http" => (false, 80),
            _other => return Err(bad(begins)),
        };
        if !rest.bytes().all(|b| b.is_ascii_graphic()) || rest.contains('#') {
            return Err(bad("it is printable ASCII without spaces and #"));
        }
        let end = rest.find(['/', '?', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') || path.starts_with('\\') {
            return Err(bad("it has no user in it"));
        }
        let target = Target::with_default(authority, port);
        let target = target.map_err(|error| BadHttpAddress(error.to_string()))?;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { tls, target, path })
    }
}

impl fmt::Display for HttpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.target, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_its_names() {
        for (text, expected) in [
            ("http://localhost:1/x", true),
            ("http://127.0.0.7", true),
            ("http://[::1]:9/", true),
            ("https://[::ffff:127.0.0.1]/", true),
            ("https://login.example.org/", false),
            ("http://localhost.example.org/", false),
            ("http://10.0.0.1/", false),
        ] {
            let address: HttpAddress = text.parse().unwrap();
            assert_eq!(address.is_loopback(), expected, "{text}");
        }
    }
}
