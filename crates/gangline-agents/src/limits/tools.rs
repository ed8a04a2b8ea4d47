//! Tools as definitions name them, in Claude Code's words, and what other programs call them.

use crate::definition::Definition;
use crate::limits::{Applied, Limit};

/// Whose words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Words {
    /// Measured with 0.61.0.
    Gemini,
    /// Measured with 1.18.33: what it asks permission for, which is not always the tool's name.
    Opencode,
}

/// One row for each tool: Claude Code's names, Gemini's, opencode's. Several of a program stand
/// where one is of no use without the others.
const TOOLS: [(&[&str], &[&str], &[&str]); 13] = [
    (&["Read"], &["read_file", "read_many_files"], &["read"]),
    (&["Write"], &["write_file"], &["edit"]),
    (&["Edit", "MultiEdit"], &["replace"], &["edit"]),
    (
        &[SHELL],
        &["run_shell_command", "list_background_processes", "read_background_output"],
        &["bash"],
    ),
    (&["Glob"], &["glob"], &["glob"]),
    (&["Grep"], &["grep_search"], &["grep"]),
    (&["LS"], &["list_directory"], &[]),
    (&["WebFetch"], &["web_fetch"], &["webfetch"]),
    (&["WebSearch"], &["google_web_search"], &["websearch"]),
    // A sub-agent of Gemini's ends by a tool of its own.
    (&["Task", "Agent"], &["invoke_agent", "complete_task"], &["task"]),
    (&["TodoWrite"], &["write_todos"], &["todowrite"]),
    (&["Skill"], &["activate_skill"], &["skill"]),
    (&["AskUserQuestion"], &["ask_user"], &["question"]),
];
/// The tool whose uses may be told apart, as in `Bash(git *)`.
const SHELL: &str = "Bash";
/// Of such a pattern; Gemini drops what becomes too long for it.
const PATTERN_BYTES_MAX: usize = 200;
/// Stands for every tool.
const ALL: &str = "*";

/// What a definition allows or denies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Use {
    /// A tool of the program's own.
    Tool(&'static str),
    /// Shell lines that fit, where `*` stands for anything; a last ` *` for nothing, too.
    Command(String),
    /// A tool of a server, or all that it has.
    Served { server: String, tool: Option<String> },
}

/// The tools of a definition that limits them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolLimits {
    /// Nothing else is allowed. `None` where everything is that is not denied.
    pub(crate) allowed: Option<Vec<Use>>,
    /// Whatever is allowed.
    pub(crate) denied: Vec<Use>,
}

impl ToolLimits {
    /// `None` for a definition that limits no tools. What has no counterpart is left out, and
    /// told by [`applied`].
    pub(crate) fn of(definition: &Definition, words: Words) -> Option<Self> {
        let uses = |names: &[String]| {
            names.iter().filter_map(|name| uses(name, words)).flatten().collect::<Vec<_>>()
        };
        let allowed = allowed(definition).map(uses);
        let denied = uses(&definition.disallowed_tools);
        (allowed.is_some() || !denied.is_empty()).then_some(Self { allowed, denied })
    }
}

/// How far a program is kept to this limit of tools.
pub(crate) fn applied(limit: Limit, definition: &Definition, words: Words) -> Applied {
    let named = match limit {
        Limit::Tools => allowed(definition).unwrap_or_default(),
        Limit::DisallowedTools => &definition.disallowed_tools,
        Limit::MaxTurns => return Applied::Not,
    };
    let unknown = named.iter().filter(|name| uses(name, words).is_none());
    let mut lost: Vec<String> =
        unknown.map(|name| format!("`{name}` has no counterpart")).collect();
    // Two of Claude Code's may be one of the program's.
    for (names, _, _) in TOOLS {
        if is_named(names, named) || !concerns(limit, names, definition) {
            continue;
        }
        let own = own(names[0], words);
        let same = |name: &&String| {
            let others = uses(name, words).unwrap_or_default();
            let another = name.split('(').next().is_some_and(|name| !names.contains(&name));
            another && own.iter().any(|tool| others.contains(&Use::Tool(tool)))
        };
        if let Some(other) = named.iter().find(same) {
            lost.push(format!("`{}` goes with `{other}`", names[0]));
        }
    }
    if lost.is_empty() { Applied::Whole } else { Applied::Except(lost) }
}

/// Whether it matters to a limit that a tool which it does not name goes with one that it does.
fn concerns(limit: Limit, names: &[&str], definition: &Definition) -> bool {
    match limit {
        // A denial comes first, whatever goes with it.
        Limit::Tools => !is_named(names, &definition.disallowed_tools),
        Limit::DisallowedTools => allowed(definition).is_none_or(|named| is_named(names, named)),
        Limit::MaxTurns => false,
    }
}

fn is_named(names: &[&str], among: &[String]) -> bool {
    among.iter().any(|name| names.contains(&name.as_str()))
}

/// The names of `tools`, where they keep from anything.
fn allowed(definition: &Definition) -> Option<&[String]> {
    definition.tools.as_deref().filter(|names| !names.iter().any(|name| name == ALL))
}

/// What a name stands for; `None` where the program has nothing like it.
fn uses(name: &str, words: Words) -> Option<Vec<Use>> {
    if let Some(served) = name.strip_prefix("mcp__") {
        let (server, tool) = served.split_once("__").unwrap_or((served, ALL));
        // Others are called differently by each program.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if server.is_empty() || !server.chars().all(plain) {
            return None;
        }
        let tool = (tool != ALL).then(|| tool.to_owned());
        if tool.as_ref().is_some_and(|tool| tool.is_empty() || !tool.chars().all(plain)) {
            return None;
        }
        return Some(vec![Use::Served { server: server.to_owned(), tool }]);
    }
    let Some((tool, rest)) = name.split_once('(') else {
        let own = own(name, words);
        return (!own.is_empty()).then(|| own.iter().copied().map(Use::Tool).collect());
    };
    let pattern = rest.strip_suffix(')').filter(|_| tool == SHELL)?.trim();
    // With a comma it may be meant as several.
    if pattern.len() > PATTERN_BYTES_MAX || pattern.contains(|c: char| c == ',' || c.is_control()) {
        return None;
    }
    match pattern {
        "" | ALL | ":*" => uses(SHELL, words),
        pattern => {
            let prefix = pattern.strip_suffix(":*").map(|prefix| format!("{prefix} *"));
            Some(vec![Use::Command(prefix.unwrap_or_else(|| pattern.to_owned()))])
        }
    }
}

fn own(name: &str, words: Words) -> &'static [&'static str] {
    let row = TOOLS.iter().find(|(names, _, _)| names.contains(&name));
    row.map_or(&[], |(_, gemini, opencode)| match words {
        Words::Gemini => gemini,
        Words::Opencode => opencode,
    })
}
