//! Real agents under a project's rules about what they must ask leave for.

use serde_json::json;

use crate::world::{Agent, CHECK, KEY, World};

/// Rules under which one command is denied, some are asked about, and git is free.
fn policy(timeout: &str) -> String {
    format!(
        "{CHECK}[permissions]\ndefault = \"ask\"\ntimeout = \"{timeout}\"\n\
         [[permissions.rules]]\ntool = \"Bash\"\npattern = \"touch denied*\"\nthen = \"deny\"\n\
         reason = \"nobody wants that file\"\n\
         [[permissions.rules]]\ntool = \"Bash\"\npattern = \"git *\"\nthen = \"allow\"\n"
    )
}

async fn rules_answer_and_a_person(agent: Agent) {
    let world = World::new(agent, &policy("5m"), &[]).await;
    let calls = json!([
        { "run": "touch asked.txt" }, { "run": "git status && touch denied.txt" },
        { "run": "git add -A && git commit -q -m Files" },
    ]);
    world.add(&json!({ "calls": calls, "final": "Done." })).await;
    let question = world.asked().await;
    assert_eq!(question["text"], "May I use Bash? touch asked.txt", "{question:#}");
    assert_eq!(question["options"], json!(["allow", "deny"]));
    world.run(&["answer", KEY, "allow"]).await;
    let files = world.landed().await;
    assert!(files.contains("asked.txt") && !files.contains("denied.txt"), "{files}");
    let told = world.stub.seen().pop().unwrap().body.to_string();
    assert!(told.contains("nobody wants that file"), "the reason is lost");
}

#[tokio::test]
async fn rules_answer_claude_at_once_and_a_person_answers_the_rest() {
    rules_answer_and_a_person(Agent::Claude).await;
}

#[tokio::test]
async fn rules_answer_codex_at_once_and_a_person_answers_the_rest() {
    rules_answer_and_a_person(Agent::Codex).await;
}

#[tokio::test]
async fn rules_answer_opencode_at_once_and_a_person_answers_the_rest() {
    rules_answer_and_a_person(Agent::OpencodeAcp).await;
}

#[tokio::test]
async fn without_an_answer_leave_is_refused_and_the_agent_goes_on() {
    let world = World::new(Agent::Claude, &policy("2s"), &[]).await;
    let calls = json!([
        { "run": "touch asked.txt" },
        { "run": "git commit --allow-empty -q -m Nothing && git log -1" },
    ]);
    world.add(&json!({ "calls": calls, "final": "Done." })).await;
    world.asked().await;
    // The question goes away by itself, while the agent still works or after.
    world.until(|shown| shown["questions"].as_array().is_none_or(Vec::is_empty)).await;
    let refused = "no leave for Bash touch asked.txt (deny: nobody answered within 2s)";
    while !world.logs().await.contains(refused) {
        world.until(|shown| shown["state"] == "working").await;
    }
    world.end().await;
}

#[tokio::test]
async fn an_agent_that_cannot_ask_is_not_started_and_the_ticket_says_why() {
    let world = World::new(Agent::Opencode, &policy("5m"), &[]).await;
    world.add(&json!({ "final": "Done." })).await;
    let cannot = "agent `agent` of kind `opencode` cannot ask for leave";
    let shown = world.until(|shown| shown.to_string().contains(cannot)).await;
    assert_eq!(shown["tries_spent"], 0, "{shown:#}");
    assert_eq!(world.stub.seen(), [], "it was started");
    world.end().await;
}
