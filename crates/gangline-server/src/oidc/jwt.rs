//! JSON Web Tokens, judged: RFC 7515 (signatures), RFC 7517 (keys), RFC 7519 (claims), with the advice
//! of RFC 8725.
//!
//! ```text
//!   token ▸ header ▸ algorithm on the list? ▸ key of that kind, by its id ▸ signature ▸ claims
//! ```
//!
//! An algorithm and a key meet only in [`Key::verifies`], which has no arm for `none`, none for a
//! symmetric algorithm with a public key, and none for a key of another kind. The arithmetic is
//! ring's, as it is for TLS.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Bytes that a token may have.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Keys of a set that are looked at.
const KEYS_MAX: usize = 64;
/// Seconds that two clocks may differ by.
pub(crate) const LEEWAY_S: i64 = 60;
/// Bytes that a shared secret has at least: as many as the hash of HS256 (RFC 7518, 3.2).
const SHARED_BYTES_MIN: usize = 32;

/// What a token may be signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
    Hs256,
    Hs384,
    Hs512,
}

impl Algorithm {
    /// All of them, as tokens name them.
    const NAMED: [(&'static str, Self); 13] = [
        ("RS256", Self::Rs256),
        ("RS384", Self::Rs384),
        ("RS512", Self::Rs512),
        ("PS256", Self::Ps256),
        ("PS384", Self::Ps384),
        ("PS512", Self::Ps512),
        ("ES256", Self::Es256),
        ("ES384", Self::Es384),
        ("EdDSA", Self::EdDsa),
        // RFC 9864.
        ("Ed25519", Self::EdDsa),
        ("HS256", Self::Hs256),
        ("HS384", Self::Hs384),
        ("HS512", Self::Hs512),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
    }
}

/// Why a token is not believed. Says nothing that stands in it but the names of its algorithm and key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadToken {
    /// It is none.
    #[error("it is not a signed JWT")]
    Form,
    /// It is one for something else.
    #[error("it is a JWT for another use")]
    Type,
    /// Its algorithm is not on the list.
    #[error("its algorithm {0} is not one that is believed")]
    Algorithm(String),
    /// It demands what is not understood.
    #[error("it has a critical header that is not understood")]
    Critical,
    /// Nobody has the key that it names.
    #[error("its key {0} is not one of the issuer's")]
    UnknownKey(String),
    /// No key fits.
    #[error("its signature is not by a key of the issuer")]
    Signature,
    /// Another one gave it.
    #[error("it is by another issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("it is for another audience")]
    Audience,
    /// It was given to another client.
    #[error("it was given to another client")]
    Client,
    /// Its time is over, or it says of no time when that is.
    #[error("it has expired")]
    Expired,
    /// Its time has not come.
    #[error("it is not valid yet")]
    Early,
    /// It answers another sign-in.
    #[error("it answers another sign-in")]
    Nonce,
    /// It says of nobody who they are.
    #[error("it says of nobody who they are")]
    Subject,
}

impl BadToken {
    /// Whether newer keys could say something else.
    pub(crate) fn wants_newer_keys(&self) -> bool {
        match self {
            Self::UnknownKey(_) => true,
            Self::Form
            | Self::Type
            | Self::Algorithm(_)
            | Self::Critical
            | Self::Signature
            | Self::Issuer
            | Self::Audience
            | Self::Client
            | Self::Expired
            | Self::Early
            | Self::Nonce
            | Self::Subject => false,
        }
    }
}

/// What a token must say, beside being signed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'w> {
    /// `typ` of its header, in small letters and without `application/`; none is `jwt`.
    pub(crate) types: &'w [&'w str],
    /// Who gave it; anybody, when absent.
    pub(crate) issuer: Option<&'w str>,
    /// For whom it is: one of these; anybody, when empty.
    pub(crate) audiences: &'w BTreeSet<String>,
    /// It answers this client's sign-in.
    pub(crate) sign_in: Option<SignIn<'w>>,
    /// Seconds since 1970.
    pub(crate) now_s: i64,
}

/// The sign-in that an ID token answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignIn<'w> {
    pub(crate) client: &'w str,
    pub(crate) nonce: &'w str,
}

/// What a token says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Claims(pub(crate) Map<String, Value>);

impl Claims {
    /// A text among them.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Who it is about: at most 255 printable characters, as OpenID Connect wants them.
    pub(crate) fn subject(&self) -> Option<&str> {
        let printable = |c: char| !c.is_control();
        let fits = |sub: &&str| {
            !sub.trim().is_empty() && sub.chars().count() <= 255 && sub.chars().all(printable)
        };
        self.text("sub").filter(fits)
    }

    /// When it ends, in seconds since 1970.
    pub(crate) fn expires_s(&self) -> Option<i64> {
        self.seconds("exp")
    }

