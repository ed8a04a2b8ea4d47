//! Webhooks: who is told of what happens, and how that goes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `GET /webhooks`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhooksView {
    /// Those that the machine's configuration has, by name.
    pub webhooks: Vec<WebhookView>,
}

/// A webhook, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookView {
    /// Its name in the machine's configuration.
    pub name: String,
    /// Where it is told, without what stands behind a `?`.
    pub url: String,
    /// Only of these types of events; of all, when empty.
    pub events: Vec<String>,
    /// Only of these projects; of all, when empty.
    pub projects: Vec<String>,
    /// How it is.
    pub health: WebhookHealth,
    /// The last event that it was told of, or that was passed over.
    pub cursor: u64,
    /// Events behind the cursor that were not looked at yet.
    pub behind: u64,
    /// When an event was delivered last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_us: Option<i64>,
    /// Since when it takes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since_us: Option<i64>,
    /// When it is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try_us: Option<i64>,
    /// Why the last try failed; absent when it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Events that were given up, since the webhook was configured.
    pub given_up: u64,
}

/// How a webhook is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookHealth {
    /// Nothing was there to be told yet.
    Unused,
    /// It took what it was told last.
    Well,
    /// It did not, and is tried again.
    Failing,
}

impl WebhookHealth {
    /// As it goes over the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::Well => "well",
            Self::Failing => "failing",
        }
    }
}

/// `GET /webhooks/{name}/deliveries`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deliveries {
    /// The last ones, newest first; one of each event.
    pub deliveries: Vec<DeliveryView>,
}

/// What became of telling a webhook of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryView {
    /// The event's number.
    pub seq: u64,
    /// The `webhook-id`, the same in each try.
    pub id: String,
    /// The event's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it was tried last.
    pub at_us: i64,
    /// How often it was tried.
    pub tries: u32,
    /// What came of it.
    pub outcome: DeliveryOutcome,
    /// The HTTP status that the last try was answered with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why the last try failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How long the last try took.
    pub duration_ms: u64,
}

/// What came of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryOutcome {
    /// It was answered with 2xx.
    Delivered,
    /// It is tried again.
    Failing,
    /// It is tried no more.
    GivenUp,
}

impl DeliveryOutcome {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failing => "failing",
            Self::GivenUp => "given up",
        }
    }
}

/// `POST /webhooks/{name}/test`: what the receiver said to a signed `ping`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tested {
    /// The `webhook-id` that was sent.
    pub id: String,
    /// Whether it was answered with 2xx.
    pub delivered: bool,
    /// The HTTP status of the answer, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The beginning of the answer's body.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub answer: String,
    /// Why it was not delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
}

/// `POST /hooks/v1/intake/{name}`: what becomes a ticket. Signed, and not below `/api/v1`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IntakeTicket {
    /// One line.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// `critical`, `high`, `medium` or `low`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// Free words to filter by, beside those of the intake.
    pub labels: Vec<String>,
    /// What the other system calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_ref: Option<String>,
}
