//! An agent that Gangline did not start: it registers, is told of work, commits in the worktree and
//! hands in; it falls silent or goes, and what it did is not lost; the daemon dies in the middle.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_bench::program::{Home, Program};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(50);

const POLICY: &str = "[checks.test]\nrun = \"test ! -e broken && echo 1..1 && \
    echo 'ok 1 - it works'\"\n[agents]\ndefault = \"backend\"\n";
const DEFINITION: &str = "---\nname: backend\ndescription: A session elsewhere.\nkind: external\n\
    capabilities: python\n---\nYou work elsewhere.\n";

struct World {
    home: Home,
    repo: PathBuf,
}

impl World {
    async fn new() -> Self {
        let home = Home::new(&Program::find().unwrap()).unwrap();
        let repo = home.repository("repo", POLICY).await.unwrap();
        // Its file is called otherwise than its agent.
        std::fs::write(repo.join(".gangline/agents/elsewhere.md"), DEFINITION).unwrap();
        home.other(&repo, &["git", "add", "--all"]).await.unwrap();
        home.other(&repo, &["git", "commit", "--quiet", "--message=Agents"]).await.unwrap();
        home.run(&repo, &["up", "--detach"]).await.unwrap();
        Self { home, repo }
    }

    async fn run(&self, args: &[&str]) {
        self.home.run(&self.repo, args).await.unwrap();
    }

    async fn json(&self, args: &[&str]) -> Value {
        self.home.json(&self.repo, args).await.unwrap()
    }

    /// The work of session `one`, after a fence.
    async fn work(&self, after: Option<&str>) -> Value {
        let mut args = vec!["external", "wait", "one", "--timeout", "60s"];
        if let Some(after) = after {
            args.extend(["--after", after]);
        }
        let work = self.json(&args).await;
        assert_eq!(work["action"], "work_assigned", "{work:#}");
        work
    }

    /// Writes a file in the worktree and commits it, as any program outside would.
    async fn commit(&self, work: &Value, file: &str) {
        let tree = Path::new(work["worktree_path"].as_str().unwrap());
        let branch = self.home.other(tree, &["git", "branch", "--show-current"]).await.unwrap();
        assert_eq!(branch.trim(), work["branch_name"].as_str().unwrap());
        std::fs::write(tree.join(file), "done\n").unwrap();
        self.home.other(tree, &["git", "add", "--all"]).await.unwrap();
        let message = format!("--message=Add {file}");
        self.home.other(tree, &["git", "commit", "--quiet", &message]).await.unwrap();
    }

    async fn submit(&self, work: &Value) {
        let (key, fence) = (work["issue"]["key"].as_str(), work["fence"].as_str());
        let (key, fence) = (key.unwrap(), fence.unwrap());
        let args = ["external", "submit", "one", key, "--fence", fence, "--summary", "I did it"];
        self.run(&args).await;
    }

    /// Waits until something is true of the ticket.
    async fn until(&self, holds: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let shown = self.json(&["show", "APP-1"]).await;
            if holds(&shown) {
                return shown;
            }
            assert!(begun.elapsed() < PATIENCE, "it never came to be: {shown:#}");
            sleep(LOOK).await;
        }
    }

    async fn has_landed(&self, file: &str) -> Value {
        let shown = self.until(|shown| shown["state"] == "landed").await;
        let files = ["git", "ls-tree", "--name-only", "main"];
        let files = self.home.other(&self.repo, &files).await.unwrap();
        assert!(files.lines().any(|name| name == file), "{files}");
        shown
    }

    async fn down(&self) {
        self.run(&["down", "--jobs"]).await;
    }
}

