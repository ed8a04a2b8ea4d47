//! Whose summaries count, by the command that was run.

use gangline_policy::{CheckPolicy, CommandLine, Runner};

use Runner::{Cargo, Go, Gradle, Jest, Maven, Mocha, Nextest, Node, Pytest, Tap, Unittest, Vitest};

/// What a script of `package.json` may run.
const OF_NODE: [Runner; 5] = [Jest, Vitest, Mocha, Node, Tap];
/// What a script in Python may run.
const OF_PYTHON: [Runner; 2] = [Pytest, Unittest];

/// Programs that print nothing that a runner would, or only what stands in the policy itself.
const SILENT: [&str; 31] = [
    "cd", "export", "set", "unset", "mkdir", "rm", "cp", "mv", "ln", "touch", "true", "false",
    "test", "[", "exit", "umask", "ulimit", "sleep", "git", "pip", "pip3", "chmod", "echo",
    "printf", "cat", "ls", "head", "tail", "tee", "grep", "yes",
];

/// Programs that run the one that is named behind them, and their own options.
const WRAPPERS: [&str; 19] = [
    "exec",
    "command",
    "env",
    "time",
    "nice",
    "ionice",
    "nohup",
    "stdbuf",
    "setsid",
    "timeout",
    "xvfb-run",
    "sudo",
    "dotenv",
    "cross-env",
    "c8",
    "nyc",
    "dumb-init",
    "catchsegv",
    "chronic",
];

/// Programs that run, by a first word of their own, what is named behind it.
const RUNS: [(&str, &[&str]); 9] = [
    ("uv", &["run"]),
    ("poetry", &["run"]),
    ("pdm", &["run"]),
    ("pipenv", &["run"]),
    ("hatch", &["run"]),
    ("rye", &["run"]),
    ("coverage", &["run"]),
    ("mise", &["exec", "x"]),
    ("bundle", &["exec"]),
];

/// Runners by the name of their own program.
const PROGRAMS: [(&str, &[Runner]); 27] = [
    ("pytest", &[Pytest]),
    ("py.test", &[Pytest]),
    ("unittest", &[Unittest]),
    ("tox", &OF_PYTHON),
    ("nox", &OF_PYTHON),
    ("npm", &OF_NODE),
    ("pnpm", &OF_NODE),
    ("yarn", &OF_NODE),
    ("bun", &OF_NODE),
    ("npx", &OF_NODE),
    ("bunx", &OF_NODE),
    ("vitest", &[Vitest]),
    ("jest", &[Jest]),
    ("react-scripts", &[Jest]),
    ("mocha", &[Mocha]),
    ("node", &OF_NODE),
    ("tap", &[Tap]),
    ("tape", &[Tap]),
    ("prove", &[Tap]),
    ("bats", &[Tap]),
    ("go", &[Go]),
    ("gotestsum", &[Go]),
    ("mvn", &[Maven]),
    ("mvnw", &[Maven]),
    ("mvnd", &[Maven]),
    ("gradle", &[Gradle]),
    ("gradlew", &[Gradle]),
];

/// The runners whose summaries count in what `check` prints. Empty when all do: its command is one
/// that may run anything, such as `make test`.
pub(crate) fn speakers(check: &CheckPolicy) -> Vec<Runner> {
    if !check.runners.is_empty() {
        return check.runners.clone();
    }
    let commands = match &check.run {
        CommandLine::Argv(words) => vec![words.clone()],
        CommandLine::Shell(line) => simple_commands(line),
    };
    let mut speakers = Vec::new();
    for words in &commands {
        match spoken(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
            Speaks::Nobody => {}
            Speaks::Known(runners) => speakers.extend(runners),
            Speaks::Anybody => return vec![],
        }
    }
    speakers.sort_unstable();
    speakers.dedup();
    speakers
}

/// Who may speak in the output of a simple command.
enum Speaks {
    Nobody,
    Known(Vec<Runner>),
    Anybody,
}

fn spoken(words: &[&str]) -> Speaks {
    let Some((program, rest)) = words.split_first() else { return Speaks::Nobody };
    // `NAME=value` before a command.
    if program.split_once('=').is_some_and(|(name, _)| is_name(name)) {
        return spoken(rest);
    }
    let program = program.rsplit('/').next().unwrap_or(program);
    if SILENT.contains(&program) {
        return Speaks::Nobody;
    }
    if WRAPPERS.contains(&program) {
        return behind_options(rest);
    }
    let runs = RUNS.iter().find(|(name, _)| *name == program);
    if let (Some((_, verbs)), Some((verb, rest))) = (runs, rest.split_first()) {
        return if verbs.contains(verb) { behind_options(rest) } else { Speaks::Nobody };
    }
    match program {
        "cargo" | "cross" => cargo(rest),
        "npx" | "bunx" => behind_options(rest).or(&OF_NODE),
        "pnpm" | "yarn" | "npm"
            if rest.first().is_some_and(|verb| matches!(*verb, "exec" | "x")) =>
        {
            behind_options(&rest[1..]).or(&OF_NODE)
        }
        "node" if rest.contains(&"--test") => Speaks::Known(vec![Node, Tap]),
        "go" if rest.first().is_some_and(|verb| *verb != "test" && *verb != "run") => {
            Speaks::Nobody
        }
        _python if is_python(program) => python(rest),
        _other => PROGRAMS
            .iter()
            .find(|(name, _)| *name == program)
            .map_or(Speaks::Anybody, |(_, runners)| Speaks::Known(runners.to_vec())),
    }
}

