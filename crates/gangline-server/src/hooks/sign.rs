//! Signatures: HMAC-SHA256 over `{id}.{timestamp}.{body}`.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gangline_domain::secret::Secret;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The headers of the scheme.
pub(super) const ID: &str = "webhook-id";
pub(super) const TIMESTAMP: &str = "webhook-timestamp";
pub(super) const SIGNATURE: &str = "webhook-signature";

/// What a secret begins with, and what a signature does.
const SECRET_PREFIX: &str = "whsec_";
const VERSION: &str = "v1";
/// Bytes that a key has, by the scheme.
const KEY_BYTES_MIN: usize = 24;
const KEY_BYTES_MAX: usize = 64;
/// How far a timestamp may be from this machine's clock.
pub(super) const TOLERANCE_S: i64 = 300;
/// Bytes that an id may have.
const ID_BYTES_MAX: usize = 256;

/// What messages are signed with. Never shown.
#[derive(Clone)]
pub(crate) struct SigningKey(Hmac<Sha256>);

/// Why a secret is no key. Says nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the secret is not `whsec_` and the base64 of {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes; this makes one: \
     echo whsec_$(openssl rand -base64 32)"
)]
pub(crate) struct BadKey;

/// Why a message is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsigned {
    /// A header is missing or is not what it should be.
    #[error("it needs the headers webhook-id, webhook-timestamp and webhook-signature")]
    Headers,
    /// No signature fits.
    #[error("no signature fits its id, its timestamp and its bytes")]
    Wrong,
    /// It was signed too long ago, or will be.
    #[error(
        "it was signed {off_s} s away from this machine's clock, and at most {TOLERANCE_S} s are allowed"
    )]
    Stale {
        /// How far away.
        off_s: u64,
    },
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// Reads `whsec_BASE64`.
    pub(crate) fn read(secret: &Secret) -> Result<Self, BadKey> {
        let text = str::from_utf8(secret.bytes()).map_err(|_| BadKey)?.trim();
        let bytes = text.strip_prefix(SECRET_PREFIX).ok_or(BadKey)?;
        let bytes = STANDARD.decode(bytes).map_err(|_| BadKey)?;
        if !(KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&bytes.len()) {
            return Err(BadKey);
        }
        Ok(Self(Hmac::new_from_slice(&bytes).map_err(|_| BadKey)?))
    }

    fn over(&self, id: &str, timestamp_s: i64, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(format!("{id}.{timestamp_s}.").as_bytes());
        mac.update(body);
        mac
    }

    /// The value of `webhook-signature`.
    pub(crate) fn sign(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        let mac = self.over(id, timestamp_s, body).finalize().into_bytes();
        format!("{VERSION},{}", STANDARD.encode(mac))
    }

    /// The id of a message that was signed with this key within the tolerance around `now_s`.
    /// Signatures are compared in constant time, and before anything else is told.
    pub(crate) fn verified(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now_s: i64,
    ) -> Result<String, Unsigned> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (Some(id), Some(timestamp), Some(signatures)) =
            (text(ID), text(TIMESTAMP), text(SIGNATURE))
        else {
            return Err(Unsigned::Headers);
        };
        let timestamp_s: i64 = timestamp.parse().map_err(|_| Unsigned::Headers)?;
        if id.is_empty() || id.len() > ID_BYTES_MAX || timestamp_s.to_string() != timestamp {
            return Err(Unsigned::Headers);
        }
        let mac = self.over(id, timestamp_s, body);
        let fits = |signature: &str| {
            let bytes = signature.strip_prefix(VERSION)?.strip_prefix(',')?;
            let bytes = STANDARD.decode(bytes).ok()?;
            mac.clone().verify_slice(&bytes).ok()
        };
        // Several, apart by blanks, while a secret is being changed.
        if signatures.split(' ').find_map(fits).is_none() {
            return Err(Unsigned::Wrong);
        }
        match now_s.abs_diff(timestamp_s) {
            off_s if off_s > TOLERANCE_S.unsigned_abs() => Err(Unsigned::Stale { off_s }),
            _near => Ok(id.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
