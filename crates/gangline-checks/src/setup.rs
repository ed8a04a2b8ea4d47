//! `setup`: what the policy runs to make a fresh checkout usable.

use std::time::{Duration, Instant};

use gangline_domain::verdict::{CheckResult, Evidence, Verdict};
use gangline_policy::Setup;
use gangline_process::Exit;

use crate::command::{self, Ended, Judged, Terms};
use crate::log;
use crate::printed::Printed;
use crate::subject::{Bench, Progress};

pub(crate) const NAME: &str = "setup";

/// Runs the setup commands in order until one does not succeed, all of them within
/// `setup.timeout`. `None` when there are none.
///
/// A command that fails is inconclusive rather than a failure, because it measures nothing; only
/// a lockfile that does not fit its manifest is the commit's own doing.
pub async fn run_setup(
    setup: &Setup,
    bench: &Bench,
    mut progress: impl FnMut(Progress),
) -> Option<CheckResult> {
    if setup.run.is_empty() {
        return None;
    }
    let shown: Vec<String> = setup.run.iter().map(ToString::to_string).collect();
    let shown = shown.join(" && ");
    progress(Progress::Started { name: NAME.to_owned(), command: Some(shown.clone()) });
    let started = Instant::now();
    let mut log = Vec::new();
    let (judged, exit) = run_all(setup, bench, started, &mut log).await;
    let evidence = Evidence {
        command: shown,
        exit,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        tests: None,
        log_sha256: String::new(),
        log_file: String::new(),
        flaky: vec![],
    };
    let mut check = CheckResult::required(NAME, judged.verdict, judged.fact);
    check.lines = judged.lines;
    match log::keep(&bench.log_dir, NAME, &log) {
        Ok(kept) => {
            check.evidence =
                Some(Evidence { log_sha256: kept.sha256, log_file: kept.file, ..evidence });
        }
        Err(error) => {
            check.verdict = check.verdict.max(Verdict::Inconclusive);
            check.fact = format!("{}, but its log could not be kept: {error}", check.fact);
        }
    }
    let (verdict, fact) = (check.verdict, check.fact.clone());
    progress(Progress::Finished { name: NAME.to_owned(), verdict, fact });
    Some(check)
}

async fn run_all(
    setup: &Setup,
    bench: &Bench,
    started: Instant,
    log: &mut Vec<u8>,
) -> (Judged, Option<i32>) {
    let end = started + Duration::from(setup.timeout);
    for line in &setup.run {
        let deadline = end.saturating_duration_since(Instant::now());
        if deadline.is_zero() {
            let fact = format!("no time was left for `{line}`: all of setup has {}", setup.timeout);
            return (Judged::inconclusive(fact), None);
        }
        let network = setup.network && bench.network;
        let terms = Terms { deadline, network, ..Terms::default() };
        log.extend_from_slice(format!("$ {line}\n").as_bytes());
        let ended = match command::run(line, &terms, bench, None).await {
            Ok(ended) => ended,
            Err(why) => return (Judged::inconclusive(format!("`{line}` {why}")), None),
        };
        log.extend_from_slice(&ended.bytes);
        let judged = command::judge_setup(&terms, &ended, Printed::new(&ended.bytes));
        if judged.verdict != Verdict::Pass {
            let fact = format!("`{line}`: {}", judged.fact);
            return (Judged { fact, ..judged }, code(&ended));
        }
    }
    let fact = match setup.run.as_slice() {
        [_one] => "exit code 0".to_owned(),
        all => format!("{} commands, exit code 0", all.len()),
    };
    (Judged::passed(fact), Some(0))
}

fn code(ended: &Ended) -> Option<i32> {
    match ended.exit {
        Exit::Code(code) if !ended.timed_out => Some(code),
        Exit::Code(_) | Exit::Signal(_) => None,
    }
}
