//! What the gate consists of, cheapest first.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::line::Line;
use crate::{setup, tidy};

/// Seeds that the simulation runs in the gate.
pub(crate) const GATE_SEEDS: u32 = 2000;
/// Kill loops in the gate.
const GATE_LOOPS: u32 = 5;
/// Kill loops when asked for by name.
pub(crate) const SOAK_LOOPS: u32 = 200;

/// One step of the gate.
pub(crate) struct Step {
    /// Its headline.
    pub(super) name: &'static str,
    /// What runs.
    pub(super) work: Work,
    /// What a person types to run this step alone.
    pub(super) again: String,
    /// What to do when it cannot run.
    pub(super) hint: Option<&'static str>,
}

/// How a step is carried out.
pub(super) enum Work {
    /// Commands, one after another, until one fails.
    Run(Vec<Line>),
    /// A rule of this tool.
    Rule(fn(&Path) -> Result<()>),
}

/// The whole gate, in order.
pub(super) fn steps(root: &Path) -> Vec<Step> {
    vec![
        run("format", Line::new("cargo fmt --all --check"), Some("cargo fmt --all mends it")),
        rule("tidy", tidy::report),
        rule("docs", tidy::report_links),
        // The program holds the dashboard, so that comes first.
        web(),
        run(
            "clippy",
            Line::new("cargo clippy --locked --workspace --all-targets -- -D warnings"),
            Some("when Cargo.lock is out of date, `cargo check` renews it: commit it"),
        ),
        // Tests start these programs, so they are built first and found in the target folder.
        run("build", programs(), None),
        rule("agents", setup::real_agents_are_there),
        browser(root),
        run("tests", tests(root), Some("no cargo-nextest? cargo install cargo-nextest --locked")),
        gauntlet(root, &["--gate".to_owned()]),
        sim(root, GATE_SEEDS, None),
        soak(root, GATE_LOOPS),
    ]
}

/// The dashboard: its types are those of the API, its tests pass, and it is built.
pub(crate) fn web() -> Step {
    let hint = Some("the types are old? npm --prefix web run api");
    npm("cargo xtask web", &[LIBRARIES, "run api:check", "run lint", "test", "run build"], hint)
}

/// The dashboard is built and no more, for those who install the program.
pub(crate) fn web_only_built() -> Step {
    npm(
        "cargo xtask web --only-build",
        &[LIBRARIES, "run build"],
        Some("it needs Node 20.19 or later"),
    )
}

/// `npm ci` refuses a lock without the packages of other systems, which not all registries have.
const LIBRARIES: &str = "install --no-save --no-audit --no-fund";

fn npm(again: &str, wishes: &[&str], hint: Option<&'static str>) -> Step {
    let lines = wishes.iter().map(|wish| Line::new(&format!("npm --prefix web {wish}")));
    Step { name: "web", work: Work::Run(lines.collect()), again: again.to_owned(), hint }
}

/// The dashboard in a browser, against the program that holds it.
fn browser(root: &Path) -> Step {
    let program = built(root, "debug", "gangline").shown();
    let line = Line::new("npm --prefix web run e2e")
        .env("GANGLINE_EMBEDDED", "1")
        .env("GANGLINE_PROGRAM", program);
    run("browser", line, Some("no browser? cargo xtask setup --for test"))
}

fn tests(root: &Path) -> Line {
    let profile = if std::env::var_os("CI").is_some() { "ci" } else { "default" };
    let line = Line::new("cargo nextest run --workspace --profile").arg(profile);
    let told = |line: Line, agent: &setup::Agent| {
        line.env(agent.env, agent.path(root).display().to_string())
    };
    setup::AGENTS.iter().fold(line, told)
}

/// The seeded world: `seeds` of them, or one again.
pub(crate) fn sim(root: &Path, seeds: u32, seed: Option<u64>) -> Step {
    let line = built(root, "debug", "gangline-sim");
    let (line, again) = match seed {
        None => {
            (line.arg("--seeds").arg(seeds.to_string()), format!("cargo xtask sim --seeds {seeds}"))
        }
        Some(seed) => {
            (line.arg("--seed").arg(seed.to_string()), format!("cargo xtask sim --seed {seed}"))
        }
    };
    Step { name: "sim", work: Work::Run(vec![programs(), line]), again, hint: None }
}

/// Kill loops of a whole run.
pub(crate) fn soak(root: &Path, loops: u32) -> Step {
    let line = built(root, "debug", "gangline-soak").arg("--loops").arg(loops.to_string());
    let again = format!("cargo xtask soak --loops {loops}");
    Step { name: "soak", work: Work::Run(vec![programs(), line]), again, hint: None }
}

/// Scripted agents that cheat, and others that only look odd.
pub(crate) fn gauntlet(root: &Path, args: &[String]) -> Step {
    let program = built(root, "debug", "gangline-gauntlet");
    let line = args.iter().fold(program, |line, arg| line.arg(arg.as_str()));
    let again =
        args.iter().fold(Line::new("cargo xtask gauntlet"), |line, arg| line.arg(arg.as_str()));
    Step {
        name: "gauntlet",
        work: Work::Run(vec![programs(), line]),
        again: again.shown(),
        hint: Some("a program is not there? cargo xtask setup --for test"),
    }
}

/// The figures, each beside its floor. What is measured is what users build.
pub(crate) fn bench(root: &Path) -> Step {
    let build = Line::new(
        "cargo build --locked --release -p gangline -p gangline-agents -p gangline-bench --bins",
    );
    let work = Work::Run(vec![build, built(root, "release", "gangline-bench")]);
    Step { name: "bench", work, again: "cargo xtask bench".to_owned(), hint: None }
}

/// Builds all programs. One selection of packages for all steps, because another one would choose
/// other features and build everything again.
fn programs() -> Line {
    Line::new("cargo build --locked --workspace --exclude xtask --bins")
}

/// A program of the workspace that has been built.
fn built(root: &Path, profile: &str, program: &str) -> Line {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Line::new("").arg(target.join(profile).join(program).display().to_string())
}

fn run(name: &'static str, line: Line, hint: Option<&'static str>) -> Step {
    Step { name, again: line.shown(), work: Work::Run(vec![line]), hint }
}

fn rule(name: &'static str, rule: fn(&Path) -> Result<()>) -> Step {
    let again = match name {
        "agents" => "cargo xtask setup --for test".to_owned(),
        name => format!("cargo xtask {name}"),
    };
    Step { name, work: Work::Rule(rule), again, hint: None }
}
