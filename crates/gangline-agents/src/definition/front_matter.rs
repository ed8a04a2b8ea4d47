//! From a Markdown file's front matter to a [`Definition`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use gangline_domain::budget::Budget;
use gangline_domain::ids::{AgentKind, AgentName, BadName};
use gangline_domain::network::Network;
use gangline_domain::resources::Resources;
use gangline_domain::secret::BadUse;
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::Value;

use super::{DEFAULT_KIND, DEFINITION_BYTES_MAX, Definition, ExitMeaning, PromptBy, SystemPrompt};
use super::{Isolation, Located, Warning};
use crate::yaml;

/// US dollars that a budget may name.
const COST_USD_MAX: f64 = 1e9;

/// Keys that Claude Code reads and Gangline leaves to it.
const CLAUDE_KEYS: [&str; 10] = [
    "background",
    "color",
    "effort",
    "hooks",
    "initialPrompt",
    "mcpServers",
    "memory",
    "permissionMode",
    "version",
    "license",
];

const KNOWN_KEYS: [&str; 27] = [
    "name",
    "description",
    "kind",
    "tools",
    "disallowedTools",
    "model",
    "maxTurns",
    "program",
    "preset",
    "args",
    "prompt",
    "mode",
    "exit_codes",
    "script",
    "system_prompt",
    "max_concurrent",
    "capabilities",
    "skills",
    "isolation",
    "budget",
    "session_timeout_ms",
    "stall_timeout_ms",
    "network",
    "env",
    "secrets",
    "mcp",
    "resources",
];

#[derive(Deserialize)]
struct Raw {
    name: Option<String>,
    #[serde(default)]
    description: String,
    kind: Option<String>,
    tools: Option<Names>,
    #[serde(default, rename = "disallowedTools")]
    disallowed_tools: Names,
    model: Option<String>,
    #[serde(rename = "maxTurns")]
    max_turns: Option<u32>,
    program: Option<String>,
    preset: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    prompt: PromptBy,
    mode: Option<String>,
    #[serde(default)]
    exit_codes: BTreeMap<i32, ExitMeaning>,
    script: Option<String>,
    #[serde(default)]
    system_prompt: SystemPrompt,
    max_concurrent: Option<u32>,
    #[serde(default)]
    capabilities: Names,
    #[serde(default)]
    skills: Names,
    isolation: Option<Isolation>,
    #[serde(default)]
    budget: RawBudget,
    session_timeout_ms: Option<u64>,
    stall_timeout_ms: Option<u64>,
    #[serde(default)]
    network: Network,
    #[serde(default)]
    env: Names,
    #[serde(default)]
    secrets: Names,
    #[serde(default)]
    mcp: Names,
    #[serde(default)]
    resources: Resources,
}

/// `budget: { tokens: 200000, cost_usd: 2.50, wall_ms: 3600000 }`.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawBudget {
    tokens: Option<u64>,
    cost_usd: Option<f64>,
    wall_ms: Option<u64>,
}

impl RawBudget {
    /// `None` for an amount that nobody can spend.
    fn read(self) -> Option<Budget> {
        let cost_microusd = match self.cost_usd {
            None => None,
            Some(usd) if (0.0..=COST_USD_MAX).contains(&usd) => Some(microusd(usd)),
            Some(_) => return None,
        };
        Some(Budget { tokens: self.tokens, cost_microusd, wall_ms: self.wall_ms })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between nothing and COST_USD_MAX it fits"
)]
fn microusd(usd: f64) -> u64 {
    (usd * 1e6).round() as u64
}

/// A list, or one text with commas; those in parentheses belong to the name, as in
/// `Bash(git add, git commit)`.
#[derive(Default)]
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of names, or names with commas between them")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Names, E> {
        let mut depth = 0_u32;
        let parts = text.split(|c: char| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == ',' && depth == 0
        });
        let names = parts.map(str::trim).filter(|name| !name.is_empty());
        Ok(Names(names.map(ToOwned::to_owned).collect()))
    }

    fn visit_unit<E: Error>(self) -> Result<Names, E> {
        Ok(Names::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
        let mut names = vec![];
        while let Some(name) = list.next_element()? {
            names.push(name);
        }
        Ok(Names(names))
    }
}

