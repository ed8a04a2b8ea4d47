//! What an issuer publishes: where it is asked (OpenID Connect Discovery 1.0), and its keys.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, Request, StatusCode, request};
use gangline_domain::ids::Timestamp;
use gangline_domain::network::HttpAddress;
use http_body_util::Full;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use super::jwt::KeySet;
use super::kept::Kept;
use crate::outward::{self, Bounds, Unanswered};

/// How long a call may take in all.
const CALL_MAX: Duration = Duration::from_secs(10);
/// Sets of keys and documents are some kilobytes.
const ANSWER: Bounds = Bounds { body_bytes_max: 256 * 1024, body_max: CALL_MAX };

/// Who gives tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// As its tokens name it, letter by letter.
    pub name: String,
    /// Where it is asked. Without TLS only on this machine.
    pub address: HttpAddress,
}

/// Why an issuer could not be asked.
#[derive(Debug, thiserror::Error)]
enum Unasked {
    #[error("its name cannot be resolved: {0}")]
    Unresolved(#[source] std::io::Error),
    #[error("it is plain http, and not on this machine")]
    Open,
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error("it gave no answer within {} s", CALL_MAX.as_secs())]
    Slow,
    #[error("its answer is longer than {} bytes, or broke off", ANSWER.body_bytes_max)]
    NotWhole,
}

/// Where an issuer is asked what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Discovered {
    /// Where browsers go; a text, because a browser reads it.
    pub(super) authorization: Option<String>,
    pub(super) token: Option<HttpAddress>,
    pub(super) userinfo: Option<HttpAddress>,
    pub(super) keys: HttpAddress,
    /// Whether it says who it is when it sends a browser back (RFC 9207).
    pub(super) says_issuer: bool,
    /// Whether a client's secret goes into the body instead of a header.
    pub(super) secret_in_body: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    jwks_uri: String,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// Where keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeysAt {
    /// Where this issuer's document says.
    Discovered(Issuer),
    /// There.
    Address(HttpAddress),
}

/// The keys of an issuer, kept.
#[derive(Debug)]
pub(super) struct Keys {
    at: KeysAt,
    discovered: Kept<Discovered>,
    published: Kept<KeySet>,
}

impl Keys {
    pub(super) fn new(at: KeysAt) -> Self {
        Self { at, discovered: Kept::default(), published: Kept::default() }
    }

