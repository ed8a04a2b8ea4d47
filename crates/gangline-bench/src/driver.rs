//! From the start of a real agent to its first request, which is when it has accepted its prompt:
//! by its driver in a sandbox, beside the same program started by hand.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use gangline_agents::claude::Claude;
use gangline_agents::definition::Definition;
use gangline_agents::driver::{AgentDriver, SessionPlan, SessionStart};
use gangline_agents::stub::{ModelStub, real_claude};
use gangline_process::{Child, Cmd, JobMarker, Sandbox};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::samples::{median, ms};
use crate::table::{Bound, Row};

/// Starts of each kind, in turn; the median counts.
const STARTS: usize = 15;
/// How long one may take.
const START_MAX: Duration = Duration::from_secs(30);
/// Between two looks at whether the model was asked.
const LOOK_EVERY: Duration = Duration::from_millis(1);
const PROMPT: &str = "@@hang@@";

/// See the module.
pub async fn measure() -> anyhow::Result<Vec<Row>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let program = real_claude(&root)?.canonicalize()?;
    let (mut driven, mut by_hand) = (vec![], vec![]);
    for n in 0..STARTS {
        driven.push(by_driver(&program, n).await.context("by its driver")?);
        by_hand.push(alone(&program).await.context("by hand")?);
    }
    let (driven, by_hand) = (median(&mut driven), median(&mut by_hand));
    Ok(vec![Row {
        name: "agent started to prompt accepted (claude)",
        figure: ms(driven),
        floor: format!("by hand {}", ms(by_hand)),
        ratio: driven.as_secs_f64() / by_hand.as_secs_f64(),
        bound: Bound::AtMost(1.2),
    }])
}

/// A model, and a folder in which an agent works and lives for the first time.
struct Place {
    stub: ModelStub,
    folder: tempfile::TempDir,
}

impl Place {
    async fn new() -> anyhow::Result<Self> {
        let place = Self { stub: ModelStub::start().await?, folder: tempfile::tempdir()? };
        for folder in ["tree", "home", "output"] {
            std::fs::create_dir(place.path(folder))?;
        }
        Ok(place)
    }

    fn path(&self, part: &str) -> PathBuf {
        self.folder.path().join(part)
    }

    fn env(&self) -> [(&'static str, String); 2] {
        [("ANTHROPIC_BASE_URL", self.stub.base_url()), ("ANTHROPIC_API_KEY", "sk-dummy".to_owned())]
    }

    /// Waits until the model is asked.
    async fn asked(&self) {
        while self.stub.seen().is_empty() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

async fn by_driver(program: &Path, n: usize) -> anyhow::Result<Duration> {
    let place = Place::new().await?;
    let brief_file = place.path("MISSION_BRIEF.md");
    std::fs::write(&brief_file, PROMPT)?;
    let definition = Definition {
        program: Some(program.display().to_string()),
        ..Definition::bare("agent".parse()?, "claude".parse()?)
    };
    let sandbox = Sandbox::with_system().network(true).read_only([brief_file.clone()]);
    let plan = SessionPlan {
        brief: PROMPT.to_owned(),
        brief_file,
        cwd: place.path("tree"),
        session: SessionStart::Fresh { id: None },
        definition,
        env: place.env().map(|(name, value)| (name.to_owned(), value)).into(),
        home: place.path("home"),
        outcome_file: place.path("output/outcome.json"),
        marker: JobMarker::new(format!("bench-driver-{}-{n}", std::process::id()))?,
        sandbox: sandbox
            .writable(place.path("tree"))
            .writable(place.path("output"))
            .home(place.path("home")),
        model: None,
        asks_leave: false,
        mcp: vec![],
    };
    let began = Instant::now();
    let mut session = Claude.launch(&plan).context("it does not start")?;
    let asked = async {
        loop {
            tokio::select! {
                event = session.next_event() => {
                    event.context("it ended before it asked its model")?;
                }
                () = place.asked() => return Ok(began.elapsed()),
            }
        }
    };
    let took: anyhow::Result<Duration> = tokio::time::timeout(START_MAX, asked).await?;
    ensure!(session.stop(Duration::ZERO).await.is_proven(), "it did not end");
    took
}

async fn alone(program: &Path) -> anyhow::Result<Duration> {
    let place = Place::new().await?;
    let args = [
        "-p",
        "--verbose",
        "--input-format",
        "stream-json",
        "--output-format",
        "stream-json",
        "--permission-mode",
        "bypassPermissions",
        "--setting-sources",
        "user",
        "--strict-mcp-config",
    ];
    let cmd = Cmd::new(program).args(args).cwd(place.path("tree")).env_from_host(&["PATH"]);
    let cmd = place.env().into_iter().fold(cmd, |cmd, (name, value)| cmd.env(name, value));
    let cmd = cmd
        .env("HOME", place.path("home"))
        .env("CLAUDE_CONFIG_DIR", place.path("home/.claude"))
        .env("IS_SANDBOX", "1")
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .env("DISABLE_TELEMETRY", "1")
        .env("DISABLE_AUTOUPDATER", "1")
        .env("DISABLE_ERROR_REPORTING", "1");
    let began = Instant::now();
    let mut child = cmd.spawn()?;
    let took = tokio::time::timeout(START_MAX, prompted(&mut child, &place)).await?;
    let took = took.map(|()| began.elapsed());
    ensure!(child.end(Duration::ZERO).await.is_proven(), "it did not end");
    took
}

async fn prompted(child: &mut Child, place: &Place) -> anyhow::Result<()> {
    let content = json!([{ "type": "text", "text": PROMPT }]);
    let message = json!({ "role": "user", "content": content });
    let line = json!({ "type": "user", "message": message, "parent_tool_use_id": null });
    let mut stdin = child.take_stdin().context("no standard input")?;
    stdin.write_all(format!("{line}\n").as_bytes()).await?;
    stdin.flush().await?;
    place.asked().await;
    drop(stdin);
    Ok(())
}
