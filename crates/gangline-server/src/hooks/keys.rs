//! What webhooks and intakes sign with.

use super::Signing;
use super::sign::SigningKey;
use crate::archive::Archive;
use crate::kept_secret::KeptSecret;

/// The key of one webhook or intake.
#[derive(Debug, Default)]
pub(super) struct Keys(KeptSecret);

impl Keys {
    /// The key, or why there is none; says nothing of the secret.
    pub(super) async fn get<A: Archive>(
        &self,
        archive: &A,
        of: Signing<'_>,
    ) -> Result<SigningKey, String> {
        let secret = self.0.get(archive, of).await?;
        SigningKey::read(&secret).map_err(|error| error.to_string())
    }
}
