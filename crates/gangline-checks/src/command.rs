//! Running one command of the policy, and what its end says about the commit.

mod faults;
mod judge;
mod told;

use std::time::{Duration, Instant};

use gangline_domain::secret::{Redactor, RedactorStream, SecretUse};
use gangline_domain::verdict::{CheckResult, Claim, Evidence, Verdict};
use gangline_policy::{CheckKind, CheckPolicy, CommandLine};
use gangline_process::{Cmd, Exit, Output};
use memchr::memmem;

pub(crate) use judge::{Judged, judge_setup};
use told::Told;

use crate::coverage;
use crate::log::{self, LOG_BYTES_MAX};
use crate::results;
use crate::runners::{Reading, TestOutput, speakers};
use crate::subject::Bench;

/// Set for every command, unless the policy says otherwise: without a terminal to ask, most
/// tools then neither wait for input nor write files by themselves.
const ENVIRONMENT: [(&str, &str); 2] = [("CI", "true"), ("NO_COLOR", "1")];

/// Where the program finds secrets that are files.
const SECRETS: &str = "/secrets";
/// What stands where output was cut.
const CUT: &[u8] = b"\n[... ";

/// What a command may use.
#[derive(Default)]
pub(crate) struct Terms<'a> {
    pub(crate) deadline: Duration,
    pub(crate) network: bool,
    pub(crate) env: Vec<(&'a str, &'a str)>,
    /// Variables with secrets.
    pub(crate) given: Vec<(String, &'a str)>,
    /// Names and contents of files in `/secrets`.
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) exit: Exit,
    pub(crate) timed_out: bool,
    pub(crate) duration: Duration,
    pub(crate) bytes: Vec<u8>,
    /// What runners said of themselves in all of the output, kept or not; only of tests.
    pub(crate) reading: Option<Reading>,
}

/// A command check that has been run, or could not be.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) result: CheckResult,
    /// What its runner said of itself.
    pub(crate) reading: Option<Reading>,
    pub(crate) duration: Duration,
}

impl Measured {
    /// A check that runs nothing.
    pub(crate) fn of_facts(result: CheckResult) -> Self {
        Self { result, reading: None, duration: Duration::ZERO }
    }

    /// A command that could not even begin.
    pub(crate) fn not_run(check: &CheckPolicy, why: &str) -> Self {
        let mut measured =
            CheckResult::required(check.name.as_str(), Verdict::Inconclusive, why.to_owned());
        measured.required = check.required;
        Self { result: measured, reading: None, duration: Duration::ZERO }
    }
}

/// Runs one command check to its end and judges it, with what was claimed about it. `end` is when
/// all checks must have ended.
pub(crate) async fn measure(
    check: &CheckPolicy,
    claim: Option<&Claim>,
    bench: &Bench,
    end: Instant,
) -> Measured {
    let mut measured = measure_as(check.name.as_str(), check, bench, end).await;
    measured.result.claimed = claim.and_then(|claim| claimed(claim, check));
    measured
}

/// Runs one command check under another name, and judges it.
pub(crate) async fn measure_as(
    name: &str,
    check: &CheckPolicy,
    bench: &Bench,
    end: Instant,
) -> Measured {
    let left = end.saturating_duration_since(Instant::now());
    let deadline = Duration::from(check.timeout).min(left);
    let env = check.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let network = check.network && bench.network;
    let mut terms = Terms { deadline, network, env, given: vec![], files: vec![] };
    let lacking = give(check, bench, &mut terms);
    let tests = match check.kind {
        CheckKind::Test => Some(TestOutput::of(&speakers(check))),
        CheckKind::Typecheck | CheckKind::Lint | CheckKind::Build | CheckKind::Custom => None,
    };
    let why = lacking
        .or_else(|| left.is_zero().then(|| "not run: the time for all checks was up".to_owned()));
    let why = why.or_else(|| {
        let removed = results::remove(&bench.checkout, &check.results);
        removed.err().map(|why| format!("not run: {why}"))
    });
    let why = why.or_else(|| {
        let removed = coverage::remove(&bench.checkout, check);
        removed.err().map(|why| format!("not run: {why}"))
    });
    let ended = match why {
        Some(why) => Err(why),
        None => run(&check.run, &terms, bench, tests).await,
    };
    let (duration, concluded) = match ended {
        Ok(ended) => (ended.duration, conclude(name, check, &terms, (bench, ended))),
        Err(why) => (Duration::ZERO, (Judged::inconclusive(why), None, None)),
    };
    let (judged, evidence, reading) = concluded;
    let mut measured = CheckResult::required(name, judged.verdict, judged.fact);
    measured.required = check.required;
    measured.lines = judged.lines;
    measured.evidence = evidence;
    Measured { result: measured, reading, duration }
}

