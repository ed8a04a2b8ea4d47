//! Keys and secrets of real agents: added outside of the sandbox, and nowhere in what is kept.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gangline_agents::stub::{CLAUDE, CODEX, ModelStub, RealAgent, Seen, real_agent};
use gangline_bench::program::{Home, Program};
use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What the stub is to see, and nobody else.
const KEY: &str = "sk-ant-api03-r3al-k3y-0f-th3-pr0v1d3r";
/// What the agent is given, prints, and must not send on.
const CANARY: &str = "cnry-7Qm2Zx92kLwtR5-end";
const RUN_MAX: Duration = Duration::from_mins(2);

const POLICY: &str = "[checks.test]\nrun = \"echo 1..1; echo 'ok 1 - it works'\"\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A repository whose worker is of this kind and names a secret.
async fn repository(home: &Home, kind: &str, program: &Path, more: &str) -> PathBuf {
    let folder = home.repository("repo", POLICY).await.unwrap();
    let definition =
        format!("---\nname: worker\nkind: {kind}\nsecrets: [TOKEN=canary, canary]\n---\nWork.\n");
    std::fs::write(folder.join(".gangline/agents/worker.md"), definition).unwrap();
    home.other(&folder, &["git", "commit", "--quiet", "--all", "--message=Worker"]).await.unwrap();
    std::fs::write(home.path("canary"), CANARY).unwrap();
    let config = format!(
        "[agents.programs]\n{kind} = {:?}\n[secrets.canary]\nfrom = \"file://{}\"\n\
         repositories = [{:?}]\n{more}",
        program.canonicalize().unwrap().display().to_string(),
        home.path("canary").display(),
        folder.display().to_string(),
    );
    std::fs::write(home.path("config").join("config.toml"), config).unwrap();
    folder
}

/// Files below a folder that hold a text; where agents keep what is theirs apart.
fn holding(folder: &Path, texts: &[&str]) -> Vec<String> {
    let (mut open, mut found) = (vec![folder.to_owned()], vec![]);
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(&at).unwrap().flatten() {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            let own = [folder.join("homes"), folder.join("worktrees")].contains(&path);
            if kind.is_dir() && !own {
                open.push(path);
            } else if kind.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                let holds =
                    |text: &&str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
                if texts.iter().any(holds) {
                    found.push(path.display().to_string());
                }
            }
        }
    }
    found
}

/// A ticket in which the agent prints all that it was given, and commits something else.
async fn land(home: &Home, repo: &Path) -> String {
    let scenario = json!({
        "calls": [
            { "run": "cat /secrets/canary; echo; echo $TOKEN | base64; env | grep KEY" },
            { "run": "echo new > new.txt && git add new.txt && git -c user.name=A -c \
                      user.email=a@example.org commit -q -m New" },
        ],
        "final": "Done.",
    });
    let body = format!("Do it.\n\n```model-stub\n{scenario}\n```\n");
    let args = ["run", "--title", "Do it", "--body", &body, "--agent", "worker"];
    let output = home.cmd(repo, &args).deadline(RUN_MAX).output().await.unwrap();
    let logs = home.run(repo, &["logs", "APP-1", "--json"]).await.unwrap().stdout.text();
    let shown = home.json(repo, &["show", "APP-1"]).await.unwrap();
    home.run(repo, &["down", "--jobs"]).await.unwrap();
    assert!(output.success(), "{}\n{shown:#}\n{logs}", output.stdout.text());
    assert_eq!(shown["attempts"][0]["tier"], "bubblewrap", "{shown:#}");
    logs
}

/// The provider saw the key and no secret; the agent saw a dummy; nothing that is kept has either.
fn assert_kept_out(home: &Home, seen: &[Seen], credential: &str, logs: &str) {
    assert!(seen.len() >= 3, "{seen:?}");
    for call in seen {
        assert_eq!(call.credential.as_deref(), Some(credential), "{} {}", call.method, call.path);
        let body = call.body.to_string();
        assert!(!body.contains(CANARY) && !body.contains(KEY), "{body}");
    }
    assert!(logs.contains("[secret canary]"), "{logs}");
    assert!(!logs.contains(CANARY) && !logs.contains(KEY), "{logs}");
    let base64 = "Y25yeS03UW0yWng5MmtMd3RSNS1lbm";
    let kept = holding(&home.path("state"), &[KEY, CANARY, base64, &CANARY[5..]]);
    assert_eq!(kept, Vec::<String>::new());
}

