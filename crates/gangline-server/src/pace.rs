//! How much one caller may ask in a minute. Over the unix socket nobody is counted.

use std::num::NonZeroU32;

use gangline_api::codes;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::problem::Failure;

/// Callers that are remembered before those are forgotten that have been quiet for long.
const CALLERS_MAX: usize = 1_000;

/// A bound on what each caller does; what was not used up is there again evenly over a minute.
#[derive(Debug)]
pub(crate) struct Pace {
    what: &'static str,
    per_minute: NonZeroU32,
    callers: DefaultKeyedRateLimiter<String>,
}

impl Pace {
    /// `what` is counted, in the plural; no bound where there is no number.
    pub(crate) fn new(what: &'static str, per_minute: Option<NonZeroU32>) -> Option<Self> {
        let per_minute = per_minute?;
        let callers = RateLimiter::keyed(Quota::per_minute(per_minute));
        Some(Self { what, per_minute, callers })
    }

    /// Counts one more of this caller.
    ///
    /// # Errors
    ///
    /// `too_many_requests`, with the seconds after which the next one is let in.
    pub(crate) fn count(&self, caller: &str) -> Result<(), Failure> {
        if self.callers.len() > CALLERS_MAX {
            self.callers.retain_recent();
        }
        let Err(until) = self.callers.check_key(&caller.to_owned()) else { return Ok(()) };
        let wait = until.wait_time_from(DefaultClock::default().now());
        let seconds = wait.as_secs() + 1;
        let detail = format!(
            "more than {} {} in a minute; ask again in {seconds} s",
            self.per_minute, self.what
        );
        Err(Failure::new(codes::too_many_requests, detail).retry_after(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_a_bound_of_its_own() {
        let pace = Pace::new("requests", NonZeroU32::new(3)).unwrap();
        for _ in 0..3 {
            pace.count("a").unwrap();
        }
        let Failure(problem) = pace.count("a").unwrap_err();
        assert_eq!((problem.code.as_str(), problem.status), ("too_many_requests", 429));
        insta::assert_snapshot!(problem.detail, @"more than 3 requests in a minute; ask again in 20 s");
        pace.count("b").unwrap();
        assert!(Pace::new("requests", None).is_none());
    }
}
