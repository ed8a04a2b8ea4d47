//! The start of a program in a sandbox, beside that of bubblewrap with as many namespaces and the
//! same paths.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use gangline_process::{Cmd, Sandbox, system_read_set};
use tokio::io::AsyncReadExt as _;

use crate::samples::{median, ms};
use crate::table::{Bound, Row};

/// Starts of each kind, in turn; the median counts.
const STARTS: usize = 40;

/// See the module.
pub async fn measure() -> anyhow::Result<Vec<Row>> {
    let path = std::env::var_os("PATH");
    let system = system_read_set(path.as_deref());
    let (mut ours, mut alone) = (vec![], vec![]);
    for _ in 0..STARTS {
        let sandbox = Sandbox::bubblewrap().read_only(system.clone());
        ours.push(started(Cmd::new("echo").sandbox(sandbox)).await?);
        alone.push(started(Cmd::new("bwrap").args(arguments(&system))).await?);
    }
    let (ours, alone) = (median(&mut ours), median(&mut alone));
    Ok(vec![Row {
        name: "start in a sandbox",
        figure: ms(ours),
        floor: format!("bubblewrap alone {}", ms(alone)),
        ratio: ours.as_secs_f64() / alone.as_secs_f64(),
        bound: Bound::AtMost(2.0),
    }])
}

/// To the first thing that the program says. That it has left nothing behind is proven later.
async fn started(cmd: Cmd) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let mut child = cmd.env_from_host(&["PATH"]).spawn()?;
    let mut stdout = child.take_stdout().context("no output to read")?;
    let said = stdout.read_u8().await;
    let took = began.elapsed();
    let exit = child.wait().await;
    anyhow::ensure!(said.is_ok() && exit.success(), "it did not start: {exit}");
    Ok(took)
}

fn arguments(system: &[PathBuf]) -> Vec<OsString> {
    let walls = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"];
    let mut args: Vec<OsString> = walls.map(OsString::from).into();
    for path in system {
        args.extend(["--ro-bind-try".into(), path.into(), path.into()]);
    }
    args.extend(
        ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "echo"].map(OsString::from),
    );
    args
}
