//! One sign-in under way: what the browser keeps meanwhile, and what is told to the issuer.
//!
//! ```text
//!   key of this daemon ─┬─ seal ────▶ cookie: seed, end, seal
//!   and the seed        ├─ state ───▶ the issuer, and back
//!                       ├─ nonce ───▶ the issuer, and back in the ID token
//!                       └─ verifier ▶ its SHA-256 to the issuer; itself with the code (RFC 7636)
//! ```
//!
//! Nothing is kept here: whoever begins sign-ins without end takes no room. The cookie says nothing of
//! state, nonce and verifier to whoever has no key, and the key goes with the daemon.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gangline_domain::ids::Timestamp;
use ring::{digest, hmac};

use crate::secret;

/// How long somebody may take to sign in, in milliseconds.
pub(crate) const SIGN_IN_MS: u64 = 10 * 60_000;

/// Makes sign-ins, and knows them again.
#[derive(Debug)]
pub(super) struct Seals(hmac::Key);

/// One sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SignIn {
    pub(super) cookie: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

/// Why a browser that comes back is not the one that went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotBegun {
    /// It has no cookie of a sign-in, or one that this daemon did not make.
    #[error("this browser has not begun to sign in here, or has taken more than ten minutes")]
    Unknown,
    /// It answers another one.
    #[error("this answers another sign-in")]
    State,
}

impl Seals {
    pub(super) fn new() -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret::fresh().as_bytes()))
    }

    pub(super) fn begin(&self, now: Timestamp) -> SignIn {
        let body = format!("{}.{}", secret::fresh(), now.plus_ms(SIGN_IN_MS).0);
        self.of(&body)
    }

    /// The sign-in of this cookie, which `state` answers.
    pub(super) fn resume(
        &self,
        cookie: &str,
        state: &str,
        now: Timestamp,
    ) -> Result<SignIn, NotBegun> {
        let (body, seal) = cookie.rsplit_once('.').ok_or(NotBegun::Unknown)?;
        if !self.fits("seal", body, seal) {
            return Err(NotBegun::Unknown);
        }
        let end = body.rsplit_once('.').and_then(|(_, end)| end.parse().ok());
        if end.is_none_or(|end| now >= Timestamp(end)) {
            return Err(NotBegun::Unknown);
        }
        match self.fits("state", body, state) {
            true => Ok(self.of(body)),
            false => Err(NotBegun::State),
        }
    }

    fn of(&self, body: &str) -> SignIn {
        let derived =
            |what: &str| URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, &labelled(what, body)));
        SignIn {
            cookie: format!("{body}.{}", derived("seal")),
            state: derived("state"),
            nonce: derived("nonce"),
            verifier: derived("verifier"),
        }
    }

    /// In a time that says nothing of what it would have to be.
    fn fits(&self, what: &str, body: &str, given: &str) -> bool {
        let given = URL_SAFE_NO_PAD.decode(given);
        given.is_ok_and(|given| hmac::verify(&self.0, &labelled(what, body), &given).is_ok())
    }
}

impl SignIn {
    /// What the issuer is told of the verifier.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, self.verifier.as_bytes()))
    }
}

fn labelled(what: &str, body: &str) -> Vec<u8> {
    format!("{what}:{body}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    #[test]
    fn a_browser_that_comes_back_in_time_is_known_again() {
        let seals = Seals::new();
        let begun = seals.begin(NOW);
        let late = NOW.plus_ms(SIGN_IN_MS);
        let just = Timestamp(late.0 - 1);
        assert_eq!(seals.resume(&begun.cookie, &begun.state, just), Ok(begun.clone()));
        assert_eq!(seals.resume(&begun.cookie, &begun.state, late), Err(NotBegun::Unknown));
        let all = [&begun.state, &begun.nonce, &begun.verifier];
        assert!(all.iter().all(|text| text.len() == 43 && !begun.cookie.contains(text.as_str())));
        assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
    }

    #[test]
    fn another_browser_and_another_answer_are_not() {
        let seals = Seals::new();
        let (begun, other) = (seals.begin(NOW), seals.begin(NOW));
        assert_ne!(begun.state, other.state);
        assert_eq!(seals.resume(&begun.cookie, &other.state, NOW), Err(NotBegun::State));
        assert_eq!(seals.resume(&begun.cookie, "", NOW), Err(NotBegun::State));
        assert_eq!(seals.resume(&begun.cookie, &begun.nonce, NOW), Err(NotBegun::State));
        // Whoever writes a later end into it has no seal for that.
        let (rest, seal) = begun.cookie.rsplit_once('.').unwrap();
        let longer = format!("{rest}0.{seal}");
        for cookie in ["", ".", "a.b.c", rest, &longer] {
            assert_eq!(seals.resume(cookie, &begun.state, NOW), Err(NotBegun::Unknown));
        }
        let restarted = Seals::new();
        assert_eq!(restarted.resume(&begun.cookie, &begun.state, NOW), Err(NotBegun::Unknown));
    }

    #[test]
    fn the_challenge_is_that_of_the_specification() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        let sign_in = SignIn { verifier, ..Seals::new().begin(NOW) };
        assert_eq!(sign_in.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
