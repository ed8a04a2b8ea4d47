//! Who sends: each call to a push service carries a short-lived JWT, signed with this daemon's own key
//! (RFC 8292).

use std::sync::Arc;

use base64::Engine as _;
use gangline_domain::ids::Timestamp;
use gangline_domain::network::HttpAddress;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::book::Hidden;
use super::origin;
use super::seal::TEXT;

/// How long a JWT is worth something. A push service takes at most a day.
const WORTH_S: i64 = 12 * 3_600;

/// A key pair, by which push services tell this daemon from others.
#[derive(Debug, Clone)]
pub(super) struct Vapid(Arc<EcdsaKeyPair>);

impl Vapid {
    /// A new one, and what is kept of it.
    pub(super) fn fresh() -> (Hidden, Self) {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .expect("BUG: the system has no randomness to give");
        let kept = Hidden(TEXT.encode(document.as_ref()));
        let vapid = Self::read(&kept).expect("BUG: a key was made that is none");
        (kept, vapid)
    }

    /// The one that is kept.
    pub(super) fn read(kept: &Hidden) -> Option<Self> {
        let document = TEXT.decode(&kept.0).ok()?;
        let random = SystemRandom::new();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &document, &random).ok()?;
        Some(Self(Arc::new(pair)))
    }

    /// What browsers subscribe with.
    pub(super) fn public_text(&self) -> String {
        TEXT.encode(self.0.public_key().as_ref())
    }

    /// The value of `Authorization` for a call to this endpoint.
    pub(super) fn authorization(&self, to: &HttpAddress, contact: &str, now: Timestamp) -> String {
        let until = now.0.div_euclid(1_000_000) + WORTH_S;
        let part = |value: Value| TEXT.encode(value.to_string());
        let header = part(json!({ "typ": "JWT", "alg": "ES256" }));
        let claims = part(json!({ "aud": origin(to), "exp": until, "sub": contact }));
        let signed = format!("{header}.{claims}");
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = signature.expect("BUG: the system has no randomness to give");
        format!("vapid t={signed}.{}, k={}", TEXT.encode(signature.as_ref()), self.public_text())
    }
}

#[cfg(test)]
mod tests {
    use web_push_native::p256::ecdsa::signature::Verifier as _;
    use web_push_native::p256::ecdsa::{Signature, VerifyingKey};

    use super::*;

    #[test]
    fn another_program_finds_the_claims_signed_by_the_key_that_stands_beside_them() {
        let (kept, vapid) = Vapid::fresh();
        assert_eq!(format!("{kept:?}"), "…", "a key is shown to nobody");
        let now = Timestamp(1_000_000_000_000_000);
        for (address, audience) in [
            ("https://push.example/send/abc?x=1", "https://push.example"),
            ("https://push.example:8443/send", "https://push.example:8443"),
            ("http://127.0.0.1:4000/send", "http://127.0.0.1:4000"),
        ] {
            let to = address.parse().unwrap();
            let vapid = Vapid::read(&kept).unwrap_or_else(|| vapid.clone());
            let value = vapid.authorization(&to, "mailto:ann@example.org", now);
            let (token, key) = value.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
            let key = VerifyingKey::from_sec1_bytes(&TEXT.decode(key).unwrap()).unwrap();
            let (signed, signature) = token.rsplit_once('.').unwrap();
            let signature = Signature::from_slice(&TEXT.decode(signature).unwrap()).unwrap();
            key.verify(signed.as_bytes(), &signature).unwrap();
            assert!(key.verify(&signed.as_bytes()[1..], &signature).is_err());
            let (header, claims) = signed.split_once('.').unwrap();
            let read = |part: &str| -> Value {
                serde_json::from_slice(&TEXT.decode(part).unwrap()).unwrap()
            };
            assert_eq!(read(header)["alg"], "ES256");
            let until = 1_000_000_000 + WORTH_S;
            let claims = read(claims);
            assert_eq!(
                claims,
                json!({ "aud": audience, "exp": until, "sub": "mailto:ann@example.org" })
            );
        }
    }
}
