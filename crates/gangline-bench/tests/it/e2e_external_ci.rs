//! A commit that is checked on a forge before it lands: the built program, a server that speaks like
//! the forge, and a bare repository that it is pushed to. The job dies while it waits.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gangline_bench::program::{Home, Program};
use gangline_bench::soak::identities;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(50);
const TOKEN: &str = "tkn-e2e-90b7c6a1f3d2";

const POLICY: &str = "[checks.test]\nrun = \"echo 1..1; echo 'ok 1 - it works'\"\n\
    [agents]\ndefault = \"worker\"\n\
    [external_ci]\nforge = \"github\"\nrepository = \"ann/shop\"\nruns = [\"build\"]\npoll = \"1s\"\n";

const WORK: &str = "```gangline-script\nsteps:\n  - write: { path: a.txt, text: \"a\\n\" }\n  \
    - commit: \"Add a\"\n```";

/// What the forge says of `build`, and what it was asked.
#[derive(Default)]
struct Said {
    conclusion: Option<&'static str>,
    asked: Vec<String>,
}

struct World {
    home: Home,
    repo: PathBuf,
    remote: PathBuf,
    said: Arc<Mutex<Said>>,
    _serving: JoinSet<()>,
}

impl World {
    async fn new() -> Self {
        let home = Home::new(&Program::find().unwrap()).unwrap().with("FORGE_TOKEN", TOKEN);
        let repo = home.repository("repo", POLICY).await.unwrap();
        let remote = home.path("forge/ann/shop.git");
        std::fs::create_dir_all(&remote).unwrap();
        home.other(&remote, &["git", "init", "--quiet", "--bare", "."]).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = format!(
            "[forges.github]\napi = \"http://{}\"\ngit = \"file://{}\"\nfrom = \"env://FORGE_TOKEN\"\n\
             repositories = [{:?}]\n",
            listener.local_addr().unwrap(),
            home.path("forge").display(),
            repo.display().to_string()
        );
        std::fs::write(home.path("config/config.toml"), config).unwrap();
        let said = Arc::new(Mutex::new(Said::default()));
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&said)));
        home.run(&repo, &["up", "--detach"]).await.unwrap();
        Self { home, repo, remote, said, _serving: serving }
    }

    async fn shown(&self) -> Value {
        self.home.json(&self.repo, &["show", "APP-1"]).await.unwrap()
    }

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

    /// Waits until the forge was asked so often.
    async fn asked(&self, times: usize) {
        let begun = Instant::now();
        while self.said.lock().unwrap().asked.len() < times {
            assert!(begun.elapsed() < PATIENCE, "it is not asked: {:#}", self.shown().await);
            sleep(LOOK).await;
        }
    }

    async fn branches(&self) -> String {
        let listing = ["git", "for-each-ref", "--format=%(refname) %(objectname)"];
        self.home.other(&self.remote, &listing).await.unwrap().trim().to_owned()
    }
}

async fn serve(listener: TcpListener, said: Arc<Mutex<Said>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let (mut bytes, mut byte) = (vec![], [0]);
        while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await.unwrap_or(0) > 0 {
            bytes.push(byte[0]);
        }
        let request = String::from_utf8(bytes).unwrap();
        let body = match said.lock().unwrap().conclusion {
            _any if request.contains("/status?") => r#"{"statuses":[]}"#.to_owned(),
            None => r#"{"check_runs":[{"name":"build","status":"queued"}]}"#.to_owned(),
            Some(end) => format!(
                r#"{{"check_runs":[{{"name":"build","status":"completed","conclusion":"{end}"}}]}}"#
            ),
        };
        said.lock().unwrap().asked.push(request);
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(answer.as_bytes()).await.ok();
    }
}

fn kill_verification(home: &Home) {
    let (_, job) = identities(home)
        .unwrap()
        .into_iter()
        .find(|(folder, identity)| is_verification(folder) && identity.is_alive())
        .expect("it verifies");
    let pid: i32 = serde_json::to_value(job.pid).unwrap().as_i64().unwrap().try_into().unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
}

/// `jobs/PROJECT.KEY.vN/FENCE`
fn is_verification(folder: &Path) -> bool {
    let job = folder.parent().and_then(Path::file_name).unwrap().to_string_lossy();
    job.rsplit('.').next().is_some_and(|part| part.starts_with('v'))
}

#[tokio::test]
async fn a_commit_lands_when_the_forge_has_passed_it_and_not_before() {
    let world = World::new().await;
    let doctor = world.home.cmd(&world.repo, &["doctor", "--json"]).output().await.unwrap();
    let doctor: Value = serde_json::from_str(&doctor.stdout.text()).unwrap();
    let forge = doctor["findings"].as_array().unwrap().iter().find(|one| one["what"] == "forge");
    assert_eq!(forge.unwrap()["health"], "good", "{doctor:#}");
    world.home.run(&world.repo, &["add", "--title", "Add a", "--body", WORK]).await.unwrap();
    world.asked(2).await;
    let pushed = world.branches().await;
    assert!(pushed.starts_with("refs/heads/gangline/ci/APP-1-"), "{pushed}");
    kill_verification(&world.home);
    let before = world.said.lock().unwrap().asked.len();
    world.asked(before + 2).await;
    assert_eq!(world.branches().await, pushed, "the same commit, on the same branch");
    assert_eq!(world.shown().await["state"], "verifying");

    world.said.lock().unwrap().conclusion = Some("success");
    let shown = world.until(|shown| shown["state"] == "landed").await;
    let checks = shown["report"]["checks"].as_array().unwrap();
    let external = checks.iter().find(|check| check["name"] == "external-ci").unwrap();
    assert_eq!(external["verdict"], "pass", "{external:#}");
    assert_eq!(world.branches().await, "", "it is taken away again");
    let asked = world.said.lock().unwrap().asked.clone();
    let commit = pushed.rsplit(' ').next().unwrap();
    assert!(asked.iter().all(|request| request.contains(commit)), "{asked:?}");
    assert!(asked[0].contains(&format!("authorization: Bearer {TOKEN}")));
    world.home.run(&world.repo, &["down"]).await.unwrap();
    let search = format!("! grep -rlF {TOKEN} \"$GANGLINE_STATE_DIR\" >&2");
    world.home.other(&world.repo, &["sh", "-c", &search]).await.expect("it is in no record");
}
