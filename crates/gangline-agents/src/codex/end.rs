//! How a turn ended, and the trouble before it.

use gangline_process::Exit;
use serde_json::Value;

use crate::driver::{AgentEnd, AgentEvent};

/// What the program says when it has no key.
const NO_KEY: &str = "Missing environment variable";

/// What the provider said about limits.
#[derive(Debug, Default)]
pub(super) struct Limits {
    resets_at: Option<i64>,
}

impl Limits {
    /// Takes an `account/rateLimits/updated`. The end of the longest window that is used up
    /// counts.
    pub(super) fn told(&mut self, limits: &Value) {
        let windows = [&limits["primary"], &limits["secondary"], &limits["individualLimit"]];
        let full = windows.iter().filter(|window| {
            window["usedPercent"].as_u64().is_some_and(|used| used >= 100)
                || window["remainingPercent"].as_u64() == Some(0)
        });
        self.resets_at = full.filter_map(|window| window["resetsAt"].as_i64()).max();
    }
}

/// A trouble that the program deals with by itself.
pub(super) fn retry(params: &Value) -> AgentEvent {
    let words = |key: &str| params["error"][key].as_str().unwrap_or_default();
    let message = [words("message"), words("additionalDetails")].join(": ");
    let message = message.trim_end_matches(": ").to_owned();
    AgentEvent::Limit { message, resets_at_s: None }
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// Its last words are known.
    Completed,
    Interrupted,
    Failed {
        message: String,
        /// The program's own classification.
        info: Value,
    },
}

impl Outcome {
    /// From a turn that is over.
    pub(super) fn of(turn: &Value) -> Self {
        match turn["status"].as_str() {
            Some("completed") => Self::Completed,
            Some("interrupted") => Self::Interrupted,
            Some(_) | None => Self::failed(&turn["error"]),
        }
    }

    /// From an error.
    pub(super) fn failed(error: &Value) -> Self {
        let message = error["message"].as_str().unwrap_or("the turn failed").to_owned();
        Self::Failed { message, info: error["codexErrorInfo"].clone() }
    }

    pub(super) fn end(self, words: String, limits: &Limits, exit: Exit) -> AgentEnd {
        let (message, info) = match self {
            Self::Completed => return AgentEnd::Completed { summary: words },
            Self::Interrupted => return AgentEnd::Interrupted,
            Self::Failed { message, info } => (message, info),
        };
        match provider(&message, &info) {
            Some(Provider::Refuses) => AgentEnd::AuthFailed { message },
            Some(Provider::IsFull) => AgentEnd::Quota { message, resets_at: limits.resets_at },
            None => AgentEnd::Crashed { message, exit: exit.to_string() },
        }
    }
}

enum Provider {
    /// It does not know us: waiting does not help.
    Refuses,
    /// Quota, overload or an outage: waiting helps.
    IsFull,
}

fn provider(message: &str, info: &Value) -> Option<Provider> {
    if message.starts_with(NO_KEY) {
        return Some(Provider::Refuses);
    }
    if let Some(info) = info.as_str() {
        return match info {
            "unauthorized" => Some(Provider::Refuses),
            "usageLimitExceeded"
            | "rateLimitExceeded"
            | "flexUnavailable"
            | "serverOverloaded"
            | "policyCapacityUnavailable"
            | "internalServerError" => Some(Provider::IsFull),
            _ => None,
        };
    }
    // One of several kinds of a failed request, each with the status where there was one.
    let (_, about) = info.as_object()?.iter().next()?;
    match about.get("httpStatusCode")?.as_u64() {
        Some(401..=403) => Some(Provider::Refuses),
        Some(429 | 500..) | None => Some(Provider::IsFull),
        Some(_) => None,
    }
}

/// The end of a run of `codex exec`, which tells no more than words.
pub(super) fn in_words(message: String, exit: Exit) -> AgentEnd {
    let status = message.split_once("status").map_or("", |(_, rest)| rest);
    let status = status.trim_start_matches([':', ' ']).split(' ').next().unwrap_or_default();
    let status: Option<u64> = status.parse().ok();
    let full = ["usage limit", "high demand", "rate limit", "Connection failed"];
    let says = |words: &&str| message.contains(*words);
    match status {
        Some(401..=403) => AgentEnd::AuthFailed { message },
        _ if message.starts_with(NO_KEY) => AgentEnd::AuthFailed { message },
        Some(429 | 500..) => AgentEnd::Quota { message, resets_at: None },
        _ if full.iter().any(says) => AgentEnd::Quota { message, resets_at: None },
        Some(_) | None => AgentEnd::Crashed { message, exit: exit.to_string() },
    }
}

/// The end of a session whose provider said nothing.
pub(super) fn silent(bound: std::time::Duration) -> AgentEnd {
    let message = format!("the model's provider said nothing for {} s", bound.as_secs());
    AgentEnd::Quota { message, resets_at: None }
}
