//! The agent behind the Agent Client Protocol: the same scripts, in the words of its version 1.
//!
//! ```text
//! >> initialize ▸ session/new or session/load ▸ session/prompt (the brief, and the script in it)
//! << session/update … session/request_permission for `ask` … the prompt's answer at the end
//! ```
//!
//! What the protocol has no words for is said in others: `give_up` is a refusal, and `quota` and
//! `auth_fail` are errors. After the end it waits for its input to end, as such agents do.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};

use super::args::{Play, session_name};
use super::memory::Memory;
use super::print_line;
use crate::driver::{ALLOW, DENY, PlanStatus};
use crate::scripted::protocol::{How, Said, Told};

/// What it answers where it does not know a method.
const UNKNOWN_METHOD: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;
/// Somebody has to log in first.
const LOGIN_REQUIRED: i64 = -32000;
const INTERNAL_ERROR: i64 = -32603;
/// The key under which a client may send words beside its choice.
const WORDS: &str = "gangline.dev/words";
/// The size of a context that it claims to have.
const CONTEXT_TOKENS: u64 = 1_000_000;

static CONVERSATION: OnceLock<Mutex<Conversation>> = OnceLock::new();

/// What is remembered of a conversation in the protocol; a process has at most one.
#[derive(Debug, Default)]
struct Conversation {
    session: String,
    /// Prompts that are not answered yet, by the client's ids.
    prompts: Vec<Value>,
    /// The answers of each open question, by what the client will choose.
    asked: BTreeMap<String, BTreeMap<String, String>>,
    messages: u32,
    /// Whether the script is over.
    over: bool,
}

/// Speaks until the first prompt comes. Gives its text; `None` when the input ends before.
pub(super) fn begin(play: &mut Play) -> Option<String> {
    for line in std::io::stdin().lock().lines() {
        let Ok(message) = serde_json::from_str::<Value>(&line.ok()?) else { continue };
        let (id, params) = (&message["id"], &message["params"]);
        match message["method"].as_str().unwrap_or_default() {
            "initialize" => answer(
                id,
                &json!({
                    "protocolVersion": 1,
                    "agentCapabilities": { "loadSession": true },
                    "agentInfo": { "name": "gangline", "version": env!("CARGO_PKG_VERSION") },
                    "authMethods": [],
                }),
            ),
            "session/new" => {
                let name = format!("scripted-{}", std::process::id());
                answer(id, &json!({ "sessionId": name }));
                play.session = Some(name);
            }
            "session/load" => {
                let name = params["sessionId"].as_str().unwrap_or_default().to_owned();
                match session_name(name) {
                    Ok(name) if Memory::is_known(&name) => {
                        play.resume = Some(name);
                        answer(id, &json!({}));
                    }
                    Ok(_) | Err(_) => refuse(id, INVALID_PARAMS, "there is no such session", None),
                }
            }
            "session/prompt" => {
                let session = params["sessionId"].as_str().unwrap_or_default().to_owned();
                let prompts = vec![id.clone()];
                let conversation = Conversation { session, prompts, ..Conversation::default() };
                CONVERSATION.get_or_init(|| Mutex::new(conversation));
                return Some(words(params));
            }
            _ => refuse(id, UNKNOWN_METHOD, "method not found", None),
        }
    }
    None
}

/// Says something in the protocol's words, if a conversation in it has begun.
pub(super) fn say(said: &Said) -> bool {
    let Some(conversation) = CONVERSATION.get() else { return false };
    conversation.lock().unwrap_or_else(PoisonError::into_inner).say(said);
    true
}

/// What a line of the client means; `None` where it means nothing to the script.
pub(super) fn told(line: &str) -> Option<Told> {
    let conversation = CONVERSATION.get()?;
    let message = serde_json::from_str(line).ok()?;
    conversation.lock().unwrap_or_else(PoisonError::into_inner).told(&message)
}

/// Whether lines of the standard input are the protocol's.
pub(super) fn speaks() -> bool {
    CONVERSATION.get().is_some()
}

impl Conversation {
    fn say(&mut self, said: &Said) {
        match said {
            Said::Started { .. } => {}
            Said::Message { text } => self.chunk("agent_message_chunk", text),
            Said::Thought { text } => self.chunk("agent_thought_chunk", text),
            Said::ToolStarted { id, tool, detail, paths } => {
                let places = paths.iter().map(|path| json!({ "path": path }));
                let mut update = json!({
                    "sessionUpdate": "tool_call", "toolCallId": id, "title": detail,
                    "kind": kind(tool), "status": "in_progress",
                    "locations": places.collect::<Vec<_>>(),
                });
                if tool == "Bash" {
                    update["rawInput"] = json!({ "command": detail });
                }
                self.update(&update);
            }
            Said::ToolFinished { id, ok, detail } => self.update(&json!({
                "sessionUpdate": "tool_call_update", "toolCallId": id,
                "status": if *ok { "completed" } else { "failed" },
                "content": [{ "type": "content", "content": { "type": "text", "text": detail } }],
            })),
            Said::Plan { items } => {
                let entries = items.iter().map(|item| {
                    let status = match item.status {
                        PlanStatus::Pending => "pending",
                        PlanStatus::InProgress => "in_progress",
                        PlanStatus::Done => "completed",
                    };
                    json!({ "content": item.text, "priority": "medium", "status": status })
                });
                let entries: Vec<Value> = entries.collect();
                self.update(&json!({ "sessionUpdate": "plan", "entries": entries }));
            }
            Said::Usage { tokens, cost_microusd } => {
                let dollars =
                    format!("{}.{:06}", cost_microusd / 1_000_000, cost_microusd % 1_000_000);
                let amount: f64 = dollars.parse().unwrap_or(0.0);
                self.update(&json!({
                    "sessionUpdate": "usage_update", "used": tokens, "size": CONTEXT_TOKENS,
                    "cost": { "amount": amount, "currency": "USD" },
                }));
            }
            Said::Question { id, text, options } => self.ask(id, text, options),
            Said::Finished { how, text, resets_at } => self.finish(*how, text, *resets_at),
        }
    }

