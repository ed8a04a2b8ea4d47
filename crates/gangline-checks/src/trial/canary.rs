//! A test that must fail, planted beside the commit's own: a suite that stays green with it does
//! not notice failing tests, whatever it says of the others.

use std::path::Path;

use gangline_domain::ids::CommitId;
use gangline_domain::verdict::{CheckResult, Verdict};
use gangline_policy::{CheckPolicy, Suite};

use super::{Layout, Trial, Trials};
use crate::code::Language;
use crate::command::Measured;
use crate::inline::has_tests;
use crate::runners::TestStatus;
use crate::tree;

/// Files of a tree that are looked at for a place.
const FILES_MAX: usize = 50_000;
/// Test files at whose end one is planted.
const WITHIN_MAX: usize = 100;
/// Folders that hold no tests of the project.
const SKIPPED: [&str; 6] = [".git", "node_modules", "target", ".venv", "vendor", "__pycache__"];
/// What its name begins with. The commit's number is behind it, so that nobody knows it before.
const NAME: &str = "holds_nothing";

/// A planted file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Planted {
    path: String,
    text: String,
}

impl<L: Layout> Trials<'_, L> {
    /// Left out when nothing can be planted in this project.
    pub(super) async fn canary(&self, check: &CheckPolicy, why: &str) -> Option<CheckResult> {
        let trial = Trial { check, what: "canary" };
        let measured = match self.planted(&self.subject.commit, &trial).await {
            Ok(Some(measured)) => measured,
            Ok(None) => return None,
            Err(why) => return Some(trial.unlaid(&why)),
        };
        if let Some(name) = passed(&measured) {
            let fact = format!("a test that fails was planted, and is said to have passed: {name}");
            return Some(CheckResult { verdict: Verdict::Fail, fact, ..measured.result });
        }
        let measured = measured.result;
        match measured.verdict {
            Verdict::Fail => {
                let fact = format!("a planted test that fails is noticed ({why})");
                return Some(CheckResult {
                    verdict: Verdict::Pass,
                    fact,
                    lines: vec![],
                    ..measured
                });
            }
            Verdict::Inconclusive => return Some(CheckResult { lines: vec![], ..measured }),
            Verdict::Pass => {}
        }
        // Perhaps it stands where this command never looks: the base tells.
        let from = Trial { check, what: "canary-on-base" };
        let base = match self.planted(&self.subject.base, &from).await {
            Ok(Some(base)) => base.result,
            Ok(None) => return None,
            Err(why) => return Some(trial.unlaid(&why)),
        };
        if base.verdict == Verdict::Fail {
            let fact = "a test that fails was planted, and the command passed all the same; on the \
                        base it does not";
            return Some(CheckResult { verdict: Verdict::Fail, fact: fact.to_owned(), ..measured });
        }
        let fact = "a planted test that fails is not noticed, on the base neither".to_owned();
        Some(CheckResult { required: false, fact, lines: vec![], ..measured })
    }

    /// The command in a tree of `commit` with a failing test; `None` when there is no place for one.
    async fn planted(
        &self,
        commit: &CommitId,
        trial: &Trial<'_>,
    ) -> Result<Option<Measured>, String> {
        let bench = self.lay(commit, trial).await?;
        let number = &self.subject.commit.as_str()[..10];
        let planted = plants(&bench.checkout, &self.facts.policy.tests, number);
        if planted.is_empty() {
            self.layout.clear(bench);
            return Ok(None);
        }
        for Planted { path, text } in planted {
            if let Err(error) = tree::write(&bench.checkout, &path, &text) {
                self.layout.clear(bench);
                return Err(format!("a test could not be planted: {error}"));
            }
        }
        Ok(Some(self.run(bench, trial).await))
    }
}

/// A planted test that the runner calls passed.
fn passed(measured: &Measured) -> Option<String> {
    let tests = measured.reading.as_ref()?.tests.by_name();
    let mut planted = tests.iter().filter(|(name, _)| name.contains(NAME));
    let passed = planted.find(|(_, status)| **status == TestStatus::Passed);
    passed.map(|(name, _)| (*name).to_owned())
}

/// What to plant in this tree: a test of its own of each kind that the tree has, and one more at the
/// end of each test file, where all that the file loads has been loaded.
fn plants(tree: &Path, suite: &Suite, number: &str) -> Vec<Planted> {
    let mut files = vec![];
    walk(tree, "", &mut files);
    files.sort();
    let name = format!("{NAME}_{number}");
    let mut planted = vec![];
    for (n, path) in files.iter().filter(|path| suite.contains(path)).take(WITHIN_MAX).enumerate() {
        let text = tree::read(tree, path);
        let more = text.and_then(|text| {
            Some(format!("{text}\n{}", within(path, &text, &format!("{name}_{n}"))?))
        });
        planted.extend(more.map(|text| Planted { path: path.clone(), text }));
    }
    let first = |language: Language, test: &dyn Fn(&str) -> bool| {
        files.iter().find(|path| Language::of(path) == Some(language) && test(path))
    };
    if let Some(path) =
        first(Language::Python, &|path| suite.contains(path) && is_python_test(path))
    {
        let path = beside(path, &format!("test_{name}.py"));
        planted.push(Planted { path, text: python(&name) });
    }
    let script = |path: &str| suite.contains(path) && is_script_test(path);
    if let Some(path) = first(Language::Script, &script) {
        planted.extend(script_beside(tree, path, &name));
    }
    if let Some(path) = first(Language::Go, &|path| path.ends_with("_test.go")) {
        planted.extend(go_beside(tree, path, &name));
    }
    planted.extend(in_crate(tree, &files, &name));
    planted
}

