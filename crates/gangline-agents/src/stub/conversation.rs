//! A conversation as every protocol has it, and what comes next in it.

use serde_json::Value;

use super::scenario::{Scenario, ScenarioError};
use super::tools::{self, ToolCall};

/// What a request says, in no protocol's words.
#[derive(Debug, Default)]
pub(super) struct Talk {
    pub(super) model: String,
    pub(super) stream: bool,
    /// Names of the tools that may be called.
    pub(super) tools: Vec<String>,
    /// What the client says about itself, which tells the working directory.
    pub(super) system: String,
    pub(super) messages: Vec<Message>,
}

/// One message.
#[derive(Debug, Default)]
pub(super) struct Message {
    /// Whether it comes from whoever asks, and not from the model or the client.
    pub(super) asks: bool,
    pub(super) text: String,
    /// Results of tools in it.
    pub(super) results: usize,
}

/// A conversation, as far as the stub looks.
pub(super) struct Conversation {
    pub(super) model: String,
    pub(super) stream: bool,
    pub(super) scenario: Option<Scenario>,
    /// The prompt with the scenario.
    pub(super) prompt: String,
    /// Messages so far. Makes ids that no earlier turn of the session had: clients drop what
    /// seems to be a repetition.
    pub(super) length: usize,
    /// Tool results since that prompt.
    step: usize,
    cwd: String,
    tools: Vec<String>,
}

/// What the model does next.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Next {
    Calls {
        /// What is said beside it.
        words: Option<String>,
        call: ToolCall,
    },
    Says(String),
}

impl Conversation {
    pub(super) fn of(talk: Talk) -> Result<Self, ScenarioError> {
        let mut found = (None, String::new(), 0);
        for (at, message) in talk.messages.iter().enumerate().rev().filter(|(_, m)| m.asks) {
            if let Some(scenario) = Scenario::in_prompt(&message.text)? {
                let step = talk.messages[at + 1..].iter().map(|message| message.results).sum();
                found = (Some(scenario), message.text.clone(), step);
                break;
            }
        }
        let (scenario, prompt, step) = found;
        let said = talk.messages.iter().map(|message| message.text.as_str());
        let told: Vec<&str> = [talk.system.as_str()].into_iter().chain(said).collect();
        Ok(Self {
            scenario,
            prompt,
            step,
            cwd: working_directory(&told.join("\n")).unwrap_or("/").to_owned(),
            length: talk.messages.len(),
            model: if talk.model.is_empty() { "stub".to_owned() } else { talk.model },
            stream: talk.stream,
            tools: talk.tools,
        })
    }

    /// The next turn. Requests without tools, as for titles, get plain text.
    pub(super) fn next(&self) -> Next {
        let scenario = self.scenario.as_ref().filter(|_| !self.tools.is_empty());
        if let Some(call) = scenario.and_then(|scenario| scenario.calls.get(self.step)) {
            return Next::Calls {
                words: scenario.filter(|_| self.step == 0).and_then(|s| s.first.clone()),
                call: tools::chosen(call, &self.cwd, &self.tools),
            };
        }
        let last = scenario.and_then(|scenario| scenario.last.clone());
        Next::Says(last.unwrap_or_else(|| "Done.".to_owned()))
    }
}

/// All texts in a message's content, which is a text or a list of blocks.
pub(super) fn texts(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts = blocks.iter().filter_map(|block| block["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

/// A list, or nothing where there is none.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// As Claude Code and opencode, Codex, and Gemini tell it.
const DIRECTORY: [(&str, &str); 3] =
    [("orking directory: ", "\n"), ("<cwd>", "</cwd>"), ("**Workspace Directories:**\n  - ", "\n")];

fn working_directory(text: &str) -> Option<&str> {
    DIRECTORY.iter().find_map(|(before, after)| {
        let (_, rest) = text.split_once(before)?;
        rest.split(after).next().map(str::trim)
    })
}