    /// Whole seconds, rounded down; numbers only.
    #[expect(clippy::cast_possible_truncation, reason = "what is too large is as good as for ever")]
    fn seconds(&self, name: &str) -> Option<i64> {
        let number = self.0.get(name)?;
        number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds.floor() as i64))
    }

    fn audiences(&self) -> Vec<&str> {
        match self.0.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            Some(_) | None => vec![],
        }
    }

    fn check(&self, wanted: &Wanted<'_>) -> Result<(), BadToken> {
        if wanted.issuer.is_some_and(|issuer| self.text("iss") != Some(issuer)) {
            return Err(BadToken::Issuer);
        }
        let audiences = self.audiences();
        let is_for = |audience: &&str| wanted.audiences.contains(*audience);
        if !wanted.audiences.is_empty() && !audiences.iter().any(is_for) {
            return Err(BadToken::Audience);
        }
        let expires = self.expires_s().ok_or(BadToken::Expired)?;
        if wanted.now_s >= expires.saturating_add(LEEWAY_S) {
            return Err(BadToken::Expired);
        }
        for name in ["nbf", "iat"] {
            let begins = match self.0.get(name) {
                Some(_) => self.seconds(name).ok_or(BadToken::Early)?,
                None => continue,
            };
            if wanted.now_s < begins.saturating_sub(LEEWAY_S) {
                return Err(BadToken::Early);
            }
        }
        let Some(SignIn { client, nonce }) = wanted.sign_in else { return Ok(()) };
        let azp = self.text("azp");
        // OpenID Connect Core, 3.1.3.7: whoever is one of several is told to be the one it was given to.
        if azp.is_some_and(|azp| azp != client) || (audiences.len() > 1 && azp.is_none()) {
            return Err(BadToken::Client);
        }
        if self.text("nonce") != Some(nonce) {
            return Err(BadToken::Nonce);
        }
        self.subject().map(|_| ()).ok_or(BadToken::Subject)
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

/// Whether a text looks like a token of this kind: three parts.
pub(crate) fn looks_like(text: &str) -> bool {
    text.split('.').count() == 3
}

/// What a token says, when all of it is in order.
pub(crate) fn judged(token: &str, keys: &KeySet, wanted: &Wanted<'_>) -> Result<Claims, BadToken> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(BadToken::Form);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(BadToken::Form)?;
    let (header, payload) = signed.split_once('.').ok_or(BadToken::Form)?;
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| BadToken::Form);
    let (header, payload, signature) = (decoded(header)?, decoded(payload)?, decoded(signature)?);
    let header: Header = serde_json::from_slice(&header).map_err(|_| BadToken::Form)?;
    if header.crit.is_some() {
        return Err(BadToken::Critical);
    }
    let typ = header.typ.unwrap_or("jwt".to_owned()).to_ascii_lowercase();
    let typ = typ.strip_prefix("application/").unwrap_or(&typ);
    if !wanted.types.contains(&typ) {
        return Err(BadToken::Type);
    }
    let algorithm =
        Algorithm::named(&header.alg).ok_or_else(|| BadToken::Algorithm(shown(&header.alg)))?;
    keys.verify(algorithm, header.kid.as_deref(), signed.as_bytes(), &signature)?;
    let claims = serde_json::from_slice(&payload).map_err(|_| BadToken::Form)?;
    let claims = Claims(claims);
    claims.check(wanted)?;
    Ok(claims)
}

fn shown(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    format!("`{}`", short.escape_debug())
}

/// The keys that one issuer signs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeySet(Vec<Known>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    id: Option<String>,
    /// The one algorithm that it is for, where its issuer says so.
    only: Option<String>,
    key: Key,
}

/// A key; of each kind its own, so that none is taken for another.
#[derive(Clone, PartialEq, Eq)]
enum Key {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
    /// Known to both sides, and to nobody else.
    Shared(Vec<u8>),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rsa { .. } => "Rsa",
            Self::P256(_) => "P256",
            Self::P384(_) => "P384",
            Self::Ed25519(_) => "Ed25519",
            Self::Shared(_) => "Shared",
        })
    }
}

/// Why keys are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadKeys {
    /// It is no JSON of this form.
    #[error("it is not a JSON Web Key Set")]
    Form,
    /// None of them can be used.
    #[error("none of its keys is one that signatures are judged by")]
    None,
    /// Whoever guesses it could sign.
    #[error("the shared secret has fewer than {SHARED_BYTES_MIN} bytes")]
    Short,
}

#[derive(Deserialize)]
struct JwkSet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default, rename = "use")]
    used_for: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
}

