//! Whether agents of a kind could work: found, version, logged in, answers, obeys a proxy.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gangline_agents::definition::Definition;
use gangline_agents::driver::{AgentDriver, AgentEnd, AgentEvent, SessionPlan, SessionStart};
use gangline_agents::registry;
use gangline_api::doctor::{Finding, Health};
use gangline_node::{Held, base_of, variables_of};
use gangline_policy::MachineConfig;
use gangline_process::{Cmd, JobMarker, Sandbox, Tier, probe};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::login;
use super::paths::Paths;
use super::{check_network, check_up};
use crate::screen::plain;

/// How long a program may take to tell its version.
const VERSION_MAX: Duration = Duration::from_secs(20);
/// How long an agent may take to answer one word.
const ANSWER_MAX: Duration = Duration::from_mins(2);
/// How long an agent may take to ask a proxy.
const PROXY_MAX: Duration = Duration::from_secs(30);
/// Characters of a version or an answer that are shown.
const WORDS_CHARS_MAX: usize = 60;
/// What it is asked: as cheap as a call can be.
const QUESTION: &str = "Reply with the one word ready. Use no tool, change nothing.";
/// A host that does not exist.
const NOWHERE: &str = "gangline-probe.invalid";

/// A kind whose program is here.
struct Subject<'a> {
    kind: &'static str,
    driver: &'static dyn AgentDriver,
    program: PathBuf,
    machine: &'a MachineConfig,
}

/// Looks at every kind whose program is known without a definition. `live` also lets each answer
/// one word, which its provider may charge for, and watches whether it obeys a proxy.
pub(super) async fn agents(paths: &Paths, machine: &MachineConfig, live: bool) -> Vec<Finding> {
    let mut findings = vec![];
    for kind in registry::kinds() {
        let driver = registry::driver(kind).expect("BUG: a kind that is listed is not known");
        let name = kind.parse().expect("BUG: a kind's name is a name");
        let program = driver.program(&bare(kind));
        if program.is_empty() {
            continue;
        }
        let found = match machine.programs.get(&name) {
            Some(path) => path.is_file().then(|| path.clone()),
            None => check_up::on_path(&program),
        };
        let Some(program) = found else {
            let found = format!("{kind}: `{program}` is not installed");
            findings.push(Finding::new(Health::Fair, "agent", found));
            continue;
        };
        let subject = Subject { kind, driver, program, machine };
        findings.extend(one(paths, &subject, live).await);
    }
    findings
}

async fn one(paths: &Paths, subject: &Subject<'_>, live: bool) -> Vec<Finding> {
    let Subject { kind, driver, program, machine } = subject;
    let (words, starts) = check_network::words(machine, kind, driver.needs_network());
    let health = if starts { Health::Good } else { Health::Bad };
    let mut findings = vec![Finding::new(health, "network", format!("{kind}: {words}"))];
    if variables_of(kind).is_empty() {
        let found = format!("{kind}: {}", program.display());
        findings.push(Finding::new(Health::Good, "agent", found));
        return findings;
    }
    findings.push(version(subject).await);
    let (logged_in, credential) = log_in(paths, subject).await;
    findings.push(logged_in);
    if live {
        if let Some(credential) = credential {
            findings.push(answers(subject, credential).await);
        }
        findings.extend(obeys(subject).await);
    }
    findings
}

fn bare(kind: &str) -> Definition {
    let name = "doctor".parse().expect("BUG: a constant name");
    Definition::bare(name, kind.parse().expect("BUG: a kind's name is a name"))
}

/// Found, and which version it says it is.
async fn version(subject: &Subject<'_>) -> Finding {
    let Subject { kind, program, .. } = subject;
    let shown = program.display();
    let cmd = Cmd::new(program.as_os_str()).arg("--version").deadline(VERSION_MAX);
    let ran = cmd.env_from_host(&["PATH", "LANG"]).env("HOME", "/nonexistent").output().await;
    match ran {
        Ok(output) if output.success() => {
            let text = output.stdout.text();
            let line = text.lines().map(str::trim).find(|line| !line.is_empty());
            let line = first_chars(line.unwrap_or("of an unknown version"));
            Finding::new(Health::Good, "agent", format!("{kind}: {line} at {shown}"))
        }
        Ok(output) => {
            let how = if output.timed_out { "no answer".into() } else { output.status.to_string() };
            let found = format!("{kind}: {shown} does not tell its version ({how})");
            Finding::new(Health::Bad, "agent", found).next(format!("install {kind} anew"))
        }
        Err(error) => {
            let found = format!("{kind}: {shown} cannot be run: {error}");
            Finding::new(Health::Bad, "agent", found).next(format!("install {kind} anew"))
        }
    }
}

