//! A commit that is checked on a forge: a server of our own, and a real bare repository beside it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use gangline_domain::verdict::{CheckResult, Report, Verdict};
use gangline_policy::MachineConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::world::{POLICY, World, ticket};

/// What logs in at the forge.
const TOKEN: &str = "tkn-5d1f8e0a93b7c642";

const EXTERNAL: &str = "[external_ci]\nforge = \"github\"\nrepository = \"ann/shop\"\n\
    runs = [\"build\"]\ntimeout = \"20s\"\npoll = \"1s\"\n";

const WORK: &str = r#"
  - run: [sh, -c, "echo 3.00 > total.txt; git commit -qam total"]
  - say: Done."#;

/// What it answers to each call: status, further headers and body.
type Answer = Box<dyn Fn(&Heard) -> (u16, String) + Send + Sync>;

/// What it was asked, and what lay in the repository at that time.
#[derive(Clone)]
struct Heard {
    head: String,
    branches: String,
    /// How many calls came before.
    n: usize,
}

struct Fake {
    world: World,
    heard: Arc<Mutex<Vec<Heard>>>,
    remote: PathBuf,
    _serving: JoinSet<()>,
}

fn git(at: &Path, args: &[&str]) -> String {
    #[expect(clippy::disallowed_methods, reason = "a forge's own git")]
    let output = std::process::Command::new("git").arg("-C").arg(at).args(args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Fake {
    async fn new(policy: &str, forge: &str, answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let policy = format!("{POLICY}{policy}");
        let world = World::with(&policy, |config| {
            let root = config.places.state.parent().unwrap().display().to_string();
            std::fs::write(format!("{root}/token"), TOKEN).unwrap();
            let text = forge.replace("ROOT", &root).replace("ADDRESS", &address.to_string());
            config.machine.forges = MachineConfig::parse(&text, "config.toml").unwrap().forges;
        });
        let world = world.await;
        let remote = world.root.path().join("forge/ann/shop.git");
        std::fs::create_dir_all(&remote).unwrap();
        git(&remote, &["init", "--quiet", "--bare", "."]);
        let heard = Arc::new(Mutex::new(vec![]));
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, remote.clone(), Arc::clone(&heard), answer));
        Self { world, heard, remote, _serving: serving }
    }

    /// The report of a commit that somebody worked for.
    async fn report(&mut self, work: &str) -> Report {
        let mut ticket = ticket(1, work);
        let (end, snapshot) = self.world.worked(&mut ticket).await;
        self.world.verify(&mut ticket, &end, &snapshot).await
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    fn branches(&self) -> String {
        git(&self.remote, &["for-each-ref", "--format=%(refname) %(objectname)"])
    }
}

async fn serve(
    listener: TcpListener,
    remote: PathBuf,
    heard: Arc<Mutex<Vec<Heard>>>,
    answer: Answer,
) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let (mut bytes, mut byte) = (vec![], [0]);
        while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await.unwrap_or(0) > 0 {
            bytes.push(byte[0]);
        }
        let text = String::from_utf8(bytes).unwrap();
        let branches = git(&remote, &["for-each-ref", "--format=%(refname) %(objectname)"]);
        let n = heard.lock().unwrap().len();
        let asked = Heard { head: text, branches, n };
        let (status, body) = answer(&asked);
        heard.lock().unwrap().push(asked);
        let length = body.len();
        let reply = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(reply.as_bytes()).await.ok();
    }
}

const FORGE: &str = "[forges.github]\napi = \"http://ADDRESS\"\ngit = \"file://ROOT/forge\"\n\
    from = \"file://ROOT/token\"\nrepositories = [\"ROOT/repo\"]\n";