#[tokio::test]
async fn a_session_waits_for_work_commits_it_and_hands_it_in() {
    let world = World::new().await;
    world.run(&["add", "Say hello", "--capability", "python"]).await;
    let shown = world.until(|shown| shown["wait"]["for"] == "external").await;
    let text = shown["wait"]["text"].as_str().unwrap();
    assert!(text.contains("gangline external register ID --agent backend"), "{text}");
    world.run(&["external", "register", "one", "--agent", "backend"]).await;
    let work = world.work(None).await;
    assert_eq!((&work["session"], &work["issue"]["title"]), (&json!("one"), &json!("Say hello")));
    let brief = std::fs::read_to_string(work["brief_path"].as_str().unwrap()).unwrap();
    assert!(brief.contains("Say hello"), "{brief}");
    let told = world.json(&["external", "heartbeat", "one"]).await;
    assert_eq!(told["assignments"][0]["state"], "assigned", "{told:#}");
    world.commit(&work, "hello.txt").await;
    world.submit(&work).await;
    world.submit(&work).await;
    let shown = world.has_landed("hello.txt").await;
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 1, "{shown:#}");
    let told = world.json(&["external", "list"]).await;
    assert_eq!(told["sessions"][0]["assignments"], json!([]), "{told:#}");
    world.submit(&work).await;
    world.down().await;
}

#[tokio::test]
async fn what_is_handed_in_is_measured_and_not_believed() {
    let world = World::new().await;
    world.run(&["external", "register", "one", "--agent", "backend"]).await;
    world.run(&["add", "Say hello"]).await;
    let work = world.work(None).await;
    world.commit(&work, "broken").await;
    world.submit(&work).await;
    let again = world.work(work["fence"].as_str()).await;
    let shown = world.json(&["show", "APP-1"]).await;
    assert_eq!((&shown["state"], &shown["tries_spent"]), (&json!("working"), &json!(1)));
    // The same worktree, with the facts of the try before in the brief.
    assert_eq!(again["worktree_path"], work["worktree_path"]);
    let brief = std::fs::read_to_string(again["brief_path"].as_str().unwrap()).unwrap();
    assert!(brief.contains("FAIL test"), "{brief}");
    let tree = Path::new(again["worktree_path"].as_str().unwrap());
    std::fs::remove_file(tree.join("broken")).unwrap();
    world.commit(&again, "whole").await;
    world.submit(&again).await;
    world.has_landed("whole").await;
    world.down().await;
}

#[tokio::test]
async fn a_session_that_falls_silent_loses_its_ticket_and_none_of_its_work() {
    let world = World::new().await;
    let register = ["external", "register", "one", "--agent", "backend", "--heartbeat-timeout"];
    world.run(&[&register[..], &["2s"]].concat()).await;
    world.run(&["add", "Say hello"]).await;
    let work = world.work(None).await;
    let tree = Path::new(work["worktree_path"].as_str().unwrap());
    std::fs::write(tree.join("half.txt"), "half done\n").unwrap();
    let shown = world.until(|shown| shown["wait"]["for"] == "external").await;
    assert_eq!((&shown["state"], &shown["tries_spent"]), (&json!("open"), &json!(0)), "{shown:#}");
    // What it had not committed is under a rescue ref.
    let hubs = world.home.path("state").join("projects");
    let hub = std::fs::read_dir(hubs).unwrap().next().unwrap().unwrap().path().join("hub.git");
    let hub = format!("--git-dir={}", hub.display());
    let refs = ["git", &hub, "for-each-ref", "--format=%(refname)", "refs/gangline/rescue/APP-1"];
    let refs = world.home.other(&world.repo, &refs).await.unwrap();
    let mut kept = vec![];
    for name in refs.lines() {
        let file = format!("{name}:half.txt");
        kept.extend(world.home.other(&world.repo, &["git", &hub, "show", &file]).await.ok());
    }
    assert_eq!(kept, ["half done\n"], "{refs}");
    // Too late: the fence is stale.
    let (key, fence) = ("APP-1", work["fence"].as_str().unwrap());
    let late = ["external", "submit", "one", key, "--fence", fence];
    let late = world.home.cmd(&world.repo, &late).output().await.unwrap();
    assert!(late.stderr.text().contains("not assigned to session one"), "{}", late.stderr.text());
    // It comes back, and goes on where it was.
    world.run(&["external", "register", "one", "--agent", "backend"]).await;
    let again = world.work(None).await;
    assert_eq!(again["worktree_path"], work["worktree_path"]);
    assert!(tree.join("half.txt").is_file());
    world.commit(&again, "whole.txt").await;
    world.submit(&again).await;
    world.has_landed("half.txt").await;
    world.down().await;
}

