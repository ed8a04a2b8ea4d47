//! Items of a turn: what the agent says and which tools it uses. Tools go by the names that Claude
//! Code has for them, so that a project's rules about tools hold for all kinds.

use serde_json::Value;

use crate::driver::{AgentEvent, Permission, PlanItem, PlanStatus};

/// Characters that a tool's detail may have.
const DETAIL_CHARS_MAX: usize = 500;
/// The tool that runs shell lines.
pub(super) const SHELL: &str = "Bash";
/// The tool that changes files.
pub(super) const EDIT: &str = "Edit";

/// A tool's use, as its item tells it; `None` for items that are no tools.
pub(super) fn tool(item: &Value) -> Option<Permission> {
    let own = |key: &str| item[key].as_str().unwrap_or_default();
    let (tool, detail, paths) = match own("type") {
        "commandExecution" | "command_execution" => {
            (SHELL.to_owned(), shell_line(own("command")), vec![])
        }
        "fileChange" | "file_change" => {
            let paths = paths(&item["changes"]);
            (EDIT.to_owned(), paths.join(" "), paths)
        }
        "mcpToolCall" | "mcp_tool_call" => {
            let tool = mcp_tool(own("server"), own("tool"));
            (tool, item["arguments"].to_string(), vec![])
        }
        "webSearch" | "web_search" => ("WebSearch".to_owned(), own("query").to_owned(), vec![]),
        "imageView" => ("Read".to_owned(), own("path").to_owned(), vec![own("path").to_owned()]),
        "dynamicToolCall" | "collabAgentToolCall" | "collab_tool_call" => {
            (own("tool").to_owned(), String::new(), vec![])
        }
        _ => return None,
    };
    Some(Permission { tool, detail: shortened(&detail), paths })
}

/// As Claude Code calls a server's tool.
pub(super) fn mcp_tool(server: &str, tool: &str) -> String {
    format!("mcp__{server}__{tool}")
}

/// The files that a patch changes.
fn paths(changes: &Value) -> Vec<String> {
    let changes = changes.as_array().map_or(&[][..], Vec::as_slice);
    let moved = |change: &Value| change["kind"]["move_path"].as_str().map(str::to_owned);
    let paths = changes.iter().flat_map(|change| {
        [change["path"].as_str().map(str::to_owned), moved(change)].into_iter().flatten()
    });
    paths.collect()
}

/// What happens when an item begins.
pub(super) fn started(item: &Value) -> Option<AgentEvent> {
    let Permission { tool, detail, paths } = tool(item)?;
    Some(AgentEvent::ToolStarted { id: id(item), tool, detail, paths })
}

/// What has happened when an item is over; nothing for what the person said. `None` for an item
/// that is not known.
pub(super) fn finished(item: &Value) -> Option<Vec<AgentEvent>> {
    let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
    if tool(item).is_some() {
        let ok = matches!(item["status"].as_str(), Some("completed") | None)
            && item["error"].is_null()
            && code(item).unwrap_or(0) == 0;
        return Some(vec![AgentEvent::ToolFinished { id: id(item), ok, detail: result(item) }]);
    }
    match item["type"].as_str()? {
        "agentMessage" | "agent_message" => Some(said(text("text")).into_iter().collect()),
        "reasoning" => {
            let parts = |key: &str| {
                let parts = item[key].as_array().map_or(&[][..], Vec::as_slice);
                parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
            };
            let words = [text("text"), parts("summary"), parts("content")];
            let words = words.into_iter().find(|words| !words.is_empty());
            Some(words.map(|text| AgentEvent::Thought { text }).into_iter().collect())
        }
        "userMessage" | "hookPrompt" | "plan" | "todo_list" | "functionCallOutput" | "sleep"
        | "contextCompaction" | "subAgentActivity" => Some(vec![]),
        _ => None,
    }
}

fn said(text: String) -> Option<AgentEvent> {
    (!text.is_empty()).then_some(AgentEvent::Message { text })
}

fn id(item: &Value) -> String {
    item["id"].as_str().unwrap_or_default().to_owned()
}

fn code(item: &Value) -> Option<i64> {
    item["exitCode"].as_i64().or(item["exit_code"].as_i64())
}

fn result(item: &Value) -> String {
    let printed = ["aggregatedOutput", "aggregated_output"].map(|key| item[key].as_str());
    let printed = printed.into_iter().flatten().find(|text| !text.is_empty());
    let content = item["result"]["content"].as_array().map_or(&[][..], Vec::as_slice);
    let texts: Vec<&str> = content.iter().filter_map(|block| block["text"].as_str()).collect();
    let error = item["error"]["message"].as_str();
    let declined = (item["status"] == "declined").then_some("declined");
    let told = error.or(printed).or(declined).map_or_else(|| texts.join("\n"), str::to_owned);
    let told = match code(item).filter(|code| *code != 0) {
        Some(code) if told.is_empty() => format!("exit code {code}"),
        Some(_) | None => told,
    };
    shortened(told.trim_end())
}

/// A plan, anew and in full.
pub(super) fn plan(steps: &Value) -> AgentEvent {
    let steps = steps.as_array().map_or(&[][..], Vec::as_slice).iter();
    let items = steps.map(|step| PlanItem {
        text: step["step"].as_str().unwrap_or_default().to_owned(),
        status: match step["status"].as_str() {
            Some("completed") => PlanStatus::Done,
            Some("inProgress") => PlanStatus::InProgress,
            Some(_) | None => PlanStatus::Pending,
        },
    });
    AgentEvent::Plan(items.collect())
}

pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(DETAIL_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// The line that a shell is told to run, without the shell: `ls` for `/bin/bash -lc 'ls'`. Rules
/// look at it, so nothing is left out: what is not such a command stays as it is.
pub(super) fn shell_line(command: &str) -> String {
    let shells = ["/bin/bash -lc ", "/bin/sh -lc ", "bash -lc ", "sh -lc ", "/usr/bin/bash -lc "];
    let line = shells.iter().find_map(|shell| command.strip_prefix(shell));
    line.and_then(one_word).unwrap_or_else(|| command.to_owned())
}

/// What a shell takes this text to be, where it is a single word.
fn one_word(text: &str) -> Option<String> {
    let mut word = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => loop {
                match chars.next()? {
                    '\'' => break,
                    c => word.push(c),
                }
            },
            '"' => loop {
                match chars.next()? {
                    '"' => break,
                    '\\' => match chars.next()? {
                        c @ ('"' | '\\' | '$' | '`') => word.push(c),
                        c => word.extend(['\\', c]),
                    },
                    c => word.push(c),
                }
            },
            '\\' => word.push(chars.next()?),
            c if c.is_whitespace() => return None,
            c => word.push(c),
        }
    }
    Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_line_is_told_without_its_shell_and_in_full() {
        let check = |command: &str, line: &str| assert_eq!(shell_line(command), line);
        check("/bin/bash -lc 'cat a.txt | head -3'", "cat a.txt | head -3");
        check("/bin/bash -lc \"git commit -q -m 'x \\$y'\"", "git commit -q -m 'x $y'");
        check("/bin/bash -lc ls", "ls");
        check("/bin/bash -lc 'it'\\''s'", "it's");
        check("/bin/bash -lc 'a' 'b'", "/bin/bash -lc 'a' 'b'");
        check("/bin/bash -lc 'open", "/bin/bash -lc 'open");
        check("rm -rf /", "rm -rf /");
    }
}
