//! Runs seeds of the simulated world, and proves that it catches planted faults.

use std::collections::BTreeSet;
use std::process::ExitCode;

use gangline_domain::mutant::ALL;
use gangline_sim::{Outcome, Stats, run};

const USAGE: &str =
    "usage: gangline-sim [--seeds N] [--from SEED] [--seed SEED] [--trace] [--no-mutants]";
/// Seeds that are run when nobody says otherwise.
const SEEDS_DEFAULT: u64 = 2_000;
/// One line, at least, for each event that there is.
const SPECIMENS: &str = include_str!("../../../gangline-domain/fixtures/events_v1.jsonl");
/// Seeds within which each planted fault must be caught.
const MUTANT_SEEDS: u64 = 1_000;

struct Options {
    from: u64,
    seeds: u64,
    mutants: bool,
    trace: bool,
}

fn options() -> Result<Options, String> {
    let mut options = Options { from: 1, seeds: SEEDS_DEFAULT, mutants: true, trace: false };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || {
            let value = args.next().ok_or_else(|| format!("{arg} needs a number"))?;
            value.parse::<u64>().map_err(|error| format!("{arg} {value}: {error}"))
        };
        match arg.as_str() {
            "--seeds" => options.seeds = number()?,
            "--from" => options.from = number()?,
            "--seed" => {
                options.from = number()?;
                options.seeds = 1;
                options.mutants = false;
            }
            "--trace" => options.trace = true,
            "--no-mutants" => options.mutants = false,
            _unknown => return Err(format!("unknown argument {arg}")),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(why) => {
            eprintln!("{why}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    // A violation is told with its seed; the panic's own words would only repeat it.
    std::panic::set_hook(Box::new(|_| {}));
    match sound(&options) && (!options.mutants || catches()) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Whether all promises hold for all seeds.
fn sound(options: &Options) -> bool {
    let (seeds, threads) = (options.from..options.from + options.seeds, 2);
    let trace = options.trace;
    let runs: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let mine = seeds.clone().filter(move |seed| seed % threads == worker);
                scope.spawn(move || {
                    mine.map(|seed| (seed, run(seed, None, trace))).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("BUG: runs catch")).collect()
    });
    let mut total = Stats::default();
    let mut broken = 0;
    for (seed, outcome) in runs {
        match outcome {
            Outcome::Kept(stats) => {
                total.steps += stats.steps;
                for (kind, count) in stats.events {
                    *total.events.entry(kind).or_default() += count;
                }
                total.simulated_ms += stats.simulated_ms;
                total.leaders += stats.leaders;
            }
            Outcome::Broken(violation, steps) => {
                broken += 1;
                println!("seed {seed}: BROKEN after {steps} steps: {}", violation.promise);
                println!("  {}", violation.detail);
                println!("  again: cargo xtask sim --seed {seed}");
            }
        }
    }
    println!(
        "{} seeds: {broken} broken; {} steps, {} events, {} orchestrators, {} simulated hours",
        options.seeds,
        total.steps,
        total.events.values().sum::<u64>(),
        total.leaders,
        total.simulated_ms / 3_600_000
    );
    broken == 0 && (options.seeds < SEEDS_DEFAULT || is_whole(&total))
}

/// Whether so many runs have brought about every event that there is.
fn is_whole(total: &Stats) -> bool {
    let named = SPECIMENS.lines().filter_map(|line| line.strip_prefix(r#"{"type":""#));
    let all: BTreeSet<&str> =
        named.filter_map(|line| line.split_once('"')).map(|(name, _)| name).collect();
    let missing: Vec<&str> =
        all.into_iter().filter(|name| !total.events.contains_key(name)).collect();
    if !missing.is_empty() {
        println!("no run has brought about {}", missing.join(", "));
    }
    missing.is_empty()
}

/// Whether each planted fault is caught.
fn catches() -> bool {
    let mut missed = 0;
    for mutant in ALL {
        let caught = (1..=MUTANT_SEEDS).find_map(|seed| match run(seed, Some(mutant), false) {
            Outcome::Broken(violation, _) => Some((seed, violation)),
            Outcome::Kept(_) => None,
        });
        if let Some((seed, violation)) = caught {
            println!("planted {mutant:?}: caught by seed {seed}: {}", violation.promise);
        } else {
            missed += 1;
            println!("planted {mutant:?}: MISSED by {MUTANT_SEEDS} seeds");
        }
    }
    println!("{} planted faults: {missed} missed", ALL.len());
    missed == 0
}