fn first_chars(text: &str) -> String {
    plain(text).chars().take(WORDS_CHARS_MAX).collect()
}

/// How it is logged in, and with what.
async fn log_in(paths: &Paths, subject: &Subject<'_>) -> (Finding, Option<(String, String)>) {
    let kind = subject.kind;
    let logins = login::folder(paths);
    match (logins.read(kind), logins.of_kind(kind).await) {
        (Ok(Some(login)), Ok(Some((variable, secret)))) => {
            let place = login::row(kind, &login).place;
            let found = format!("{kind}: {variable}, {place}");
            // The program itself cannot call by a subscription's token: the gateway does.
            let asked = login.held != Held::Subscription;
            let value = secret.as_variable().filter(|_| asked);
            let value = value.map(|value| (variable, value.to_owned()));
            (Finding::new(Health::Good, "log-in", found), value)
        }
        (Err(error), _) | (_, Err(error)) => {
            let finding = Finding::new(Health::Bad, "log-in", format!("{kind}: {error}"));
            (finding.next(format!("gangline login {kind}")), None)
        }
        (Ok(_), Ok(_)) => from_environment(subject),
    }
}

fn from_environment(subject: &Subject<'_>) -> (Finding, Option<(String, String)>) {
    let kind = subject.kind;
    let passed = |name: &&str| subject.machine.pass.0.iter().any(|pass| pass.as_str() == *name);
    let mut set = variables_of(kind).into_iter().filter(passed);
    let found = set.find_map(|name| Some((name, std::env::var(name).ok()?)));
    match found {
        Some((name, value)) if !value.is_empty() => {
            let found = format!("{kind}: {name} of this shell's environment");
            (Finding::new(Health::Good, "log-in", found), Some((name.to_owned(), value)))
        }
        Some(_) | None => {
            let finding = Finding::new(Health::Fair, "log-in", format!("{kind}: none"));
            (finding.next(format!("gangline login {kind}")), None)
        }
    }
}

/// One cheap call to its provider.
async fn answers(subject: &Subject<'_>, credential: (String, String)) -> Finding {
    let kind = subject.kind;
    let mut env = vec![credential];
    // A program that works with several providers finds each where the person has it.
    for (base, _) in registry::kinds().filter_map(base_of) {
        env.extend(std::env::var(base).ok().map(|value| (base.to_owned(), value)));
    }
    let started = Instant::now();
    let asked = tokio::time::timeout(ANSWER_MAX, ask(subject, env)).await;
    let took = format!("{} ms", started.elapsed().as_millis());
    let bad = |why: &str| {
        let found = format!("{kind}: does not answer: {}", plain(why));
        Finding::new(Health::Bad, "answer", found)
    };
    match asked {
        Err(_elapsed) => bad("nothing within two minutes")
            .next("try its program itself, or look at its provider's status page"),
        Ok(Err(why)) => bad(&why).next(format!("install {kind} anew")),
        Ok(Ok(AgentEnd::Completed { summary })) => {
            let found = format!("{kind}: answers within {took}: {}", first_chars(&summary));
            Finding::new(Health::Good, "answer", found)
        }
        Ok(Ok(AgentEnd::Quota { message, .. })) => {
            let found = format!("{kind}: is logged in, and its quota is used up: {message}");
            Finding::new(Health::Fair, "answer", plain(&found))
        }
        Ok(Ok(AgentEnd::AuthFailed { message })) => {
            bad(&message).next(format!("gangline login {kind}"))
        }
        Ok(Ok(
            AgentEnd::GaveUp { reason: why }
            | AgentEnd::NoChangeNeeded { reason: why }
            | AgentEnd::Missing { program: why }
            | AgentEnd::NotRun { message: why }
            | AgentEnd::Crashed { message: why, .. },
        )) => bad(&why).next("try its program itself"),
        Ok(Ok(AgentEnd::Interrupted)) => bad("it was interrupted").next("gangline doctor --live"),
    }
}