/// A failing test in the words of the file that it stands in; `None` for what holds no tests.
fn within(path: &str, text: &str, name: &str) -> Option<String> {
    match Language::of(path)? {
        Language::Python if is_python_test(path) => Some(python(name)),
        Language::Script if is_script_test(path) => {
            let call = if !text.contains("test(") && text.contains("it(") { "it" } else { "test" };
            // By the assertions of the file, should somebody have bent them.
            let fails = match (text.contains("expect("), text.contains("assert.")) {
                (true, _) => "expect(1).toBe(2);",
                (false, true) => "assert.strictEqual(1, 2);",
                (false, false) => "throw new Error('planted');",
            };
            Some(format!("\n{call}('{name}', () => {{\n  {fails}\n}});\n"))
        }
        Language::Go if path.ends_with("_test.go") && text.contains("\"testing\"") => {
            Some(format!("\nfunc Test_{name}(t *testing.T) {{\n\tt.Fatal(\"{name}\")\n}}\n"))
        }
        Language::Rust if text.contains("#[test]") => {
            Some(format!("\n#[test]\nfn {name}() {{\n    assert_eq!(1, 2, \"{name}\");\n}}\n"))
        }
        Language::Rust
        | Language::Python
        | Language::Script
        | Language::Go
        | Language::Curly
        | Language::Hash => None,
    }
}

fn is_python_test(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending == "py" && (file.starts_with("test_") || file.ends_with("_test.py"))
}

fn is_script_test(path: &str) -> bool {
    path.contains(".test.") || path.contains(".spec.")
}

/// As a case of the standard library it is found by both runners, and as a function by one; each
/// fails by its own means.
fn python(name: &str) -> String {
    format!(
        "\n\nimport unittest as _unittest_{name}\n\n\nclass Test_{name}(_unittest_{name}.TestCase):\n    \
         def test_{name}(self):\n        self.assertEqual(1, 2, \"{name}\")\n\n\n\
         def test_{name}_asserts():\n    assert 1 == 2, \"{name}\"\n"
    )
}

fn beside(path: &str, file: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{file}"),
        None => file.to_owned(),
    }
}

/// Begins like the file beside it, so that it belongs to the same runner.
fn script_beside(tree: &Path, path: &str, name: &str) -> Option<Planted> {
    let text = tree::read(tree, path)?;
    let file = path.rsplit('/').next()?;
    let ending = file.split_once('.').map(|(_, ending)| ending)?;
    let head: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| {
            ["node:test", "'vitest'", "\"vitest\"", "@jest/globals", "bun:test"]
                .iter()
                .any(|of| line.contains(of))
        })
        .filter(|line| line.starts_with("import ") || line.contains("require("))
        .collect();
    let call = match head
        .iter()
        .any(|line| ["{ it", "{it", " it,", " it ", ",it"].iter().any(|it| line.contains(it)))
        && !head.iter().any(|line| {
            line.contains("test ")
                || line.contains("test,")
                || line.contains(" test}")
                || line.contains("test}")
        }) {
        true => "it",
        false => "test",
    };
    let text = format!(
        "{}\n\n{call}('{name}', () => {{\n  throw new Error('{name}');\n}});\n",
        head.join("\n")
    );
    Some(Planted { path: beside(path, &format!("{name}.{ending}")), text })
}

fn go_beside(tree: &Path, path: &str, name: &str) -> Option<Planted> {
    let text = tree::read(tree, path)?;
    let package = text.lines().find_map(|line| line.strip_prefix("package "))?.trim();
    let text = format!(
        "package {package}\n\nimport \"testing\"\n\nfunc Test_{name}(t *testing.T) {{\n\tt.Fatal(\"{name}\")\n}}\n"
    );
    Some(Planted { path: beside(path, &format!("{name}_test.go")), text })
}

/// Among the tests of the crate's own code where it has some, else as a file of its own.
fn in_crate(tree: &Path, files: &[String], name: &str) -> Option<Planted> {
    let manifest = files.iter().filter(|path| path.rsplit('/').next() == Some("Cargo.toml"));
    let manifest = manifest
        .filter(|path| tree::read(tree, path).is_some_and(|text| text.contains("[package]")))
        .min_by_key(|path| path.matches('/').count())?;
    let planted = format!("#[test]\nfn {name}() {{\n    panic!(\"{name}\");\n}}\n");
    let inside = files.iter().any(|path| {
        Language::of(path) == Some(Language::Rust)
            && tree::read(tree, path).is_some_and(|text| has_tests(path, &text))
    });
    for root in ["src/lib.rs", "src/main.rs"] {
        let path = beside(manifest, root);
        if let Some(text) = tree::read(tree, &path).filter(|_| inside) {
            let text = format!("{text}\n#[cfg(test)]\nmod {name} {{\n{planted}}}\n");
            return Some(Planted { path, text });
        }
    }
    Some(Planted { path: beside(manifest, &format!("tests/{name}.rs")), text: planted })
}

/// Plain files of a tree, by their paths.
fn walk(tree: &Path, folder: &str, files: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(tree.join(folder)) else { return };
    for entry in entries.flatten() {
        let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else {
            continue;
        };
        if files.len() >= FILES_MAX {
            return;
        }
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
            walk(tree, &path, files);
        } else if kind.is_file() {
            files.push(path);
        }
    }
}

#[cfg(test)]
mod tests;