    fn chunk(&mut self, kind: &str, text: &str) {
        self.messages += 1;
        self.update(&json!({
            "sessionUpdate": kind, "messageId": format!("m{}", self.messages),
            "content": { "type": "text", "text": text },
        }));
    }

    fn update(&self, update: &Value) {
        let params = json!({ "sessionId": self.session, "update": update });
        print(&json!({ "jsonrpc": "2.0", "method": "session/update", "params": params }));
    }

    /// Leave, where a yes or no is wanted; a choice between several ways otherwise. Ids say
    /// nothing on purpose, and what would hold for ever comes first.
    fn ask(&mut self, id: &str, text: &str, options: &[String]) {
        let yes_or_no = options.is_empty() || options == [ALLOW, DENY];
        let names: Vec<(&str, &str)> = if yes_or_no {
            vec![("Always", "allow_always"), (ALLOW, "allow_once"), (DENY, "reject_once")]
        } else {
            options.iter().map(|option| (option.as_str(), "allow_once")).collect()
        };
        let known =
            names.iter().enumerate().map(|(at, (name, _))| (format!("o{at}"), (*name).to_owned()));
        self.asked.insert(id.to_owned(), known.collect());
        let options = names.iter().enumerate().map(|(at, (name, kind))| {
            json!({ "optionId": format!("o{at}"), "name": name, "kind": kind })
        });
        let call = json!({
            "toolCallId": format!("ask-{id}"), "title": text, "kind": "other", "status": "pending",
        });
        let params = json!({
            "sessionId": self.session, "toolCall": call, "options": options.collect::<Vec<_>>(),
        });
        print(&json!({
            "jsonrpc": "2.0", "id": id, "method": "session/request_permission", "params": params,
        }));
    }

    fn finish(&mut self, how: How, text: &str, resets_at: Option<i64>) {
        self.over = true;
        let until = resets_at.map(|at| format!("|{at}")).unwrap_or_default();
        let error = match how {
            How::Quota => Some((INTERNAL_ERROR, format!("rate limit: {text}{until}"))),
            How::AuthFailed => Some((LOGIN_REQUIRED, text.to_owned())),
            How::Completed | How::GaveUp | How::NoChangeNeeded | How::Interrupted => None,
        };
        if matches!(how, How::GaveUp | How::NoChangeNeeded) {
            self.chunk("agent_message_chunk", text);
        }
        for prompt in std::mem::take(&mut self.prompts) {
            match (&error, how) {
                (Some((code, words)), _) => {
                    refuse(&prompt, *code, "Internal error", Some(words));
                }
                (None, How::Interrupted) => stop(&prompt, "cancelled"),
                (None, How::GaveUp) => stop(&prompt, "refusal"),
                (None, _) => stop(&prompt, "end_turn"),
            }
        }
    }

    fn told(&mut self, message: &Value) -> Option<Told> {
        let (id, params) = (&message["id"], &message["params"]);
        match message["method"].as_str() {
            Some("session/cancel") => Some(Told::Interrupt),
            Some("session/prompt") if self.over => {
                self.chunk("agent_message_chunk", &format!("I am told: {}", words(params)));
                stop(id, "end_turn");
                None
            }
            Some("session/prompt") => {
                self.prompts.push(id.clone());
                Some(Told::Steer { text: words(params) })
            }
            Some(_) => {
                if !id.is_null() {
                    refuse(id, UNKNOWN_METHOD, "method not found", None);
                }
                None
            }
            None => {
                let question = id.as_str()?.to_owned();
                let names = self.asked.remove(&question)?;
                let result = &message["result"];
                let chosen = result["outcome"]["optionId"].as_str().unwrap_or_default();
                let said = result["_meta"][WORDS].as_str().map(str::to_owned);
                let text = said.or_else(|| names.get(chosen).cloned());
                Some(Told::Answer { question, text: text.unwrap_or_else(|| DENY.to_owned()) })
            }
        }
    }
}

/// The text of a prompt.
fn words(params: &Value) -> String {
    let blocks = params["prompt"].as_array().map_or(&[][..], Vec::as_slice);
    blocks.iter().filter_map(|block| block["text"].as_str()).collect::<Vec<_>>().join("\n")
}

fn kind(tool: &str) -> &'static str {
    match tool {
        "Bash" => "execute",
        "Write" | "Edit" => "edit",
        "Delete" => "delete",
        "Read" => "read",
        _ => "other",
    }
}

fn stop(id: &Value, reason: &str) {
    answer(id, &json!({ "stopReason": reason }));
}

fn answer(id: &Value, result: &Value) {
    print(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
}

fn refuse(id: &Value, code: i64, message: &str, details: Option<&str>) {
    let mut error = json!({ "code": code, "message": message });
    if let Some(details) = details {
        error["data"] = json!({ "details": details });
    }
    print(&json!({ "jsonrpc": "2.0", "id": id, "error": error }));
}

fn print(message: &Value) {
    print_line(&message.to_string());
}
