//! What a fresh machine lacks, and how to get it there.
//!
//! Probing starts no process and takes milliseconds, so both README commands begin with it. Whatever
//! cannot be installed from here ends in a message with the command to type.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::line::Line;

mod agents;

pub(crate) use agents::{AGENTS, Agent};

/// What the machine is prepared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Purpose {
    /// Run `gangline demo`
    Demo,
    /// Install the program with its dashboard
    Install,
    /// Run the whole gate
    Test,
}

/// Something the machine must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// A program, and the system package that brings it.
    Program { program: &'static str, package: &'static str },
    /// The test runner.
    Nextest,
    /// A real agent, which the end-to-end tests drive against a scripted model.
    Agent(&'static Agent),
    /// Python's test runner, the official client of MCP, and what makes requests out of an OpenAPI
    /// document, in an environment below `target/`.
    PythonPackages,
}

const GIT: Need = Need::Program { program: "git", package: "git" };
const BUBBLEWRAP: Need = Need::Program { program: "bwrap", package: "bubblewrap" };
/// The demo's repository is a Python project.
const PYTHON: Need = Need::Program { program: "python3", package: "python3" };
const NPM: Need = Need::Program { program: "npm", package: "npm" };
/// The gauntlet's projects are tested by their own ecosystems' runners.
const NODE: Need = Need::Program { program: "node", package: "nodejs" };
/// The screen of `gangline top` is tested on a real terminal.
const TMUX: Need = Need::Program { program: "tmux", package: "tmux" };
/// What the daemon tells Prometheus is judged by Prometheus' own tool.
const PROMTOOL: Need = Need::Program { program: "promtool", package: "prometheus" };
/// Receivers of webhooks are tested behind TLS.
const OPENSSL: Need = Need::Program { program: "openssl", package: "openssl" };
/// The dashboard is tested in a browser.
const CHROMIUM: Need = Need::Program { program: "chromium", package: "chromium" };
const GO: Need = Need::Program { program: "go", package: "golang-go" };

/// Where the gauntlet looks for Python and its test runner, below the workspace.
const PYTHON_FOLDER: &str = "target/gauntlet/python";
/// What is installed there, and the program by which each is known to be.
const PYTHON_PACKAGES: [(&str, &str); 3] =
    [("pytest==9.2.0", "pytest"), ("mcp==2.3.0", "mcp"), ("schemathesis==4.32.5", "schemathesis")];

/// Who we are to the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rights {
    /// Root.
    Root,
    /// `sudo` asks for no password.
    Sudo,
    /// Neither.
    None,
}

/// Installs what is missing for this purpose.
pub(crate) fn setup(root: &Path, purpose: Purpose) -> Result<()> {
    let missing = missing(purpose, |need| is_there(root, need));
    if missing.is_empty() {
        return Ok(());
    }
    install_packages(root, &packages(&missing))?;
    if missing.contains(&Need::Nextest) {
        install(root, &Line::new("cargo install --locked cargo-nextest"))?;
    }
    if missing.iter().any(|need| matches!(need, Need::Agent(_))) {
        if !agents::exist_here() {
            bail!("the agents that the tests drive are not published for this system");
        }
        install(root, &agents_line(root))?;
    }
    if missing.contains(&Need::PythonPackages) {
        install_python_packages(root)?;
    }
    match missing.iter().find(|need| !is_there(root, **need)) {
        Some(need) => bail!("{need:?} is still missing after its installation"),
        None => Ok(()),
    }
}

/// The gate runs tests against the real agent: without it they would be skipped, and a skipped
/// proof is none.
pub(crate) fn real_agents_are_there(root: &Path) -> Result<()> {
    for agent in &AGENTS {
        if !agent.is_there(root) {
            bail!("{} is not at {}", agent.shown(), agent.path(root).display());
        }
        println!("   {}", agent.path(root).display());
    }
    Ok(())
}

/// All of them in one line: npm takes away what an earlier line without `--save` has brought.
fn agents_line(root: &Path) -> Line {
    let line = Line::new("npm install --no-save --ignore-scripts --no-audit --no-fund --prefix");
    let line = line.arg(agents::folder(root).display().to_string());
    AGENTS.iter().fold(line, |line, agent| line.arg(agent.wanted()))
}