fn runs(text: &str) -> String {
    format!(r#"{{"total_count":1,"check_runs":[{text}]}}"#)
}

/// The runs of this kind, and no statuses.
fn only(asked: &Heard, text: &str) -> (u16, String) {
    match asked.head.contains("/check-runs?") {
        true => (200, runs(text)),
        false => (200, r#"{"statuses":[]}"#.to_owned()),
    }
}

fn external(report: &Report) -> &CheckResult {
    report.checks.iter().find(|check| check.name == "external-ci").expect("it was measured")
}

const PASSED: &str = r#"{"name":"build","status":"completed","conclusion":"success"}"#;
const WAITS: &str = r#"{"name":"build","status":"in_progress","conclusion":null}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_pushed_awaited_and_its_branch_taken_away() {
    let answer = |asked: &Heard| match asked.n {
        0 => (503, "out of order".to_owned()),
        1..=2 => only(asked, ""),
        3..=4 => only(asked, WAITS),
        _later => only(asked, PASSED),
    };
    let mut fake = Fake::new(EXTERNAL, FORGE, Box::new(answer)).await;
    let report = fake.report(WORK).await;
    let check = external(&report);
    assert_eq!((check.verdict, check.required), (Verdict::Pass, true), "{check:?}");
    assert_eq!(check.fact, "passed on github: build");
    assert_eq!(report.verdict(), Verdict::Pass);
    let heard = fake.heard();
    let commit = &report.commit;
    let branch = format!("refs/heads/gangline/ci/APP-1-{} {commit}", &commit.as_str()[..12]);
    assert_eq!(heard[0].branches, branch, "the very commit, on a branch of its own");
    assert!(heard[0].head.contains(&format!("/repos/ann/shop/commits/{commit}/")));
    assert!(heard[0].head.contains(&format!("authorization: Bearer {TOKEN}\r\n")));
    assert_eq!(fake.branches(), "", "it is taken away again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_failed_fails_the_commit_with_what_it_says() {
    let failed = r#"{"name":"build","status":"completed","conclusion":"failure",
        "html_url":"https://forge.example/1","output":{"title":"2 errors","summary":"a.c:1: no"}}"#;
    let mut fake = Fake::new(EXTERNAL, FORGE, Box::new(move |asked| only(asked, failed))).await;
    let report = fake.report(WORK).await;
    let check = external(&report);
    assert_eq!((check.verdict, report.verdict()), (Verdict::Fail, Verdict::Fail));
    let expected = ["build: failure: 2 errors", "  a.c:1: no", "  https://forge.example/1"];
    assert_eq!(check.lines, expected);
    assert_eq!(fake.branches(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_come_in_time_has_measured_nothing() {
    let soon = EXTERNAL.replace("20s", "3s");
    let of = async |answer: Answer| {
        let mut fake = Fake::new(&soon, FORGE, answer).await;
        let report = fake.report(WORK).await;
        assert_eq!(report.verdict(), Verdict::Inconclusive);
        assert_eq!(fake.branches(), "");
        external(&report).fact.clone()
    };
    let none = of(Box::new(|asked| only(asked, ""))).await;
    assert!(none.starts_with("given up after 3 s: nothing ran on github for "), "{none}");
    let slow = of(Box::new(|asked| only(asked, WAITS))).await;
    assert_eq!(slow, "given up after 3 s: has not ended on github: build (has not ended)");
    let broken = of(Box::new(|_| (500, String::new()))).await;
    assert!(broken.contains("is out of order (500"), "{broken}");
    let refused = of(Box::new(|_| (401, String::new()))).await;
    assert!(refused.contains("does not accept the token (401"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_pushed_that_is_wrong_or_that_decides_what_is_run() {
    let of = async |policy: &str, forge: &str, work: &str| {
        let mut fake = Fake::new(policy, forge, Box::new(|asked| only(asked, PASSED))).await;
        let report = fake.report(work).await;
        assert_ne!(report.verdict(), Verdict::Pass);
        assert!(fake.heard().is_empty() && fake.branches().is_empty(), "nothing went out");
        report
    };
    let secret = r#"
  - run: [sh, -c, "printf 'AKIA%s\n' IOSFODNN7QQQQQQQ > key; echo 3.00 > total.txt; git add -A; git commit -qm key"]
  - say: Done."#;
    let report = of(EXTERNAL, FORGE, secret).await;
    assert!(report.checks.iter().all(|check| check.name != "external-ci"), "{report:?}");
    let workflow = r#"
  - run: [sh, -c, "mkdir -p .github/workflows; echo on > .github/workflows/a.yml; echo 3.00 > total.txt; git add -A; git commit -qm ci"]
  - say: Done."#;
    let lax = format!("{EXTERNAL}[protected]\npaths = []\n");
    let report = of(&lax, FORGE, workflow).await;
    let check = external(&report);
    assert_eq!(check.permit, [".github/workflows/a.yml"]);
    assert!(check.fact.starts_with("nothing was pushed: the commit changes what is run there"));
    let report = of(EXTERNAL, "", WORK).await;
    let fact = &external(&report).fact;
    assert!(
        fact.contains("the forge github is not for this repository: add [forges.github]"),
        "{fact}"
    );
    let other = FORGE.replace("ROOT/repo", "ROOT/another");
    let report = of(EXTERNAL, &other, WORK).await;
    assert!(external(&report).fact.contains("is not for this repository"));
    let unread = FORGE.replace("ROOT/token", "ROOT/no-token");
    let report = of(EXTERNAL, &unread, WORK).await;
    assert!(external(&report).fact.starts_with("the token of github cannot be read"));
}

/// A remote on the web that lets nobody in: git asks nobody for a password, and does not hang.
#[tokio::test(flavor = "multi_thread")]
async fn the_token_goes_to_the_remote_by_a_header_and_into_no_record() {
    let forge = FORGE.replace("file://ROOT/forge", "http://ADDRESS/git");
    let answer: Answer = Box::new(|_| (401, String::new()));
    let mut fake = Fake::new(&EXTERNAL.replace("20s", "10s"), &forge, answer).await;
    let report = fake.report(WORK).await;
    let check = external(&report);
    assert_eq!(check.verdict, Verdict::Inconclusive);
    assert!(check.fact.starts_with("the push to github failed"), "{}", check.fact);
    let heard = fake.heard();
    assert!(heard[0].head.starts_with("GET /git/ann/shop.git/info/refs"), "{}", heard[0].head);
    // base64 of `x-access-token:` and the token.
    let basic = "authorization: basic eC1hY2Nlc3MtdG9rZW46dGtuLTVkMWY4ZTBhOTNiN2M2NDI=";
    assert!(heard[0].head.to_lowercase().contains(&basic.to_lowercase()), "{}", heard[0].head);
    let state = fake.world.places.state.clone();
    for part in [TOKEN, "eC1hY2Nlc3MtdG9rZW46dGtu"] {
        assert_eq!(holding(&state, part.as_bytes()), Vec::<PathBuf>::new());
    }
}

/// All files below a folder that hold these bytes.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let (mut open, mut found) = (vec![folder.to_owned()], vec![]);
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(&at).unwrap().flatten() {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() {
                let held = std::fs::read(&path).unwrap();
                if held.windows(bytes.len()).any(|part| part == bytes) {
                    found.push(path);
                }
            }
        }
    }
    found
}
