//! Sessions of real agents that outlive what breaks around them: an overloaded provider, a person
//! who stops them, an orchestrator that is killed.

use serde_json::json;

use crate::world::{Agent, CHECK, KEY, World};

/// Says that it has begun, and waits for a file that the test makes.
const WAIT: &str = "touch begun\nuntil test -e go; do sleep 0.05; done\n";

/// Does not end the first time that it is run in a worktree.
const HALF: &str = "test -e half.txt && exit 0\ntouch half.txt\nexec sleep 600\n";

/// Everything is asked about but waiting and git.
const RULES: &str = "[permissions]\ndefault = \"ask\"\n\
    [[permissions.rules]]\ntool = \"Bash\"\npattern = \"sh wait.sh\"\nthen = \"allow\"\n\
    [[permissions.rules]]\ntool = \"Bash\"\npattern = \"git *\"\nthen = \"allow\"\n";

/// A session that is at work while the orchestrator is killed goes on; what it asks meanwhile, and
/// what was open when another one was killed, is asked by the next, and answered once.
async fn outlives_the_orchestrator(agent: Agent) {
    let asks = agent != Agent::Opencode;
    let policy = if asks { format!("{CHECK}{RULES}") } else { CHECK.to_owned() };
    let world = World::new(agent, &policy, &[("wait.sh", WAIT)]).await;
    let calls = json!([
        { "run": "sh wait.sh" }, { "run": "touch asked.txt" }, { "commit": "Files" },
    ]);
    world.add(&json!({ "calls": calls, "final": "Done." })).await;
    let tree = world.worktree().await;
    world.meanwhile("it works", || tree.join("begun").exists()).await;

    world.kill_daemon().await;
    std::fs::write(tree.join("go"), "").unwrap();
    let sign = if asks { "May I use Bash? touch asked.txt" } else { "touch asked.txt" };
    world.meanwhile("it goes on alone", || world.journals().contains(sign)).await;
    world.run(&["up", "--detach"]).await;
    if asks {
        let question = world.asked().await;
        world.kill_daemon().await;
        world.run(&["up", "--detach"]).await;
        assert_eq!(world.asked().await, question);
        assert!(!tree.join("asked.txt").exists());
        world.run(&["answer", KEY, "allow"]).await;
        assert!(!world.ended(&["answer", KEY, "deny"]).await.success());
    }
    let shown = world.until(|shown| shown["state"] == "landed").await;
    assert_eq!(shown["attempts"].as_array().map(Vec::len), Some(1), "{shown:#}");
    assert_eq!(world.journals().matches("\"kind\":\"answered\"").count(), usize::from(asks));
    world.run(&["doctor", "--replay"]).await;
    let files = world.landed().await;
    assert!(files.contains("asked.txt"), "{files}");
}

#[tokio::test]
async fn a_session_of_claude_outlives_a_killed_orchestrator() {
    outlives_the_orchestrator(Agent::Claude).await;
}

#[tokio::test]
async fn a_session_of_codex_outlives_a_killed_orchestrator() {
    outlives_the_orchestrator(Agent::Codex).await;
}

#[tokio::test]
async fn a_session_of_opencode_outlives_a_killed_orchestrator() {
    outlives_the_orchestrator(Agent::Opencode).await;
}

#[tokio::test]
async fn a_session_of_opencode_over_acp_outlives_a_killed_orchestrator() {
    outlives_the_orchestrator(Agent::OpencodeAcp).await;
}

/// What the agent asks by its worker's tool waits in that call, past the orchestrator's death and
/// the program's own patience, and the answer is the call's result.
async fn asks_by_its_tool(agent: Agent, tool: &str) {
    let world = World::new(agent, CHECK, &[]).await;
    let ask = json!({ "question": "Which way?", "options": ["Left", "Right"] });
    let calls = json!([{ "tool": tool, "input": ask }, { "write": { "path": "way.txt", "text": "1\n" } },
        { "commit": "Way" }]);
    world.add(&json!({ "calls": calls, "final": "Done." })).await;
    let question = world.asked().await;
    assert_eq!(question["text"], "Which way?", "{question:#}");
    world.kill_daemon().await;
    world.run(&["up", "--detach"]).await;
    assert_eq!(world.asked().await, question);
    let before = world.stub.seen().len();
    world.run(&["answer", KEY, "Left, but slowly"]).await;
    let files = world.landed().await;
    assert!(files.contains("way.txt"), "{files}");
    let told = world.stub.seen().split_off(before);
    assert!(told[0].body.to_string().contains("Left, but slowly"), "it was not told");
}

#[tokio::test]
async fn what_codex_asks_by_its_tool_waits_for_a_person() {
    asks_by_its_tool(Agent::Codex, "mcp__gangline/ask_human").await;
}

#[tokio::test]
async fn what_opencode_asks_by_its_tool_waits_for_a_person() {
    asks_by_its_tool(Agent::Opencode, "gangline_ask_human").await;
}

/// The provider is overloaded at first; then a person stops the session in the midst of a command,
/// and lets it go on with all that it knew.
async fn goes_on_after_overload_and_stop(agent: Agent) {
    let world = World::new(agent, CHECK, &[("half.sh", HALF)]).await;
    let scenario = json!({
        "faults": [ { "error": { "status": 529, "times": 1 } } ],
        "calls": [
            { "write": { "path": "edit.txt", "text": "1\n" } }, { "run": "sh half.sh" },
            { "commit": "Both" },
        ],
        "final": "Done.",
    });
    world.add(&scenario).await;
    let tree = world.worktree().await;
    world.meanwhile("it works", || tree.join("half.txt").exists()).await;
    world.run(&["stop", KEY]).await;
    let held = world.until(|shown| shown["state"] == "held").await;
    assert!(held["attempts"][0]["rescue"].is_string(), "{held:#}");
    assert_eq!(held["tries_spent"], 0, "{held:#}");
    let before = world.stub.seen().len();

    world.run(&["resume", KEY]).await;
    let shown = world.until(|shown| shown["state"] == "landed").await;
    assert_eq!(shown["attempts"].as_array().map(Vec::len), Some(2), "{shown:#}");
    assert_eq!(shown["tries_spent"], 0, "{shown:#}");
    let later = world.stub.seen().split_off(before);
    let told = later.iter().map(|seen| seen.body.to_string().matches("```model-stub").count());
    assert!(told.max() >= Some(2), "it forgot the session before");
    let files = world.landed().await;
    assert!(files.contains("edit.txt") && files.contains("half.txt"), "{files}");
}

#[tokio::test]
async fn a_session_of_claude_goes_on_after_overload_and_stop() {
    goes_on_after_overload_and_stop(Agent::Claude).await;
}

#[tokio::test]
async fn a_session_of_codex_goes_on_after_overload_and_stop() {
    goes_on_after_overload_and_stop(Agent::Codex).await;
}

#[tokio::test]
async fn a_session_of_opencode_goes_on_after_overload_and_stop() {
    goes_on_after_overload_and_stop(Agent::Opencode).await;
}

#[tokio::test]
async fn a_session_of_opencode_over_acp_goes_on_after_overload_and_stop() {
    goes_on_after_overload_and_stop(Agent::OpencodeAcp).await;
}
