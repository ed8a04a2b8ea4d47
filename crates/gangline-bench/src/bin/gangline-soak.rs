//! `gangline-soak [--loops N] [--seed S]`: kills the orchestrator and its jobs at random moments.

use std::process::ExitCode;
use std::time::Instant;

use gangline_bench::program::Program;
use gangline_bench::soak::torment;

fn main() -> anyhow::Result<ExitCode> {
    let (mut loops, mut seed) = (200_u64, 1_u64);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next().and_then(|value| value.parse().ok());
        match (arg.as_str(), value) {
            ("--loops", Some(value)) => loops = value,
            ("--seed", Some(value)) => (seed, loops) = (value, 1),
            _wrong => {
                eprintln!("usage: gangline-soak [--loops N] [--seed S]");
                return Ok(ExitCode::from(2));
            }
        }
    }
    let program = Program::find()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let began = Instant::now();
    let mut failed = 0;
    for seed in seed..seed + loops {
        match runtime.block_on(torment(&program, seed)) {
            Ok(tally) => println!(
                "loop {seed}: all landed once; {} orchestrators and {} jobs killed",
                tally.daemons, tally.jobs
            ),
            Err(error) => {
                failed += 1;
                println!("loop {seed}: FAILED: {error:#}");
                println!(
                    "  again: cargo run -p gangline-bench --bin gangline-soak -- --seed {seed}"
                );
            }
        }
    }
    println!("{loops} loops: {failed} failed, {} s", began.elapsed().as_secs());
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
