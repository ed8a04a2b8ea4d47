//! `[traces]` of the machine's configuration: where the course of each ticket is told as a trace of
//! OpenTelemetry.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use gangline_domain::network::{BadHttpAddress, HttpAddress};
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::secrets::SecretSource;

/// Where receivers of OTLP over HTTP take traces, behind their endpoint.
const PATH: &str = "/v1/traces";
/// Headers that may be sent along.
const HEADERS_MAX: usize = 16;
/// Bytes that the name of one may have.
const HEADER_BYTES_MAX: usize = 64;
/// Headers that are not the configuration's to say.
const OURS: [&str; 6] =
    ["connection", "content-length", "content-type", "host", "transfer-encoding", "user-agent"];

/// `[traces]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TracesPolicy {
    /// Who takes them.
    pub endpoint: TracesEndpoint,
    /// `[traces.headers]`: what lets the daemon in there, each where its secret is. Names are in small
    /// letters.
    #[serde(default, deserialize_with = "headers")]
    pub headers: BTreeMap<String, SecretSource>,
    /// Whether they say what tickets, agents and checks say: titles, questions, what tools were asked
    /// for, and facts. Without it they tell names, times, verdicts and counts.
    #[serde(default)]
    pub content: bool,
}

/// Who takes traces by OTLP over HTTP: `http://HOST:4318`, or `https://HOST[:PORT][/PATH]`, to which
/// `/v1/traces` is added where it does not end so.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TracesEndpoint(pub HttpAddress);

/// Why a text is no endpoint. What stands in it is not repeated: it may be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTracesEndpoint {
    /// It is no address.
    #[error("{0}\nwrite http://127.0.0.1:4318, or https://HOST/PATH")]
    NoAddress(BadHttpAddress),
    /// It has a query.
    #[error("it has a query\nwhat lets the daemon in belongs under [traces.headers]")]
    Query,
}

impl FromStr for TracesEndpoint {
    type Err = BadTracesEndpoint;

    fn from_str(text: &str) -> Result<Self, BadTracesEndpoint> {
        let mut address: HttpAddress = text.parse().map_err(BadTracesEndpoint::NoAddress)?;
        if address.path.contains('?') {
            return Err(BadTracesEndpoint::Query);
        }
        let base = address.path.trim_end_matches('/');
        let base = base.strip_suffix(PATH).unwrap_or(base);
        address.path = format!("{base}{PATH}");
        Ok(Self(address))
    }
}

impl TryFrom<String> for TracesEndpoint {
    type Error = BadTracesEndpoint;

    fn try_from(text: String) -> Result<Self, BadTracesEndpoint> {
        text.parse()
    }
}

impl fmt::Display for TracesEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn headers<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, SecretSource>, D::Error> {
    let written = BTreeMap::<String, SecretSource>::deserialize(deserializer)?;
    if written.len() > HEADERS_MAX {
        let message = format!("more than {HEADERS_MAX} headers\nleave some out");
        return Err(D::Error::custom(message));
    }
    let read = written.into_iter().map(|(name, source)| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let small = name.to_ascii_lowercase();
        let fit = (1..=HEADER_BYTES_MAX).contains(&name.len()) && name.bytes().all(fits);
        match (fit, OURS.contains(&&*small)) {
            (true, false) => Ok((small, source)),
            (true, true) => Err(format!("`{small}` is set by Gangline\nleave it out")),
            (false, _) => {
                let given: String = name.chars().take(40).collect();
                let given = given.escape_debug();
                Err(format!("`{given}` is no name of a header\nwrite one such as authorization"))
            }
        }
    });
    read.collect::<Result<_, String>>().map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MachineConfig;

    fn endpoint(text: &str) -> String {
        match text.parse::<TracesEndpoint>() {
            Ok(endpoint) => endpoint.to_string(),
            Err(error) => format!("refused: {error}"),
        }
    }

    #[test]
    fn the_path_of_the_protocol_is_added_once() {
        for (text, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"),
            ("http://127.0.0.1:4318/v1/traces", "http://127.0.0.1:4318/v1/traces"),
            ("https://t.example/api/otel/", "https://t.example:443/api/otel/v1/traces"),
        ] {
            assert_eq!(endpoint(text), expected, "{text}");
        }
        insta::assert_snapshot!(endpoint("http://a.example/?key=1"), @r"
        refused: it has a query
        what lets the daemon in belongs under [traces.headers]
        ");
        assert!(endpoint("127.0.0.1:4318").starts_with("refused: "));
    }

    #[test]
    fn headers_are_names_and_their_values_are_never_in_the_file() {
        let text = "[traces]\nendpoint = \"http://127.0.0.1:4318\"\n\
                    headers = { Authorization = \"env://OTLP_AUTH\" }\n";
        let read = MachineConfig::parse(text, "config.toml").unwrap().traces.unwrap();
        assert_eq!(read.headers.keys().collect::<Vec<_>>(), ["authorization"]);
        assert!(!read.content);
        let refused = |header: &str| {
            let text = format!(
                "[traces]\nendpoint = \"http://127.0.0.1:4318\"\n[traces.headers]\n{header}\n"
            );
            MachineConfig::parse(&text, "config.toml").unwrap_err().to_string()
        };
        let told = [
            refused("authorization = \"Bearer abc\""),
            refused("host = \"env://A\""),
            refused("\"a b\" = \"env://A\""),
        ];
        insta::assert_snapshot!(told.join("\n---\n"), @r#"
        config.toml:4:17: `traces.headers.authorization`: a secret's place begins with env://, file:// or cmd://
          |
        4 | authorization = "Bearer abc"
          |                 ^^^^^^^^^^^^
          help: write env://NAME, file:///path, cmd://shell line, or a list of words
        ---
        config.toml:3:1: `traces.headers`: `host` is set by Gangline
          |
        3 | [traces.headers]
          | ^^^^^^^^^^^^^^^^
          help: leave it out
        ---
        config.toml:3:1: `traces.headers`: `a b` is no name of a header
          |
        3 | [traces.headers]
          | ^^^^^^^^^^^^^^^^
          help: write one such as authorization
        "#);
    }
}
