//! Processes that a test needs beside itself: this test binary, run again with a role.

use std::io::Write;
use std::path::PathBuf;

use gangline_process::{Child, Cmd, FileLock, JobMarker, Sandbox};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::ChildStdout;

use crate::world::{PATIENCE, sh};

pub(crate) type Rest = Lines<BufReader<ChildStdout>>;

const ROLE: &str = "GANGLINE_TEST_ROLE";
const ARGUMENT: &str = "GANGLINE_TEST_ARGUMENT";

/// This test binary in a role; it says `ready` or another first line when it has begun.
pub(crate) fn play(role: &str, argument: &str) -> Cmd {
    Cmd::new(std::env::current_exe().unwrap())
        .args(["role::stage", "--exact", "--nocapture"])
        .env_from_host(&["PATH"])
        .env(ROLE, role)
        .env(ARGUMENT, argument)
}

/// What a role says on its first line after `>`, the test harness's own lines left out.
///
/// The rest of its output comes along, because whoever lets go of the pipe ends the role.
pub(crate) async fn first_line(child: &mut Child) -> (String, Rest) {
    let mut lines = BufReader::new(child.take_stdout().unwrap()).lines();
    let said = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some((_, said)) = line.split_once('>') {
                return said.to_owned();
            }
        }
        panic!("the role ended without a word");
    };
    let said = tokio::time::timeout(PATIENCE, said).await.expect("the role says something");
    (said, lines)
}

fn say(text: &str) {
    println!(">{text}");
    std::io::stdout().flush().unwrap();
}

/// Not a test unless a role is given.
#[tokio::test]
async fn stage() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let argument = std::env::var(ARGUMENT).unwrap();
    match role.as_str() {
        "hold-lock" => {
            let _held = FileLock::try_acquire(&argument).unwrap().expect("the lock is free");
            say("ready");
            std::future::pending::<()>().await;
        }
        "supervise-sandbox" => {
            let sandbox = Sandbox::with_system();
            let script = "setsid sleep 300 & sleep 300";
            let marker = JobMarker::new(argument).unwrap();
            let _child = sh(script).sandbox(sandbox).marker(marker).spawn().unwrap();
            say("ready");
            std::future::pending::<()>().await;
        }
        "supervise-plainly" => {
            let child = Cmd::new("sleep").arg("300").spawn().unwrap();
            say(&child.pid().to_string());
            std::future::pending::<()>().await;
        }
        "detach" => {
            let log = PathBuf::from(argument);
            let script = "echo out; echo err >&2; exec sleep 300";
            let detached = sh(script).spawn_detached(&log).unwrap();
            say(&detached.pid.to_string());
        }
        "hand-on-marker" => {
            let seen = Cmd::new("env").output().await.unwrap().stdout.text();
            let job = seen.lines().find(|line| line.starts_with("GANGLINE_JOB="));
            say(job.unwrap_or("nothing"));
        }
        other => panic!("no such role: {other}"),
    }
}
