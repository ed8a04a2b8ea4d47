//! Tier L2. Each promise is checked against the real thing; what must be refused is also seen
//! to work outside where that is possible.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use gangline_process::{
    Cmd, Exit, Output, RunError, Sandbox, SandboxError, SpawnError, Tier, marked, probe,
};
use tempfile::tempdir;

use crate::children::ready;
use crate::role;
use crate::world::{PATH, PATIENCE, kill, marker, sh, until};

/// The system and nothing of this user.
fn system() -> Sandbox {
    let bwrap = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"];
    assert!(
        bwrap.iter().any(|path| Path::new(path).exists()),
        "this test needs bubblewrap: apt-get install bubblewrap"
    );
    Sandbox::bubblewrap().read_only(["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/opt"])
}

async fn run(script: &str, sandbox: Sandbox) -> Output {
    sh(script).sandbox(sandbox).output().await.unwrap()
}

/// Runs a script line by line; says which lines succeeded.
async fn refused(lines: &[&str], sandbox: Sandbox) {
    for line in lines {
        let output = run(line, sandbox.clone()).await;
        assert!(!output.status.success(), "not refused: {line}\n{}", output.stdout.text());
        let why = output.stderr.text();
        assert!(!why.contains("not found"), "refused for the wrong reason: {line}: {why}");
    }
}

#[tokio::test]
async fn a_program_writes_where_it_may_and_nowhere_else() {
    let (mine, other) = (tempdir().unwrap(), tempdir().unwrap());
    let sandbox = system().writable(mine.path());
    let script = "echo kept > file && echo gone > /tmp/scratch && cat file /tmp/scratch";
    let output = sh(script).cwd(mine.path()).sandbox(sandbox.clone()).output().await.unwrap();
    assert_eq!(output.stdout.text(), "kept\ngone\n", "{}", output.stderr.text());
    assert_eq!(fs::read_to_string(mine.path().join("file")).unwrap(), "kept\n");
    assert!(!Path::new("/tmp/scratch").exists(), "scratch is private");

    let outside = format!("echo x > {}/planted", other.path().display());
    // Opened for appending and not written to: harmless even when not refused.
    let lines = [": >> /usr/bin/env", ": >> /etc/passwd", "mkdir /planted", &outside];
    refused(&lines, sandbox).await;
    assert!(fs::read_dir(other.path()).unwrap().next().is_none());
}

#[tokio::test]
async fn homes_and_their_secrets_are_not_there() {
    let home = tempdir().unwrap();
    let project = home.path().join("project");
    fs::create_dir(&project).unwrap();
    fs::create_dir(home.path().join(".ssh")).unwrap();
    fs::write(home.path().join(".ssh/id"), "secret").unwrap();
    let script = format!("ls -A {0}; cat {0}/.ssh/id; ls -d /home /root /mnt /var/lib /sys", {
        home.path().display()
    });
    let output = run(&script, system().writable(&project)).await;
    assert_eq!(output.stdout.text(), "project\n");
    let errors = output.stderr.text();
    assert_eq!(errors.matches("No such file").count(), 6, "{errors}");
}

#[tokio::test]
async fn without_network_only_a_loopback_of_its_own_is_reachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let dial = Cmd::new("bash").arg("-c").arg(format!("exec 3<>/dev/tcp/127.0.0.1/{port}"));
    let dial = dial.env("PATH", PATH).deadline(PATIENCE);

    let open = dial.clone().sandbox(system().network(true)).output().await.unwrap();
    assert!(open.success(), "{}", open.stderr.text());
    let closed = dial.sandbox(system()).output().await.unwrap();
    assert!(!closed.success());
    // The loopback is up: the answer comes from it, and is not "unreachable".
    assert!(closed.stderr.text().contains("refused"), "{}", closed.stderr.text());
}

#[tokio::test]
async fn names_are_resolved_as_on_the_host_when_the_network_is_shared() {
    let Ok(host) = fs::read_to_string("/etc/resolv.conf") else { return };
    let inside = run("cat /etc/resolv.conf", system().network(true)).await;
    assert_eq!(inside.stdout.text(), host);
}

#[tokio::test]
async fn folders_in_memory_have_a_size() {
    let script = "df --output=size -B1 /dev/shm | tail -1; touch /dev/x || echo read-only; \
        echo x > /dev/null && touch /dev/shm/x && echo works";
    let output = run(script, system()).await;
    let text = output.stdout.text();
    let size: u64 = text.lines().next().unwrap().trim().parse().unwrap();
    assert_eq!(size, 1024 * 1024 * 1024);
    assert!(text.trim_end().ends_with("read-only\nworks"), "{text}: {}", output.stderr.text());
}

