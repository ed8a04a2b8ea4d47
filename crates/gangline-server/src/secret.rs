//! Secrets that this program makes: told once, kept as digests.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gangline_domain::ids::TokenId;
use sha2::{Digest as _, Sha256};

/// What the secrets of tokens begin with, so that people and scanners know one when they see it.
const PREFIX: &str = "gl_";

/// Something that nobody can guess: 32 random bytes, as text for headers and addresses.
pub(crate) fn fresh() -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// A name for a token, of eight hexadecimal digits.
pub(crate) fn fresh_id() -> TokenId {
    let text = format!("{:08x}", u32::from_ne_bytes(random()));
    text.parse().expect("BUG: hexadecimal digits are a token's id")
}

/// What is kept of a secret: its SHA-256, in hexadecimal digits.
pub(crate) fn digest(secret: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(secret.as_bytes()) {
        write!(hex, "{byte:02x}").expect("BUG: a String takes all text");
    }
    hex
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("BUG: the system has no randomness to give");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_are_recognised_by_their_digest() {
        let (one, other) = (fresh(), fresh());
        assert_ne!(one, other);
        assert_eq!(one.len(), PREFIX.len() + 43);
        assert!(one.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'), "{one}");
        // The first example of FIPS 180-2.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest("abc"), known);
    }
}
