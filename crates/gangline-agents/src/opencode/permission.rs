//! A definition's limits of tools, as the CLI's permissions. They hold for its sub-agents as well.

use serde_json::{Map, Value, json};

use crate::driver::SessionPlan;
use crate::limits::tools::{ToolLimits, Use, Words};

/// Carries permissions as JSON.
const PERMISSION_ENV: &str = "OPENCODE_PERMISSION";
const ALL: &str = "*";
/// What the CLI asks beside the use of a tool.
const ASIDE: [&str; 2] = ["doom_loop", "external_directory"];

/// Permissions in order: the last that fits decides.
#[derive(Default)]
struct Rules(Vec<(String, Vec<(String, &'static str)>)>);

impl Rules {
    /// Adds a rule behind all others.
    fn add(&mut self, what: &Use, decision: &'static str) {
        let (key, pattern) = match what {
            Use::Tool(tool) => ((*tool).to_owned(), ALL),
            Use::Command(pattern) => ("bash".to_owned(), pattern.as_str()),
            Use::Served { server, tool } => {
                let tool = tool.as_deref().unwrap_or(ALL);
                (format!("{server}_{tool}"), ALL)
            }
        };
        let known = self.0.iter().position(|(known, _)| *known == key);
        let mut patterns = known.map(|at| self.0.remove(at).1).unwrap_or_default();
        if pattern == ALL {
            patterns.clear();
        }
        patterns.retain(|(known, _)| known != pattern);
        patterns.push((pattern.to_owned(), decision));
        self.0.push((key, patterns));
    }

    /// By hand, because the order counts.
    fn json(&self) -> String {
        let members = |members: Vec<String>| format!("{{{}}}", members.join(","));
        let rules = self.0.iter().map(|(key, patterns)| {
            let patterns = patterns
                .iter()
                .map(|(pattern, decision)| format!("{}:{}", json!(pattern), json!(decision)));
            format!("{}:{}", json!(key), members(patterns.collect()))
        });
        members(rules.collect())
    }
}

/// The variable with the permissions; `None` where the definition limits no tools.
pub(crate) fn permission(plan: &SessionPlan) -> Option<(&'static str, String)> {
    let ToolLimits { allowed, denied } = ToolLimits::of(&plan.definition, Words::Opencode)?;
    let given = if plan.asks_leave { "ask" } else { "allow" };
    let mut rules = Rules::default();
    rules.add(&Use::Tool(ALL), if allowed.is_some() { "deny" } else { given });
    if let Some(mut allowed) = allowed {
        allowed.extend(ASIDE.map(Use::Tool));
        let own = plan.mcp.iter().map(|server| server.name.clone());
        allowed.extend(own.map(|server| Use::Served { server, tool: None }));
        for allowed in &allowed {
            rules.add(allowed, given);
        }
    }
    for denied in &denied {
        rules.add(denied, "deny");
    }
    Some((PERMISSION_ENV, rules.json()))
}

/// Takes permissions of its own out of a configuration: the definition's stand in their place.
pub(super) fn without_own(config: &mut Map<String, Value>) {
    let forget = |about: &mut Map<String, Value>| {
        for key in ["permission", "tools"] {
            about.remove(key);
        }
    };
    forget(config);
    for key in ["agent", "mode"] {
        let agents = config.get_mut(key).and_then(Value::as_object_mut);
        agents
            .into_iter()
            .flatten()
            .filter_map(|(_, about)| about.as_object_mut())
            .for_each(forget);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::specimen::plan;

    fn told(front_matter: &str) -> String {
        permission(&plan(front_matter, "")).map_or_else(|| "nothing".to_owned(), |(_, told)| told)
    }

    #[test]
    fn the_last_rule_that_fits_is_the_strictest_that_is_meant() {
        let shown = [
            "maxTurns: 9",
            "disallowedTools: Bash",
            "tools: Read, Bash(git push *)\ndisallowedTools: Bash(git *)",
            "tools: Bash(git *), Bash\ndisallowedTools: Bash(rm:*)",
            "tools: mcp__a__b\ndisallowedTools: mcp__a",
            "tools: '*'\ndisallowedTools: Write",
        ]
        .map(told);
        insta::assert_snapshot!(shown.join("\n"), @r#"
        nothing
        {"*":{"*":"allow"},"bash":{"*":"deny"}}
        {"*":{"*":"deny"},"read":{"*":"allow"},"doom_loop":{"*":"allow"},"external_directory":{"*":"allow"},"bash":{"git push *":"allow","git *":"deny"}}
        {"*":{"*":"deny"},"doom_loop":{"*":"allow"},"external_directory":{"*":"allow"},"bash":{"*":"allow","rm *":"deny"}}
        {"*":{"*":"deny"},"a_b":{"*":"allow"},"doom_loop":{"*":"allow"},"external_directory":{"*":"allow"},"a_*":{"*":"deny"}}
        {"*":{"*":"allow"},"edit":{"*":"deny"}}
        "#);
    }

    #[test]
    fn a_configuration_cannot_allow_more() {
        let mut config = json!({
            "model": "m", "permission": "allow", "tools": { "bash": true },
            "agent": { "build": { "permission": { "bash": "allow" }, "prompt": "p" }, "odd": 1 },
        });
        without_own(config.as_object_mut().unwrap());
        assert_eq!(
            config,
            json!({ "model": "m", "agent": { "build": { "prompt": "p" }, "odd": 1 } })
        );
    }
}
