//! From a scenario's call to a tool that the client offers.

use serde_json::{Value, json};

use super::scenario::Call;

/// A tool and its input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ToolCall {
    pub(super) name: String,
    pub(super) input: Input,
}

/// A tool's input.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Input {
    /// By fields.
    Fields(Value),
    /// As plain text, for tools that want such.
    Text(String),
}

/// How a tool is called that writes files: path and content.
type Writes = fn(&str, &str) -> Input;
/// How a tool is called that runs a shell line.
type Runs = fn(&str) -> Input;

/// Tools that write files, by name: Claude Code's, Codex's, opencode's, Gemini's.
const WRITE: [(&str, Writes); 5] = [
    ("Write", |path, text| Input::Fields(json!({ "file_path": path, "content": text }))),
    ("apply_patch", |path, text| Input::Text(patch(path, text))),
    (CODE, |path, text| called_in_code("apply_patch", &json!(patch(path, text)))),
    ("write", |path, text| Input::Fields(json!({ "filePath": path, "content": text }))),
    ("write_file", |path, text| Input::Fields(json!({ "file_path": path, "content": text }))),
];

/// Tools that run a shell line, in the same order; Codex has had several.
const RUN: [(&str, Runs); 7] = [
    ("Bash", described),
    ("exec_command", |line| Input::Fields(json!({ "cmd": line }))),
    (CODE, |line| called_in_code("exec_command", &json!({ "cmd": line }))),
    ("shell_command", |line| Input::Fields(json!({ "command": line }))),
    ("shell", |line| Input::Fields(json!({ "command": ["bash", "-c", line] }))),
    ("bash", described),
    ("run_shell_command", described),
];

/// Codex's tool for newer models, which are given one tool that runs code.
const CODE: &str = "functions/exec";

fn called_in_code(tool: &str, input: &Value) -> Input {
    Input::Text(format!("text(await tools.{tool}({input}));\n"))
}

fn described(line: &str) -> Input {
    Input::Fields(json!({ "command": line, "description": "Run a command" }))
}

/// A patch that adds a file. Its last line gets an end where it has none.
fn patch(path: &str, text: &str) -> String {
    let mut lines = String::new();
    for line in text.lines() {
        lines.extend(["+", line, "\n"]);
    }
    format!("*** Begin Patch\n*** Add File: {path}\n{lines}*** End Patch\n")
}

/// The tool for a call of an agent that works in `cwd`, among those that it offers. Without any
/// that fits, Claude Code's.
pub(super) fn chosen(call: &Call, cwd: &str, offered: &[String]) -> ToolCall {
    match call {
        Call::Write { write } => {
            let path = if write.path.starts_with('/') {
                write.path.clone()
            } else {
                format!("{}/{}", cwd.trim_end_matches('/'), write.path)
            };
            match first(&WRITE, offered) {
                Some((name, input)) => called(name, input(&path, &write.text)),
                None if first(&RUN, offered).is_some() => {
                    let (path, text) = (quoted(&path), quoted(&write.text));
                    run(&format!("printf %s {text} > {path}"), offered)
                }
                None => called(WRITE[0].0, WRITE[0].1(&path, &write.text)),
            }
        }
        Call::Run { run: line } => run(line, offered),
        Call::Commit { commit } => {
            run(&format!("git add -A && git commit -q -m {}", quoted(commit)), offered)
        }
        Call::Tool { tool, input } => {
            let text = input.as_str().map(|text| Input::Text(text.to_owned()));
            called(tool, text.unwrap_or_else(|| Input::Fields(input.clone())))
        }
    }
}

fn run(line: &str, offered: &[String]) -> ToolCall {
    let (name, input) = first(&RUN, offered).unwrap_or(RUN[0]);
    called(name, input(line))
}

fn first<T: Copy>(known: &[(&'static str, T)], offered: &[String]) -> Option<(&'static str, T)> {
    known.iter().copied().find(|(name, _)| offered.iter().any(|offer| offer == name))
}

fn called(name: &str, input: Input) -> ToolCall {
    ToolCall { name: name.to_owned(), input }
}

/// As one word of a shell line.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

impl Input {
    /// As JSON: text stands in a field of its own.
    pub(super) fn fields(&self) -> Value {
        match self {
            Self::Fields(fields) => fields.clone(),
            Self::Text(text) => json!({ "input": text }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stub::Written;

    fn shown(call: &Call, cwd: &str, offered: &[&str]) -> String {
        let offered: Vec<String> = offered.iter().map(ToString::to_string).collect();
        let call = chosen(call, cwd, &offered);
        format!("{} {}", call.name, call.input.fields())
    }

    #[test]
    fn a_tool_is_called_by_the_name_that_is_offered() {
        let write = Call::Write { write: Written { path: "a.txt".into(), text: "1\n2".into() } };
        let commit = Call::Commit { commit: "it's".into() };
        let offers = [
            &["Bash", "Write"][..],
            &["exec_command", "apply_patch"],
            &["functions/exec"],
            &["shell"],
            &["shell_command"],
            &["bash", "write"],
            &["run_shell_command", "write_file"],
            &["other"],
        ];
        let shown = offers.map(|offered| {
            [shown(&write, "/w/", offered), shown(&commit, "/w", offered)].join("\n")
        });
        insta::assert_snapshot!(shown.join("\n"), @r#"
        Write {"content":"1\n2","file_path":"/w/a.txt"}
        Bash {"command":"git add -A && git commit -q -m 'it'\\''s'","description":"Run a command"}
        apply_patch {"input":"*** Begin Patch\n*** Add File: /w/a.txt\n+1\n+2\n*** End Patch\n"}
        exec_command {"cmd":"git add -A && git commit -q -m 'it'\\''s'"}
        functions/exec {"input":"text(await tools.apply_patch(\"*** Begin Patch\\n*** Add File: /w/a.txt\\n+1\\n+2\\n*** End Patch\\n\"));\n"}
        functions/exec {"input":"text(await tools.exec_command({\"cmd\":\"git add -A && git commit -q -m 'it'\\\\''s'\"}));\n"}
        shell {"command":["bash","-c","printf %s '1\n2' > '/w/a.txt'"]}
        shell {"command":["bash","-c","git add -A && git commit -q -m 'it'\\''s'"]}
        shell_command {"command":"printf %s '1\n2' > '/w/a.txt'"}
        shell_command {"command":"git add -A && git commit -q -m 'it'\\''s'"}
        write {"content":"1\n2","filePath":"/w/a.txt"}
        bash {"command":"git add -A && git commit -q -m 'it'\\''s'","description":"Run a command"}
        write_file {"content":"1\n2","file_path":"/w/a.txt"}
        run_shell_command {"command":"git add -A && git commit -q -m 'it'\\''s'","description":"Run a command"}
        Write {"content":"1\n2","file_path":"/w/a.txt"}
        Bash {"command":"git add -A && git commit -q -m 'it'\\''s'","description":"Run a command"}
        "#);
    }

    #[test]
    fn paths_are_from_the_working_directory_and_tools_by_name_as_they_are() {
        let write =
            |path: &str| Call::Write { write: Written { path: path.into(), text: String::new() } };
        assert!(shown(&write("a.txt"), "/w/", &[]).contains("\"/w/a.txt\""));
        assert!(shown(&write("/x/a.txt"), "/w", &[]).contains("\"/x/a.txt\""));
        let tool = Call::Tool { tool: "Read".into(), input: json!({ "file_path": "/x" }) };
        assert_eq!(shown(&tool, "/w", &["Bash"]), r#"Read {"file_path":"/x"}"#);
    }
}
