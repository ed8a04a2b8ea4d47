//! A real agent program in a repository of its own, under a real daemon, with a scripted model.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_agents::stub::{CLAUDE, CODEX, ModelStub, OPENCODE, RealAgent, real_agent};
use gangline_bench::program::{Home, Program};
use gangline_bench::soak::{identities, kill_daemon, nothing_runs};
use gangline_process::{Cmd, Exit};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_mins(2);
const LOOK: Duration = Duration::from_millis(50);

/// The check of every world: quick, and a test.
pub(crate) const CHECK: &str = "[checks.test]\nrun = \"echo 1..1; echo 'ok 1 - it works'\"\n\n\
    [agents]\ndefault = \"agent\"\n";

/// The key of a world's only ticket.
pub(crate) const KEY: &str = "APP-1";

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a real Claude Code says that a person starts as `cmd`, in the home of Gangline's tests, with
/// a scripted model.
pub(crate) async fn claude_of_a_person(
    cmd: Cmd,
    home: &Home,
    runtime: &str,
    stub: &ModelStub,
) -> String {
    let built = Program::find().unwrap().path().parent().unwrap().display().to_string();
    let output = cmd
        .env("PATH", format!("{built}:{}", std::env::var("PATH").unwrap()))
        .env("HOME", home.path("home"))
        .env("CLAUDE_CONFIG_DIR", home.path("home/.claude"))
        .env("GANGLINE_STATE_DIR", home.path("state"))
        .env("GANGLINE_CONFIG_DIR", home.path("config"))
        .env("GANGLINE_RUNTIME_DIR", home.path(runtime))
        .env("ANTHROPIC_BASE_URL", stub.base_url())
        .env("ANTHROPIC_API_KEY", "sk-dummy")
        .env("IS_SANDBOX", "1")
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .env("CLAUDE_CODE_DISABLE_BACKGROUND_TASKS", "1")
        .env("CLAUDE_CODE_MAX_RETRIES", "0")
        .env("DISABLE_TELEMETRY", "1")
        .env("DISABLE_AUTOUPDATER", "1")
        .env("DISABLE_ERROR_REPORTING", "1")
        .cap_bytes(16 << 20)
        .output()
        .await
        .unwrap();
    let said = output.stdout.text();
    assert!(output.success(), "{said}{}", output.stderr.text());
    said
}

/// Which program, and how it is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agent {
    Claude,
    Codex,
    /// In its own words.
    Opencode,
    /// Over the Agent Client Protocol.
    OpencodeAcp,
}

impl Agent {
    fn program(self) -> &'static RealAgent {
        match self {
            Self::Claude => &CLAUDE,
            Self::Codex => &CODEX,
            Self::Opencode | Self::OpencodeAcp => &OPENCODE,
        }
    }

    /// The front matter of its definition, without the program.
    fn kind(self, stub: &ModelStub) -> String {
        let host = stub.base_url().replace("http://", "");
        let opencode =
            format!("env: OPENCODE_CONFIG_CONTENT\nnetwork: {{ allow: [\"{host}\"] }}\n");
        match self {
            Self::Claude => "kind: claude\n".to_owned(),
            // A model that is given the tools themselves, and not one that runs code.
            Self::Codex => "kind: codex\nmodel: gpt-5.5\n".to_owned(),
            Self::Opencode => format!("kind: opencode\n{opencode}"),
            Self::OpencodeAcp => format!("kind: acp\npreset: opencode\n{opencode}"),
        }
    }

    fn definition(self, name: &str, stub: &ModelStub) -> String {
        let program = real_agent(&root(), self.program()).unwrap_or_else(|error| panic!("{error}"));
        let program = program.canonicalize().unwrap();
        format!(
            "---\nname: {name}\ndescription: Does one ticket.\nprogram: {}\n{}---\nYou do one ticket.\n",
            program.display(),
            self.kind(stub)
        )
    }

    fn env(self, stub: &ModelStub) -> Vec<(&'static str, String)> {
        let url = stub.base_url();
        let key = "sk-dummy".to_owned();
        match self {
            Self::Claude => vec![("ANTHROPIC_BASE_URL", url), ("ANTHROPIC_API_KEY", key)],
            Self::Codex => {
                vec![("OPENAI_BASE_URL", format!("{url}/v1")), ("OPENAI_API_KEY", key)]
            }
            Self::Opencode | Self::OpencodeAcp => {
                let model =
                    json!({ "name": "Stub", "limit": { "context": 100_000, "output": 8_000 } });
                let config = json!({
                    "model": "stub/stub-model", "small_model": "stub/stub-model",
                    "enabled_providers": ["stub"],
                    "provider": { "stub": {
                        "npm": "@ai-sdk/openai-compatible",
                        "options": { "baseURL": format!("{url}/v1"), "apiKey": key },
                        "models": { "stub-model": model },
                    } },
                });
                vec![("OPENCODE_CONFIG_CONTENT", config.to_string())]
            }
        }
    }
}

