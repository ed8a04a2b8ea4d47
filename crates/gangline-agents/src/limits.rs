//! What a definition limits, and whether its kind can keep an agent to it. What it cannot is told,
//! and never passed over in silence.

use crate::definition::Definition;
use crate::registry;

pub(crate) mod tools;

/// Something by which a definition may limit its agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `tools`: those that it may use.
    Tools,
    /// `disallowedTools`: those that it may not.
    DisallowedTools,
    /// `maxTurns`: after how many turns of its model it ends.
    MaxTurns,
}

/// How far an agent is kept to a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Applied {
    /// To the letter.
    Whole,
    /// But for this, in words.
    Except(Vec<String>),
    /// Not at all.
    Not,
}

const LIMITS: [Limit; 3] = [Limit::Tools, Limit::DisallowedTools, Limit::MaxTurns];

impl Limit {
    /// As front matter writes it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::DisallowedTools => "disallowedTools",
            Self::MaxTurns => "maxTurns",
        }
    }

    fn is_set(self, definition: &Definition) -> bool {
        match self {
            Self::Tools => definition.tools.is_some(),
            Self::DisallowedTools => !definition.disallowed_tools.is_empty(),
            Self::MaxTurns => definition.max_turns.is_some(),
        }
    }
}

/// Says which limits of the definition its kind does not apply, if there are any.
pub fn not_applied(definition: &Definition) -> Option<String> {
    // A kind that nobody knows is refused elsewhere.
    let driver = registry::driver(definition.kind.as_str()).ok()?;
    let set = LIMITS.iter().filter(|limit| limit.is_set(definition));
    let lost = set.filter_map(|limit| match driver.applies(*limit, definition) {
        Applied::Whole => None,
        Applied::Except(what) => Some(format!("`{}` wholly ({})", limit.key(), what.join(", "))),
        Applied::Not => Some(format!("`{}`", limit.key())),
    });
    let keys: Vec<String> = lost.collect();
    (!keys.is_empty()).then(|| {
        format!(
            "agent {}: kind {} does not apply {}; what the sandbox and [permissions] shut is shut \
             all the same",
            definition.name,
            definition.kind,
            keys.join(" and "),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(front_matter: &str) -> String {
        let text = format!("---\nname: worker\nprogram: worker\n{front_matter}\n---\n");
        let definition = Definition::parse(&text, "worker.md").unwrap().0;
        not_applied(&definition).unwrap_or_else(|| "nothing".to_owned())
    }

    #[test]
    fn what_a_kind_cannot_apply_is_named_and_nothing_else() {
        let all = "tools: Read\ndisallowedTools: WebFetch\nmaxTurns: 9";
        let of_all = ["acp", "claude", "codex", "command", "gemini", "opencode", "scripted"];
        let of_all = of_all.map(|kind| told(&format!("kind: {kind}\n{all}")));
        insta::assert_snapshot!(of_all.join("\n"), @"
        agent worker: kind acp does not apply `tools` and `disallowedTools` and `maxTurns`; what the sandbox and [permissions] shut is shut all the same
        nothing
        agent worker: kind codex does not apply `tools` and `disallowedTools` and `maxTurns`; what the sandbox and [permissions] shut is shut all the same
        agent worker: kind command does not apply `tools` and `disallowedTools` and `maxTurns`; what the sandbox and [permissions] shut is shut all the same
        nothing
        nothing
        agent worker: kind scripted does not apply `tools` and `disallowedTools` and `maxTurns`; what the sandbox and [permissions] shut is shut all the same
        ");
        assert_eq!(told("kind: opencode"), "nothing");
        let presets = ["opencode", "gemini", "goose"];
        let presets = presets.map(|preset| told(&format!("kind: acp\npreset: {preset}\n{all}")));
        insta::assert_snapshot!(presets.join("\n"), @"
        agent worker: kind acp does not apply `maxTurns`; what the sandbox and [permissions] shut is shut all the same
        nothing
        agent worker: kind acp does not apply `tools` and `disallowedTools` and `maxTurns`; what the sandbox and [permissions] shut is shut all the same
        ");
        assert_eq!(told("kind: nobody\nmaxTurns: 9"), "nothing");
    }

    #[test]
    fn what_a_program_has_not_or_has_as_one_is_told() {
        let shown = [
            "kind: opencode\ntools: Read, Edit, NotebookEdit, Read(src/**), mcp__a__b",
            "kind: opencode\ntools: Read, Edit, Write, Task",
            "kind: opencode\ntools: Edit\ndisallowedTools: Write",
            "kind: opencode\ntools: Read\ndisallowedTools: Write, LS",
            "kind: gemini\ntools: Read, Edit, LS, Bash(git *, ls)",
            "kind: gemini\ntools: '*'\ndisallowedTools: Write, Bash(rm *), Bash(*)",
        ];
        insta::assert_snapshot!(shown.map(told).join("\n"), @"
        agent worker: kind opencode does not apply `tools` wholly (`NotebookEdit` has no counterpart, `Read(src/**)` has no counterpart, `Write` goes with `Edit`); what the sandbox and [permissions] shut is shut all the same
        nothing
        agent worker: kind opencode does not apply `disallowedTools` wholly (`Edit` goes with `Write`); what the sandbox and [permissions] shut is shut all the same
        agent worker: kind opencode does not apply `disallowedTools` wholly (`LS` has no counterpart); what the sandbox and [permissions] shut is shut all the same
        agent worker: kind gemini does not apply `tools` wholly (`Bash(git *, ls)` has no counterpart); what the sandbox and [permissions] shut is shut all the same
        nothing
        ");
    }

    #[test]
    fn who_may_not_ask_is_kept_from_it_where_asking_is_a_tool() {
        assert_eq!(told("kind: codex\ndisallowedTools: AskUserQuestion"), "nothing");
        assert!(
            told("kind: codex\ndisallowedTools: [AskUserQuestion, Bash]").contains("disallowed")
        );
    }
}
