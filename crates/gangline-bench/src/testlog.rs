//! A long test log on its way through whoever reads it, beside `grep -c` over the same file; and what
//! a check whose command prints it takes of memory.
#![expect(clippy::cast_precision_loss, reason = "bytes far below 2^52, for ratios")]

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use gangline_checks::TestOutput;
use gangline_policy::Runner;
use gangline_process::Cmd;

use crate::memory::{pss_anon_mib, row};
use crate::table::{Bound, Row};

/// What the log has at least.
const BYTES: usize = 100 * 1_000 * 1_000;
/// Tests in each part of it: one binary of cargo's, one session of pytest's.
const TESTS: u64 = 400;
/// Each is run this often, by turns, and its best time counts: the machine is shared.
const ROUNDS: usize = 9;
/// By how much this process may grow meanwhile.
const GROWTH_MIB_MAX: f64 = 20.0;
const LOOK_EVERY: Duration = Duration::from_millis(1);
const CAP_BYTES: usize = 8 * 1024 * 1024;

/// See the module.
pub async fn measure() -> anyhow::Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("log.txt");
    let (bytes, passed) = write(&log)?;
    let own = [Runner::Cargo, Runner::Pytest];
    let growth_mib = growth(&log, passed)?;
    let (mut grep, mut one, mut all) = (Duration::MAX, Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        grep = grep.min(searched(&log).await?);
        one = one.min(read(&log, &own, passed)?);
        all = all.min(read(&log, &[], passed)?);
    }
    let rate = |took: Duration| bytes as f64 / took.as_secs_f64();
    let beside = |name, took| Row {
        name,
        figure: format!("{:.0} MB/s", rate(took) / 1e6),
        floor: format!("grep -c {:.0} MB/s", rate(grep) / 1e6),
        ratio: rate(took) / rate(grep),
        bound: Bound::AtLeast(0.5),
    };
    Ok(vec![
        beside("test log of 100 MB, read by its two runners", one),
        beside("test log of 100 MB, read by all runners", all),
        row("growth of whoever hears it of a command", growth_mib, GROWTH_MIB_MAX),
    ])
}

/// A log of both shapes by turns; says how long it is and how many tests passed.
fn write(log: &Path) -> anyhow::Result<(usize, u32)> {
    let mut file = BufWriter::new(File::create(log)?);
    let (mut bytes, mut passed, mut state) = (0, 0, 1_u64);
    let mut number = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % 1_000_000
    };
    while bytes < BYTES {
        let mut text = format!(
            "     Running unittests src/lib.rs (target/debug/deps/shop-507999230d6984fa)\n\n\
             running {TESTS} tests\n"
        );
        for n in 0..TESTS {
            let (module, case) = (n % 20, number());
            writeln!(text, "test cart::tests::module_{module}::case_{case}_adds_up ... ok")?;
        }
        write!(
            text,
            "\ntest result: ok. {TESTS} passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; \
             finished in 0.11s\n\n{:=^80}\ncollected {TESTS} items\n\n",
            " test session starts "
        )?;
        for n in 0..TESTS {
            let (module, case, part) = (n % 20, number(), n * 100 / TESTS);
            let name = format!("tests/unit/test_module_{module}.py::TestCart::test_case_{case}");
            writeln!(text, "{name:<64} PASSED [{part:3}%]")?;
        }
        let sum = format!(" {TESTS} passed in 0.61s ");
        write!(text, "\n{sum:=^80}\n\n")?;
        bytes += text.len();
        passed += 2 * u32::try_from(TESTS)?;
        file.write_all(text.as_bytes())?;
    }
    file.into_inner()?.sync_all()?;
    Ok((bytes, passed))
}

fn read(log: &Path, runners: &[Runner], passed: u32) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let counts = TestOutput::of(runners).read(File::open(log)?)?;
    let took = began.elapsed();
    ensure!(counts.is_some_and(|counts| counts.passed == passed), "{counts:?} were read");
    Ok(took)
}

/// The floor: the time between the start and the end of a program that only searches.
async fn searched(log: &Path) -> anyhow::Result<Duration> {
    let grep = Cmd::new("grep").args(["-c", "test result"]).arg(log).env_from_host(&["PATH"]);
    let output = grep.stays_in_group().output().await?;
    ensure!(output.success(), "grep: {}", output.stderr.text());
    Ok(output.duration)
}

/// By how many MiB this process grows while it hears and keeps what a command prints, as a check
/// does.
fn growth(log: &Path, passed: u32) -> anyhow::Result<f64> {
    let me = std::process::id();
    let before = pss_anon_mib(me)?;
    let over = AtomicBool::new(false);
    let mut tests = TestOutput::of(&[]);
    let cat = Cmd::new("cat").arg(log).env_from_host(&["PATH"]).cap_bytes(CAP_BYTES);
    let (most, heard) = std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut most = before;
            while !over.load(Ordering::Relaxed) {
                most = most.max(pss_anon_mib(me)?);
                std::thread::sleep(LOOK_EVERY);
            }
            anyhow::Ok(most)
        });
        let heard = tokio::task::block_in_place(|| {
            let mut tap = |bytes: &[u8]| tests.push(bytes);
            tokio::runtime::Handle::current().block_on(cat.output_through(&mut tap))
        });
        over.store(true, Ordering::Relaxed);
        let most = looking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (most, heard)
    });
    let kept = heard?.stdout.into_bytes();
    ensure!(kept.len() >= CAP_BYTES, "only {} bytes were kept", kept.len());
    let counts = tests.finish().map(|reading| reading.counts());
    ensure!(counts.is_some_and(|counts| counts.passed == passed), "{counts:?} were read");
    Ok(most?.max(pss_anon_mib(me)?) - before)
}