pub(crate) struct World {
    pub(crate) home: Home,
    pub(crate) repo: PathBuf,
    pub(crate) stub: ModelStub,
}

impl World {
    /// A repository with this policy and these files, in which the agent works.
    pub(crate) async fn new(agent: Agent, policy: &str, files: &[(&str, &str)]) -> Self {
        Self::of(&[("agent", agent)], policy, files).await
    }

    /// The same with several agents, by the names of their definitions.
    pub(crate) async fn of(agents: &[(&str, Agent)], policy: &str, files: &[(&str, &str)]) -> Self {
        let stub = ModelStub::start().await.unwrap();
        let env: Vec<_> = agents.iter().flat_map(|(_, agent)| agent.env(&stub)).collect();
        let pass: Vec<&str> = env.iter().map(|(name, _)| *name).collect();
        let home = Home::new(&Program::find().unwrap()).unwrap();
        let home = env.iter().fold(home, |home, (name, value)| home.with(name, value));
        let config = format!("[env]\npass = {pass:?}\n");
        std::fs::write(home.path("config/config.toml"), config).unwrap();
        let repo = home.repository("repo", policy).await.unwrap();
        for (name, agent) in agents {
            let definition = agent.definition(name, &stub);
            std::fs::write(repo.join(format!(".gangline/agents/{name}.md")), definition).unwrap();
        }
        for (name, text) in files {
            std::fs::write(repo.join(name), text).unwrap();
        }
        home.other(&repo, &["git", "add", "--all"]).await.unwrap();
        home.other(&repo, &["git", "commit", "--quiet", "--message=Agent"]).await.unwrap();
        Self { home, repo, stub }
    }

    /// Adds the ticket in which the model plays this.
    pub(crate) async fn add(&self, scenario: &Value) {
        let body = format!("Do it.\n\n```model-stub\n{scenario}\n```\n");
        self.run(&["add", "--title", "Do it", "--body", &body]).await;
    }

    pub(crate) async fn run(&self, args: &[&str]) -> String {
        self.home.run(&self.repo, args).await.unwrap().stdout.text()
    }

    /// How a command ends that may fail.
    pub(crate) async fn ended(&self, args: &[&str]) -> Exit {
        self.home.cmd(&self.repo, args).output().await.unwrap().status
    }

    pub(crate) async fn shown(&self) -> Value {
        self.home.json(&self.repo, &["show", KEY]).await.unwrap()
    }

    /// Waits until something is true of the ticket.
    pub(crate) async fn until(&self, holds: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let shown = self.shown().await;
            if holds(&shown) {
                return shown;
            }
            let late = begun.elapsed() > PATIENCE;
            assert!(!late, "it never came to be: {shown:#}\n{}", self.logs().await);
            sleep(LOOK).await;
        }
    }

    /// Waits until a person is asked; the question.
    pub(crate) async fn asked(&self) -> Value {
        let shown = self.until(|shown| shown["questions"][0]["text"].is_string()).await;
        shown["questions"][0].clone()
    }

    pub(crate) async fn logs(&self) -> String {
        self.run(&["logs", KEY]).await
    }

    /// The journals of all jobs, whether or not there is a daemon to ask.
    pub(crate) fn journals(&self) -> String {
        let folders = identities(&self.home).unwrap().into_iter().map(|(folder, _)| folder);
        folders
            .map(|folder| std::fs::read_to_string(folder.join("journal.jsonl")).unwrap_or_default())
            .collect()
    }

    /// Waits until something is true that needs no daemon.
    pub(crate) async fn meanwhile(&self, what: &str, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < PATIENCE, "{what}: never\n{}", self.journals());
            sleep(LOOK).await;
        }
    }

    /// Where the agent works.
    pub(crate) async fn worktree(&self) -> PathBuf {
        let shown = self.until(|shown| shown["worktree"].is_string()).await;
        PathBuf::from(shown["worktree"].as_str().unwrap())
    }

    /// As a crash or the kernel does it: no word, no grace.
    pub(crate) async fn kill_daemon(&self) {
        kill_daemon(&self.home).unwrap();
        let begun = Instant::now();
        while self.ended(&["list"]).await != Exit::Code(3) {
            assert!(begun.elapsed() < PATIENCE, "the daemon lives on");
            sleep(LOOK).await;
        }
    }

    /// The files of what landed, after the daemon and all that it started have ended.
    pub(crate) async fn landed(&self) -> String {
        let shown = self.until(|shown| shown["state"] == "landed").await;
        assert!(shown["questions"].as_array().is_none_or(Vec::is_empty), "{shown:#}");
        self.end().await;
        self.home.other(&self.repo, &["git", "ls-tree", "--name-only", "main"]).await.unwrap()
    }

    pub(crate) async fn end(&self) {
        self.run(&["down", "--jobs"]).await;
        nothing_runs(&self.home).await.unwrap();
    }
}
