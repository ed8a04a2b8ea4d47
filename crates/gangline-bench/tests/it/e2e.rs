//! A real repository, real git, real checks, real sandboxes; and the real Claude Code and Codex CLIs
//! against a scripted model.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_agents::stub::{CLAUDE, CODEX, ModelStub, real_agent};
use gangline_bench::program::{Home, Program};
use serde_json::Value;

use crate::world::root;

/// A ticket may take this long: it compiles a crate with its tests twice.
const RUN_MAX: Duration = Duration::from_mins(4);

/// The crate whose source is the real repository: it has tests, needs no other crate, and is
/// there because the command line's own parser depends on it.
const CRATE: &str = "strsim";

/// A copy of the crate's source, as a repository with one commit.
async fn real_repository(home: &Home) -> PathBuf {
    // What only other systems need was never fetched.
    let host = home.other(&root(), &["rustc", "--print", "host-tuple"]).await.unwrap();
    let metadata = ["cargo", "metadata", "--format-version=1", "--locked", "--offline"];
    let metadata = [&metadata[..], &["--filter-platform", host.trim()]].concat();
    let metadata = home.other(&root(), &metadata).await.unwrap();
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let found = packages.iter().find(|package| package["name"] == CRATE).unwrap();
    let source = Path::new(found["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned();
    let folder = home.path("repo");
    copy(&source, &folder);
    // What publishing made of the manifest names a build of its own; the person's is plain.
    let original = folder.join("Cargo.toml.orig");
    std::fs::rename(original, folder.join("Cargo.toml")).unwrap();
    // Its benches need another compiler than a release one.
    std::fs::remove_dir_all(folder.join("benches")).unwrap();
    std::fs::write(folder.join(".gitignore"), "/target\n").unwrap();
    home.commit_all(&folder).await.unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target);
        } else if !entry.file_name().to_string_lossy().starts_with(".cargo") {
            std::fs::copy(&source, &target).unwrap();
        }
    }
}

/// `init`, and the person commits what it wrote; with these agents' definitions beside.
async fn initialised(home: &Home, repo: &Path, definitions: &[(&str, &str)]) {
    home.run(repo, &["init", "--yes"]).await.unwrap();
    for (name, text) in definitions {
        let folder = repo.join(".gangline/agents");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), text).unwrap();
    }
    home.other(repo, &["git", "add", "--all"]).await.unwrap();
    home.other(repo, &["git", "commit", "--quiet", "--message=Gangline"]).await.unwrap();
}

/// `gangline run`, to its end; everything that it said, when that was not a landing.
async fn land(home: &Home, repo: &Path, args: &[&str]) -> Result<(), String> {
    let mut all = vec!["run"];
    all.extend(args);
    let output = home.cmd(repo, &all).deadline(RUN_MAX).output().await.unwrap();
    let said = format!("{}\n{}", output.stdout.text(), output.stderr.text());
    if output.success() {
        return Ok(());
    }
    let logs = home.cmd(repo, &["logs", "APP-1"]).output().await.unwrap().stdout.text();
    Err(format!("ended with {:?}\n{said}\n{logs}", output.status))
}

async fn subjects(home: &Home, repo: &Path) -> Vec<String> {
    let log = home.other(repo, &["git", "log", "--first-parent", "--format=%s", "main"]).await;
    log.unwrap().lines().map(str::to_owned).collect()
}

const WORKER: &str = "---\nname: worker\ndescription: Plays the script in its ticket.\n\
    kind: scripted\n---\nPlay the script.\n";

/// Adds a function with a test to the crate, through shell lines that any agent could run.
const CODE: &str = "cat >> src/lib.rs <<'RUST'\n\n/// Characters in both.\npub fn common(a: &str, b: \
    &str) -> usize {\n    a.chars().filter(|c| b.contains(*c)).count()\n}\nRUST\ncat > \
    tests/common.rs <<'RUST'\n#[test]\nfn counts_what_both_have() {\n    \
    assert_eq!(strsim::common(\"abc\", \"bcd\"), 2);\n}\nRUST";