/// A session of its own in folders that go away, behind the wall that this machine gives.
async fn ask(subject: &Subject<'_>, env: Vec<(String, String)>) -> Result<AgentEnd, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let plan = plan(subject, folder.path(), env).await?;
    let mut session = subject.driver.launch(&plan).map_err(|error| error.to_string())?;
    let mut end = None;
    while let Some(event) = session.next_event().await {
        if let AgentEvent::Finished(how) = event {
            end = Some(how);
        }
    }
    drop(session.stop(Duration::ZERO).await);
    end.ok_or_else(|| "it ended without a word".to_owned())
}

async fn plan(
    subject: &Subject<'_>,
    folder: &Path,
    env: Vec<(String, String)>,
) -> Result<SessionPlan, String> {
    let (cwd, home) = (folder.join("work"), folder.join("home"));
    for folder in [&cwd, &home] {
        std::fs::create_dir(folder).map_err(|error| error.to_string())?;
    }
    let brief_file = folder.join("brief.md");
    std::fs::write(&brief_file, QUESTION).map_err(|error| error.to_string())?;
    let sandbox = match probe().await.best() {
        Tier::L2 => Sandbox::with_system()
            .network(true)
            .read_only(subject.machine.sandbox.read.iter().filter(|path| path.exists()))
            .read_only([&brief_file])
            .writable(&cwd)
            .home(&home),
        Tier::L0 | Tier::L1 => Sandbox::none().home(&home),
    };
    let mut definition = bare(subject.kind);
    definition.program = Some(subject.program.display().to_string());
    definition.max_turns = Some(1);
    let marker = JobMarker::new(format!("doctor.{}", std::process::id()));
    let path = std::env::var("PATH").unwrap_or_default();
    Ok(SessionPlan {
        brief: QUESTION.to_owned(),
        brief_file,
        cwd,
        session: SessionStart::Fresh { id: Some(uuid::Uuid::new_v4().to_string()) },
        definition,
        env: [("PATH".to_owned(), path)].into_iter().chain(env).collect(),
        outcome_file: home.join("outcome.json"),
        home,
        marker: marker.map_err(|error| error.to_string())?,
        sandbox,
        model: None,
        asks_leave: false,
        mcp: vec![],
    })
}

/// Whether it goes through a proxy to a provider that does not exist. Costs nothing.
async fn obeys(subject: &Subject<'_>) -> Option<Finding> {
    let kind = subject.kind;
    let (base, usual) = base_of(kind)?;
    let path = usual.splitn(4, '/').nth(3).map_or(String::new(), |path| format!("/{path}"));
    let variable = *variables_of(kind).first()?;
    let told = |health, words: String| Some(Finding::new(health, "proxy", words));
    let listener = match TcpListener::bind("127.0.0.1:0").await {
        Ok(listener) => listener,
        Err(error) => return told(Health::Fair, format!("{kind}: not tried: {error}")),
    };
    let port = listener.local_addr().ok()?.port();
    let proxy = format!("http://127.0.0.1:{port}");
    let mut env = vec![
        (variable.to_owned(), "gangline-dummy-key".to_owned()),
        (base.to_owned(), format!("https://{NOWHERE}{path}")),
        ("NODE_USE_ENV_PROXY".to_owned(), "1".to_owned()),
    ];
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        env.push((name.to_owned(), proxy.clone()));
    }
    let asked = async {
        tokio::select! {
            () = asked_for(&listener) => true,
            _ended = ask(subject, env) => false,
        }
    };
    if tokio::time::timeout(PROXY_MAX, asked).await == Ok(true) {
        return told(Health::Good, format!("{kind}: obeys it"));
    }
    let found = format!("{kind}: did not ask it; behind one it reaches nothing");
    Some(Finding::new(Health::Fair, "proxy", found).next(format!(
        "write network = \"open\" under [agents.definitions.NAME] for agents of kind {kind}"
    )))
}

/// Waits until somebody asks the proxy for the host that does not exist.
async fn asked_for(listener: &TcpListener) {
    let wanted = format!("CONNECT {NOWHERE}:443 ");
    loop {
        let Ok((mut client, _)) = listener.accept().await else { continue };
        let mut head = vec![0; wanted.len()];
        let read = tokio::time::timeout(Duration::from_secs(5), client.read_exact(&mut head)).await;
        if matches!(read, Ok(Ok(_))) && head == wanted.as_bytes() {
            return;
        }
    }
}