impl Speaks {
    /// These where nothing better is known.
    fn or(self, runners: &[Runner]) -> Self {
        match self {
            Self::Known(known) => Self::Known(known),
            Self::Nobody | Self::Anybody => Self::Known(runners.to_vec()),
        }
    }
}

/// The command behind a wrapper's own words. An option may have a value of its own: a word behind
/// one is passed over when it is no program that is known.
fn behind_options(words: &[&str]) -> Speaks {
    // `coverage run -m pytest`
    if let ["-m", ..] = words {
        return python(words);
    }
    let mut behind_option = false;
    for (at, word) in words.iter().enumerate() {
        let is_option = word.starts_with('-');
        let sets = word.split_once('=').is_some_and(|(name, _)| is_name(name));
        let number = word.starts_with(|c: char| c.is_ascii_digit());
        if !(is_option || sets || number) {
            match spoken(&words[at..]) {
                Speaks::Anybody if behind_option => {}
                told @ (Speaks::Nobody | Speaks::Known(_) | Speaks::Anybody) => return told,
            }
        }
        behind_option = is_option && *word != "--";
    }
    Speaks::Anybody
}

/// `cargo +nightly test`. A subcommand that is nobody's known one may be an alias for anything.
fn cargo(words: &[&str]) -> Speaks {
    let mut verbs = words.iter().filter(|word| !word.starts_with(['+', '-']));
    match verbs.next().copied() {
        Some("test" | "t") => Speaks::Known(vec![Cargo]),
        Some("nextest") => Speaks::Known(vec![Nextest]),
        Some("llvm-cov" | "tarpaulin" | "careful" | "miri" | "hack") => {
            Speaks::Known(vec![Cargo, Nextest])
        }
        Some("build" | "b" | "check" | "c" | "clippy" | "fmt" | "fetch" | "doc" | "update") => {
            Speaks::Nobody
        }
        Some(_) | None => Speaks::Anybody,
    }
}

fn is_python(program: &str) -> bool {
    let version = program.strip_prefix("python").or_else(|| program.strip_prefix("pypy"));
    version.is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// `python -m pytest`, `python manage.py test`.
fn python(words: &[&str]) -> Speaks {
    let module = words.iter().position(|word| *word == "-m").and_then(|at| words.get(at + 1));
    match module.copied() {
        Some("pytest") => Speaks::Known(vec![Pytest]),
        Some("unittest") => Speaks::Known(vec![Unittest]),
        Some("coverage") => Speaks::Known(match words.iter().rposition(|word| *word == "-m") {
            Some(at) if words.get(at + 1) == Some(&"pytest") => vec![Pytest],
            Some(at) if words.get(at + 1) == Some(&"unittest") => vec![Unittest],
            Some(_) | None => OF_PYTHON.to_vec(),
        }),
        Some("pip" | "venv" | "compileall") => Speaks::Nobody,
        Some(_) | None => Speaks::Known(OF_PYTHON.to_vec()),
    }
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The words of each simple command of a shell line. What is quoted is one word; what only a shell
/// could tell (substitutions, loops, other files) makes a command that nobody knows.
fn simple_commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![vec![]];
    let mut word: Option<String> = None;
    let mut quote = None;
    let end = |word: &mut Option<String>, commands: &mut Vec<Vec<String>>| {
        if let (Some(word), Some(command)) = (word.take(), commands.last_mut()) {
            command.push(word);
        }
    };
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (_, '\\') => word.get_or_insert_default().extend(chars.next()),
            (_, '`') => return vec![vec!["`".to_owned()]],
            (_, '$') if chars.peek() == Some(&'(') => return vec![vec!["$(".to_owned()]],
            (None, ';' | '|' | '\n' | '(' | ')' | '{' | '}') => {
                end(&mut word, &mut commands);
                commands.push(vec![]);
            }
            // `2>&1` and `&>log` are no ends of commands.
            (None, '&') => {
                let redirects = chars.peek() == Some(&'>')
                    || word.as_ref().is_some_and(|word| word.ends_with(['>', '<']));
                if redirects {
                    word.get_or_insert_default().push(c);
                } else {
                    end(&mut word, &mut commands);
                    commands.push(vec![]);
                }
            }
            (None, c) if c.is_whitespace() => end(&mut word, &mut commands),
            (Some(_) | None, c) => word.get_or_insert_default().push(c),
        }
    }
    end(&mut word, &mut commands);
    commands.retain(|command| !command.is_empty());
    commands
}

#[cfg(test)]
mod tests;
