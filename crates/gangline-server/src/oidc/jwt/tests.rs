use base64::Engine as _;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA512,
    RsaKeyPair,
};
use serde_json::json;

use super::*;

const NOW_S: i64 = 1_800_000_000;
const ISSUER: &str = "https://login.example.org";
/// Of tests alone: it signs nothing that anybody believes.
const RSA: &[u8] = include_bytes!("rsa_of_tests.der");
const SECRET: &[u8] = b"a secret of 32 bytes, or of more than that";

/// Somebody who signs tokens.
enum Signer {
    Rsa(RsaKeyPair),
    Pss(RsaKeyPair),
    Ec(&'static str, EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Hmac(Vec<u8>),
    Nobody,
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn rsa() -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(RSA).unwrap()
}

fn ec(curve: &'static str, how: &'static EcdsaSigningAlgorithm) -> Signer {
    let random = SystemRandom::new();
    let made = EcdsaKeyPair::generate_pkcs8(how, &random).unwrap();
    Signer::Ec(curve, EcdsaKeyPair::from_pkcs8(how, made.as_ref(), &random).unwrap())
}

fn ed() -> Signer {
    let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Signer::Ed(Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap())
}

impl Signer {
    fn sign(&self, text: &str) -> Vec<u8> {
        let (random, bytes) = (SystemRandom::new(), text.as_bytes());
        match self {
            Self::Rsa(key) | Self::Pss(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                let how: &dyn signature::RsaEncoding = match self {
                    Self::Pss(_) => &RSA_PSS_SHA512,
                    Self::Rsa(_) | Self::Ec(..) | Self::Ed(_) | Self::Hmac(_) | Self::Nobody => {
                        &RSA_PKCS1_SHA256
                    }
                };
                key.sign(how, &random, bytes, &mut signature).unwrap();
                signature
            }
            Self::Ec(_, key) => key.sign(&random, bytes).unwrap().as_ref().to_vec(),
            Self::Ed(key) => key.sign(bytes).as_ref().to_vec(),
            Self::Hmac(secret) => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
                ring::hmac::sign(&key, bytes).as_ref().to_vec()
            }
            Self::Nobody => vec![],
        }
    }

    fn jwk(&self, id: &str) -> Value {
        match self {
            Self::Rsa(key) | Self::Pss(key) => {
                let public: RsaPublicKeyComponents<Vec<u8>> = key.public().into();
                json!({"kty": "RSA", "kid": id, "n": encoded(public.n), "e": encoded(public.e)})
            }
            Self::Ec(curve, key) => {
                let point = &key.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({"kty": "EC", "kid": id, "crv": curve, "x": encoded(x), "y": encoded(y)})
            }
            Self::Ed(key) => {
                let x = encoded(key.public_key());
                json!({"kty": "OKP", "kid": id, "crv": "Ed25519", "x": x, "use": "sig"})
            }
            Self::Hmac(secret) => json!({"kty": "oct", "kid": id, "k": encoded(secret)}),
            Self::Nobody => json!({}),
        }
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
        format!("{signed}.{}", encoded(self.sign(&signed)))
    }
}

fn keys(of: &[(&str, &Signer)]) -> KeySet {
    let keys: Vec<Value> = of.iter().map(|(id, signer)| signer.jwk(id)).collect();
    KeySet::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": "gangline", "sub": "17", "exp": NOW_S + 300, "nonce": "n"})
}

fn told(token: &str, keys: &KeySet) -> String {
    told_as(token, keys, Some(SignIn { client: "gangline", nonce: "n" }), &["jwt"])
}

fn told_as(token: &str, keys: &KeySet, sign_in: Option<SignIn<'_>>, types: &[&str]) -> String {
    let audiences = ["gangline".to_owned()].into();
    let wanted =
        Wanted { types, issuer: Some(ISSUER), audiences: &audiences, sign_in, now_s: NOW_S };
    match judged(token, keys, &wanted) {
        Ok(claims) => claims.subject().unwrap_or("somebody").to_owned(),
        Err(bad) => bad.to_string(),
    }
}