async fn with_key_in_environment(agent: &RealAgent, kind: &str, variables: [(&str, &str); 2]) {
    let program = real_agent(&root(), agent).unwrap_or_else(|error| panic!("{error}"));
    let stub = ModelStub::start().await.unwrap();
    let base = format!("{}{}", stub.base_url(), variables[1].1);
    let home = Home::new(&Program::find().unwrap())
        .unwrap()
        .with(variables[0].0, KEY)
        .with(variables[1].0, &base);
    let repo = repository(&home, kind, &program, "").await;
    let logs = land(&home, &repo).await;
    assert_kept_out(&home, &stub.seen(), variables[0].1, &logs);
    if kind == "claude" {
        // The others keep what looks like a key from the commands that they run.
        let sent = stub.seen().iter().any(|call| call.body.to_string().contains("gangline-dummy-"));
        assert!(sent && logs.contains("gangline-dummy-"), "{logs}");
    }
}

#[tokio::test]
async fn the_real_claude_works_with_a_key_that_it_never_sees() {
    let variables = [("ANTHROPIC_API_KEY", KEY), ("ANTHROPIC_BASE_URL", "")];
    with_key_in_environment(&CLAUDE, "claude", variables).await;
}

#[tokio::test]
async fn the_real_codex_works_with_a_key_that_it_never_sees() {
    let bearer = format!("Bearer {KEY}");
    let variables = [("OPENAI_API_KEY", bearer.as_str()), ("OPENAI_BASE_URL", "/v1")];
    with_key_in_environment(&CODEX, "codex", variables).await;
}

#[tokio::test]
async fn the_real_claude_works_with_a_token_that_gangline_keeps() {
    let claude = real_agent(&root(), &CLAUDE).unwrap_or_else(|error| panic!("{error}"));
    let stub = ModelStub::start().await.unwrap();
    let home = Home::new(&Program::find().unwrap())
        .unwrap()
        .with("ANTHROPIC_BASE_URL", &stub.base_url())
        .with("ANTHROPIC_API_KEY", "sk-ant-of-the-environment");
    let limits = "[gateway.limits.anthropic]\nat_once = 1\nper_minute = 100\n";
    let repo = repository(&home, "claude", &claude, limits).await;
    let login = home.cmd(&repo, &["login", "claude", "--as", "CLAUDE_CODE_OAUTH_TOKEN"]);
    assert!(login.stdin_bytes(KEY).output().await.unwrap().success());
    let logs = land(&home, &repo).await;
    assert_kept_out(&home, &stub.seen(), &format!("Bearer {KEY}"), &logs);
    assert!(home.path("state").join("calls").is_dir());
}

/// The stub, behind TLS: what comes in is carried on in the clear.
async fn behind_tls(stub: &ModelStub) -> (String, JoinSet<()>) {
    let folder = root().join("crates/gangline-bench/tests/fixtures/tls");
    let chain = CertificateDer::pem_file_iter(folder.join("cert.pem")).unwrap();
    let chain = chain.collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let port = stub.port();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut open = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            open.spawn(async move {
                // Who does not trust it breaks off.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut on = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                drop(copy_bidirectional(&mut stream, &mut on).await);
            });
        }
    });
    (address, tasks)
}

