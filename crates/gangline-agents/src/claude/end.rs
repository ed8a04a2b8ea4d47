//! How a session ended, from its last `result` line and the trouble before it.

use gangline_process::Exit;
use serde_json::Value;

use crate::driver::{AgentEnd, AgentEvent};
use crate::reset;

/// What the provider said about limits and failures.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// The `error` of the last `assistant` line that stands for a failure.
    error: Option<String>,
    resets_at: Option<i64>,
}

impl Trouble {
    /// Takes note of a limit. Tells when the provider says more than that all is well.
    pub(super) fn limit_event(&mut self, line: &Value) -> Option<AgentEvent> {
        let info = &line["rate_limit_info"];
        let status = info["status"].as_str().unwrap_or_default();
        let resets_at_s = info["resetsAt"].as_i64();
        if status == "allowed" {
            return None;
        }
        if status == "rejected" {
            self.resets_at = resets_at_s;
        }
        let kind = info["rateLimitType"].as_str().unwrap_or("rate");
        Some(AgentEvent::Limit { message: format!("{kind} limit: {status}"), resets_at_s })
    }

    /// Takes note of a failure that is told as if the model had said it, and of the end of one.
    pub(super) fn assistant_line(&mut self, line: &Value) {
        self.error = line["error"].as_str().map(str::to_owned);
        let info = &line["api_error_params"]["rate_limit_info"];
        self.resets_at = info["resetsAt"].as_i64().or(self.resets_at);
    }
}

/// A `result` line.
#[derive(Debug)]
pub(super) struct Outcome {
    is_error: bool,
    subtype: String,
    reason: String,
    status: Option<u64>,
    /// The last words, or the errors.
    words: String,
    denied: Vec<String>,
    /// Turns that follow because something was said meanwhile.
    pub(super) queued_turns: u64,
}

impl Outcome {
    pub(super) fn read(line: &Value) -> Self {
        let own = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let list = |key: &str| line[key].as_array().map_or(&[][..], Vec::as_slice);
        let errors: Vec<&str> = list("errors").iter().filter_map(Value::as_str).collect();
        let words = own("result");
        let tool = |denial: &Value| denial["tool_name"].as_str().map(str::to_owned);
        Self {
            is_error: line["is_error"].as_bool().unwrap_or(false),
            subtype: own("subtype"),
            reason: own("terminal_reason"),
            status: line["api_error_status"].as_u64(),
            words: if words.is_empty() { errors.join("; ") } else { words },
            denied: list("permission_denials").iter().filter_map(tool).collect(),
            queued_turns: line["queued_turn_count"].as_u64().unwrap_or(0),
        }
    }

    pub(super) fn end(self, trouble: &Trouble, interrupted: bool, exit: Exit) -> AgentEnd {
        if !self.is_error {
            return AgentEnd::Completed { summary: self.summary() };
        }
        if interrupted || self.reason.starts_with("aborted") {
            return AgentEnd::Interrupted;
        }
        if self.subtype == "error_max_turns" || self.subtype == "error_max_budget_usd" {
            return AgentEnd::GaveUp { reason: self.words };
        }
        let message = self.words;
        match provider(self.status, trouble, &self.reason) {
            Some(Provider::Refuses) => AgentEnd::AuthFailed { message },
            Some(Provider::IsFull) => {
                let resets_at = trouble.resets_at.or_else(|| reset::in_words(&message));
                AgentEnd::Quota { message, resets_at }
            }
            None => AgentEnd::Crashed { message, exit: exit.to_string() },
        }
    }

    fn summary(self) -> String {
        if self.denied.is_empty() {
            return self.words;
        }
        let (count, tools) = (self.denied.len(), self.denied.join(", "));
        format!("{}\n[{count} tool calls were denied: {tools}]", self.words)
    }
}

enum Provider {
    /// It does not know us, or we have to pay first: waiting does not help.
    Refuses,
    /// Quota, overload or an outage: waiting helps.
    IsFull,
}

fn provider(status: Option<u64>, trouble: &Trouble, reason: &str) -> Option<Provider> {
    match (trouble.error.as_deref(), status) {
        (Some("authentication_failed" | "billing_error"), _) | (_, Some(401..=403)) => {
            Some(Provider::Refuses)
        }
        (Some("rate_limit" | "overloaded" | "server_error"), _) | (_, Some(429 | 500..)) => {
            Some(Provider::IsFull)
        }
        // No status: the connection failed or was silent for too long.
        (_, None) if reason == "api_error" => Some(Provider::IsFull),
        (_, _) => None,
    }
}
