//! Questions: those of the agent, and permissions that the CLI asks for nevertheless.

use serde_json::{Map, Value, json};

use crate::claude::protocol::{detail, paths, whole_detail};
use crate::driver::{ALLOW, DENY, Permission};

/// The tool by which the agent asks a person.
pub(super) const ASK_TOOL: &str = "AskUserQuestion";

/// A request for permission to use a tool; asking is a tool too.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    tool: String,
    input: Value,
}

impl Asked {
    pub(super) fn read(request: &Value) -> Self {
        let tool = request["tool_name"].as_str().unwrap_or_default().to_owned();
        Self { tool, input: request["input"].clone() }
    }

    /// The question in words, and the answers that it offers. Several questions are shown as
    /// one text, without options.
    pub(super) fn shown(&self) -> (String, Vec<String>) {
        if self.tool != ASK_TOOL {
            let text = format!("May I use {}? {}", self.tool, detail(&self.input));
            return (text, vec![ALLOW.to_owned(), DENY.to_owned()]);
        }
        match self.questions() {
            [question] => (words(question).to_owned(), labels(question)),
            questions => {
                let lines = questions.iter().map(|question| {
                    let labels = labels(question).join(" / ");
                    format!("{} [{labels}]", words(question))
                });
                (lines.collect::<Vec<_>>().join("\n"), vec![])
            }
        }
    }

    /// What it asks leave for.
    pub(super) fn permission(&self) -> Option<Permission> {
        (self.tool != ASK_TOOL).then(|| Permission {
            tool: self.tool.clone(),
            detail: whole_detail(&self.input),
            paths: paths(&self.input),
        })
    }

    /// What the CLI is told. Several questions take a line of the answer each, or the whole of
    /// it where the lines do not match.
    pub(super) fn answered(&self, text: &str) -> Value {
        if self.tool != ASK_TOOL {
            return match text.trim().to_lowercase().as_str() {
                ALLOW | "yes" => json!({ "behavior": "allow", "updatedInput": self.input }),
                _ => json!({ "behavior": "deny", "message": text }),
            };
        }
        let questions = self.questions();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let own_lines = lines.len() == questions.len();
        let answers = questions.iter().enumerate().map(|(at, question)| {
            let answer = if own_lines { lines[at].trim() } else { text.trim() };
            (words(question).to_owned(), Value::from(answer))
        });
        let mut input = self.input.clone();
        input["answers"] = Value::Object(answers.collect::<Map<_, _>>());
        json!({ "behavior": "allow", "updatedInput": input })
    }

    fn questions(&self) -> &[Value] {
        self.input["questions"].as_array().map_or(&[], Vec::as_slice)
    }
}

fn words(question: &Value) -> &str {
    question["question"].as_str().unwrap_or_default()
}

fn labels(question: &Value) -> Vec<String> {
    let options = question["options"].as_array().map_or(&[][..], Vec::as_slice);
    options.iter().filter_map(|option| option["label"].as_str()).map(str::to_owned).collect()
}
