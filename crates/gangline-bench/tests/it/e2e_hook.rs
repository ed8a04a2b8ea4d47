//! The real Claude Code, in a person's repository, with the hook that `gangline hook install` writes.

use std::path::PathBuf;
use std::time::Duration;

use gangline_agents::stub::{CLAUDE, ModelStub, real_agent};
use gangline_bench::program::{Home, Program};
use gangline_bench::soak::nothing_runs;
use gangline_process::Cmd;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::world::{CHECK, KEY, claude_of_a_person, root};

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(50);

/// What is asked of the sub-agent: Gangline's plays the script, Claude Code's own says the words.
const PROMPT: &str = "Round the total to cents. @@say:I did it myself.@@

```gangline-script
steps:
  - write: { path: total.txt, text: \"3.00\\n\" }
  - commit: \"${KEY}: round\"
  - say: Rounded.
```";

/// The report of Claude Code's own sub-agent.
const REPORT: &str = "I did it myself.";

struct World {
    home: Home,
    repo: PathBuf,
    stub: ModelStub,
}

impl World {
    async fn new() -> Self {
        let stub = ModelStub::start().await.unwrap();
        let home = Home::new(&Program::find().unwrap()).unwrap();
        let policy = CHECK.replace("agent\"\n", "worker\"\n");
        let repo = home.repository("repo", &policy).await.unwrap();
        let definition = "---\nname: ticket-worker\ndescription: Does a ticket.\nkind: scripted\n\
            ---\nPlay the script.\n";
        std::fs::write(repo.join(".gangline/agents/ticket-worker.md"), definition).unwrap();
        home.run(&repo, &["hook", "install"]).await.unwrap();
        home.other(&repo, &["git", "add", "--all"]).await.unwrap();
        home.other(&repo, &["git", "commit", "--quiet", "--message=Hook"]).await.unwrap();
        Self { home, repo, stub }
    }

    /// What Claude Code says whose model uses this tool once.
    async fn claude(&self, tool: &str, runtime: &str) -> String {
        let program = real_agent(&root(), &CLAUDE).unwrap_or_else(|error| panic!("{error}"));
        let input = json!({ "description": "Round the total", "subagent_type": "ticket-worker",
            "prompt": PROMPT });
        let scenario = json!({ "calls": [ { "tool": tool, "input": input } ], "final": "Over." });
        let prompt = format!("Delegate it.\n\n```model-stub\n{scenario}\n```\n");
        let claude = Cmd::new(program)
            .args(["-p", "--output-format", "stream-json", "--verbose", "--include-hook-events"])
            .args(["--permission-mode", "bypassPermissions", "--", &prompt])
            .cwd(&self.repo)
            .deadline(PATIENCE);
        claude_of_a_person(claude, &self.home, runtime, &self.stub).await
    }

    /// What the model was told in the end.
    fn told(&self) -> String {
        self.stub.seen().pop().unwrap().body["messages"].to_string()
    }

    /// Whether Claude Code's own sub-agent has reported: its words beyond those of the prompt.
    fn did_it_itself(&self) -> bool {
        self.told().replace(&format!("@@say:{REPORT}@@"), "").contains(REPORT)
    }

    async fn shown(&self) -> Value {
        self.home.json(&self.repo, &["show", KEY]).await.unwrap()
    }

    /// Claude Code's use of the tool becomes a ticket, which lands.
    async fn delegated(&self, tool: &str) {
        let said = self.claude(tool, "run").await;
        let told = self.told();
        assert!(told.contains("ticket APP-1 was opened in place of the sub-agent"), "{said}");
        assert!(!self.did_it_itself(), "the sub-agent was started, too: {told}");
        let begun = Instant::now();
        let shown = loop {
            let shown = self.shown().await;
            if shown["state"] == "landed" {
                break shown;
            }
            assert!(begun.elapsed() < PATIENCE, "it never landed: {shown:#}");
            sleep(LOOK).await;
        };
        assert_eq!(shown["title"], "Round the total", "{shown:#}");
        assert_eq!((&shown["body"], &shown["agent"]), (&json!(PROMPT), &json!("ticket-worker")));
        let listed = self.home.json(&self.repo, &["list", "--all"]).await.unwrap();
        assert_eq!(listed["tickets"].as_array().unwrap().len(), 1, "{listed:#}");
        let landed = ["git", "show", "main:total.txt"];
        assert_eq!(self.home.other(&self.repo, &landed).await.unwrap(), "3.00\n");
        self.home.run(&self.repo, &["down", "--jobs"]).await.unwrap();
        nothing_runs(&self.home).await.unwrap();
    }
}

#[tokio::test]
async fn a_sub_agent_of_claude_becomes_a_ticket_that_lands() {
    World::new().await.delegated("Agent").await;
}

#[tokio::test]
async fn the_tool_may_be_called_as_it_was_in_older_versions() {
    World::new().await.delegated("Task").await;
}

#[tokio::test]
async fn without_a_daemon_claude_goes_on_with_its_own_sub_agent() {
    let world = World::new().await;
    std::fs::write(world.home.path("nowhere"), "").unwrap();
    let said = world.claude("Agent", "nowhere").await;
    assert!(world.did_it_itself(), "{said}");
    nothing_runs(&world.home).await.unwrap();
}
