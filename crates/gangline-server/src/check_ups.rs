//! Check-ups, one at a time.

use std::sync::atomic::{AtomicU64, Ordering};

use gangline_api::doctor::CheckUp;
use tokio::sync::Mutex;

/// What was found last. A check-up starts programs and reads the whole store: whoever asks while one
/// is under way waits for its end, and those who waited together are answered by one.
#[derive(Debug, Default)]
pub(crate) struct CheckUps {
    begun: AtomicU64,
    /// Which one it was, by its number, and what it found. Held while one is under way.
    last: Mutex<Option<(u64, CheckUp)>>,
}

impl CheckUps {
    /// What a check-up finds that begins now or later. It is given up when nobody waits for it.
    pub(crate) async fn done(&self, look: impl AsyncFnOnce() -> CheckUp) -> CheckUp {
        let before = self.begun.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        if let Some((number, found)) = &*last
            && *number > before
        {
            return found.clone();
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let found = look().await;
        *last = Some((number, found.clone()));
        found
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use gangline_api::doctor::{Finding, Health};
    use tokio::sync::Notify;

    use super::*;

    fn found(what: &str) -> CheckUp {
        CheckUp::of(vec![Finding::new(Health::Good, what, "well")])
    }

    #[tokio::test]
    async fn those_who_wait_together_are_answered_by_one_that_began_after_they_asked() {
        let (check_ups, over) = (CheckUps::default(), Notify::new());
        let first = check_ups.done(async || {
            over.notified().await;
            found("first")
        });
        let mut first = Box::pin(first);
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(check_ups.done(async || found("second")));
        let mut third = Box::pin(check_ups.done(async || found("third")));
        assert!(second.as_mut().now_or_never().is_none(), "one at a time");
        assert!(third.as_mut().now_or_never().is_none());
        over.notify_one();
        assert_eq!(first.await, found("first"));
        // The first began before they asked: what has changed since it has not seen.
        assert_eq!((second.await, third.await), (found("second"), found("second")));
        assert_eq!(check_ups.done(async || found("fourth")).await, found("fourth"));
    }

    #[tokio::test]
    async fn one_that_is_given_up_keeps_nobody_waiting() {
        let check_ups = CheckUps::default();
        let mut first = Box::pin(check_ups.done(std::future::pending));
        assert!(first.as_mut().now_or_never().is_none());
        drop(first);
        assert_eq!(check_ups.done(async || found("second")).await, found("second"));
    }
}