#[tokio::test]
async fn a_session_works_on_while_the_daemon_is_dead() {
    let world = World::new().await;
    world.run(&["external", "register", "one", "--agent", "backend"]).await;
    world.run(&["add", "Say hello"]).await;
    let work = world.work(None).await;
    let begun = Instant::now();
    // Two deaths: while it works, and right after it has handed in.
    for step in 0..2 {
        kill_daemon(&world).await;
        if step == 0 {
            world.commit(&work, "hello.txt").await;
        }
        world.run(&["up", "--detach"]).await;
        if step == 0 {
            let told = world.json(&["external", "heartbeat", "one"]).await;
            assert_eq!(told["assignments"][0]["fence"], work["fence"], "{told:#}");
            let same = world.work(None).await;
            assert_eq!(same, work);
            world.submit(&work).await;
        }
    }
    world.submit(&work).await;
    let shown = world.has_landed("hello.txt").await;
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 1, "{shown:#}");
    assert!(begun.elapsed() < PATIENCE);
    world.down().await;
}

async fn kill_daemon(world: &World) {
    let pid =
        gangline_bench::soak::daemon(&world.home).unwrap().expect("no daemon runs").to_string();
    world.home.other(&world.repo, &["kill", "-9", &pid]).await.unwrap();
    let begun = Instant::now();
    while Path::new("/proc").join(&pid).exists() {
        assert!(begun.elapsed() < PATIENCE, "{pid} does not end");
        sleep(LOOK).await;
    }
}

#[tokio::test]
async fn a_session_is_told_by_its_webhook_until_it_takes_the_work_and_gives_it_back_when_it_goes() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = format!("http://{}/work", listener.local_addr().unwrap());
    let far =
        ["external", "register", "one", "--agent", "backend", "--webhook", "http://10.0.0.1/"];
    let far = world.home.cmd(&world.repo, &far).output().await.unwrap();
    assert!(!far.success() && far.stderr.text().contains("10.0.0.1"), "{}", far.stderr.text());
    world.run(&["external", "register", "one", "--agent", "backend", "--webhook", &hook]).await;
    world.run(&["add", "Say hello"]).await;
    let refused = called(&listener, "503 Later").await;
    let work = called(&listener, "200 OK").await;
    assert_eq!(refused, work);
    assert_eq!(work["action"], "work_assigned", "{work:#}");
    world.commit(&work, "hello.txt").await;
    world.run(&["external", "deregister", "one"]).await;
    let shown = world.until(|shown| shown["wait"]["for"] == "external").await;
    assert_eq!((&shown["state"], &shown["tries_spent"]), (&json!("open"), &json!(0)), "{shown:#}");
    // Another one finishes it.
    world.run(&["external", "register", "one", "--agent", "backend"]).await;
    let again = world.work(None).await;
    world.submit(&again).await;
    world.has_landed("hello.txt").await;
    world.down().await;
}

/// What the webhook is sent, answered with this status.
async fn called(listener: &TcpListener, status: &str) -> Value {
    let accepted = tokio::time::timeout(PATIENCE, listener.accept());
    let (mut stream, _) = accepted.await.expect("nobody called").unwrap();
    let mut asked = vec![];
    loop {
        assert!(stream.read_buf(&mut asked).await.unwrap() > 0);
        let text = String::from_utf8_lossy(&asked);
        let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        if let Ok(sent) = serde_json::from_str(body) {
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
            return sent;
        }
    }
}
