//! Failures that say nothing about the commit, recognised by exit code and output.

use gangline_process::Exit;

use crate::printed::Printed;

/// Why a command could not do its work, and what a person can do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) fact: String,
    pub(super) mend: String,
}

/// Signals that others send: the system when memory is short, a limit, a person.
const ENDED_BY_OTHERS: [(i32, &str); 6] = [
    (1, "SIGHUP"),
    (2, "SIGINT"),
    (9, "SIGKILL"),
    (15, "SIGTERM"),
    (24, "SIGXCPU"),
    (25, "SIGXFSZ"),
];

/// Signals that a program brings upon itself.
const CRASHES: [(i32, &str); 7] = [
    (3, "SIGQUIT"),
    (4, "SIGILL"),
    (5, "SIGTRAP"),
    (6, "SIGABRT"),
    (7, "SIGBUS"),
    (8, "SIGFPE"),
    (11, "SIGSEGV"),
];

/// How programs say that they are without a network.
const OFFLINE: [&str; 10] = [
    "Could not resolve host",
    "Name or service not known",
    "Temporary failure in name resolution",
    "Network is unreachable",
    "getaddrinfo ENOTFOUND",
    "getaddrinfo EAI_AGAIN",
    "ENETUNREACH",
    "dial tcp: lookup ",
    "failed to lookup address information",
    "Unknown host ",
];

/// A failure of the machine or of its set-up, if that is what it was.
pub(super) fn of_machine(exit: Exit, network: bool, printed: Printed<'_>) -> Option<Fault> {
    missing(exit, printed)
        .or_else(|| killed(exit, printed))
        .or_else(|| full(printed))
        .or_else(|| if network { None } else { offline(printed) })
}

/// What a program brought upon itself, in words.
pub(super) fn crash(exit: Exit) -> Option<String> {
    let signal = signal(exit)?;
    let (_, name) = CRASHES.iter().find(|(number, _)| *number == signal)?;
    Some(format!("crashed with {name}"))
}

/// Whether a runner says itself that it found nothing to run.
pub(super) fn says_no_tests(printed: Printed<'_>) -> bool {
    const SAID: [&str; 6] = [
        "no tests ran",
        "no tests to run",
        "No tests found",
        "No test files found",
        "NO TESTS RAN",
        " deselected in ",
    ];
    printed.lines().any(|line| SAID.iter().any(|said| line.contains(said)))
}

