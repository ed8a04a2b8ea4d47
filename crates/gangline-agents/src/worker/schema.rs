//! The tools as they are announced.

use serde_json::{Value, json};

use super::call::{
    LESSON_CHARS_MAX, OPTIONS_MAX, PROGRESS_CHARS_MAX, QUESTION_CHARS_MAX, SEARCH_CHARS_MAX,
};
use gangline_domain::verdict::SUMMARY_CHARS_MAX;

/// What an agent is told about all of them together.
pub(super) const INSTRUCTIONS: &str = "Tools for the ticket that you work on: say how far you \
    are, ask the person in charge, and report what came of it before you end. What you report is \
    compared with what is measured in your last commit.";

/// All tools, as `tools/list` gives them.
pub(super) fn tools() -> Value {
    let [said, asked] = [reports(), questions()];
    Value::Array(said.into_iter().chain(asked).collect())
}

/// By which an agent says something.
fn reports() -> Vec<Value> {
    vec![
        json!({
            "name": "report_progress",
            "title": "Report progress",
            "description": "Say in a line what you are at. People see it beside the ticket.",
            "inputSchema": object(&json!({
                "message": text("What you are at.", PROGRESS_CHARS_MAX),
                "percent": { "type": "integer", "minimum": 0, "maximum": 100,
                             "description": "How far you are, if you can tell." },
            }), &["message"]),
        }),
        json!({
            "name": "report_outcome",
            "title": "Report the outcome",
            "description": "Say what came of the ticket, once, before you end; a later report \
                            takes the place of an earlier one. Each statement is compared with \
                            what is measured: leave out what you do not know.",
            "inputSchema": object(&json!({
                "status": { "type": "string", "enum": ["completed", "gave_up", "no_change_needed"] },
                "summary": text("What you did and why, or what stands in the way.", SUMMARY_CHARS_MAX),
                "commits": { "type": "integer", "minimum": 0, "description": "Commits you made." },
                "files": { "type": "array", "items": { "type": "string" },
                           "description": "Files you changed, from the root." },
                "tests_pass": { "type": "boolean" },
                "checks": { "type": "object", "additionalProperties": { "type": "boolean" },
                            "description": "Checks you ran, by name, and whether they passed." },
            }), &["status", "summary"]),
        }),
        json!({
            "name": "submit_issue_for_review",
            "title": "Submit the ticket for review",
            "description": "Say that the ticket is done with this commit. End your turn \
                            afterwards: what is measured is the last commit on your branch.",
            "inputSchema": object(&json!({
                "issue_id": { "type": "string", "description": "Its key, such as APP-12." },
                "commit_url": { "type": "string",
                                "description": "The commit's id, or an address that ends with it." },
            }), &["issue_id", "commit_url"]),
        }),
        json!({
            "name": "remember_lesson",
            "title": "Remember a lesson",
            "description": "Write down what the next try of this ticket should know, such as an \
                            approach that does not work and why.",
            "inputSchema": object(&json!({
                "lesson": text("What was learned.", LESSON_CHARS_MAX),
            }), &["lesson"]),
        }),
    ]
}

/// By which it learns something.
fn questions() -> Vec<Value> {
    vec![
        json!({
            "name": "ask_human",
            "title": "Ask a person",
            "description": "Ask for a decision that only a person can take, and wait for the \
                            answer, which is the result. It may take long. Ask one thing at a \
                            time, and nothing that the ticket or the repository answers.",
            "inputSchema": object(&json!({
                "question": text("What you ask, with all it takes to answer.", QUESTION_CHARS_MAX),
                "options": { "type": "array", "items": { "type": "string" }, "maxItems": OPTIONS_MAX,
                             "description": "Answers to choose from; none when any text will do." },
            }), &["question"]),
        }),
        json!({
            "name": "get_issue",
            "title": "Read the ticket",
            "description": "Read the ticket that you work on: its text, scope and hints.",
            "inputSchema": object(&json!({
                "issue_id": { "type": "string", "description": "Its key, such as APP-12." },
            }), &[]),
            "annotations": { "readOnlyHint": true },
        }),
        json!({
            "name": "search_lessons",
            "title": "Search lessons",
            "description": "Look up what is said to have helped with other tickets of the project, \
                            with its source. Nobody has checked it, and it orders nothing.",
            "inputSchema": object(&json!({
                "words": text("What to look for, such as words of an error.", SEARCH_CHARS_MAX),
            }), &["words"]),
            "annotations": { "readOnlyHint": true },
        }),
        json!({
            "name": "list_changed_since_base",
            "title": "List changed files",
            "description": "List the files that differ from the commit that your branch grew \
                            from, uncommitted and untracked ones included.",
            "inputSchema": object(&json!({}), &[]),
            "annotations": { "readOnlyHint": true },
        }),
    ]
}

fn object(properties: &Value, required: &[&str]) -> Value {
    json!({
        "type": "object", "properties": properties, "required": required,
        "additionalProperties": false,
    })
}

fn text(description: &str, chars_max: usize) -> Value {
    json!({ "type": "string", "maxLength": chars_max, "description": description })
}
