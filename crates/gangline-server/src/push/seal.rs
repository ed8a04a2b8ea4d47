//! Messages that only one browser can read: RFC 8291, over the content coding `aes128gcm` of RFC 8188.
//!
//! ```text
//!   ECDH(our key of this message, the browser's) ─HKDF with its secret─▶ IKM ─HKDF with a salt─▶ key, nonce
//!   salt ‖ 4096 ‖ 65 ‖ our public key ‖ AES-128-GCM(text ‖ 2)
//! ```

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use gangline_api::push::PushKeys;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::{SecureRandom as _, SystemRandom};

/// In base64url; browsers leave the padding out, libraries may not.
pub(super) const TEXT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// A point of P-256, as it is written whole.
const POINT_BYTES: usize = 65;
const AUTH_BYTES: usize = 16;
const SALT_BYTES: usize = 16;
/// The size of a record that every push service takes (RFC 8291, 4); there is one record.
const RECORD_BYTES: u32 = 4096;
/// Bytes that a message may have: what is left of a body of 4,096 (RFC 8030, 7.2).
pub(super) const MESSAGE_BYTES_MAX: usize = 3_993;
/// Behind the last record's text (RFC 8188, 2).
const LAST: u8 = 2;

/// What messages to a browser are encrypted for.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Keys {
    public: [u8; POINT_BYTES],
    auth: [u8; AUTH_BYTES],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// What a browser says, or why that is none.
    pub(crate) fn read(text: &PushKeys) -> Result<Self, &'static str> {
        let bytes = |text: &str| TEXT.decode(text).ok();
        let public = bytes(&text.p256dh).and_then(|bytes| bytes.try_into().ok());
        let public = public.ok_or("p256dh is a point of P-256, 65 bytes in base64url")?;
        let auth = bytes(&text.auth).and_then(|bytes| bytes.try_into().ok());
        let auth = auth.ok_or("auth is 16 bytes in base64url")?;
        let keys = Self { public, auth };
        // The arithmetic knows which points are on the curve.
        let known = keys.sealed(b"").is_some();
        known.then_some(keys).ok_or("p256dh is not on the curve P-256")
    }

    /// A message for whoever has the other half of these keys. Nothing when they are none.
    pub(super) fn sealed(&self, text: &[u8]) -> Option<Vec<u8>> {
        assert!(
            text.len() <= MESSAGE_BYTES_MAX,
            "BUG: a message is longer than push services take"
        );
        let random = SystemRandom::new();
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &random)
            .expect("BUG: the system has no randomness to give");
        let public = own.compute_public_key().expect("BUG: a key of ours has a public half");
        let public: [u8; POINT_BYTES] =
            public.as_ref().try_into().expect("BUG: a point is written whole");
        let mut salt = [0; SALT_BYTES];
        random.fill(&mut salt).expect("BUG: the system has no randomness to give");
        let theirs = UnparsedPublicKey::new(&ECDH_P256, self.public);
        agree_ephemeral(own, &theirs, |shared| self.sealed_with(shared, (&public, &salt), text))
            .ok()
    }

    /// The same with what is random in it given: the shared secret, our public key and the salt.
    fn sealed_with(
        &self,
        shared: &[u8],
        (public, salt): (&[u8; POINT_BYTES], &[u8; SALT_BYTES]),
        text: &[u8],
    ) -> Vec<u8> {
        let info = [b"WebPush: info\0", &self.public[..], &public[..]];
        let secret: [u8; 32] = derived((&self.auth, shared), &info);
        let key: [u8; 16] = derived((salt, &secret), &[b"Content-Encoding: aes128gcm\0"]);
        let nonce: [u8; 12] = derived((salt, &secret), &[b"Content-Encoding: nonce\0"]);
        let mut record = [text, &[LAST]].concat();
        let key = UnboundKey::new(&AES_128_GCM, &key).expect("BUG: a key of 128 bits has 16 bytes");
        LessSafeKey::new(key)
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::empty(),
                &mut record,
            )
            .expect("BUG: a message is short");
        let id_bytes = u8::try_from(POINT_BYTES).expect("BUG: a point is written in 65 bytes");
        [&salt[..], &RECORD_BYTES.to_be_bytes(), &[id_bytes], public, &record].concat()
    }
}

