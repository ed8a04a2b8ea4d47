//! Keys, read where their secrets are and kept for a minute: a secret may be what a command prints,
//! and whoever can reach an intake could otherwise have it run as often as they like.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Signing;
use super::sign::SigningKey;
use crate::archive::Archive;

/// How long a key is used before its secret is read anew, and how long it is not tried again.
const KEPT: Duration = Duration::from_mins(1);
const UNREAD: Duration = Duration::from_secs(5);

type Read = Result<SigningKey, String>;

/// The key of one webhook or intake.
#[derive(Debug, Default)]
pub(super) struct Keys(Mutex<Option<(Instant, Read)>>);

impl Keys {
    /// The key, or why there is none; says nothing of the secret.
    pub(super) async fn get<A: Archive>(&self, archive: &A, of: Signing<'_>) -> Read {
        // Whoever comes meanwhile waits for the same reading.
        let mut kept = self.0.lock().await;
        if let Some((until, read)) = &*kept
            && Instant::now() < *until
        {
            return read.clone();
        }
        let read = match archive.signing_secret(of).await {
            Ok(secret) => SigningKey::read(&secret).map_err(|error| error.to_string()),
            Err(why) => Err(why),
        };
        let worth = if read.is_ok() { KEPT } else { UNREAD };
        *kept = Some((Instant::now() + worth, read.clone()));
        read
    }
}
