//! `gangline-gauntlet`: plays dishonest and honest scripted agents against the built program.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::Parser;
use gangline_bench::gauntlet::{
    Arena, Case, Choice, Paint, Played, as_json, heading, roster, row, totals,
};
use gangline_bench::program::Program;
use globset::{Glob, GlobSet, GlobSetBuilder};
use tokio::task::JoinSet;

/// Cases that are played at once.
const AT_ONCE: usize = 4;

#[derive(Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[command(name = "gangline-gauntlet", about = "Dishonest and honest agents before verification")]
struct Cli {
    /// Only the quick ones that the gate plays
    #[arg(long)]
    gate: bool,
    /// Only cases whose NAME or SIDE/NAME matches
    #[arg(long, value_name = "GLOB")]
    only: Vec<Glob>,
    /// Name them and play none
    #[arg(long)]
    list: bool,
    /// Print one JSON document instead of the table
    #[arg(long)]
    json: bool,
    /// Leave the home with all repositories for looking
    #[arg(long)]
    keep: bool,
    /// How many to play at once
    #[arg(long, default_value_t = AT_ONCE)]
    at_once: usize,
}

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let gauntlet = workspace.join("gauntlet");
    let cases = roster(&gauntlet, &Choice { gate: cli.gate, only: patterns(&cli.only)? })?;
    ensure!(!cases.is_empty(), "no case matches");
    if cli.list {
        for case in &cases {
            println!("{}/{} ({}): {}", case.side.word(), case.name, case.project.word(), case.why);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let all = runtime.block_on(play_all(&cli, cases, &gauntlet, &target(&workspace)))?;
    if cli.json {
        println!("{}", serde_json::to_string_pretty(&as_json(&all))?);
    } else {
        println!("{}", totals(&all, Paint::of_host()));
    }
    let right = all.iter().all(Played::is_right);
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn patterns(globs: &[Glob]) -> anyhow::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(glob.clone());
    }
    Ok(set.build()?)
}

fn target(workspace: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from)
}

async fn play_all(
    cli: &Cli,
    cases: Vec<Case>,
    gauntlet: &Path,
    target: &Path,
) -> anyhow::Result<Vec<Played>> {
    let arena = Arc::new(Arena::open(&Program::find()?, gauntlet, target).await?);
    let mut waiting: VecDeque<Case> = cases.into();
    let mut playing = JoinSet::new();
    let mut all = vec![];
    if !cli.json {
        println!("{}", heading());
    }
    loop {
        while playing.len() < cli.at_once.max(1)
            && let Some(case) = waiting.pop_front()
        {
            let arena = Arc::clone(&arena);
            playing.spawn(async move { arena.play(case).await });
        }
        let Some(played) = playing.join_next().await else { break };
        let played = played.context("a case panicked")?;
        if !cli.json {
            println!("{}", row(&played, Paint::of_host()));
        }
        all.push(played);
    }
    all.sort_by(|a, b| (a.case.side, &a.case.name).cmp(&(b.case.side, &b.case.name)));
    let arena = Arc::into_inner(arena).context("BUG: somebody still plays")?;
    if let Some(home) = arena.close(cli.keep).await? {
        eprintln!("the home is kept: {}", home.display());
    }
    Ok(all)
}
