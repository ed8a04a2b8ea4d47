//! What is asked about webhooks.

use std::time::Duration;

use super::{Client, ClientError, address, exchange};
use crate::webhook::{Deliveries, Tested, WebhooksView};

/// How long it may take to read the secret and to hear from the receiver.
const TEST: Duration = Duration::from_secs(80);

impl Client {
    /// All webhooks.
    pub async fn webhooks(&self) -> Result<WebhooksView, ClientError> {
        self.get("/webhooks", 0).await
    }

    /// What a webhook was told last.
    pub async fn webhook_deliveries(&self, name: &str) -> Result<Deliveries, ClientError> {
        self.get(&format!("/webhooks/{}/deliveries", address::segment(name)), 0).await
    }

    /// Sends a signed `ping` and waits for what the receiver says.
    pub async fn test_webhook(&self, name: &str) -> Result<Tested, ClientError> {
        let path = format!("/webhooks/{}/test", address::segment(name));
        exchange::send(self, self.ask("POST", &path).waiting(TEST)).await
    }
}
