//! Which tests a text holds, by how each language writes them, and which of them are set aside.
//!
//! A reading of text, and no more: it tells that a test was taken away, whatever a run says later.

use crate::code::{Keep, Language, code};

/// A test by its name within its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Case {
    /// As the text has it.
    pub(crate) name: String,
    /// Why it would not run, in the text's own words.
    pub(crate) set_aside: Option<String>,
}

/// The tests that a text holds, in order.
pub(crate) fn cases(path: &str, text: &str) -> Vec<Case> {
    match Language::of(path) {
        Some(language @ Language::Rust) => rust(&code(text, language, Keep::Code)),
        Some(language @ Language::Python) => python(&code(text, language, Keep::Code)),
        Some(language @ Language::Script) => script(&code(text, language, Keep::Strings)),
        Some(language @ Language::Go) => go(text, &code(text, language, Keep::Code)),
        Some(language @ Language::Curly) => annotated(&code(text, language, Keep::Code)),
        Some(Language::Hash) | None => vec![],
    }
}

fn case(name: &str, set_aside: Option<&str>) -> Case {
    let set_aside = set_aside.map(|why| why.trim().chars().take(120).collect());
    Case { name: name.to_owned(), set_aside }
}

/// The word at the beginning of a text.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
    &text[..end.unwrap_or(text.len())]
}

