//! Push messages: what needs a person, told to the browsers where they want to be told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `GET /push`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PushView {
    /// Whether this daemon sends any.
    pub enabled: bool,
    /// What it shows itself by (RFC 8292): a point of P-256, in base64url. A browser subscribes with it
    /// as `applicationServerKey`. Absent when it sends none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Your own devices, oldest first.
    pub subscriptions: Vec<PushSubscriptionView>,
}

/// A browser that is told, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PushSubscriptionView {
    /// Its id: the first 16 hexadecimal digits of the SHA-256 of its endpoint.
    pub id: String,
    /// What its person calls it.
    pub label: String,
    /// The host of the push service that carries its messages.
    pub service: String,
    /// When it was first subscribed.
    pub added_us: i64,
    /// When its push service last took a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_us: Option<i64>,
    /// Messages that its push service has not taken yet.
    pub waiting: u32,
    /// Since when its push service takes nothing; absent when all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since_us: Option<i64>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// `POST /push/subscriptions`: what a browser's `PushSubscription` says of itself. The same endpoint
/// again is the same subscription.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPushSubscription {
    /// Where its push service takes messages.
    pub endpoint: String,
    /// What messages are encrypted for.
    pub keys: PushKeys,
    /// What to call it, at most 64 characters.
    #[serde(default)]
    pub label: String,
}

/// What messages to a browser are encrypted for (RFC 8291), in base64url.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PushKeys {
    /// Its public key: a point of P-256, 65 bytes.
    pub p256dh: String,
    /// Its secret for authentication, 16 bytes.
    pub auth: String,
}

/// `POST /push/subscriptions/{id}/test`: what became of a message that says nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PushTested {
    /// Whether the push service took it.
    pub delivered: bool,
    /// Whether the push service knows the browser no more; it is told nothing from now on.
    pub gone: bool,
    /// Why it was not taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What goes to a browser, encrypted, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushMessage {
    /// What needs the person, in a few words.
    pub title: String,
    /// More of it.
    pub body: String,
    /// The path of the dashboard that shows just that.
    pub url: String,
    /// What it is about: a newer message about the same replaces it.
    pub tag: String,
}

/// Push services that take nothing, in [`crate::status::Status`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PushTrouble {
    /// Devices that are not told.
    pub devices: u32,
    /// Since when the first of them is not.
    pub failing_since_us: i64,
    /// Why.
    pub error: String,
}