#[test]
fn every_algorithm_on_the_list_is_judged_by_a_key_of_its_kind() {
    let signers = [
        ("RS256", Signer::Rsa(rsa())),
        ("PS512", Signer::Pss(rsa())),
        ("ES256", ec("P-256", &ECDSA_P256_SHA256_FIXED_SIGNING)),
        ("ES384", ec("P-384", &ECDSA_P384_SHA384_FIXED_SIGNING)),
        ("EdDSA", ed()),
    ];
    for (algorithm, signer) in &signers {
        let keys = keys(&[("a", signer)]);
        let token = signer.token(&json!({"alg": algorithm, "kid": "a"}), &claims());
        assert_eq!(told(&token, &keys), "17", "{algorithm}");
        let unnamed = signer.token(&json!({"alg": algorithm}), &claims());
        assert_eq!(told(&unnamed, &keys), "17", "{algorithm} by a key without a name");
        // The same signature under every other name.
        for (other, _) in Algorithm::NAMED {
            if Algorithm::named(other) != Algorithm::named(algorithm) {
                let token = signer.token(&json!({"alg": other, "kid": "a"}), &claims());
                let refused = told(&token, &keys);
                assert_eq!(refused, "its signature is not by a key of the issuer", "{other}");
            }
        }
        let (_, signature) = token.rsplit_once('.').unwrap();
        let header = encoded(json!({"alg": algorithm, "kid": "a"}).to_string());
        let mut forged = claims();
        forged["sub"] = "1".into();
        let forged = format!("{header}.{}.{signature}", encoded(forged.to_string()));
        assert_eq!(told(&forged, &keys), "its signature is not by a key of the issuer");
    }
}

#[test]
fn no_signature_and_one_by_what_everybody_knows_are_none() {
    let issuer = Signer::Rsa(rsa());
    let keys = keys(&[("a", &issuer)]);
    for none in ["none", "None", "NONE", "nOnE", "", "RS1", "HS256 ", "rs256"] {
        let token = Signer::Nobody.token(&json!({"alg": none, "kid": "a"}), &claims());
        let refused = told(&token, &keys);
        assert!(refused.ends_with("is not one that is believed"), "{none}: {refused}");
    }
    // The public key, in every form in which a verifier might take it for a secret.
    let public: RsaPublicKeyComponents<Vec<u8>> = rsa().public().into();
    let jwk = issuer.jwk("a").to_string().into_bytes();
    for secret in [public.n.clone(), encoded(&public.n).into_bytes(), jwk, public.e] {
        let token = Signer::Hmac(secret).token(&json!({"alg": "HS256", "kid": "a"}), &claims());
        assert_eq!(told(&token, &keys), "its signature is not by a key of the issuer");
    }
    // A key that the token brings along itself is nobody's.
    let own = ed();
    let header = json!({"alg": "EdDSA", "jwk": own.jwk("b"), "jku": "https://evil.example/keys"});
    assert_eq!(
        told(&own.token(&header, &claims()), &keys),
        "its key without a name is not one of the issuer's"
    );
}

#[test]
fn a_symmetric_key_in_a_public_set_is_passed_over() {
    let (shared, issuer) = (Signer::Hmac(SECRET.to_vec()), ed());
    let both = keys(&[("s", &shared), ("a", &issuer)]);
    let token = shared.token(&json!({"alg": "HS256", "kid": "s"}), &claims());
    assert_eq!(told(&token, &both), "its key `s` is not one of the issuer's");
    let alone = json!({"keys": [shared.jwk("s")]}).to_string();
    assert_eq!(KeySet::read(alone.as_bytes()), Err(BadKeys::None));
    assert_eq!(KeySet::read(b"{}"), Err(BadKeys::Form));
}

#[test]
fn a_secret_of_both_sides_judges_nothing_but_what_it_signs() {
    let shared = KeySet::shared(&[SECRET, b"\n"].concat()).unwrap();
    let signer = Signer::Hmac(SECRET.to_vec());
    let token = |algorithm: &str| signer.token(&json!({"alg": algorithm, "kid": "x"}), &claims());
    assert_eq!(told(&token("HS256"), &shared), "17");
    for other in ["HS512", "RS256", "EdDSA", "none"] {
        assert_ne!(told(&token(other), &shared), "17", "{other}");
    }
    let stranger = Signer::Hmac(b"another secret of 32 bytes, or of more".to_vec());
    let token = stranger.token(&json!({"alg": "HS256"}), &claims());
    assert_eq!(told(&token, &shared), "its signature is not by a key of the issuer");
    assert_eq!(KeySet::shared(b"short"), Err(BadKeys::Short));
}

#[test]
fn a_key_is_for_what_its_issuer_says() {
    let issuer = Signer::Rsa(rsa());
    let with = |name: &str, value: &str| {
        let mut jwk = issuer.jwk("a");
        jwk[name] = value.into();
        KeySet::read(json!({ "keys": [jwk] }).to_string().as_bytes())
    };
    let token = issuer.token(&json!({"alg": "RS256", "kid": "a"}), &claims());
    assert_eq!(told(&token, &with("alg", "RS256").unwrap()), "17");
    let other = told(&token, &with("alg", "PS256").unwrap());
    assert_eq!(other, "its signature is not by a key of the issuer");
    assert_eq!(with("use", "enc"), Err(BadKeys::None));
}