#[tokio::test]
async fn a_ticket_of_a_real_repository_lands_with_a_scripted_agent() {
    let home = Home::new(&Program::find().unwrap()).unwrap();
    let repo = real_repository(&home).await;
    initialised(&home, &repo, &[("worker.md", WORKER)]).await;
    let script = format!(
        "```gangline-script\nsteps:\n  - run: [sh, -c, {}]\n  - commit: \"Count common \
         characters\"\n  - claim: {{ summary: \"done\", commits: 1, tests_pass: true }}\n```\n",
        serde_json::to_string(CODE).unwrap()
    );
    let ticket = ["--title", "Count common characters", "--body", &script, "--agent", "worker"];
    let ran = land(&home, &repo, &ticket).await;
    home.run(&repo, &["down", "--jobs"]).await.unwrap();
    ran.unwrap();
    assert_eq!(subjects(&home, &repo).await.len(), 3);
    let tested = home.other(&repo, &["cargo", "test", "--quiet", "--offline", "--test", "common"]);
    assert!(tested.await.unwrap().contains("1 passed"));
}

/// A real agent's ticket. The first try claims and does not commit; the recovery context makes the
/// second one do it.
async fn land_with(home: Home, kind: &str, program: &Path, definition: Option<(&str, &str)>) {
    let program = program.canonicalize().unwrap();
    let config = format!("[agents.programs]\n{kind} = {:?}\n", program.display().to_string());
    std::fs::write(home.path("config").join("config.toml"), config).unwrap();
    let repo = real_repository(&home).await;
    let definitions: Vec<(&str, &str)> = definition.into_iter().collect();
    initialised(&home, &repo, &definitions).await;
    let scenario = serde_json::json!({
        "calls": [ { "run": CODE } ],
        "final": "Done: I added the function and committed it; all tests pass.",
        "when": [ {
            "contains": "no new commit",
            "calls": [ { "commit": "Count common characters" } ],
            "final": "Done: committed.",
        } ],
    });
    let body = format!("Add `common(a, b)`, with a test.\n\n```model-stub\n{scenario}\n```\n");
    let mut ticket = vec!["--title", "Count common characters", "--body", &body];
    if definition.is_some() {
        ticket.extend(["--agent", "worker"]);
    }
    let ran = land(&home, &repo, &ticket).await;
    let shown = home.run(&repo, &["show", "APP-1"]).await.unwrap().stdout.text();
    home.run(&repo, &["down", "--jobs"]).await.unwrap();
    ran.unwrap();
    assert!(shown.contains("landed"), "{shown}");
    assert!(subjects(&home, &repo).await[0].starts_with("APP-1"), "{shown}");
}

#[tokio::test]
async fn a_ticket_of_a_real_repository_lands_with_the_real_claude() {
    let claude = real_agent(&root(), &CLAUDE).unwrap_or_else(|error| panic!("{error}"));
    let stub = ModelStub::start().await.unwrap();
    let home = Home::new(&Program::find().unwrap())
        .unwrap()
        .with("ANTHROPIC_BASE_URL", &stub.base_url())
        .with("ANTHROPIC_API_KEY", "sk-dummy");
    land_with(home, "claude", &claude, None).await;
}

const CODEX_WORKER: &str = "---\nname: worker\ndescription: Does one ticket.\nkind: codex\n---\n\
    You are a ticket worker.\n";

#[tokio::test]
async fn a_ticket_of_a_real_repository_lands_with_the_real_codex() {
    let codex = real_agent(&root(), &CODEX).unwrap_or_else(|error| panic!("{error}"));
    let stub = ModelStub::start().await.unwrap();
    let home = Home::new(&Program::find().unwrap())
        .unwrap()
        .with("OPENAI_BASE_URL", &format!("{}/v1", stub.base_url()))
        .with("OPENAI_API_KEY", "sk-dummy");
    land_with(home, "codex", &codex, Some(("worker.md", CODEX_WORKER))).await;
    assert!(stub.seen().iter().all(|seen| seen.path == "/v1/responses"), "it calls elsewhere");
}