/// HKDF of RFC 5869: extracted with a salt, expanded to as many bytes as are wanted.
fn derived<const N: usize>((salt, secret): (&[u8], &[u8]), info: &[&[u8]]) -> [u8; N] {
    struct Bytes(usize);
    impl KeyType for Bytes {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut bytes = [0; N];
    let extracted = Salt::new(HKDF_SHA256, salt).extract(secret);
    let expanded = extracted.expand(info, Bytes(N)).expect("BUG: few bytes are wanted");
    expanded.fill(&mut bytes).expect("BUG: as many as were said");
    bytes
}

#[cfg(test)]
mod tests {
    use web_push_native::p256::SecretKey;
    use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint as _;

    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        TEXT.decode(text).unwrap().try_into().unwrap()
    }

    #[test]
    fn the_example_of_the_specification_comes_out_as_it_stands_there() {
        // RFC 8291, Appendix A.
        let keys = Keys {
            public: bytes(
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            ),
            auth: bytes("BTBZMqHH6r4Tts7J_aSIgg"),
        };
        let shared: [u8; 32] = bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let public = bytes(
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
        );
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw");
        let text = b"When I grow up, I want to be a watermelon";
        assert_eq!(
            TEXT.encode(keys.sealed_with(&shared, (&public, &salt), text)),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml\
             mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
             pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn another_program_reads_a_message_with_the_browsers_keys_and_with_no_others() {
        let theirs = SecretKey::from_slice(&[7; 32]).unwrap();
        let point = theirs.public_key().to_encoded_point(false);
        let auth = [9; AUTH_BYTES];
        let text = PushKeys { p256dh: TEXT.encode(point.as_bytes()), auth: TEXT.encode(auth) };
        let keys = Keys::read(&text).unwrap();
        let message = "x".repeat(MESSAGE_BYTES_MAX);
        let sealed = keys.sealed(message.as_bytes()).unwrap();
        assert_eq!(sealed.len(), 4_096);
        let read = web_push_native::decrypt(sealed.clone(), &theirs, &auth.into()).unwrap();
        assert_eq!(String::from_utf8(read).unwrap(), message);
        let other = SecretKey::from_slice(&[8; 32]).unwrap();
        assert!(web_push_native::decrypt(sealed.clone(), &other, &auth.into()).is_err());
        assert!(web_push_native::decrypt(sealed.clone(), &theirs, &[1; 16].into()).is_err());
        assert_ne!(keys.sealed(message.as_bytes()).unwrap(), sealed, "each has a key of its own");
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let theirs = SecretKey::from_slice(&[7; 32]).unwrap();
        let point = theirs.public_key().to_encoded_point(false);
        let auth = TEXT.encode([9; 16]);
        let read = |point: &[u8], auth: &str| {
            Keys::read(&PushKeys { p256dh: TEXT.encode(point), auth: auth.to_owned() })
        };
        assert!(read(point.as_bytes(), &format!("{auth}==")).is_ok(), "with padding");
        let mut bent = point.as_bytes().to_vec();
        bent[64] ^= 1;
        for (point, auth, why) in [
            (&bent[..], &*auth, "p256dh is not on the curve P-256"),
            (&point.as_bytes()[..64], &auth, "p256dh is a point of P-256, 65 bytes in base64url"),
            (point.as_bytes(), "AAAA", "auth is 16 bytes in base64url"),
            (point.as_bytes(), "+", "auth is 16 bytes in base64url"),
        ] {
            assert_eq!(read(point, auth).unwrap_err(), why);
        }
    }
}
