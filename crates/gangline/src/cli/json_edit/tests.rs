use super::*;

fn read(text: &str) -> Result<Document<'_>, Malformed> {
    Document::parse(text, Flavour::WithComments)
}

#[test]
fn comments_and_last_commas_are_read_over_and_stay() {
    let text = "// Zoë's /* own */ file\n{\n  \"a\": \"// no, comment\", /* one\n two */\n  \
                \"l\": [1, 2, ], // the last\n}\n";
    let document = read(text).unwrap();
    assert_eq!(document.value(), &serde_json::json!({ "a": "// no, comment", "l": [1, 2] }));
    insta::assert_snapshot!(document.grown(&document.whole(), "\"b\": {\n  \"c\": 1\n}"), @r#"
    // Zoë's /* own */ file
    {
      "a": "// no, comment", /* one
     two */
      "l": [1, 2, ], // the last
      "b": {
        "c": 1
      }
    }
    "#);
}

#[test]
fn a_comma_is_put_in_where_one_is_missing() {
    let grown = |text: &str| {
        let document = read(text).unwrap();
        let grown = document.grown(&document.whole(), "\"b\": 2");
        assert!(read(&grown).is_ok(), "{grown}");
        grown
    };
    assert_eq!(
        grown("{\"a\": \"\\\\\\\"//\" // why\n}"),
        "{\"a\": \"\\\\\\\"//\", // why\n  \"b\": 2\n}"
    );
    assert_eq!(grown("{ // nothing, yet\n}"), "{ // nothing, yet\n  \"b\": 2\n}");
    assert_eq!(grown("{}"), "{\n  \"b\": 2\n}");
}

#[test]
fn what_is_wrong_is_told_by_its_place() {
    let told = ["{\n  \"a\": 1\n  \"b\": 2\n}", "[]", "{\"a\": /* 1 }", "{\"a\": \"x", "{,}"].map(
        |text| {
            let Malformed { line, column, message } = read(text).unwrap_err();
            format!("{line}:{column}: {message}")
        },
    );
    insta::assert_snapshot!(told.join("\n"), @"
    3:3: expected `,` or `}`
    1:1: it is not an object
    1:7: expected value
    1:8: EOF while parsing a string
    1:2: key must be a string
    ");
}
