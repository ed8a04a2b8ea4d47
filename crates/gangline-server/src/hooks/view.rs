//! Webhooks, as people see them: never with a secret.

use gangline_api::webhook::{Deliveries, DeliveryOutcome, WebhookHealth, WebhookView};

use super::Hook;
use gangline_domain::network::HttpAddress;

impl Hook {
    /// How it is. `committed` is the last event there is.
    pub(crate) fn view(&self, committed: u64) -> WebhookView {
        let to = &self.aim().to;
        let ledger = self.ledger();
        let last = ledger.deliveries.back();
        let health = match (last, ledger.failing_since_us) {
            (_, Some(_)) => WebhookHealth::Failing,
            (None, None) => WebhookHealth::Unused,
            (Some(_), None) => WebhookHealth::Well,
        };
        let failed = last.filter(|last| last.outcome != DeliveryOutcome::Delivered);
        WebhookView {
            name: self.name.clone(),
            url: shown(&to.address),
            events: to.events.iter().map(|event| (*event).to_owned()).collect(),
            projects: to.projects.iter().map(ToString::to_string).collect(),
            health,
            cursor: ledger.cursor,
            behind: committed.saturating_sub(ledger.cursor),
            delivered_us: ledger.delivered_us,
            failing_since_us: ledger.failing_since_us,
            next_try_us: ledger.next_try_us,
            error: failed.and_then(|failed| failed.error.clone()),
            given_up: ledger.given_up,
        }
    }

    /// What it was told last, newest first.
    pub(crate) fn deliveries(&self) -> Deliveries {
        Deliveries { deliveries: self.ledger().deliveries.iter().rev().cloned().collect() }
    }
}

/// Without the query, which often holds a token.
fn shown(address: &HttpAddress) -> String {
    let scheme = if address.tls { "https" } else { "http" };
    let usual = if address.tls { 443 } else { 80 };
    let target = &address.target;
    let authority = match target.port == usual {
        true => target.host.to_string(),
        false => target.to_string(),
    };
    let (path, query) = match address.path.split_once('?') {
        Some((path, _)) => (path, "?…"),
        None => (address.path.as_str(), ""),
    };
    format!("{scheme}://{authority}{path}{query}")
}