pub(super) fn parse(text: &str, file: &str) -> Result<(Definition, Vec<Warning>), Located> {
    let refuse =
        |line, message: String| Located { file: file.to_owned(), line, column: 1, message };
    if text.len() > DEFINITION_BYTES_MAX {
        let bytes = text.len();
        return Err(refuse(1, format!("{bytes} bytes are more than {DEFINITION_BYTES_MAX}")));
    }
    let (front, body) = split(text.trim_start_matches('\u{feff}')).ok_or_else(|| {
        refuse(1, "it does not begin with front matter between `---` lines".into())
    })?;
    let mut warnings = vec![];
    let (raw, all) = match both(front, file) {
        Ok(read) => read,
        // Claude Code takes `description: use it when: …` although it is not YAML.
        Err(error) => match both(&quoted(front), file) {
            Ok(read) => {
                let message = format!("taken as plain text, because as YAML {}", error.message);
                warnings.push(Warning { file: file.to_owned(), line: error.line, message });
                read
            }
            Err(_) => return Err(error),
        },
    };
    let at = |key: &str| line_of(front, key);
    let name = raw.name.clone().unwrap_or_else(|| stem(file).to_owned());
    let bad = |key: &str, error: &dyn fmt::Display| refuse(at(key), error.to_string());
    let name: AgentName = name.parse().map_err(|error| bad("name", &error))?;
    let kind = raw.kind.as_deref().unwrap_or(DEFAULT_KIND);
    let kind: AgentKind = kind.parse().map_err(|error| bad("kind", &error))?;
    if kind.as_str() == "command" && raw.program.is_none() {
        return Err(bad("kind", &"kind `command` needs a `program`"));
    }
    if raw.max_concurrent == Some(0) {
        return Err(bad("max_concurrent", &"`max_concurrent: 0` would never run"));
    }
    let Some(budget) = raw.budget.read() else {
        return Err(bad("budget", &format!("`cost_usd` is from 0 to {COST_USD_MAX}")));
    };
    let secrets = raw.secrets.0.iter().map(|text| text.parse()).collect::<Result<_, _>>();
    let mcp = raw.mcp.0.iter().map(|text| text.parse()).collect::<Result<_, _>>();
    let mcp = mcp.map_err(|error: BadName| bad("mcp", &error))?;
    let secrets = secrets.map_err(|error: BadUse| bad("secrets", &error))?;
    let extra: BTreeMap<String, Value> =
        all.into_iter().filter(|(key, _)| !KNOWN_KEYS.contains(&key.as_str())).collect();
    for key in extra.keys().filter(|key| !CLAUDE_KEYS.contains(&key.as_str())) {
        let message = format!("`{key}` is not known; it is kept and has no effect");
        warnings.push(Warning { file: file.to_owned(), line: at(key), message });
    }
    let definition = raw.into_definition((name, kind), extra, body);
    Ok((Definition { budget, secrets, mcp, ..definition }, warnings))
}

impl Raw {
    fn into_definition(
        self,
        (name, kind): (AgentName, AgentKind),
        extra: BTreeMap<String, Value>,
        body: &str,
    ) -> Definition {
        let set = |names: Names| names.0.into_iter().collect::<BTreeSet<_>>();
        Definition {
            name,
            description: self.description,
            kind,
            // Claude Code reads an empty `tools:` as no restriction.
            tools: self.tools.map(|names| names.0).filter(|names| !names.is_empty()),
            disallowed_tools: self.disallowed_tools.0,
            model: self.model.filter(|model| model != "inherit" && !model.is_empty()),
            max_turns: self.max_turns,
            program: self.program,
            preset: self.preset,
            args: self.args,
            prompt: self.prompt,
            mode: self.mode,
            exit_codes: self.exit_codes,
            script: self.script,
            system_prompt: self.system_prompt,
            max_concurrent: self.max_concurrent,
            capabilities: set(self.capabilities),
            skills: self.skills.0,
            isolation: self.isolation,
            budget: Budget::default(),
            session_timeout_ms: self.session_timeout_ms,
            stall_timeout_ms: self.stall_timeout_ms,
            network: self.network,
            env: set(self.env),
            secrets: BTreeSet::new(),
            mcp: BTreeSet::new(),
            resources: self.resources,
            body: body.trim().to_owned(),
            extra,
        }
    }
}

type AllKeys = BTreeMap<String, Value>;

/// Read twice, because a catch-all for unknown keys would cost the place of every error.
fn both(front: &str, file: &str) -> Result<(Raw, AllKeys), Located> {
    let raw = yaml::read(front, file, 1)?;
    Ok((raw, yaml::read(front, file, 1)?))
}

/// What stands between the first two `---` lines, and what follows.
fn split(text: &str) -> Option<(&str, &str)> {
    let first = text.split_inclusive('\n').next()?;
    if first.trim_end() != "---" {
        return None;
    }
    let front = &text[first.len()..];
    let mut end = 0;
    for line in front.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((&front[..end], &front[end + line.len()..]));
        }
        end += line.len();
    }
    None
}

/// The front matter with each plain one-line value of the outermost level in quotes.
fn quoted(front: &str) -> String {
    let mut text = String::with_capacity(front.len() + 64);
    for line in front.split_inclusive('\n') {
        let bare = line.trim_end();
        match bare.split_once(": ") {
            Some((key, value)) if is_key(key) && is_plain(value.trim()) => {
                let value = value.trim().replace('\'', "''");
                text.extend([key, ": '", value.as_str(), "'\n"]);
            }
            Some(_) | None => text.push_str(line),
        }
    }
    text
}

fn is_key(text: &str) -> bool {
    let of_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    !text.is_empty() && text.bytes().all(of_key)
}

/// Quoted only where it must be: other values keep their type.
fn is_plain(value: &str) -> bool {
    let breaks = value.contains(": ") || value.ends_with(':') || value.contains(" #");
    breaks && !value.starts_with(['"', '\'', '[', '{', '|', '>', '&', '*', '!'])
}

/// The line of a key in the file, which has `---` above the front matter.
fn line_of(front: &str, key: &str) -> u64 {
    let at = front.lines().position(|line| {
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'))
    });
    at.map_or(1, |at| u64::try_from(at).unwrap_or(0) + 2)
}

fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".md").unwrap_or(name)
}