/// A lockfile that does not fit the manifest beside it: whoever changed one must change both.
pub(super) fn stale_lock(printed: Printed<'_>) -> Option<&'static str> {
    const SAID: [&str; 4] = [
        "package.json and package-lock.json",
        "lock file needs to be updated but --locked was passed",
        "lock file is not up to date with",
        "lockfile needs to be updated, but yarn was run with",
    ];
    let cargo = |line: &str| line.contains("because --locked was passed to prevent this");
    let pnpm = |line: &str| line.contains("ERR_PNPM_OUTDATED_LOCKFILE");
    let said = |line: &str| SAID.iter().any(|said| line.contains(said));
    let stale = printed.lines().any(|line| said(&line) || cargo(&line) || pnpm(&line));
    stale.then_some("the lockfile does not fit the manifest")
}

/// The number of the signal that ended the program, or, as shells tell it, a program of it.
fn signal(exit: Exit) -> Option<i32> {
    match exit {
        Exit::Signal(signal) => Some(signal),
        Exit::Code(code @ 129..=159) => Some(code - 128),
        Exit::Code(_) => None,
    }
}

fn missing(exit: Exit, printed: Printed<'_>) -> Option<Fault> {
    let named = printed.lines().find_map(|line| missing_program(&line));
    let fault = |fact: String, what: &str| {
        let mend = format!("install {what} where the checks run, or let [setup] install it");
        Some(Fault { fact, mend })
    };
    match (exit, named) {
        (_, Some(name)) => fault(format!("{name} is not installed; {exit}"), &name),
        (Exit::Code(127), None) => fault(format!("a program is missing; {exit}"), "it"),
        (Exit::Code(126), None) => Some(Fault {
            fact: format!("a program could not be executed; {exit}"),
            mend: "commit it as executable, with an interpreter that exists".to_owned(),
        }),
        (Exit::Code(_) | Exit::Signal(_), None) => None,
    }
}

/// The program or module that a line says is missing.
fn missing_program(line: &str) -> Option<String> {
    let line = line.trim();
    // `sh: 1: jest: not found`, `bash: line 1: jest: command not found`
    let shells = ["sh: ", "bash: ", "dash: ", "zsh: ", "/bin/sh: ", "/usr/bin/sh: ", "/bin/bash: "];
    if let Some(rest) = shells.iter().find_map(|shell| line.strip_prefix(shell)) {
        let program = rest.strip_suffix(": command not found").or(rest.strip_suffix(": not found"));
        let program = program.or(rest.strip_suffix(": No such file or directory"));
        return program.and_then(|text| text.rsplit(": ").next()).and_then(word);
    }
    if let Some(rest) = line.strip_prefix("command not found: ") {
        return word(rest);
    }
    // `/usr/bin/python3: No module named pytest`, which no traceback prints.
    if let Some((interpreter, module)) = line.split_once(": No module named ") {
        let program = interpreter.rsplit('/').next().unwrap_or(interpreter);
        let is_python = program.starts_with("python") && !program.contains(' ');
        return is_python.then(|| word(module.split(['.', ';']).next()?)).flatten();
    }
    if let Some(rest) = line.strip_prefix("error: no such command: `") {
        return word(rest.trim_end_matches('`')).map(|name| format!("cargo {name}"));
    }
    if let Some(rest) = line.strip_prefix("error: '") {
        let (name, rest) = rest.split_once('\'')?;
        return rest
            .starts_with(" is not installed for the toolchain")
            .then(|| word(name))
            .flatten();
    }
    // `make: jest: No such file or directory`
    let rest = line.strip_prefix("make: ")?.strip_suffix(": No such file or directory")?;
    word(rest)
}

/// A name, and not a sentence.
fn word(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['\'', '"', '`']);
    let plain = !text.is_empty() && text.len() <= 100 && !text.contains(' ');
    plain.then(|| text.to_owned())
}

fn killed(exit: Exit, printed: Printed<'_>) -> Option<Fault> {
    let by = signal(exit)
        .and_then(|signal| ENDED_BY_OTHERS.iter().find(|(number, _)| *number == signal))
        .map(|(_, name)| *name);
    // Cargo tells in its own words what ended a test binary.
    let told = || printed.lines().any(|line| line.contains("(signal: 9, SIGKILL: kill)"));
    let name = by.or_else(|| told().then_some("SIGKILL"))?;
    let mend = match name {
        "SIGKILL" => {
            "the machine may have been short of memory: run fewer checks at once \
                      (limits.verifications) or give the command less to do"
        }
        _ => "find out what sent the signal, then run the checks again",
    };
    Some(Fault { fact: format!("ended by {name} from outside"), mend: mend.to_owned() })
}

fn full(printed: Printed<'_>) -> Option<Fault> {
    let said = |line: &str| line.contains("No space left on device") || line.contains("ENOSPC");
    printed.lines().any(|line| said(&line)).then(|| Fault {
        fact: "the disk is full".to_owned(),
        mend: "free some space, then run the checks again".to_owned(),
    })
}

fn offline(printed: Printed<'_>) -> Option<Fault> {
    let said = |line: &str| OFFLINE.iter().any(|said| line.contains(said));
    printed.lines().any(|line| said(&line)).then(|| Fault {
        fact: "it wanted the network, which checks do not have".to_owned(),
        mend: "fetch what it needs in [setup], or write network = true for this check".to_owned(),
    })
}

#[cfg(test)]
mod tests;