#[tokio::test]
async fn the_real_claude_reaches_its_provider_over_tls_if_it_is_trusted() {
    let claude = real_agent(&root(), &CLAUDE).unwrap_or_else(|error| panic!("{error}"));
    let stub = ModelStub::start().await.unwrap();
    let (address, _tasks) = behind_tls(&stub).await;
    let new = || {
        let home = Home::new(&Program::find().unwrap()).unwrap();
        home.with("ANTHROPIC_API_KEY", KEY).with("ANTHROPIC_BASE_URL", &address)
    };
    let trusted = root().join("crates/gangline-bench/tests/fixtures/tls/root.pem");
    let home = new().with("SSL_CERT_FILE", trusted.to_str().unwrap());
    let repo = repository(&home, "claude", &claude, "").await;
    let logs = land(&home, &repo).await;
    assert_kept_out(&home, &stub.seen(), KEY, &logs);

    // Of a provider that nobody vouches for, nothing is asked, and no key goes there.
    let (before, home) = (stub.seen().len(), new());
    let repo = repository(&home, "claude", &claude, "").await;
    home.run(&repo, &["add", "--title", "Do it", "--agent", "worker"]).await.unwrap();
    let begun = std::time::Instant::now();
    loop {
        // At first there is no journal yet.
        let logs = home.cmd(&repo, &["logs", "APP-1", "--json"]).output().await.unwrap();
        if logs.stdout.text().contains("UnknownIssuer") {
            break;
        }
        assert!(begun.elapsed() < RUN_MAX, "it was never refused: {}", logs.stdout.text());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    home.run(&repo, &["down", "--jobs"]).await.unwrap();
    assert_eq!(stub.seen().len(), before);
}

/// Stands in for the person's part of `codex login`: a browser.
const LOGIN: &str = "#!/bin/sh\n[ \"$1\" = login ] || exec REAL \"$@\"\n\
    echo 'open https://auth.example in a browser'\numask 077\n\
    echo '{\"tokens\":{\"access_token\":\"KEY\",\"refresh_token\":\"rt-0f-th3-p3rs0n\",\
    \"id_token\":\"id\",\"account_id\":\"acc-7\"}}' > \"$CODEX_HOME/auth.json\"\n";

#[tokio::test]
async fn the_real_codex_works_with_a_subscription_that_gangline_keeps() {
    let codex = real_agent(&root(), &CODEX).unwrap_or_else(|error| panic!("{error}"));
    let stub = ModelStub::start().await.unwrap();
    let base = format!("{}/v1", stub.base_url());
    let home = Home::new(&Program::find().unwrap()).unwrap().with("OPENAI_BASE_URL", &base);
    let repo = repository(&home, "codex", &codex, "").await;
    let config = home.path("config/config.toml");
    let as_is = std::fs::read_to_string(&config).unwrap();
    let login = home.path("login");
    let real = codex.canonicalize().unwrap().display().to_string();
    std::fs::write(&login, LOGIN.replace("REAL", &real).replace("KEY", KEY)).unwrap();
    std::fs::set_permissions(&login, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(&config, as_is.replace(&real, &login.display().to_string())).unwrap();
    let done = home.run(&repo, &["login", "codex", "--subscription"]).await.unwrap();
    assert!(done.stderr.text().contains("open https://auth.example"), "{}", done.stderr.text());
    let status = home.run(&repo, &["login", "--status"]).await.unwrap().stdout.text();
    assert!(status.contains("a subscription"), "{status}");
    std::fs::write(&config, as_is).unwrap();

    let logs = land(&home, &repo).await;
    assert_kept_out(&home, &stub.seen(), &format!("Bearer {KEY}"), &logs);
    assert!(stub.seen().iter().all(|call| call.account.as_deref() == Some("acc-7")));
    home.run(&repo, &["login", "codex", "--forget"]).await.unwrap();
    assert_eq!(holding(&home.path("config"), &[KEY, "rt-0f-th3-p3rs0n"]), Vec::<String>::new());
}

#[tokio::test]
async fn doctor_lets_a_real_agent_answer_and_sees_that_it_obeys_a_proxy() {
    let claude = real_agent(&root(), &CLAUDE).unwrap_or_else(|error| panic!("{error}"));
    let stub = ModelStub::start().await.unwrap();
    let home = Home::new(&Program::find().unwrap())
        .unwrap()
        .with("ANTHROPIC_BASE_URL", &stub.base_url())
        .with("ANTHROPIC_API_KEY", KEY);
    let repo = repository(&home, "claude", &claude, "").await;
    let doctor = home.cmd(&repo, &["doctor", "--live", "--json"]).deadline(RUN_MAX);
    let told = doctor.output().await.unwrap().stdout.text();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let findings = told["findings"].as_array().unwrap();
    let found = |what: &str| {
        let of = findings.iter().filter(|finding| finding["what"] == what);
        let of = of.filter_map(|finding| finding["found"].as_str());
        of.filter(|found| found.starts_with("claude: ")).collect::<Vec<_>>().join("\n")
    };
    assert!(found("answer").starts_with("claude: answers within "), "{told:#}");
    assert_eq!(found("proxy"), "claude: obeys it", "{told:#}");
    assert!(found("agent").contains("2.1."), "{told:#}");
    assert!(stub.seen().iter().all(|call| call.credential.as_deref() == Some(KEY)));
}
