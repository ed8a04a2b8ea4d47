//! A definition's limits of tools, as rules of the CLI's policy engine. They hold for its
//! sub-agents as well. Its settings `tools.core` and `tools.exclude` would not do: the former
//! also gives leave for what it names, and neither knows shell lines apart.

use std::fmt::Write;

use serde_json::json;

use crate::driver::{McpServer, SessionPlan};
use crate::limits::tools::{ToolLimits, Use, Words};

/// Of the CLI's tools, the one that runs shell lines.
const SHELL: &str = "run_shell_command";
/// Rules by rank: the highest that fits decides. All are above what settings say.
const OTHERS: u32 = 960;
const ALLOWED: u32 = 970;
const DENIED: u32 = 980;

/// The rules as TOML; `None` where the definition limits no tools. `servers` are those that stand in
/// the CLI's settings; the plan's others come over the protocol.
pub(super) fn rules(plan: &SessionPlan, servers: &[McpServer]) -> Option<String> {
    let ToolLimits { allowed, denied } = ToolLimits::of(&plan.definition, Words::Gemini)?;
    let mut rules = String::new();
    if let Some(mut allowed) = allowed {
        // Over the protocol the CLI looks twice, the second time under a name that is not the
        // server's. There are no other servers than Gangline's.
        let any = (servers.len() < plan.mcp.len()).then(|| "*".to_owned());
        let own = servers.iter().map(|server| server.name.clone()).chain(any);
        allowed.extend(own.map(|server| Use::Served { server, tool: None }));
        let given = if plan.asks_leave { "ask_user" } else { "allow" };
        for allowed in &allowed {
            rule(&mut rules, &which(allowed), given, ALLOWED);
        }
        rule(&mut rules, &[("toolName", "*".to_owned())], "deny", OTHERS);
    }
    for denied in &denied {
        rule(&mut rules, &which(denied), "deny", DENIED);
    }
    Some(rules)
}

fn which(what: &Use) -> Vec<(&'static str, String)> {
    match what {
        Use::Tool(tool) => vec![("toolName", (*tool).to_owned())],
        Use::Command(pattern) => {
            vec![("toolName", SHELL.to_owned()), ("commandRegex", expression(pattern))]
        }
        Use::Served { server, tool } => vec![
            ("mcpName", server.clone()),
            ("toolName", tool.clone().unwrap_or_else(|| "*".to_owned())),
        ],
    }
}

/// JSON's strings are TOML's, too.
fn rule(rules: &mut String, which: &[(&str, String)], decision: &str, priority: u32) {
    rules.push_str("[[rule]]\n");
    for (key, value) in which {
        writeln!(rules, "{key} = {}", json!(value)).expect("BUG: writing to a string failed");
    }
    writeln!(rules, "decision = \"{decision}\"\npriority = {priority}\nallowRedirection = true\n")
        .expect("BUG: writing to a string failed");
}

/// The whole of a shell line, which the CLI looks for in JSON with a NUL behind each member. What
/// means something in expressions is written in hex: the CLI drops a rule that looks like trouble.
fn expression(pattern: &str) -> String {
    let (pattern, tail) = match pattern.strip_suffix(" *") {
        Some(start) => (start, r#"( |\\[nt]|"\x00)"#),
        None => (pattern, r#""\x00"#),
    };
    let mut expression = String::new();
    for c in pattern.chars() {
        match c {
            '*' => expression.push_str(r"[^\x00]*"),
            '"' => expression.push_str(r"\x5c\x22"),
            '\\' => expression.push_str(r"\x5c\x5c"),
            c if c.is_ascii_punctuation() => {
                expression.extend([format!("\\x{:02x}", u32::from(c))]);
            }
            c => expression.push(c),
        }
    }
    expression + tail
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::specimen::plan;

    #[test]
    fn what_is_not_named_is_denied_and_a_denial_is_above_all() {
        assert_eq!(rules(&plan("maxTurns: 9", ""), &[]), None);
        let mut plan =
            plan("tools: Read, Bash(git *)\ndisallowedTools: Bash(git push:*), mcp__a__b", "");
        plan.mcp = vec![McpServer {
            name: "gangline".to_owned(),
            command: String::new(),
            args: vec![],
            env: vec![],
        }];
        let told = rules(&plan, &plan.mcp).unwrap().replace("allowRedirection = true\n", "");
        insta::assert_snapshot!(told.replace('\n', "; ").replace("; ; ", "\n"), @r#"
        [[rule]]; toolName = "read_file"; decision = "allow"; priority = 970
        [[rule]]; toolName = "read_many_files"; decision = "allow"; priority = 970
        [[rule]]; toolName = "run_shell_command"; commandRegex = "git( |\\\\[nt]|\"\\x00)"; decision = "allow"; priority = 970
        [[rule]]; mcpName = "gangline"; toolName = "*"; decision = "allow"; priority = 970
        [[rule]]; toolName = "*"; decision = "deny"; priority = 960
        [[rule]]; toolName = "run_shell_command"; commandRegex = "git push( |\\\\[nt]|\"\\x00)"; decision = "deny"; priority = 980
        [[rule]]; mcpName = "a"; toolName = "b"; decision = "deny"; priority = 980
        "#);
        plan.asks_leave = true;
        let asked = rules(&plan, &[]).unwrap();
        assert!(!asked.contains("allow\"") && asked.contains("mcpName = \"*\""), "{asked}");
    }

    #[test]
    fn a_pattern_is_for_the_whole_line() {
        let shown = ["npm test", "git *", "*.sh", r#"echo "a\b""#].map(expression);
        insta::assert_snapshot!(shown.join("\n"), @r#"
        npm test"\x00
        git( |\\[nt]|"\x00)
        [^\x00]*\x2esh"\x00
        echo \x5c\x22a\x5c\x5cb\x5c\x22"\x00
        "#);
    }
}
