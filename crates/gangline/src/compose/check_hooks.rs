//! What `doctor` says about webhooks and intakes.

use gangline_api::doctor::{Finding, Health};
use gangline_api::webhook::{WebhookHealth, WebhookView};
use gangline_node::readable;
use gangline_policy::MachineConfig;

use super::now;
use crate::screen::age;

/// One finding for each.
pub(super) fn webhooks(webhooks: &[WebhookView]) -> Vec<Finding> {
    webhooks.iter().map(of).collect()
}

/// One finding for each whose secret cannot be read. That of a webhook shows when it is told.
pub(super) async fn intakes(machine: &MachineConfig) -> Vec<Finding> {
    let mut findings = vec![];
    for (name, intake) in &machine.intake {
        if let Err(error) = readable(&intake.secret).await {
            let found = format!("{name}: believes nobody, because no secret is there");
            findings.push(Finding::new(Health::Bad, "intake", found).next(error.to_string()));
        }
    }
    findings
}

fn of(webhook: &WebhookView) -> Finding {
    let name = &webhook.name;
    match (webhook.health, webhook.failing_since_us) {
        (WebhookHealth::Failing, since) => {
            let since = since.map_or(String::new(), |at| format!(" for {}", age(at, now().0)));
            let why = webhook.error.as_deref().unwrap_or("it takes nothing");
            let behind = webhook.behind;
            let found = format!("{name}: fails{since}, {behind} behind: {why}");
            Finding::new(Health::Bad, "webhook", found)
                .next(format!("gangline webhooks test {name}"))
        }
        (WebhookHealth::Well | WebhookHealth::Unused, _) if webhook.given_up > 0 => {
            let found = format!("{name}: works; {} events were given up before", webhook.given_up);
            Finding::new(Health::Fair, "webhook", found)
                .next(format!("gangline webhooks log {name}"))
        }
        (WebhookHealth::Well, _) => {
            Finding::new(Health::Good, "webhook", format!("{name}: {}", webhook.url))
        }
        (WebhookHealth::Unused, _) => {
            let found = format!("{name}: {}; nothing was there to be told yet", webhook.url);
            Finding::new(Health::Good, "webhook", found)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_intake_without_a_secret_is_told() {
        let text = "[intake.tracker]\nproject = \"shop\"\nsecret = \"file:///nowhere/secret\"\n";
        let machine = MachineConfig::parse(text, "config.toml").unwrap();
        let found = intakes(&machine).await;
        assert_eq!(found[0].found, "tracker: believes nobody, because no secret is there");
        assert!(intakes(&MachineConfig::default()).await.is_empty());
    }

    #[test]
    fn only_a_webhook_that_fails_is_a_failure() {
        let well = WebhookView {
            name: "board".to_owned(),
            url: "https://hooks.example.org/a".to_owned(),
            events: vec![],
            projects: vec![],
            health: WebhookHealth::Well,
            cursor: 7,
            behind: 0,
            delivered_us: Some(1),
            failing_since_us: None,
            next_try_us: None,
            error: None,
            given_up: 0,
        };
        let failing = WebhookView {
            health: WebhookHealth::Failing,
            behind: 3,
            failing_since_us: Some(now().0 + 1_000_000),
            error: Some("it answered 500 Internal Server Error".to_owned()),
            ..well.clone()
        };
        let lost = WebhookView { given_up: 2, ..well.clone() };
        let told: Vec<String> = webhooks(&[well, failing, lost])
            .iter()
            .map(|f| format!("{:?}: {} | {}", f.health, f.found, f.next.as_deref().unwrap_or("-")))
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        Good: board: https://hooks.example.org/a | -
        Bad: board: fails for 0 ms, 3 behind: it answered 500 Internal Server Error | gangline webhooks test board
        Fair: board: works; 2 events were given up before | gangline webhooks log board
        ");
    }
}