#[tokio::test]
async fn there_is_no_way_to_power() {
    // None of these changes the host even when it is not refused: mounts are made in a mount
    // namespace, and files are opened without being written to.
    let lines = [
        "mount -o remount,rw /",
        "mount -o remount,rw /usr",
        "mount -t tmpfs none /usr",
        "umount /usr",
        "mknod /tmp/disk b 8 0",
        "unshare --map-root-user --mount mount -o remount,bind,rw /usr",
        "unshare --user --keep-caps --mount mount -o remount,bind,rw /usr",
        "unshare --user --keep-caps --mount umount /etc",
        ": >> /proc/sys/kernel/core_pattern",
        ": >> /proc/sys/kernel/hostname",
        "unshare --user --keep-caps --mount --pid --fork --mount-proc sh -c ': >> /proc/sys/kernel/core_pattern'",
        "unshare --user --keep-caps --mount umount /proc/sys",
        ": >> /proc/1/exe",
        ": >> /proc/1/root/etc/passwd",
        "cat /proc/1/environ | grep -q HOME=",
        "cat /proc/kmsg | grep -q .",
        "hostname elsewhere",
        "/usr/sbin/chroot /usr true",
    ];
    refused(&lines, system()).await;

    let output = run("grep -E '^(Cap|NoNewPrivs)' /proc/self/status", system()).await;
    insta::assert_snapshot!(output.stdout.text().replace('\t', " "), @"
    CapInh: 0000000000000000
    CapPrm: 0000000000000000
    CapEff: 0000000000000000
    CapBnd: 0000000000000000
    CapAmb: 0000000000000000
    NoNewPrivs: 1
    ");
}

#[tokio::test]
async fn no_switch_of_the_machine_can_be_opened_for_writing() {
    let script = "for f in /proc/* $(find /proc/sys -type f -perm /222); do \
                    [ -f $f ] && { true >> $f; } 2> /dev/null && echo $f; \
                  done; find /proc/sys -type f | wc -l";
    let output = run(script, system()).await;
    let said = output.stdout.text();
    let (opened, count) = said.trim_end().rsplit_once('\n').unwrap_or(("", said.trim_end()));
    assert_eq!((opened, output.stderr.text().as_str()), ("", ""));
    assert!(count.trim().parse::<u32>().unwrap() > 100, "there was something to try: {said}");
}

#[tokio::test]
async fn what_not_everybody_may_read_is_covered_in_etc() {
    let shadow = Path::new("/etc/shadow");
    let private = fs::metadata(shadow).is_ok_and(|it| it.permissions().mode() & 0o004 == 0);
    assert!(private, "this system keeps its password hashes elsewhere; name another file here");
    let output = run("wc -c < /etc/passwd; cat /etc/shadow | wc -c", system()).await;
    let counts: Vec<u64> =
        output.stdout.text().split_whitespace().map(|n| n.parse().unwrap()).collect();
    assert!(counts[0] > 0 && counts[1] == 0, "{counts:?}");
}

#[tokio::test]
async fn hidden_paths_are_covered_and_deeper_ones_still_show() {
    let dir = tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir_all(at("covered/shown")).unwrap();
    fs::write(at("covered/file"), "secret").unwrap();
    fs::write(at("covered/shown/file"), "shown").unwrap();
    fs::write(at(".env"), "secret").unwrap();
    let sandbox = system()
        .writable(dir.path())
        .read_only([at("covered/shown")])
        .hide(at("covered"))
        .hide(at(".env"))
        .hide(at("absent"));
    let output = sh("cat .env; ls -A covered; cat covered/shown/file; echo x > covered/shown/file")
        .cwd(dir.path())
        .sandbox(sandbox)
        .output()
        .await
        .unwrap();
    assert_eq!(output.stdout.text(), "shown\nshown", "{}", output.stderr.text());
    assert!(!output.success(), "deeper and read-only");
}

#[tokio::test]
async fn binds_show_a_path_under_another_name_and_home_is_writable() {
    let (host, home) = (tempdir().unwrap(), tempdir().unwrap());
    fs::write(host.path().join("brief"), "read me").unwrap();
    let sandbox = system()
        .bind(host.path(), "/input", false)
        .bind(host.path(), "/output", true)
        .home(home.path());
    let script = "cat /input/brief; echo done > /output/result; echo rc > $HOME/.toolrc; \
                  echo x > /input/brief";
    let output = run(script, sandbox).await;
    assert_eq!(output.stdout.text(), "read me");
    assert!(!output.success(), "the input is read-only");
    assert_eq!(fs::read_to_string(host.path().join("result")).unwrap(), "done\n");
    assert_eq!(fs::read_to_string(home.path().join(".toolrc")).unwrap(), "rc\n");
}

#[tokio::test]
async fn the_environment_is_what_is_named_and_stays_off_the_command_line() {
    let cmd = Cmd::new("env").env("PATH", PATH).env("TOKEN", "s3cret");
    let output = cmd.clone().sandbox(system()).output().await.unwrap();
    let said = output.stdout.text();
    let mut lines: Vec<&str> = said.lines().filter(|line| !line.starts_with("GANGLINE_")).collect();
    lines.sort_unstable();
    assert_eq!(lines, [&format!("PATH={PATH}"), "PWD=/", "TOKEN=s3cret"]);

    let script = "echo ready; exec sleep 300";
    let mut child = sh(script).env("TOKEN", "s3cret").sandbox(system()).spawn().unwrap();
    ready(&mut child).await;
    let line = fs::read(format!("/proc/{}/cmdline", child.pid())).unwrap();
    assert!(!String::from_utf8_lossy(&line).contains("s3cret"));
    let environment = fs::read(format!("/proc/{}/environ", child.pid())).unwrap();
    assert!(!String::from_utf8_lossy(&environment).contains("s3cret"));
    assert!(child.end(Duration::ZERO).await.is_proven());
}

#[tokio::test]
async fn no_descriptor_of_the_outside_is_open_inside() {
    let output = run("for fd in /proc/self/fd/*; do echo ${fd##*/}; done", system()).await;
    let (said, open) = (output.stdout.text(), ["0", "1", "2", "3"]);
    // The shell itself has the listed directory open while it expands the pattern.
    assert!(said.lines().all(|fd| open.contains(&fd)), "{said}");
    let output = run("readlink /proc/self/fd/3", system()).await;
    assert_eq!(output.stdout.text(), "", "nothing lies behind the three streams");
}

#[tokio::test]
async fn nothing_survives_the_killed_supervisor() {
    let marker = marker();
    let script = "setsid sleep 300 & nohup sleep 300 & env -i setsid sleep 300 & echo ready; wait";
    let mut child = sh(script).sandbox(system()).marker(marker.clone()).spawn().unwrap();
    ready(&mut child).await;
    until("all of it runs", || (marked(&marker).len() >= 5).then_some(())).await;
    kill(child.pid());
    until("all of it is gone", || marked(&marker).is_empty().then_some(())).await;
    assert_eq!(child.wait().await, Exit::Signal(9));
}

#[tokio::test]
async fn a_sandbox_dies_with_its_parent() {
    let marker = marker();
    let role = role::play("supervise-sandbox", marker.as_str());
    let mut parent = role.spawn().unwrap();
    assert_eq!(role::first_line(&mut parent).await.0, "ready");
    until("the inside runs", || (marked(&marker).len() >= 4).then_some(())).await;
    kill(parent.pid());
    until("all of it is gone", || marked(&marker).is_empty().then_some(())).await;
    parent.wait().await;
}

#[tokio::test]
async fn a_daemon_ends_with_the_program_that_left_it() {
    let marker = marker();
    let script = "setsid nohup sleep 300 > /dev/null 2>&1 & exit 4";
    let output = sh(script).sandbox(system()).marker(marker.clone()).output().await.unwrap();
    assert_eq!(output.status, Exit::Code(4));
    assert_eq!(marked(&marker), []);
}

#[tokio::test]
async fn the_deadline_ends_a_sandbox_without_survivors() {
    let marker = marker();
    let script = "trap '' TERM; setsid sleep 300 & echo begun; while :; do sleep 0.05; done";
    let cmd = sh(script).sandbox(system()).marker(marker.clone());
    let output = cmd.deadline(Duration::from_secs(1)).output().await.unwrap();
    assert!(output.timed_out);
    assert_eq!(output.stdout.text(), "begun\n");
    assert_eq!(marked(&marker), []);
}

#[tokio::test]
async fn the_program_inside_is_asked_before_it_is_killed() {
    let script = "trap 'echo tidy > done; exit 7' INT; echo ready; while :; do sleep 0.05; done";
    let dir = tempdir().unwrap();
    let sandbox = system().writable(dir.path());
    let mut child = sh(script).cwd(dir.path()).sandbox(sandbox).spawn().unwrap();
    ready(&mut child).await;
    let proof = child.end(PATIENCE).await;
    assert!(proof.is_proven());
    assert_eq!(child.wait().await, Exit::Code(7));
    assert!(dir.path().join("done").exists());
}

#[tokio::test]
async fn a_failing_program_is_told_from_a_failing_sandbox() {
    let failing = sh("exit 1").sandbox(system()).output().await.unwrap();
    assert_eq!(failing.status, Exit::Code(1));

    let impossible = system().bind("/etc", "/proc/no/such/place", false);
    let error = sh("exit 1").sandbox(impossible.clone()).output().await.unwrap_err();
    let told = matches!(&error, RunError::Spawn(SpawnError::Sandbox(SandboxError::Setup { reason }))
        if reason.starts_with("bwrap: "));
    assert!(told, "{error:?}");

    let mut child = sh("exit 1").sandbox(impossible).spawn().unwrap();
    assert_eq!(child.wait().await, Exit::Code(1));
    assert!(child.sandbox_failed());
}

#[tokio::test]
async fn what_cannot_be_seen_is_refused_before_anything_runs() {
    let dir = tempdir().unwrap();
    let tool = dir.path().join("tool");
    fs::write(&tool, "#!/bin/sh\necho tool\n").unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let refusal = async |cmd: Cmd, sandbox| match cmd.sandbox(sandbox).output().await {
        Err(RunError::Spawn(error)) => error,
        other => panic!("not refused: {other:?}"),
    };

    let hidden = refusal(Cmd::new(&tool), system()).await;
    assert!(matches!(hidden, SpawnError::Sandbox(SandboxError::ProgramHidden { .. })), "{hidden}");
    let missing = refusal(Cmd::new("no-such-program"), system()).await;
    assert!(matches!(missing, SpawnError::NotFound { .. }), "{missing}");
    let cwd = refusal(sh(":").cwd(dir.path()), system()).await;
    assert!(matches!(cwd, SpawnError::Sandbox(SandboxError::DirectoryHidden { .. })), "{cwd}");
    let nowhere = refusal(sh(":").cwd(dir.path().join("gone")), system()).await;
    assert!(matches!(nowhere, SpawnError::NoSuchDirectory { .. }), "{nowhere}");
    let absent = refusal(sh(":"), system().writable(dir.path().join("gone"))).await;
    assert!(matches!(absent, SpawnError::Sandbox(SandboxError::MissingPath { .. })), "{absent}");
    for bad in ["relative", "/", "/usr/../etc"] {
        let bad = refusal(sh(":"), system().writable(bad)).await;
        assert!(matches!(bad, SpawnError::Sandbox(SandboxError::BadPath { .. })), "{bad}");
    }

    let shown = Cmd::new(&tool).sandbox(system().read_only([dir.path()])).output().await.unwrap();
    assert_eq!(shown.stdout.text(), "tool\n");
    let renamed =
        Cmd::new("tool").env("PATH", "/tools").sandbox(system().bind(dir.path(), "/tools", false));
    assert_eq!(renamed.output().await.unwrap().stdout.text(), "tool\n");
}

#[tokio::test]
async fn a_private_folder_stands_in_memory_and_is_read_only() {
    let files = vec![("token".to_owned(), b"hush-hush".to_vec()), ("key".to_owned(), vec![])];
    let sandbox = system().private("/secrets", files.clone());
    let script = "cat /secrets/token; echo; stat -c '%a %n' /secrets /secrets/*; \
                  stat -f -c %T /secrets; ls -A /secrets";
    let output = run(script, sandbox.clone()).await;
    let expected =
        "hush-hush\n500 /secrets\n400 /secrets/key\n400 /secrets/token\ntmpfs\nkey\ntoken\n";
    assert_eq!(output.stdout.text(), expected, "{}", output.stderr.text());
    refused(&["echo x > /secrets/token", "rm /secrets/key", "chmod 700 /secrets"], sandbox).await;
    assert!(!Path::new("/secrets/token").exists());

    let climbing = system().private("/secrets", vec![("../planted".to_owned(), vec![])]);
    let climbed = sh(":").sandbox(climbing).output().await;
    assert!(matches!(climbed, Err(RunError::Spawn(SpawnError::Sandbox(_)))), "{climbed:?}");
    let nowhere = sh(":").sandbox(Sandbox::none().private("/secrets", files)).output().await;
    assert!(matches!(nowhere, Err(RunError::Spawn(SpawnError::Sandbox(_)))), "{nowhere:?}");
}

#[tokio::test]
async fn the_hosts_toolchains_run_inside() {
    for tool in ["cargo", "git", "python3", "node", "go"] {
        let version = if tool == "go" { "version" } else { "--version" };
        let cmd = Cmd::new(tool).arg(version).env_from_host(&["PATH", "HOME"]);
        let cmd = cmd.env_from_host(&["CARGO_HOME", "RUSTUP_HOME"]).deadline(PATIENCE);
        let outside = match cmd.clone().output().await {
            Ok(output) => output,
            Err(RunError::Spawn(SpawnError::NotFound { .. })) if tool != "cargo" => continue,
            Err(error) => panic!("{tool}: {error}"),
        };
        let inside = cmd.sandbox(Sandbox::with_system()).output().await.unwrap();
        assert_eq!(inside.stdout.text(), outside.stdout.text(), "{tool}: {}", inside.stderr.text());
    }
}

#[tokio::test]
async fn the_probe_says_what_works_here() {
    let report = probe().await;
    assert_eq!(report.best(), Tier::L2, "{report:?} (apt-get install bubblewrap)");
    assert!(report.bwrap_version.is_some_and(|version| version.starts_with("0.")));
}
