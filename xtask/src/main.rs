//! The house's own tool: `cargo xtask gate` is what continuous integration runs, `cargo xtask tidy`
//! holds the rules that neither the compiler nor clippy can see.

mod gate;
mod line;
mod setup;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Checks and chores of the Gangline workspace")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Everything that continuous integration runs, in order, up to the first failure
    Gate,
    /// The house rules: crate edges, size ratchet, words, forgotten tests, error pages
    Tidy,
    /// Every relative link in the documents leads somewhere
    Docs,
    /// Check for what a fresh machine lacks, and install it
    Setup {
        /// What the machine is prepared for
        #[arg(long = "for", value_enum, default_value_t = setup::Purpose::Test)]
        purpose: setup::Purpose,
    },
    /// Check, test and build the dashboard, which the program then holds
    Web {
        /// Build it and no more
        #[arg(long)]
        only_build: bool,
    },
    /// Run the seeded world and its checker
    Sim {
        /// How many seeds to run
        #[arg(long, default_value_t = gate::GATE_SEEDS)]
        seeds: u32,
        /// Replay this one seed
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Kill the orchestrator, its node and its jobs at random moments, again and again
    Soak {
        /// How many loops to run
        #[arg(long, default_value_t = gate::SOAK_LOOPS)]
        loops: u32,
    },
    /// Let dishonest and honest scripted agents try to land work
    Gauntlet {
        /// What `gangline-gauntlet --help` tells, such as `--only 'dishonest/*'`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Measure, each figure beside its floor from the same run
    Bench,
}

fn main() -> ExitCode {
    let root = workspace_root();
    let done = match Cli::parse().chore {
        Chore::Gate => gate::gate(&root),
        Chore::Tidy => tidy::report(&root),
        Chore::Docs => tidy::report_links(&root),
        Chore::Setup { purpose } => setup::setup(&root, purpose),
        Chore::Web { only_build: false } => gate::one(&root, &gate::web()),
        Chore::Web { only_build: true } => gate::one(&root, &gate::web_only_built()),
        Chore::Sim { seeds, seed } => gate::one(&root, &gate::sim(&root, seeds, seed)),
        Chore::Soak { loops } => gate::one(&root, &gate::soak(&root, loops)),
        Chore::Gauntlet { args } => gate::one(&root, &gate::gauntlet(&root, &args)),
        Chore::Bench => gate::one(&root, &gate::bench(&root)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The folder that holds the workspace's `Cargo.toml`: the parent of this crate's own.
fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