fn needs(purpose: Purpose) -> Vec<Need> {
    let mut needs = vec![GIT, BUBBLEWRAP, PYTHON];
    match purpose {
        Purpose::Demo => {}
        Purpose::Install => needs.extend([NODE, NPM]),
        Purpose::Test => {
            needs.extend([
                NODE,
                NPM,
                GO,
                TMUX,
                PROMTOOL,
                OPENSSL,
                CHROMIUM,
                Need::PythonPackages,
                Need::Nextest,
            ]);
            needs.extend(AGENTS.iter().map(Need::Agent));
        }
    }
    needs
}

/// What is not there.
fn missing(purpose: Purpose, is_there: impl Fn(Need) -> bool) -> Vec<Need> {
    needs(purpose).into_iter().filter(|need| !is_there(*need)).collect()
}

fn packages(missing: &[Need]) -> Vec<&'static str> {
    let of_system = missing.iter().filter_map(|need| match need {
        Need::Program { package, .. } => Some(*package),
        Need::Nextest | Need::Agent(_) | Need::PythonPackages => None,
    });
    of_system.collect()
}

fn is_there(root: &Path, need: Need) -> bool {
    match need {
        Need::Program { program, .. } => on_path(program),
        Need::Nextest => on_path("cargo-nextest"),
        Need::Agent(agent) => agent.is_there(root),
        Need::PythonPackages => {
            let bin = root.join(PYTHON_FOLDER).join("bin");
            PYTHON_PACKAGES.iter().all(|(_, program)| bin.join(program).is_file())
        }
    }
}

fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    // Cargo finds its own subcommands here even when PATH does not name the folder.
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let folders = env::split_paths(&path).chain(cargo.map(|home| home.join("bin")));
    folders.into_iter().any(|folder| folder.join(program).is_file())
}

fn install_packages(root: &Path, packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let lines = match package_lines(packages, on_path("apt-get"), rights(root)) {
        Ok(lines) => lines,
        Err(advice) => bail!("{advice}"),
    };
    let Some((last, first)) = lines.split_last() else { return Ok(()) };
    // The package lists may be stale, or unreachable and good enough: only the installation counts.
    for line in first {
        println!("setup: {}", line.shown());
        if !line.succeeds(root)? {
            println!("setup: that failed; trying on");
        }
    }
    install(root, last)
}

/// What to run, the installation last; or the words to a person who must do it.
fn package_lines(packages: &[&str], has_apt: bool, rights: Rights) -> Result<Vec<Line>, String> {
    let names = packages.join(" ");
    if !has_apt {
        return Err(format!("missing: {names}. Install them with this system's package manager"));
    }
    let sudo = match rights {
        Rights::Root => "",
        Rights::Sudo => "sudo -n ",
        Rights::None => {
            return Err(format!("missing: {names}. Type: sudo apt-get install -y {names}"));
        }
    };
    Ok(vec![
        Line::new(&format!("{sudo}apt-get update -qq")),
        Line::new(&format!("{sudo}apt-get install -y --no-install-recommends {names}")),
    ])
}

fn rights(root: &Path) -> Rights {
    if Line::new("id -u").stdout(root).is_ok_and(|id| id.trim_ascii() == b"0") {
        Rights::Root
    } else if Line::new("sudo -n true").succeeds_quietly(root) {
        Rights::Sudo
    } else {
        Rights::None
    }
}

/// Some systems package the module that makes environments apart.
fn install_python_packages(root: &Path) -> Result<()> {
    let environment = Line::new("python3 -m venv").arg(PYTHON_FOLDER);
    println!("setup: {}", environment.shown());
    if !environment.succeeds(root)? {
        install_packages(root, &["python3-venv"])?;
        install(root, &environment)?;
    }
    let pip = Line::new("").arg(format!("{PYTHON_FOLDER}/bin/python3"));
    let pip = pip.arg("-m").arg("pip").arg("install").arg("--quiet");
    install(root, &PYTHON_PACKAGES.iter().fold(pip, |pip, (package, _)| pip.arg(*package)))
}

fn install(root: &Path, line: &Line) -> Result<()> {
    println!("setup: {}", line.shown());
    if !line.succeeds(root)? {
        bail!("setup failed. To see why, type: {}", line.shown());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