#[test]
fn claims_are_believed_when_all_of_them_are_in_order() {
    let issuer = ed();
    let keys = keys(&[("a", &issuer)]);
    let with = |change: Value| {
        let mut claims = claims();
        for (name, value) in change.as_object().unwrap() {
            // What is null is left out.
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        told(&issuer.token(&json!({"alg": "EdDSA", "kid": "a"}), &claims), &keys)
    };
    let issuer_wrong = "it is by another issuer";
    let audience_wrong = "it is for another audience";
    let client_wrong = "it was given to another client";
    let expired = "it has expired";
    let early = "it is not valid yet";
    let nonce_wrong = "it answers another sign-in";
    for (change, expected) in [
        (json!({}), "17"),
        (json!({"iss": "https://login.example.org/"}), issuer_wrong),
        (json!({"iss": [ISSUER]}), issuer_wrong),
        (json!({"iss": null}), issuer_wrong),
        (json!({"aud": "other"}), audience_wrong),
        (json!({"aud": "Gangline"}), audience_wrong),
        (json!({"aud": []}), audience_wrong),
        (json!({"aud": {"gangline": 1}}), audience_wrong),
        (json!({"aud": null}), audience_wrong),
        (json!({"aud": ["gangline"]}), "17"),
        (json!({"aud": ["gangline", "other"]}), client_wrong),
        (json!({"aud": ["gangline", "other"], "azp": "gangline"}), "17"),
        (json!({"aud": ["gangline", "other"], "azp": "other"}), client_wrong),
        (json!({"azp": "other"}), client_wrong),
        (json!({"exp": null}), expired),
        (json!({"exp": (NOW_S + 300).to_string()}), expired),
        (json!({"exp": NOW_S - 60}), expired),
        (json!({"exp": NOW_S - 59}), "17"),
        (json!({"exp": 0}), expired),
        (json!({"exp": -1e300}), expired),
        (json!({"exp": 1e300}), "17"),
        (json!({"nbf": NOW_S + 60}), "17"),
        (json!({"nbf": NOW_S + 61}), early),
        (json!({"nbf": "0"}), early),
        (json!({"iat": NOW_S + 3_600}), early),
        (json!({"nonce": "m"}), nonce_wrong),
        (json!({"nonce": null}), nonce_wrong),
        (json!({"sub": null}), "it says of nobody who they are"),
        (json!({"sub": " "}), "it says of nobody who they are"),
        (json!({"sub": "a\nb"}), "it says of nobody who they are"),
    ] {
        assert_eq!(with(change.clone()), expected, "{change}");
    }
}

#[test]
fn a_token_for_one_use_is_none_for_another() {
    let issuer = ed();
    let keys = keys(&[("a", &issuer)]);
    let typed =
        |typ: &str| issuer.token(&json!({"alg": "EdDSA", "kid": "a", "typ": typ}), &claims());
    let access = |token: &str| told_as(token, &keys, None, &["jwt", "at+jwt"]);
    assert_eq!(told(&typed("JWT"), &keys), "17");
    for typ in ["at+jwt", "application/AT+JWT"] {
        assert_eq!(told(&typed(typ), &keys), "it is a JWT for another use", "{typ}");
        assert_eq!(access(&typed(typ)), "17");
    }
    for typ in ["logout+jwt", "dpop+jwt", "secevent+jwt", ""] {
        assert_eq!(access(&typed(typ)), "it is a JWT for another use", "{typ}");
    }
    let critical = json!({"alg": "EdDSA", "kid": "a", "crit": ["b64"], "b64": false});
    let critical = issuer.token(&critical, &claims());
    assert_eq!(told(&critical, &keys), "it has a critical header that is not understood");
}

#[test]
fn what_is_no_token_is_told_so() {
    let issuer = ed();
    let keys = keys(&[("a", &issuer)]);
    let token = issuer.token(&json!({"alg": "EdDSA", "kid": "a"}), &claims());
    let list = issuer.token(&json!({"alg": "EdDSA", "kid": "a"}), &json!(["a"]));
    let padded = format!("{token}=");
    let long = format!("{token}{}", "A".repeat(TOKEN_BYTES_MAX));
    let cut = &token[..token.len() - 2];
    for bad in ["", ".", "..", "a.b", "gl_abc", "a.b.c.d", &list, &padded, &long] {
        assert_eq!(told(bad, &keys), "it is not a signed JWT", "{bad}");
    }
    assert_ne!(told(cut, &keys), "17");
    let unknown = issuer.token(&json!({"alg": "EdDSA", "kid": "b\"<x>"}), &claims());
    assert_eq!(told(&unknown, &keys), "its key `b\\\"<x>` is not one of the issuer's");
}