/// Adds the secrets that the check names; says in words what is missing.
fn give<'b>(check: &CheckPolicy, bench: &'b Bench, terms: &mut Terms<'b>) -> Option<String> {
    for told in &check.secrets {
        let name = told.secret();
        let Some(secret) = bench.secrets.get(name) else {
            return Some(format!("not run: the secret {name} is not there"));
        };
        match told {
            SecretUse::File(_) => terms.files.push((name.to_string(), secret.bytes().to_vec())),
            SecretUse::Variable { variable, .. } => match secret.as_variable() {
                Some(value) => terms.given.push((variable.clone(), value)),
                None => return Some(format!("not run: no variable can hold the secret {name}")),
            },
        }
    }
    None
}

fn conclude(
    name: &str,
    check: &CheckPolicy,
    terms: &Terms<'_>,
    (bench, mut ended): (&Bench, Ended),
) -> (Judged, Option<Evidence>, Option<Reading>) {
    let written = (!check.results.is_empty())
        .then(|| results::read(&bench.checkout, &check.results, &bench.redactor));
    let told = Told::of(ended.reading.take(), written);
    let judged = judge::judge(check, terms, &ended, &told);
    let (judged, evidence) = match log::keep(&bench.log_dir, name, &ended.bytes) {
        Ok(kept) => {
            let evidence = Evidence {
                command: check.run.to_string(),
                exit: code(&ended),
                duration_ms: u64::try_from(ended.duration.as_millis()).unwrap_or(u64::MAX),
                tests: judged.counts,
                log_sha256: kept.sha256,
                log_file: kept.file,
                flaky: vec![],
            };
            (judged, Some(evidence))
        }
        // A verdict without evidence is none.
        Err(error) => {
            let fact = format!("{}, but its log could not be kept: {error}", judged.fact);
            (Judged { verdict: Verdict::Inconclusive.max(judged.verdict), fact, ..judged }, None)
        }
    };
    (judged, evidence, told.reading)
}

fn code(ended: &Ended) -> Option<i32> {
    match ended.exit {
        Exit::Code(code) if !ended.timed_out => Some(code),
        Exit::Code(_) | Exit::Signal(_) => None,
    }
}