    /// Where the issuer is asked what.
    pub(super) async fn discovered(
        &self,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<Arc<Discovered>, String> {
        self.discovered.get(now, async || discover(issuer).await).await
    }

    /// The keys as they are known.
    pub(super) async fn get(&self, now: Timestamp) -> Result<Arc<KeySet>, String> {
        self.published.get(now, async || self.read(now).await).await
    }

    /// Newer keys than these, which lack one; not at every wish.
    pub(super) async fn newer(&self, seen: Arc<KeySet>, now: Timestamp) -> Arc<KeySet> {
        self.published.newer(seen, now, async || self.read(now).await).await
    }

    async fn read(&self, now: Timestamp) -> Result<KeySet, String> {
        let address = match &self.at {
            KeysAt::Discovered(issuer) => self.discovered(issuer, now).await?.keys.clone(),
            KeysAt::Address(address) => address.clone(),
        };
        keys(&address).await
    }
}

impl Issuer {
    /// Asks it for what a sign-in needs: what it says of itself, under its own name, and its keys.
    ///
    /// # Errors
    ///
    /// Why that cannot be had, for people.
    pub async fn ask(&self) -> Result<(), String> {
        let said = discover(self).await?;
        keys(&said.keys).await.map(drop)
    }
}

async fn keys(address: &HttpAddress) -> Result<KeySet, String> {
    let read = match got(address).await {
        Ok(json) => KeySet::read(&json).map_err(|error| error.to_string()),
        Err(why) => Err(why),
    };
    read.map_err(|why| {
        tracing::warn!(why, "the keys of an issuer cannot be read");
        format!("the issuer's keys cannot be read: {why}")
    })
}

async fn discover(issuer: &Issuer) -> Result<Discovered, String> {
    let mut address = issuer.address.clone();
    let path = address.path.trim_end_matches('/');
    address.path = format!("{path}/.well-known/openid-configuration");
    let read = match got(&address).await {
        Ok(json) => described(issuer, &json),
        Err(why) => Err(why),
    };
    read.map_err(|why| {
        tracing::warn!(issuer = issuer.name, why, "what an issuer says of itself cannot be read");
        format!("what the issuer says of itself cannot be read: {why}")
    })
}

fn described(issuer: &Issuer, json: &[u8]) -> Result<Discovered, String> {
    let document: Document =
        serde_json::from_slice(json).map_err(|_| "it is not a discovery document".to_owned())?;
    if document.issuer != issuer.name {
        let named: String = document.issuer.chars().take(200).collect();
        return Err(format!("it is that of another issuer, `{}`", named.escape_debug()));
    }
    let parsed = |text: &str| -> Result<HttpAddress, String> {
        let address: HttpAddress = text.parse().map_err(|_| "it names no address".to_owned())?;
        match address.tls || (!issuer.address.tls && address.is_loopback()) {
            true => Ok(address),
            false => Err("it names an address without TLS".to_owned()),
        }
    };
    let optional = |text: &Option<String>| text.as_deref().map(parsed).transpose();
    optional(&document.authorization_endpoint)?;
    let methods = document.token_endpoint_auth_methods_supported.unwrap_or_default();
    let knows = |method: &str| methods.iter().any(|known| known == method);
    Ok(Discovered {
        token: optional(&document.token_endpoint)?,
        userinfo: optional(&document.userinfo_endpoint)?,
        keys: parsed(&document.jwks_uri)?,
        authorization: document.authorization_endpoint,
        says_issuer: document.authorization_response_iss_parameter_supported,
        secret_in_body: knows("client_secret_post") && !knows("client_secret_basic"),
    })
}

async fn got(address: &HttpAddress) -> Result<Vec<u8>, String> {
    let request = outward::request(Method::GET, address).header(ACCEPT, "application/json");
    let (status, body) = asked(address, request, Bytes::new()).await?;
    match status {
        StatusCode::OK => Ok(body),
        _other => Err(format!("it answered {status}")),
    }
}

/// What an access token's bearer is told of themself.
pub(super) async fn userinfo(address: &HttpAddress, access: &str) -> Result<Value, String> {
    let request = outward::request(Method::GET, address).header(ACCEPT, "application/json");
    let request = request.header(AUTHORIZATION, format!("Bearer {access}"));
    let (status, body) = asked(address, request, Bytes::new()).await?;
    match status {
        StatusCode::OK => serde_json::from_slice(&body).map_err(|_| "it is no JSON".to_owned()),
        _other => Err(format!("it answered {status}")),
    }
}

/// Posts a form, with a header of authorization where there is one.
pub(super) async fn posted(
    address: &HttpAddress,
    form: String,
    authorization: Option<String>,
) -> Result<(StatusCode, Vec<u8>), String> {
    let mut request = outward::request(Method::POST, address)
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    asked(address, request, form.into()).await
}

async fn asked(
    address: &HttpAddress,
    request: request::Builder,
    body: Bytes,
) -> Result<(StatusCode, Vec<u8>), String> {
    let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
    let answer = match timeout(CALL_MAX, called(address, request)).await {
        Ok(answer) => answer,
        Err(_elapsed) => Err(Unasked::Slow),
    };
    answer.map_err(|error| error.to_string())
}

async fn called(
    address: &HttpAddress,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Vec<u8>), Unasked> {
    let found = outward::resolved(&address.target).await.map_err(Unasked::Unresolved)?;
    // Behind TLS its certificate says who answers; without, only this machine is asked.
    let fit = |ip: &std::net::IpAddr| address.tls || ip.is_loopback();
    let found: Vec<SocketAddr> =
        found.into_iter().filter(fit).map(|ip| SocketAddr::new(ip, address.target.port)).collect();
    if found.is_empty() {
        return Err(Unasked::Open);
    }
    let answer = outward::call(address, &found, request, ANSWER).await?;
    match answer.whole {
        true => Ok((answer.status, answer.body)),
        false => Err(Unasked::NotWhole),
    }
}

#[cfg(test)]
mod tests;
