//! The real Claude Code CLI under a project's rules about what it must ask leave for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_agents::stub::{ModelStub, real_claude};
use gangline_bench::program::{Home, Program};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(50);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Rules under which one command is denied, some are asked about, and git is free.
fn policy(timeout: &str) -> String {
    format!(
        "[checks.test]\nrun = \"echo 1..1; echo 'ok 1 - it works'\"\n\
         [permissions]\ndefault = \"ask\"\ntimeout = \"{timeout}\"\n\
         [[permissions.rules]]\ntool = \"Bash\"\npattern = \"touch denied*\"\nthen = \"deny\"\n\
         reason = \"nobody wants that file\"\n\
         [[permissions.rules]]\ntool = \"Bash\"\npattern = \"git *\"\nthen = \"allow\"\n"
    )
}

struct World {
    home: Home,
    repo: PathBuf,
    _stub: ModelStub,
}

impl World {
    async fn new(timeout: &str) -> Self {
        let claude = real_claude(&root()).unwrap_or_else(|error| panic!("{error}"));
        let stub = ModelStub::start().await.unwrap();
        let home = Home::new(&Program::find().unwrap())
            .unwrap()
            .with("ANTHROPIC_BASE_URL", &stub.base_url())
            .with("ANTHROPIC_API_KEY", "sk-dummy");
        let program = claude.canonicalize().unwrap();
        let config = format!("[agents.programs]\nclaude = {:?}\n", program.display().to_string());
        std::fs::write(home.path("config").join("config.toml"), config).unwrap();
        let repo = home.repository("repo", &policy(timeout)).await.unwrap();
        Self { home, repo, _stub: stub }
    }

    async fn add(&self, scenario: &Value) {
        let body = format!("Do it.\n\n```model-stub\n{scenario}\n```\n");
        let args = ["add", "--title", "Do it", "--body", &body];
        self.home.run(&self.repo, &args).await.unwrap();
    }

    async fn shown(&self) -> Value {
        self.home.json(&self.repo, &["show", "APP-1"]).await.unwrap()
    }

    /// Waits until something is true of the ticket.
    async fn until(&self, holds: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let shown = self.shown().await;
            if holds(&shown) {
                return shown;
            }
            assert!(begun.elapsed() < PATIENCE, "it never came to be: {shown:#}");
            sleep(LOOK).await;
        }
    }

    async fn logs(&self) -> String {
        self.home.run(&self.repo, &["logs", "APP-1"]).await.unwrap().stdout.text()
    }

    /// The files of what landed, after the daemon has ended.
    async fn landed(&self) -> String {
        let shown = self.until(|shown| shown["state"] == "landed").await;
        assert!(shown["questions"].as_array().is_none_or(Vec::is_empty), "{shown:#}");
        self.home.run(&self.repo, &["down", "--jobs"]).await.unwrap();
        self.home.other(&self.repo, &["git", "ls-tree", "--name-only", "main"]).await.unwrap()
    }
}

#[tokio::test]
async fn rules_answer_at_once_and_a_person_answers_the_rest() {
    let world = World::new("5m").await;
    let calls = json!([
        { "run": "touch asked.txt" }, { "run": "git status && touch denied.txt" },
        { "run": "git add -A && git -c user.name=A -c user.email=a@example.org commit -q -m Files" },
    ]);
    world.add(&json!({ "calls": calls, "final": "Done." })).await;
    let shown = world.until(|shown| shown["questions"][0]["text"].is_string()).await;
    assert_eq!(shown["questions"][0]["text"], "May I use Bash? touch asked.txt", "{shown:#}");
    assert_eq!(shown["questions"][0]["options"], json!(["allow", "deny"]));
    world.home.run(&world.repo, &["answer", "APP-1", "allow"]).await.unwrap();
    let files = world.landed().await;
    assert!(files.contains("asked.txt") && !files.contains("denied.txt"), "{files}");
}

#[tokio::test]
async fn without_an_answer_leave_is_refused_and_the_agent_goes_on() {
    let world = World::new("2s").await;
    let calls = json!([
        { "run": "touch asked.txt" },
        { "run": "git commit --allow-empty -q -m Nothing && git log -1" },
    ]);
    world.add(&json!({ "calls": calls, "final": "Done." })).await;
    world.until(|shown| shown["questions"][0]["text"].is_string()).await;
    // The question goes away by itself, while the agent still works or after.
    world.until(|shown| shown["questions"].as_array().is_none_or(Vec::is_empty)).await;
    let begun = Instant::now();
    loop {
        let logs = world.logs().await;
        if logs.contains("no leave for Bash touch asked.txt (deny: nobody answered within 2s)") {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{logs}");
        sleep(LOOK).await;
    }
    world.home.run(&world.repo, &["down", "--jobs"]).await.unwrap();
}