/// Runs a command in the checkout, inside the sandbox, and lets `tests` read what it prints. An
/// error says in words why it did not run.
///
/// A shell joins both streams, so that the log has its lines in the order in which they were
/// printed, and finds the program inside the sandbox, so that a missing one ends with 127 like
/// everywhere. A shell line is the person's own, committed; a list is passed on word by word.
pub(crate) async fn run(
    line: &CommandLine,
    terms: &Terms<'_>,
    bench: &Bench,
    tests: Option<TestOutput>,
) -> Result<Ended, String> {
    let shell = Cmd::new("sh").arg("-c");
    let cmd = match line {
        CommandLine::Shell(line) => shell.arg(format!("exec 2>&1; {line}")),
        CommandLine::Argv(words) => shell.arg("exec \"$@\" 2>&1").arg("sh").args(words),
    };
    let sandbox = bench.sandbox.clone().network(terms.network);
    let sandbox = match terms.files.as_slice() {
        [] => sandbox,
        files => sandbox.private(SECRETS, files.to_vec()),
    };
    let mut cmd = cmd
        .cwd(&bench.inside)
        .deadline(terms.deadline)
        .cap_bytes(LOG_BYTES_MAX)
        .marker(bench.marker.clone())
        .sandbox(sandbox);
    let given = bench.env.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let all = ENVIRONMENT.into_iter().chain(given).chain(terms.env.iter().copied());
    for (name, value) in all.filter(|(name, _)| !bench.unset.contains(*name)) {
        cmd = cmd.env(name, value);
    }
    for (name, value) in &terms.given {
        cmd = cmd.env(name, value);
    }
    let mut heard = Heard::new(tests, &bench.redactor);
    match cmd.output_through(&mut |bytes| heard.push(bytes)).await {
        Ok(output) => Ok(ended(output, heard, &bench.redactor)),
        Err(error) => Err(format!("could not be run: {}", with_causes(&error))),
    }
}

fn ended(output: Output, mut heard: Heard, redactor: &Redactor) -> Ended {
    // Only the shell itself can have written here, before it joined the streams.
    heard.push(output.stderr.bytes());
    let truncated = output.stdout.truncated;
    let errors = without_secrets(output.stderr.bytes(), output.stderr.truncated, redactor);
    let mut bytes = match redactor.is_empty() {
        true => output.stdout.into_bytes(),
        false => without_secrets(output.stdout.bytes(), truncated, redactor),
    };
    bytes.extend(errors);
    Ended {
        exit: output.status,
        timed_out: output.timed_out,
        duration: output.duration,
        bytes,
        reading: heard.finish(),
    }
}

/// All that a command prints, on its way to whoever reads tests: without secrets, wherever the
/// pieces are cut.
struct Heard {
    tests: Option<TestOutput>,
    /// Absent where no secret is known: nothing is copied then.
    redactor: Option<RedactorStream>,
}

impl Heard {
    fn new(tests: Option<TestOutput>, redactor: &Redactor) -> Self {
        Self { tests, redactor: (!redactor.is_empty()).then(|| redactor.stream()) }
    }

    fn push(&mut self, bytes: &[u8]) {
        let Some(tests) = &mut self.tests else { return };
        match &mut self.redactor {
            None => tests.push(bytes),
            Some(redactor) => tests.push(&redactor.push(bytes)),
        }
    }

    fn finish(self) -> Option<Reading> {
        let mut tests = self.tests?;
        if let Some(redactor) = self.redactor {
            tests.push(&redactor.finish());
        }
        tests.finish()
    }
}

/// Where bytes were cut out, a secret may stand on both sides of the place.
fn without_secrets(bytes: &[u8], truncated: bool, redactor: &Redactor) -> Vec<u8> {
    let place = memmem::find(bytes, CUT).filter(|_| truncated);
    match place {
        None => redactor.bytes(bytes).into_owned(),
        Some(at) => {
            let rest = &bytes[at..];
            let line = rest.windows(2).position(|window| window == b"]\n").map_or(0, |end| end + 2);
            let (line, after) = rest.split_at(line);
            [&redactor.bytes(&bytes[..at]), line, &redactor.bytes(after)].concat()
        }
    }
}

pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// What the agent says about this check: by its name, or by its kind's; and whether it passes.
pub(crate) fn said<'c>(claim: &'c Claim, check: &CheckPolicy) -> Option<(&'c str, bool)> {
    let kind = check.kind.word();
    let plural = format!("{kind}s");
    let names = [check.name.as_str(), kind, plural.as_str()];
    let (name, passes) = names.iter().find_map(|name| claim.checks.get_key_value(*name))?;
    Some((name, *passes))
}

fn claimed(claim: &Claim, check: &CheckPolicy) -> Option<String> {
    let (_, passes) = said(claim, check)?;
    Some(if passes { "passes" } else { "fails" }.to_owned())
}

#[cfg(test)]
mod tests;
