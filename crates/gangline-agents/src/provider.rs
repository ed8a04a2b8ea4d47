//! What a model's provider means, from an error's status and words, whoever passes them on.

use crate::driver::AgentEnd;
use crate::reset;

/// What is the matter with the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It does not know us, or we have to pay first: waiting does not help.
    Refuses,
    /// Quota, overload or an outage: waiting helps.
    IsFull,
}

/// Words of an overload or a used-up quota, in lower case.
const FULL: [&str; 15] = [
    "rate limit",
    "rate_limit",
    "ratelimit",
    "overloaded",
    "quota",
    "usage limit",
    "usage_limit",
    "usagelimit",
    "hit your limit",
    "resets at",
    "too many requests",
    "resource_exhausted",
    "service unavailable",
    "try again later",
    "stream disconnected",
];
/// Words of a refused login, in lower case.
const REFUSED: [&str; 11] = [
    "authentication required",
    "authentication_error",
    "authentication failed",
    "unauthorized",
    "not logged in",
    "api key",
    "api_key",
    "please log in",
    "please run /login",
    "invalid credentials",
    "payment required",
];
/// What stands before a status in words.
const STATUS: [&str; 7] =
    ["status ", "status: ", "status code ", "status_code\":", "statuscode\":", "code\":", "http "];

impl Trouble {
    /// By a status where there is one, else by the words.
    pub(crate) fn of(status: Option<u64>, words: &str) -> Option<Self> {
        let words = words.to_lowercase();
        match status.or_else(|| status_in(&words)) {
            Some(401..=403) => return Some(Self::Refuses),
            Some(408 | 429 | 500..=599) => return Some(Self::IsFull),
            Some(_) | None => {}
        }
        let says = |all: &[&str]| all.iter().any(|said| words.contains(said));
        if says(&FULL) { Some(Self::IsFull) } else { says(&REFUSED).then_some(Self::Refuses) }
    }

    /// The end of a session because of it.
    pub(crate) fn end(self, message: String) -> AgentEnd {
        match self {
            Self::Refuses => AgentEnd::AuthFailed { message },
            Self::IsFull => AgentEnd::Quota { resets_at: reset::in_words(&message), message },
        }
    }
}

/// An HTTP status that the words name as one.
fn status_in(words: &str) -> Option<u64> {
    STATUS.iter().find_map(|before| {
        let mut places = words.match_indices(before);
        places.find_map(|(at, _)| {
            let digits: String = words[at + before.len()..]
                .trim_start()
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            digits.parse().ok().filter(|status| (400..600).contains(status))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_known_by_its_status_and_else_by_its_words() {
        let check = |status, words: &str, expected| {
            assert_eq!(Trouble::of(status, words), expected, "{words}");
        };
        check(Some(429), "", Some(Trouble::IsFull));
        check(Some(401), "rate limit", Some(Trouble::Refuses));
        check(Some(400), "something", None);
        check(
            None,
            "exceeded retry limit, last status: 429 Too Many Requests",
            Some(Trouble::IsFull),
        );
        check(
            None,
            "unexpected status 529 <unknown status code>: Overloaded",
            Some(Trouble::IsFull),
        );
        check(
            None,
            "unexpected status 401 Unauthorized: Incorrect API key",
            Some(Trouble::Refuses),
        );
        check(None, r#"{"error":{"code":503}}"#, Some(Trouble::IsFull));
        check(None, "You've hit your limit", Some(Trouble::IsFull));
        check(None, "Incorrect API key provided", Some(Trouble::Refuses));
        check(None, "API key usage limit", Some(Trouble::IsFull));
        check(None, "exit status 2", None);
        check(None, "Session not found", None);
    }

    #[test]
    fn a_quota_says_when_it_ends_where_its_words_do() {
        let end = Trouble::IsFull.end("limit · resets Jan 15, 2027, 8am (UTC)".to_owned());
        assert!(matches!(end, AgentEnd::Quota { resets_at: Some(1_800_000_000), .. }), "{end:?}");
    }
}
