//! What an issuer publishes, kept: read anew now and then, and still there while the issuer is away.

use std::sync::{Arc, PoisonError, RwLock};

use gangline_domain::ids::Timestamp;
use tokio::sync::Mutex;

/// How long it is used before it is read anew, in milliseconds.
const FRESH_MS: u64 = 60 * 60_000;
/// How long it is used while it cannot be: keys that were withdrawn meanwhile are not believed longer.
const KEPT_MS_MAX: u64 = 24 * 60 * 60_000;
/// How long after a reading the next one may be, whoever asks for whatever key.
const AGAIN_MS: u64 = 10_000;

/// One document.
#[derive(Debug)]
pub(super) struct Kept<T> {
    held: RwLock<Option<Held<T>>>,
    /// When it was last read, or tried to be, and why that failed. Held while it is being read.
    tried: Mutex<Option<(Timestamp, Result<(), String>)>>,
}

#[derive(Debug)]
struct Held<T> {
    what: Arc<T>,
    read_at: Timestamp,
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        Self { what: Arc::clone(&self.what), read_at: self.read_at }
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { held: RwLock::default(), tried: Mutex::default() }
    }
}

impl<T> Kept<T> {
    /// The document; `read` is asked where there is none yet, or an old one.
    ///
    /// # Errors
    ///
    /// Why it could not be read, where none was kept.
    pub(super) async fn get(
        &self,
        now: Timestamp,
        read: impl AsyncFnOnce() -> Result<T, String>,
    ) -> Result<Arc<T>, String> {
        let held = self.held();
        match held {
            Some(held) if now < held.read_at.plus_ms(FRESH_MS) => Ok(held.what),
            // Nobody waits for a newer one while this one does.
            Some(held) if now < held.read_at.plus_ms(KEPT_MS_MAX) => {
                if let Ok(tried) = self.tried.try_lock() {
                    self.read_anew(tried, now, read).await.or(Ok(held.what))
                } else {
                    Ok(held.what)
                }
            }
            Some(_) | None => self.read_anew(self.tried.lock().await, now, read).await,
        }
    }

    /// A newer one than `seen`, which lacks something; or `seen` again where there is none, or where
    /// the last reading was a moment ago.
    pub(super) async fn newer(
        &self,
        seen: Arc<T>,
        now: Timestamp,
        read: impl AsyncFnOnce() -> Result<T, String>,
    ) -> Arc<T> {
        let tried = self.tried.lock().await;
        match self.held() {
            // Somebody else asked for the same meanwhile.
            Some(held) if !Arc::ptr_eq(&held.what, &seen) => held.what,
            Some(_) | None => self.read_anew(tried, now, read).await.unwrap_or(seen),
        }
    }

    async fn read_anew(
        &self,
        mut tried: tokio::sync::MutexGuard<'_, Option<(Timestamp, Result<(), String>)>>,
        now: Timestamp,
        read: impl AsyncFnOnce() -> Result<T, String>,
    ) -> Result<Arc<T>, String> {
        if let Some((at, how)) = &*tried
            && now < at.plus_ms(AGAIN_MS)
        {
            // Whoever waited for the lock has what was read meanwhile.
            let held = self.held().filter(|_| how.is_ok()).map(|held| held.what);
            let why = || how.clone().err().unwrap_or_default();
            return held.ok_or_else(why);
        }
        let result = read().await;
        *tried = Some((now, result.as_ref().map(|_| ()).map_err(Clone::clone)));
        let what = Arc::new(result?);
        let held = Held { what: Arc::clone(&what), read_at: now };
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
        Ok(what)
    }

    fn held(&self) -> Option<Held<T>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const BEGIN: Timestamp = Timestamp(1_000_000_000_000);
    const MINUTE_MS: u64 = 60_000;

    /// An issuer that counts how often it is asked.
    struct Asked(AtomicU32);

    impl Asked {
        fn count(&self) -> u32 {
            self.0.load(Ordering::SeqCst)
        }

        async fn at(&self, kept: &Kept<u32>, after_ms: u64, up: bool) -> Result<u32, String> {
            let got = kept.get(BEGIN.plus_ms(after_ms), async || self.answer(up)).await;
            got.map(|got| *got)
        }

        fn answer(&self, up: bool) -> Result<u32, String> {
            let count = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            if up { Ok(count) } else { Err("away".to_owned()) }
        }
    }

    #[tokio::test]
    async fn what_was_read_is_kept_while_the_issuer_is_away_and_no_longer_than_a_day() {
        let (kept, issuer) = (Kept::default(), Asked(AtomicU32::new(0)));
        assert_eq!(issuer.at(&kept, 0, true).await, Ok(1));
        assert_eq!(issuer.at(&kept, 59 * MINUTE_MS, false).await, Ok(1));
        assert_eq!(issuer.count(), 1, "what is fresh is not asked for again");
        assert_eq!(issuer.at(&kept, 60 * MINUTE_MS, false).await, Ok(1), "it is away");
        assert_eq!(issuer.count(), 2);
        assert_eq!(issuer.at(&kept, 60 * MINUTE_MS + 1, false).await, Ok(1));
        assert_eq!(issuer.count(), 2, "it is not asked again at once");
        let day = 24 * 60 * MINUTE_MS;
        assert_eq!(issuer.at(&kept, day - 1, false).await, Ok(1));
        assert_eq!(issuer.at(&kept, day + MINUTE_MS, false).await, Err("away".to_owned()));
        assert_eq!(issuer.at(&kept, day + 2 * MINUTE_MS, true).await, Ok(5), "it is back");
    }

    #[tokio::test]
    async fn an_issuer_that_was_never_there_is_asked_again_after_a_moment() {
        let (kept, issuer) = (Kept::default(), Asked(AtomicU32::new(0)));
        for after_ms in [0, 1, AGAIN_MS - 1] {
            assert_eq!(issuer.at(&kept, after_ms, false).await, Err("away".to_owned()));
        }
        assert_eq!(issuer.count(), 1);
        assert_eq!(issuer.at(&kept, AGAIN_MS, true).await, Ok(2));
    }

    #[tokio::test]
    async fn whoever_names_unknown_keys_makes_nobody_ask_faster() {
        let (kept, issuer) = (Kept::default(), Asked(AtomicU32::new(0)));
        let first = kept.get(BEGIN, async || issuer.answer(true)).await.unwrap();
        let newer = async |after_ms: u64, up: bool| {
            let now = BEGIN.plus_ms(after_ms);
            *kept.newer(Arc::clone(&first), now, async || issuer.answer(up)).await
        };
        assert_eq!(newer(1, true).await, 1, "the last reading was a moment ago");
        assert_eq!(newer(AGAIN_MS, false).await, 1, "it is away");
        assert_eq!(newer(2 * AGAIN_MS, true).await, 3);
        assert_eq!(newer(2 * AGAIN_MS + 1, true).await, 3, "there is a newer one");
        assert_eq!(issuer.count(), 3);
    }
}
