//! Requests of the program: leave to use a tool, and questions of the agent.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::codex::items::{EDIT, SHELL, mcp_tool, shell_line, shortened};
use crate::driver::{ALLOW, AgentEvent, DENY, Permission};

/// A request that waits for its answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// The program's own, a number or a text.
    id: Value,
    about: About,
}

#[derive(Debug, Clone, PartialEq)]
enum About {
    /// A command or a change of files.
    Approval(Permission),
    /// A server's tool.
    ServersTool(Permission),
    /// Questions in words.
    Questions(Vec<Value>),
}

impl Asked {
    /// `None` for what is no question. `open` are the tools that are being used, by item.
    pub(super) fn read(request: &Value, open: &BTreeMap<String, Permission>) -> Option<Self> {
        let params = &request["params"];
        let item = params["itemId"].as_str().unwrap_or_default();
        let about = match request["method"].as_str()? {
            "item/commandExecution/requestApproval" => {
                let detail = shell_line(params["command"].as_str().unwrap_or_default());
                let tool = SHELL.to_owned();
                About::Approval(Permission { tool, detail, paths: vec![] })
            }
            "item/fileChange/requestApproval" => {
                let unknown = || Permission {
                    tool: EDIT.to_owned(),
                    detail: params["reason"].as_str().unwrap_or_default().to_owned(),
                    paths: vec![],
                };
                About::Approval(open.get(item).cloned().unwrap_or_else(unknown))
            }
            "mcpServer/elicitation/request"
                if params["_meta"]["codex_approval_kind"] == "mcp_tool_call" =>
            {
                let server = params["serverName"].as_str().unwrap_or_default();
                let tool = params["_meta"]["tool_name"].as_str().unwrap_or_default();
                About::ServersTool(Permission {
                    tool: mcp_tool(server, tool),
                    detail: shortened(&params["_meta"]["tool_params"].to_string()),
                    paths: vec![],
                })
            }
            "item/tool/requestUserInput" => {
                About::Questions(params["questions"].as_array()?.clone())
            }
            _ => return None,
        };
        Some(Self { id: request["id"].clone(), about })
    }

    /// How it is shown, under the id by which it is answered.
    pub(super) fn shown(&self, id: &str) -> AgentEvent {
        let (text, options, permission) = match &self.about {
            About::Approval(wanted) | About::ServersTool(wanted) => {
                let text = format!("May I use {}? {}", wanted.tool, wanted.detail);
                (text, vec![ALLOW.to_owned(), DENY.to_owned()], Some(wanted.clone()))
            }
            About::Questions(questions) => match questions.as_slice() {
                [question] => (words(question).to_owned(), labels(question), None),
                questions => {
                    let line = |question| {
                        format!("{} [{}]", words(question), labels(question).join(" / "))
                    };
                    (questions.iter().map(line).collect::<Vec<_>>().join("\n"), vec![], None)
                }
            },
        };
        AgentEvent::Question { id: id.to_owned(), text, options, permission }
    }

    /// What the program is told, and what besides is said to the agent: the reason of a denial,
    /// for which the program's answer has no place.
    pub(super) fn answered(&self, text: &str) -> (Value, Option<String>) {
        let allowed = matches!(text.trim().to_lowercase().as_str(), ALLOW | "yes");
        let reason = || {
            let reason = Some(text.trim()).filter(|text| !text.eq_ignore_ascii_case(DENY));
            reason.map(|reason| format!("Leave was denied: {reason}"))
        };
        let (result, reason) = match &self.about {
            About::Approval(_) if allowed => (json!({ "decision": "accept" }), None),
            About::Approval(_) => (json!({ "decision": "decline" }), reason()),
            About::ServersTool(_) if allowed => {
                (json!({ "action": "accept", "content": {} }), None)
            }
            About::ServersTool(_) => (json!({ "action": "decline", "content": null }), reason()),
            About::Questions(questions) => (json!({ "answers": answers(questions, text) }), None),
        };
        (json!({ "id": self.id, "result": result }), reason)
    }
}

/// Several questions take a line of the answer each, or the whole of it where the lines do not
/// match.
fn answers(questions: &[Value], text: &str) -> Map<String, Value> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let own_lines = lines.len() == questions.len();
    let answers = questions.iter().enumerate().map(|(at, question)| {
        let answer = if own_lines { lines[at].trim() } else { text.trim() };
        let id = question["id"].as_str().unwrap_or_default().to_owned();
        (id, json!({ "answers": [answer] }))
    });
    answers.collect()
}

fn words(question: &Value) -> &str {
    question["question"].as_str().unwrap_or_default()
}

fn labels(question: &Value) -> Vec<String> {
    let options = question["options"].as_array().map_or(&[][..], Vec::as_slice);
    options.iter().filter_map(|option| option["label"].as_str()).map(str::to_owned).collect()
}
