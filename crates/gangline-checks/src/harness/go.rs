//! Go: what replaces modules, and `TestMain`, which runs the tests of its package.

use super::{name, verb};
use crate::code::{Keep, Language, code};
use crate::subject::ChangedPath;

pub(super) fn compare(changed: &ChangedPath) -> Vec<String> {
    match name(&changed.path) {
        "go.work" | "go.env" => vec![format!("go's configuration {}", verb(changed))],
        "go.mod" => replaced(changed),
        file if file.ends_with("_test.go") => test_main(changed),
        _other => vec![],
    }
}

fn replaced(changed: &ChangedPath) -> Vec<String> {
    const WORDS: [&str; 4] = ["replace ", "exclude ", "toolchain ", "=>"];
    let lines = changed.new_lines();
    let line = lines
        .iter()
        .map(|(_, line)| line.trim())
        .find(|line| WORDS.iter().any(|word| line.contains(word)));
    line.map(|line| format!("`{line}` was added")).into_iter().collect()
}

fn test_main(changed: &ChangedPath) -> Vec<String> {
    let body = |text: Option<&str>| {
        let code = code(text.unwrap_or_default(), Language::Go, Keep::Strings);
        code.find("func TestMain(").map(|at| {
            let rest = &code[at..];
            rest[..rest.find("\n}").unwrap_or(rest.len())].to_owned()
        })
    };
    match (body(changed.text_before()), body(changed.text_after())) {
        (was, Some(is)) if was.as_ref() != Some(&is) => {
            vec!["`TestMain` decides whether tests run, and is new or changed".to_owned()]
        }
        (_, _) => vec![],
    }
}
