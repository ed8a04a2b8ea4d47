use super::*;

const VALUE: &str = "cN7/ry+\"q9 zK\\Wb3";

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn redactor() -> Redactor {
    Redactor::new([("canary", &secret(VALUE))])
}

fn each(bytes: &[u8], shown: fn(&u8) -> String) -> String {
    bytes.iter().map(shown).collect::<Vec<_>>().concat()
}

fn encoded(value: &[u8], with: &str) -> String {
    let b64 = |bytes: &[u8]| {
        let alphabet: Vec<char> =
            ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
        let bits = each(bytes, |byte| format!("{byte:08b}"));
        let sixes = bits.as_bytes().chunks(6).map(|six| {
            let six = format!("{:0<6}", std::str::from_utf8(six).unwrap());
            alphabet[usize::from_str_radix(&six, 2).unwrap()]
        });
        sixes.collect::<String>()
    };
    match with {
        "base64" => b64(value),
        "hex" => each(value, |byte| format!("{byte:02x}")),
        "url" => each(value, |byte| format!("%{byte:02X}")),
        other => panic!("{other}"),
    }
}

#[test]
fn a_value_goes_from_a_text_in_every_form() {
    let redactor = redactor();
    let json = serde_json::to_string(VALUE).unwrap();
    let twice = serde_json::to_string(&json).unwrap();
    for text in [format!("a {VALUE} b"), json, twice, encoded(VALUE.as_bytes(), "hex")] {
        let shown = redactor.text(&text);
        assert!(shown.contains("[secret canary]"), "{text}: {shown}");
        assert!(!shown.contains("cN7") && !shown.contains("634e37"), "{shown}");
    }
    assert_eq!(redactor.text("x=cN7%2Fry%2B%22q9%20zK%5CWb3&"), "x=[secret canary]&");
    assert_eq!(redactor.text("x=cN7%2Fry%2B%22q9+zK%5CWb3&"), "x=[secret canary]&");
    assert_eq!(redactor.text("nothing of it"), "nothing of it");
}

#[test]
fn base64_is_known_at_every_place_of_a_longer_text() {
    let redactor = redactor();
    for before in ["", "a", "ab", "abc", "user:"] {
        let text = encoded(format!("{before}{VALUE} and more").as_bytes(), "base64");
        let shown = redactor.text(&text);
        assert!(shown.contains("[secret canary]"), "behind {before:?}: {text}");
        let safe = text.replace('+', "-").replace('/', "_");
        assert!(redactor.text(&safe).contains("[secret canary]"), "{safe}");
    }
    let long = secret(&"Zq3xW9".repeat(20));
    let text = encoded(long.bytes(), "base64");
    let broken: Vec<&str> =
        text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let shown = Redactor::new([("long", &long)]).text(&broken.join("\n")).into_owned();
    assert_eq!(shown, "[secret long]\n[secret long]\n[secret long]");
}

#[test]
fn lines_of_a_key_are_known_one_by_one() {
    let key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END KEY-----\n";
    let redactor = Redactor::new([("key", &secret(key))]);
    assert_eq!(redactor.text("> AQEFAASCBKcwggSjAgEAAoIB <"), "> [secret key] <");
    assert_eq!(redactor.text("-----BEGIN KEY-----"), "[secret key]");
    assert_eq!(redactor.text(&format!("key: {key}!")), "key: [secret key]\n!");
}

#[test]
fn pieces_at_the_ends_go_too() {
    let redactor = redactor();
    assert_eq!(redactor.text("it is cN7/ry+"), "it is [secret canary]");
    assert_eq!(redactor.text("it is cN7/ry+…"), "it is [secret canary]");
    assert_eq!(redactor.text("K\\Wb3 was it"), "K\\Wb3 was it", "too short to be known");
    assert_eq!(redactor.text(" zK\\Wb3 was it"), "[secret canary] was it");
    assert_eq!(redactor.text("cN7/r"), "cN7/r", "too short to be known");
}

#[test]
fn a_stream_is_the_same_wherever_it_is_cut() {
    let redactor = redactor();
    let text = format!("one {VALUE}{VALUE} two {} three", encoded(VALUE.as_bytes(), "hex"));
    let expected = redactor.text(&text).into_owned();
    assert_eq!(expected, "one [secret canary][secret canary] two [secret canary] three");
    for size in 1..text.len() {
        let mut stream = redactor.stream();
        let mut shown: Vec<u8> =
            text.as_bytes().chunks(size).flat_map(|piece| stream.push(piece)).collect();
        shown.extend(stream.finish());
        assert_eq!(String::from_utf8(shown).unwrap(), expected, "in pieces of {size}");
    }
}

#[test]
fn what_is_said_in_pieces_is_known_too() {
    let redactor = redactor();
    let text = format!("it is {VALUE}, yes");
    for size in EDGE_BYTES_MIN..text.len() {
        let mut before = vec![];
        let pieces: Vec<String> = text
            .as_bytes()
            .chunks(size)
            .map(|piece| redactor.piece(&mut before, std::str::from_utf8(piece).unwrap()))
            .collect();
        let said = pieces.concat();
        let longest = (1..VALUE.len()).rev().find(|n| {
            VALUE
                .as_bytes()
                .windows(*n)
                .any(|part| said.contains(std::str::from_utf8(part).unwrap()))
        });
        assert!(longest < Some(EDGE_BYTES_MIN), "in pieces of {size}: {said}");
        assert!(said.contains("[secret canary]") && said.starts_with("it is "), "{said}");
    }
}

#[test]
fn json_keeps_its_shape_and_length_is_kept_where_it_must_be() {
    let redactor = redactor();
    let mut value = serde_json::json!({ "a": [VALUE, 1, null], VALUE: { "b": VALUE } });
    redactor.json(&mut value);
    let label = "[secret canary]";
    assert_eq!(value, serde_json::json!({ "a": [label, 1, null], label: { "b": label } }));
    let mut body = format!("<{VALUE}>").into_bytes();
    let length = body.len();
    redactor.cover(&mut body);
    assert_eq!(body, format!("<{}>", "*".repeat(length - 2)).into_bytes());
}

#[test]
fn a_secret_is_never_shown_and_no_word() {
    assert_eq!(
        format!("{:?} {:?}", secret(VALUE), redactor()),
        "Secret(…) Redactor([\"[secret canary]\"])"
    );
    assert_eq!(Secret::new(" 1234567\n"), Err(BadSecret::TooShort));
    assert_eq!(Secret::new(vec![b'x'; SECRET_BYTES_MAX + 1]), Err(BadSecret::TooLong));
    assert_eq!(secret("12345678\r\n").as_variable(), Some("12345678"));
    assert_eq!(secret("1234\x005678").as_variable(), None);
}

#[test]
fn a_use_names_a_file_or_a_variable() {
    let check = |text: &str, expected: Result<&str, &str>| {
        let read = text.parse::<SecretUse>();
        let read = read.map(|told| told.to_string()).map_err(|error| error.to_string());
        match expected {
            Ok(shown) => assert_eq!(read.as_deref(), Ok(shown)),
            Err(part) => assert!(read.clone().is_err_and(|why| why.contains(part)), "{read:?}"),
        }
    };
    check("npm-token", Ok("npm-token"));
    check("NPM_TOKEN = npm-token", Ok("NPM_TOKEN=npm-token"));
    check("../x", Err("is not a secret's name"));
    check("LD_PRELOAD=x", Err("decides which programs run"));
    check("PATH=x", Err("decides which programs run"));
    check("1A=x", Err("no digit first"));
}
