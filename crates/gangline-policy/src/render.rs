//! The first `gangline.toml` of a project: what was proposed, and what else could be said.

use std::fmt::Write;

use gangline_domain::ids::{BranchName, ProjectId};

use crate::command::CommandLine;
use crate::name::KeyPrefix;
use crate::policy::Policy;
use crate::propose::{Adoption, Proposals, ProposedCheck};
use crate::protected::PROTECTED_DEFAULT;

/// What `gangline init` knows of a project before it has a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    /// Its name.
    pub name: ProjectId,
    /// What its ticket keys begin with.
    pub key: KeyPrefix,
    /// The branch that verified work reaches.
    pub target: BranchName,
}

const HEAD: &str = "\
# How work on this project is judged. Gangline reads this file from the commit that a ticket's
# branch grew from, so that no agent can change the rules it is judged by. Commit it.
version = 1
";

const NO_CHECKS: &str = "
# Nothing was found here that could verify a change: no Cargo.toml, package.json, pyproject.toml,
# go.mod, pom.xml, nor a Makefile with a `test` target. Name at least one command:
#
# [checks.test]
# run = \"./run-tests.sh\"  # or a list: [\"prove\", \"-r\", \"t\"]
#
# Only if nothing can be measured, say so, and why. Then commits are landed unmeasured:
# checks_waived = \"only prose, read by a person\"
";

const CHECKS: &str = "
# Each must exit with 0 before a commit can land. They run in this order, in a fresh checkout of
# the exact commit. Tests are counted as well: a suite that ran none has not passed.
# Keys: run, timeout = \"10m\", required = true, kind = \"test|typecheck|lint|build|custom\" (else
# guessed from the name), tests_min = 1, runner = \"pytest\" (else guessed from the command),
# results = \"reports/*.xml\" (JUnit XML), network = false, env = { NAME = \"value\" }.
";

const TAIL: &str = "
[landing]
mode = \"local\"    # \"local\": onto the target branch; \"branch\": left as a branch
style = \"merge\"   # or \"squash\"
review = \"none\"   # \"required\": a person approves each landing

# What follows are the defaults.

# [worktree]
# copy = []       # patterns of untracked files that each worktree needs
# link = []
# secrets = []    # such as [\".env\"]: copied only when named here
# branch_template = \"gangline/<KEY>-<slug>\"
# commit_template = \"<KEY>: <subject>\"
# ports = 10

# [agents]
# default = \"ticket-worker\"

# [limits]
# agents = 5
# per_definition = 2
# worktrees = 10
# session = \"4h\"
# verification = \"1h\"
# tries = 3
# silence_alert = \"30m\"
# uncommitted_alert = \"2h\"
# verifications = 2
# scope_collision = \"avoid\"  # or \"warn\", \"ignore\"

# [resources]        # of all programs of one attempt, or of one commit's checks
# memory = \"8GiB\"    # at most three quarters of the machine's
# processes = 4096   # and threads
# open_files = 65536
# cpu_seconds = 36000  # without a limit unless given
# disk = \"20GiB\"

# [budgets.day]     # also budgets.ticket and budgets.project
# tokens = 20_000_000
# cost_usd = 50
# wall = \"24h\"
";

impl Policy {
    /// A first policy with `proposals` in it and explanations around them. It parses, and gives
    /// back the active proposals; without any it does not, and says what to do.
    pub fn render_default(defaults: &Defaults, proposals: &Proposals) -> String {
        let mut text = HEAD.to_owned();
        if proposals.checks.is_empty() {
            text.push_str(NO_CHECKS);
        }
        text.push_str("\n[project]\n");
        key(&mut text, "name", &quoted(defaults.name.as_str()));
        key(&mut text, "key", &quoted(defaults.key.as_str()));
        key(&mut text, "target", &quoted(defaults.target.as_str()));
        if !proposals.setup.is_empty() {
            text.push_str(
                "\n# Run in every fresh checkout, before the agent and before the checks.",
            );
            text.push_str("\n[setup]\n");
            let commands: Vec<String> = proposals.setup.iter().map(command).collect();
            key(&mut text, "run", &format!("[{}]", commands.join(", ")));
        }
        if !proposals.checks.is_empty() {
            text.push_str(CHECKS);
            for check in &proposals.checks {
                text.push_str(&rendered(check));
            }
        }
        text.push_str(TAIL);
        text.push_str("\n# Changes of these need a person.\n# [protected]\n# paths = [\n");
        for pattern in PROTECTED_DEFAULT {
            writeln!(text, "#   {},", quoted(pattern)).expect("BUG: a String takes all text");
        }
        text.push_str("# ]\n");
        text
    }
}

fn rendered(check: &ProposedCheck) -> String {
    let mut text =
        format!("\n[checks.{}]  # from {}\n", bare_or_quoted(&check.name), check.found_in);
    key(&mut text, "run", &command(&check.run));
    if check.kind != crate::CheckKind::of_name(&check.name) {
        key(&mut text, "kind", &quoted(check.kind.word()));
    }
    if let Some(min) = check.tests_min {
        let why = "# what it prints may hold no counts: then its exit code alone decides";
        key(&mut text, "tests_min", &format!("{min}  {why}"));
    }
    if check.network {
        key(&mut text, "network", "true");
    }
    match check.adoption {
        Adoption::Active => text,
        Adoption::Commented => {
            let lines = text.trim_end().lines().map(|line| match line {
                "" => "\n".to_owned(),
                line => format!("# {line}\n"),
            });
            lines.collect()
        }
    }
}

fn key(text: &mut String, name: &str, value: &str) {
    writeln!(text, "{name} = {value}").expect("BUG: a String takes all text");
}

fn command(command: &CommandLine) -> String {
    match command {
        CommandLine::Shell(line) => quoted(line),
        CommandLine::Argv(arguments) => {
            let arguments: Vec<String> = arguments.iter().map(|one| quoted(one)).collect();
            format!("[{}]", arguments.join(", "))
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A dot in a bare key would open a table within a table.
fn bare_or_quoted(name: &str) -> String {
    if name.contains('.') { quoted(name) } else { name.to_owned() }
}

#[cfg(test)]
mod tests;
