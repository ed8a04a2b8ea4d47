//! Secrets, read where they are and kept for a minute: a secret may be what a command prints, and
//! whoever can reach a door could otherwise have it run as often as they like.

use std::time::Duration;

use gangline_domain::secret::Secret;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::archive::Archive;
use crate::hooks::Signing;

/// How long a secret is used before it is read anew, and how long it is not tried again.
const KEPT: Duration = Duration::from_mins(1);
const UNREAD: Duration = Duration::from_secs(5);

type Read = Result<Secret, String>;

/// One secret.
#[derive(Debug, Default)]
pub(crate) struct KeptSecret(Mutex<Option<(Instant, Read)>>);

impl KeptSecret {
    /// The secret, or why there is none; that says nothing of it.
    pub(crate) async fn get<A: Archive>(&self, archive: &A, of: Signing<'_>) -> Read {
        // Whoever comes meanwhile waits for the same reading.
        let mut kept = self.0.lock().await;
        if let Some((until, read)) = &*kept
            && Instant::now() < *until
        {
            return read.clone();
        }
        let read = archive.signing_secret(of).await;
        let worth = if read.is_ok() { KEPT } else { UNREAD };
        *kept = Some((Instant::now() + worth, read.clone()));
        read
    }
}
