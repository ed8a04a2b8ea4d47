//! A worktree, a home and an output folder for one session.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gangline_agents::definition::Definition;
use gangline_agents::driver::{
    AgentDriver, AgentEvent, McpServer, Session, SessionPlan, SessionStart,
};
use gangline_process::{Cmd, JobMarker, Sandbox, Tier, probe};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A server of tools for agents to start, with the tool `report`.
pub(crate) const MCP_SERVER: &str = r#"#!/bin/bash
while IFS= read -r line; do
    [[ $line =~ \"id\":([0-9]+) ]] || continue
    id=${BASH_REMATCH[1]}
    case $line in
    *'"initialize"'*) result='{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"test","version":"1"}}' ;;
    *'"tools/list"'*) result='{"tools":[{"name":"report","description":"Reports","inputSchema":{"type":"object","properties":{"summary":{"type":"string"}}}}]}' ;;
    *'"tools/call"'*) result='{"content":[{"type":"text","text":"taken note"}]}' ;;
    *) result='{}' ;;
    esac
    echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":$result}"
done
"#;
const EVENTS_MAX: Duration = Duration::from_mins(3);

pub(crate) struct World {
    root: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for folder in ["tree", "home", "output"] {
            std::fs::create_dir(root.path().join(folder)).unwrap();
        }
        Self { root }
    }

    /// The same with a repository of one commit.
    pub(crate) async fn with_repository() -> Self {
        let world = Self::new();
        std::fs::write(world.tree().join("README.md"), "# A project\n").unwrap();
        for args in [
            &["init", "-q", "-b", "main"][..],
            &["config", "user.name", "Ticket Worker"],
            &["config", "user.email", "worker@localhost"],
            &["add", "-A"],
            &["commit", "-q", "-m", "base"],
        ] {
            world.git(args).await;
        }
        world
    }

    pub(crate) async fn git(&self, args: &[&str]) -> String {
        let cmd = Cmd::new("git").args(args).cwd(self.tree()).env_from_host(&["PATH"]);
        let output = cmd.env("HOME", self.home()).output().await.unwrap();
        assert!(output.success(), "git {args:?}: {}", output.stderr.text());
        output.stdout.text().trim().to_owned()
    }

    pub(crate) fn tree(&self) -> PathBuf {
        self.root.path().join("tree")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    pub(crate) fn outcome(&self) -> PathBuf {
        self.root.path().join("output/outcome.json")
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// A plan without a sandbox; the brief is written to its file.
    pub(crate) fn plan(&self, definition: Definition, brief: &str) -> SessionPlan {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let marker = JobMarker::new(format!("agents-test-{}-{n}", std::process::id())).unwrap();
        let brief_file = self.root.path().join("MISSION_BRIEF.md");
        std::fs::write(&brief_file, brief).unwrap();
        SessionPlan {
            brief: brief.to_owned(),
            brief_file,
            cwd: self.tree(),
            session: SessionStart::Fresh { id: None },
            definition,
            env: vec![],
            home: self.home(),
            outcome_file: self.outcome(),
            marker,
            sandbox: Sandbox::none(),
            model: None,
            asks_leave: false,
            mcp: vec![],
        }
    }

    /// A sandbox in which the world's folders can be written; fails the test where this
    /// machine cannot give one.
    pub(crate) async fn sandbox(&self, network: bool) -> Sandbox {
        let report = probe().await;
        assert_eq!(report.best(), Tier::L2, "bubblewrap does not work here: {report:?}");
        Sandbox::with_system()
            .network(network)
            .read_only([self.root.path().join("MISSION_BRIEF.md")])
            .writable(self.tree())
            .writable(self.root.path().join("output"))
            .home(self.home())
    }
}

/// A server with the one tool `report_progress`, as small as the protocol allows.
pub(crate) fn tool_server() -> McpServer {
    let script = r#"while read -r line; do
id=$(printf %s "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
case $line in
*'"initialize"'*) result='{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"g","version":"1"}}' ;;
*'"tools/list"'*) result='{"tools":[{"name":"report_progress","description":"d","inputSchema":{"type":"object","properties":{}}}]}' ;;
*) result='{}' ;;
esac
[ -z "$id" ] || printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$result"
done"#;
    McpServer {
        name: "gangline".to_owned(),
        command: "/bin/sh".to_owned(),
        args: vec!["-c".to_owned(), script.to_owned()],
        env: vec![("KEY".to_owned(), "value".to_owned())],
    }
}

/// A brief that makes the stub call these tools in order, by name.
pub(crate) fn calling(calls: &[(&str, Value)]) -> String {
    let calls = calls.iter().map(|(tool, input)| json!({ "tool": tool, "input": input }));
    let scenario = json!({ "calls": calls.collect::<Vec<_>>(), "final": "Done." });
    format!("```model-stub\n{scenario}\n```\n")
}

/// Whether each tool that was used worked, in the order in which they ended.
pub(crate) fn worked(events: &[AgentEvent]) -> Vec<bool> {
    let ends = events.iter().filter_map(|event| {
        let AgentEvent::ToolFinished { ok, .. } = event else { return None };
        Some(*ok)
    });
    ends.collect()
}

pub(crate) fn definition(front_matter: &str) -> Definition {
    let text = format!("---\nname: test-agent\n{front_matter}\n---\n");
    Definition::parse(&text, "test-agent.md").unwrap().0
}

pub(crate) fn launch(driver: &dyn AgentDriver, plan: &SessionPlan) -> Box<dyn Session> {
    match driver.launch(plan) {
        Ok(session) => session,
        Err(error) => panic!("it does not start: {error:?}"),
    }
}

/// All events to the end, which is in time and leaves no process.
pub(crate) async fn events(driver: &dyn AgentDriver, plan: &SessionPlan) -> Vec<AgentEvent> {
    let mut session = launch(driver, plan);
    let events = rest(&mut *session).await;
    let proof = session.stop(Duration::from_millis(500)).await;
    assert!(proof.is_proven(), "{proof:?}");
    events
}

pub(crate) async fn rest(session: &mut dyn Session) -> Vec<AgentEvent> {
    let all = async {
        let mut events = vec![];
        while let Some(event) = session.next_event().await {
            events.push(event);
        }
        events
    };
    tokio::time::timeout(EVENTS_MAX, all).await.expect("the session ends in time")
}

/// Events up to the first that fits.
pub(crate) async fn until(
    session: &mut dyn Session,
    fits: impl Fn(&AgentEvent) -> bool,
) -> AgentEvent {
    let search = async {
        while let Some(event) = session.next_event().await {
            if fits(&event) {
                return event;
            }
            assert!(!matches!(event, AgentEvent::Finished(_)), "it ended first: {event:?}");
        }
        panic!("it ended first");
    };
    tokio::time::timeout(EVENTS_MAX, search).await.expect("it happens in time")
}