impl KeySet {
    /// The public keys of a JSON Web Key Set. What is for something else, or of a kind that is not
    /// known, is passed over; a symmetric key in a public set is nobody's secret, and is, too.
    pub(crate) fn read(json: &[u8]) -> Result<Self, BadKeys> {
        let set: JwkSet = serde_json::from_slice(json).map_err(|_| BadKeys::Form)?;
        let jwks = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        let known: Vec<Known> = jwks.filter_map(Known::of).take(KEYS_MAX).collect();
        if known.is_empty() {
            return Err(BadKeys::None);
        }
        Ok(Self(known))
    }

    /// One secret that both sides know.
    pub(crate) fn shared(secret: &[u8]) -> Result<Self, BadKeys> {
        // Files end with an end of line.
        let secret = secret.trim_ascii();
        if secret.len() < SHARED_BYTES_MIN {
            return Err(BadKeys::Short);
        }
        Ok(Self(vec![Known { id: None, only: None, key: Key::Shared(secret.to_vec()) }]))
    }

    fn verify(
        &self,
        algorithm: Algorithm,
        id: Option<&str>,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<(), BadToken> {
        // A key without an id, such as a shared one, fits every id.
        let named = |known: &&Known| match (id, &known.id) {
            (Some(wanted), Some(id)) => wanted == id,
            (None, _) | (_, None) => true,
        };
        let mut candidates = self.0.iter().filter(named).peekable();
        if candidates.peek().is_none() {
            return Err(BadToken::UnknownKey(shown(id.unwrap_or_default())));
        }
        if candidates.any(|known| known.verifies(algorithm, signed, signature)) {
            return Ok(());
        }
        // Without a name, it may be by a key that is newer than all of these.
        let shared = |known: &Known| matches!(known.key, Key::Shared(_));
        match id.is_some() || self.0.iter().any(shared) {
            true => Err(BadToken::Signature),
            false => Err(BadToken::UnknownKey("without a name".to_owned())),
        }
    }
}

impl Known {
    fn of(jwk: Jwk) -> Option<Self> {
        if jwk.used_for.as_deref().is_some_and(|used_for| used_for != "sig") {
            return None;
        }
        let part = |part: &Option<String>| URL_SAFE_NO_PAD.decode(part.as_deref()?).ok();
        let point = |length: usize| {
            let (x, y) = (part(&jwk.x)?, part(&jwk.y)?);
            // Uncompressed, as ring wants it.
            (x.len() == length && y.len() == length).then(|| [vec![4], x, y].concat())
        };
        let key = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => Key::Rsa { n: part(&jwk.n)?, e: part(&jwk.e)? },
            ("EC", Some("P-256")) => Key::P256(point(32)?),
            ("EC", Some("P-384")) => Key::P384(point(48)?),
            ("OKP", Some("Ed25519")) => Key::Ed25519(part(&jwk.x)?),
            (_, _) => return None,
        };
        Some(Self { id: jwk.kid, only: jwk.alg, key })
    }

    fn verifies(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        let allowed = |only: &String| Algorithm::named(only) == Some(algorithm);
        self.only.as_ref().is_none_or(allowed) && self.key.verifies(algorithm, signed, signature)
    }
}

impl Key {
    /// Whether this key made the signature, by this algorithm. A key of another kind made none.
    fn verifies(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        use Algorithm as A;
        let by = |how: &'static dyn signature::VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(how, key).verify(signed, signature).is_ok()
        };
        match self {
            Self::Rsa { n, e } => {
                let how = match algorithm {
                    A::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
                    A::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
                    A::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
                    A::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
                    A::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
                    A::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
                    A::Es256 | A::Es384 | A::EdDsa | A::Hs256 | A::Hs384 | A::Hs512 => {
                        return false;
                    }
                };
                RsaPublicKeyComponents { n, e }.verify(how, signed, signature).is_ok()
            }
            Self::P256(point) => {
                algorithm == A::Es256 && by(&signature::ECDSA_P256_SHA256_FIXED, point)
            }
            Self::P384(point) => {
                algorithm == A::Es384 && by(&signature::ECDSA_P384_SHA384_FIXED, point)
            }
            Self::Ed25519(key) => algorithm == A::EdDsa && by(&signature::ED25519, key),
            Self::Shared(secret) => {
                use ring::hmac;
                let how = match algorithm {
                    A::Hs256 => hmac::HMAC_SHA256,
                    A::Hs384 => hmac::HMAC_SHA384,
                    A::Hs512 => hmac::HMAC_SHA512,
                    A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512 => {
                        return false;
                    }
                    A::Es256 | A::Es384 | A::EdDsa => return false,
                };
                hmac::verify(&hmac::Key::new(how, secret), signed, signature).is_ok()
            }
        }
    }
}

#[cfg(test)]
mod tests;
