//! Tier L1: what runs behind it, and what it refuses.

use std::fs;

use gangline_process::{
    Cmd, Exit, Network, Output, ProxyWay, RunError, Sandbox, SandboxError, SpawnError, Tier, probe,
    system_read_set,
};
use tempfile::tempdir;

use crate::world::{PATIENCE, sh};

fn walled() -> Sandbox {
    let path = std::env::var_os("PATH");
    Sandbox::of(Tier::L1).read_only(system_read_set(path.as_deref()))
}

async fn run(script: &str, sandbox: Sandbox) -> Output {
    sh(script).sandbox(sandbox).output().await.unwrap()
}

#[tokio::test]
async fn the_probe_finds_it_where_the_kernel_has_it() {
    let report = probe().await;
    let tier = report.tiers.iter().find(|tier| tier.tier == Tier::L1).unwrap();
    assert!(tier.available, "{tier:?}");
}

#[tokio::test]
async fn programs_work_in_their_own_folders() {
    let (dir, home) = (tempdir().unwrap(), tempdir().unwrap());
    let sandbox = walled().writable(dir.path()).home(home.path());
    let script = "git init -q . && echo x > a && git add a && \
        git -c user.name=a -c user.email=a@b.c commit -qm one && git log --oneline | wc -l; \
        echo rc > $HOME/.rc; python3 -c 'import subprocess; print(subprocess.run([\"echo\", \"sub\"]).returncode)'; \
        mkfifo f; ln -s a l; mv a b; rm -r .git; ls";
    let output = sh(script).cwd(dir.path()).sandbox(sandbox).output().await.unwrap();
    assert_eq!(output.stdout.text(), "1\nsub\n0\nb\nf\nl\n", "{}", output.stderr.text());
    assert_eq!(fs::read_to_string(home.path().join(".rc")).unwrap(), "rc\n");
}

#[tokio::test]
async fn the_hosts_toolchains_run_behind_it() {
    for (tool, version) in [("git", "--version"), ("cargo", "--version"), ("node", "--version")] {
        let cmd = Cmd::new(tool).arg(version).env_from_host(&["PATH", "CARGO_HOME", "RUSTUP_HOME"]);
        let cmd = cmd.env_from_host(&["HOME"]).deadline(PATIENCE);
        let outside = match cmd.clone().output().await {
            Err(RunError::Spawn(SpawnError::NotFound { .. })) => continue,
            other => other.unwrap(),
        };
        let inside = cmd.sandbox(walled()).output().await.unwrap();
        assert_eq!(inside.stdout.text(), outside.stdout.text(), "{tool}: {}", inside.stderr.text());
    }
}

#[tokio::test]
async fn what_it_cannot_do_is_refused_before_anything_runs() {
    let dir = tempdir().unwrap();
    fs::write(dir.path().join("secret"), "x").unwrap();
    let refusal = async |sandbox: Sandbox| match sh(":").sandbox(sandbox).output().await {
        Err(RunError::Spawn(SpawnError::Sandbox(error))) => error,
        other => panic!("not refused: {other:?}"),
    };
    let way = ProxyWay {
        socket: dir.path().join("s"),
        shim: ("/bin/sh".into(), vec![]),
        forward: vec![],
    };
    let proxy = refusal(walled().proxy(way.clone())).await;
    assert!(matches!(proxy, SandboxError::NoProxy { tier: Tier::L1 }), "{proxy}");
    let hide = refusal(walled().writable(dir.path()).hide(dir.path().join("secret"))).await;
    assert!(matches!(hide, SandboxError::CannotHide { .. }), "{hide}");
    let gone = refusal(walled().writable(dir.path().join("gone"))).await;
    assert!(matches!(gone, SandboxError::MissingPath { .. }), "{gone}");
    let open = Sandbox { network: Network::Proxy(way), ..Sandbox::none() };
    let open = refusal(open).await;
    assert!(matches!(open, SandboxError::NoProxy { tier: Tier::L0 }), "{open}");
    let hidden = sh(":").cwd(dir.path()).sandbox(walled()).output().await;
    let hidden = hidden.map(|output| output.status);
    assert!(
        matches!(
            hidden,
            Err(RunError::Spawn(SpawnError::Sandbox(SandboxError::DirectoryHidden { .. })))
        ),
        "{hidden:?}"
    );
}

#[tokio::test]
async fn the_environment_and_descriptors_are_what_is_named() {
    let output = Cmd::new("env").env("PATH", "/usr/bin:/bin").env("A", "b").sandbox(walled());
    let said = output.output().await.unwrap().stdout.text();
    let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with("GANGLINE_")).collect();
    assert_eq!(lines, ["A=b", "PATH=/usr/bin:/bin"]);
    let output = run("for fd in /proc/self/fd/*; do echo ${fd##*/}; done", walled()).await;
    assert!(output.stdout.text().lines().all(|fd| ["0", "1", "2", "3"].contains(&fd)));
    assert_eq!(run("exit 7", walled()).await.status, Exit::Code(7));
}