/// `#[test]`, `#[tokio::test(…)]`, `#[rstest]` and the like, then the function.
fn rust(code: &str) -> Vec<Case> {
    let mut found = vec![];
    let (mut test, mut aside) = (false, None);
    for line in code.lines() {
        let mut line = line.trim();
        while let Some(rest) = line.strip_prefix("#[") {
            let end = rest.find(']').unwrap_or(rest.len());
            let attribute = rest[..end].trim();
            let path = attribute.split(['(', ' ', '=']).next().unwrap_or_default();
            let last = path.rsplit("::").next().unwrap_or_default();
            test |= matches!(
                last,
                "test"
                    | "rstest"
                    | "test_case"
                    | "proptest"
                    | "quickcheck"
                    | "wasm_bindgen_test"
                    | "traced_test"
            );
            let conditional =
                matches!(last, "cfg" | "cfg_attr") && attribute.replace(' ', "") != "cfg(test)";
            if last == "ignore" || conditional {
                aside = Some(format!("#[{attribute}]"));
            }
            line = rest.get(end + 1..).unwrap_or_default().trim();
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = words.iter().position(|word| *word == "fn");
        if let Some(name) = at.and_then(|at| words.get(at + 1)) {
            if test {
                found.push(case(word(name), aside.as_deref()));
            }
            (test, aside) = (false, None);
        } else if line.contains('{') || line.contains(';') {
            (test, aside) = (false, None);
        }
    }
    found
}

/// `def test_…`, in a module or a class, and the marks above it.
fn python(code: &str) -> Vec<Case> {
    let mut found: Vec<Case> = vec![];
    let (mut aside, mut class_aside): (Option<String>, Option<(usize, String)>) = (None, None);
    for line in code.lines() {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        if class_aside.as_ref().is_some_and(|(depth, _)| indent <= *depth) {
            class_aside = None;
        }
        if text.starts_with('@') {
            if marks_skip(text) {
                aside = Some(text.to_owned());
            }
            continue;
        }
        let function = text.strip_prefix("async ").unwrap_or(text).strip_prefix("def ");
        if let Some(name) = function.map(word) {
            if name.starts_with("test") {
                let why = aside.take().or_else(|| class_aside.as_ref().map(|(_, why)| why.clone()));
                found.push(case(name, why.as_deref()));
            }
            aside = None;
        } else if text.starts_with("class ") {
            class_aside = aside.take().map(|why| (indent, why));
        } else if let Some(last) = found.last_mut() {
            let skips = ["pytest.skip(", "pytest.xfail(", "self.skipTest(", "unittest.SkipTest"];
            if indent > 0 && skips.iter().any(|skip| text.contains(skip)) {
                last.set_aside.get_or_insert_with(|| text.to_owned());
            }
            aside = None;
        }
    }
    let module = code.lines().map(str::trim).find(|line| {
        line.starts_with("pytestmark") && marks_skip(line)
            || line.starts_with("pytest.skip(") && line.contains("allow_module_level")
            || line.starts_with("__test__") && line.ends_with("False")
            || line.starts_with("pytest.importorskip(")
    });
    if let Some(why) = module {
        for case in &mut found {
            case.set_aside = Some(why.to_owned());
        }
    }
    found
}

fn marks_skip(text: &str) -> bool {
    ["skip", "xfail", "expectedFailure"].iter().any(|mark| text.contains(mark))
}

/// `test("…")`, `it("…")`, with `.skip`, `.only`, `.todo`, and `describe` around them.
fn script(code: &str) -> Vec<Case> {
    const CALLS: [(&str, bool); 8] = [
        ("test", false),
        ("it", false),
        ("specify", false),
        ("describe", false),
        ("suite", false),
        ("xit", true),
        ("xtest", true),
        ("xdescribe", true),
    ];
    let mut found = vec![];
    let bytes = code.as_bytes();
    for (at, _) in code.match_indices('(') {
        // The name of what is called: `test`, `t.test`, `it.skip`, `describe.each`.
        let start =
            code[..at].rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
        let callee = &code[start.map_or(0, |start| start + 1)..at];
        let mut parts = callee.split('.').filter(|part| *part != "t");
        let Some((_, off)) =
            parts.next().and_then(|first| CALLS.iter().find(|(name, _)| *name == first))
        else {
            continue;
        };
        let marks: Vec<&str> = parts.collect();
        let quote = bytes.get(at + 1).copied().filter(|byte| matches!(byte, b'\'' | b'"' | b'`'));
        let Some(quote) = quote else { continue };
        let rest = &code[at + 2..];
        let Some(end) = rest.find(char::from(quote)) else { continue };
        let aside = marks.iter().find(|mark| ["skip", "only", "todo", "failing"].contains(mark));
        let behind = rest[end + 1..].trim_start_matches([' ', ',', '\n', '\t']);
        let options = behind.starts_with('{').then(|| behind.split('}').next()).flatten();
        let option = options.filter(|text| {
            ["skip", "todo", "only"].iter().any(|mark| {
                text.replace(' ', "").contains(&format!("{mark}:"))
                    && !text.replace(' ', "").contains(&format!("{mark}:false"))
            })
        });
        let why = match (off, aside, option) {
            (true, _, _) | (_, Some(_), _) => Some(callee),
            (false, None, option) => option,
        };
        let kind = if callee.contains("describe") || callee.starts_with("suite") {
            "describe "
        } else {
            ""
        };
        found.push(case(&format!("{kind}{}", &rest[..end]), why));
    }
    let skipped = code.lines().map(str::trim).find(|line| {
        ["t.skip(", "this.skip(", "ctx.skip(", "context.skip("]
            .iter()
            .any(|call| line.starts_with(call))
    });
    if let (Some(why), Some(last)) = (skipped, found.last_mut()) {
        last.set_aside.get_or_insert_with(|| why.to_owned());
    }
    found
}

/// `func TestX(t *testing.T)`; a build constraint stands in a comment.
fn go(text: &str, code: &str) -> Vec<Case> {
    let constraint = text
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("//go:build ") || line.starts_with("// +build "));
    let mut found: Vec<Case> = vec![];
    for line in code.lines().map(str::trim) {
        let name = line.strip_prefix("func ").map(word);
        if let Some(name) = name.filter(|name| {
            ["Test", "Fuzz", "Example"].iter().any(|kind| name.starts_with(kind))
                && *name != "TestMain"
        }) {
            found.push(case(name, constraint));
        } else if let Some(last) = found.last_mut()
            && [".Skip(", ".SkipNow(", ".Skipf("].iter().any(|call| line.contains(call))
        {
            last.set_aside.get_or_insert_with(|| line.to_owned());
        }
    }
    found
}

/// `@Test` above a method, and `@Disabled` or `@Ignore`.
fn annotated(code: &str) -> Vec<Case> {
    let mut found = vec![];
    let (mut test, mut aside) = (false, None);
    for line in code.lines().map(str::trim) {
        for mark in line.split_whitespace().filter(|word| word.starts_with('@')) {
            let name = word(&mark[1..]);
            test |= matches!(name, "Test" | "ParameterizedTest" | "RepeatedTest" | "TestFactory");
            if name.starts_with("Disabled") || name == "Ignore" || name.starts_with("Enabled") {
                aside = Some(mark.to_owned());
            }
        }
        let open = line.find('(').filter(|_| !line.starts_with('@'));
        if let Some(open) = open {
            if test {
                let name = line[..open].rsplit([' ', '`']).find(|word| !word.is_empty());
                found.push(case(name.unwrap_or_default(), aside.as_deref()));
            }
            (test, aside) = (false, None);
        }
    }
    found
}

#[cfg(test)]
mod tests;
