//! Real agents whose budget is used up in the midst of their work.

use serde_json::{Value, json};

use crate::world::{Agent, CHECK, KEY, World};

/// What one answer of the scripted model costs.
const MESSAGE: u64 = 120;
/// Used up by the fourth answer.
const BUDGET: u64 = 3 * MESSAGE + 1;

/// The agent is ended before it can ask its model once more, its work is kept, and what it spent
/// is told of its attempt, its ticket and its project.
async fn ends_within_one_message(agent: Agent) {
    let policy = format!("{CHECK}[budgets.ticket]\ntokens = {BUDGET}\n");
    let world = World::new(agent, &policy, &[]).await;
    let calls: Vec<Value> =
        (1..=30).map(|n| json!({ "run": format!("touch file-{n} && sleep 0.2") })).collect();
    world.add(&json!({ "calls": calls, "final": "Done." })).await;
    let shown = world.until(|shown| shown["state"] == "escalated").await;
    assert_eq!(shown["escalation"]["reason"], "budget", "{shown:#}");
    let spent = shown["usage"]["tokens"].as_u64().unwrap();
    assert!(spent > BUDGET && spent <= BUDGET + MESSAGE, "{spent} of {BUDGET}");
    assert_eq!(shown["attempts"][0]["usage"]["tokens"], spent, "{shown:#}");
    assert!(shown["attempts"][0]["rescue"].is_string(), "{shown:#}");
    assert_eq!(shown["tries_spent"], 0, "{shown:#}");
    let project: Value = serde_json::from_str(&world.run(&["usage", "--json"]).await).unwrap();
    assert_eq!(project["usage"]["tokens"], spent, "{project:#}");
    assert_eq!(project["days"][0]["usage"]["tokens"], spent, "{project:#}");
    assert!(world.run(&["show", KEY]).await.contains("its budget was used up while it worked"));
    world.end().await;
}

#[tokio::test]
async fn claude_is_ended_within_one_message_of_its_budget() {
    ends_within_one_message(Agent::Claude).await;
}

#[tokio::test]
async fn codex_is_ended_within_one_message_of_its_budget() {
    ends_within_one_message(Agent::Codex).await;
}

#[tokio::test]
async fn opencode_is_ended_within_one_message_of_its_budget() {
    ends_within_one_message(Agent::Opencode).await;
}
