use super::*;

fn check(path: &str, line: &str, hides: bool) {
    let found = if Language::of(path).is_some() { in_source(line) } else { in_text(line) };
    assert_eq!(found.is_some(), hides, "{line:?}: {found:?}");
}

#[test]
fn source_that_is_not_what_it_looks_like_is_found() {
    check("a.rs", "if admin { /* \u{202e} } \u{2066}if begin */", true);
    check("a.py", "access\u{200b}_level = 1", true);
    check("a.js", "const \u{430}dmin = true // mixed: \u{430}dmin", true);
    check("a.go", &format!("x := 1{}; evil()", " ".repeat(200)), true);
    check("a.go", &format!("{}evil()", "\t".repeat(300)), true);
    check("a.py", "ok = 1\rbad = 2", true);
    check("a.py", "note = 'x\u{e0041}\u{e0042}'", true);
}

#[test]
fn honest_text_of_the_world_is_not() {
    check("a.rs", "let family = \"\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\";", false);
    check("a.py", "greeting = 'שלום עולם'", false);
    check("a.js", "const λ = x => x * 2, Δt = 1;", false);
    check("a.js", "\u{feff}const first = 1;", false);
    check("a.rs", &format!("{}deep();", " ".repeat(60)), false);
    check("a.rs", "// Привет, SMS-сообщение", false);
    check("ru.json", "\"title\": \"SMSка и \u{2068}имя\u{2069}\"", false);
    check("ar.ftl", "hello = مرحبا \u{2067}{ $name }\u{2069}", false);
    check("flag.md", "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", false);
}

#[test]
fn text_that_overrides_its_direction_is_found() {
    check("a.md", "see \u{202e}txt.exe", true);
    check("a.md", "begun \u{2067}and not ended", true);
}
