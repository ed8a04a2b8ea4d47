//! The forms in which a value turns up in output: as it is, escaped, encoded, line by line.

use std::collections::BTreeSet;
use std::fmt::Write;

/// Bytes below which an encoded form or a line of a value is not looked for.
const FORM_BYTES_MIN: usize = 8;
/// Bytes below which one of several lines is not looked for: it may be a word.
const LINE_BYTES_MIN: usize = 16;
/// Where `base64` and `openssl` break their lines.
const BASE64_COLUMNS: [usize; 2] = [76, 64];
/// What delimits keys in files; no secret itself.
const ARMOUR: &[u8] = b"-----";

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// All forms of a value.
pub(super) fn of(value: &[u8]) -> BTreeSet<Vec<u8>> {
    let value = value.trim_ascii();
    let mut forms = BTreeSet::from([value.to_vec()]);
    let lines: Vec<&[u8]> = value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).collect();
    if lines.len() > 1 {
        let lines = lines.iter().filter(|line| line.len() >= LINE_BYTES_MIN);
        forms.extend(lines.filter(|line| !line.starts_with(ARMOUR)).map(|line| line.to_vec()));
    }
    for part in forms.clone() {
        forms.extend(escaped(&part));
        forms.extend(percent(&part));
        forms.extend(hexadecimal(&part));
        forms.extend(base64(&part));
    }
    forms.into_iter().filter(|form| form.len() >= FORM_BYTES_MIN).collect()
}

/// As a text in JSON, and as such a text in another one.
fn escaped(value: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(value) else { return vec![] };
    let inside = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let once = inside(text);
    let twice = inside(&once);
    vec![once.into_bytes(), twice.into_bytes()]
}

/// As in an address on the web, and as in a form's field.
fn percent(value: &[u8]) -> Vec<Vec<u8>> {
    let encoded = |upper: bool, plus: bool| {
        let mut text = String::with_capacity(value.len() * 3);
        for byte in value {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    text.push(char::from(*byte));
                }
                b' ' if plus => text.push('+'),
                _ if upper => write!(text, "%{byte:02X}").expect("BUG: a String takes all text"),
                _ => write!(text, "%{byte:02x}").expect("BUG: a String takes all text"),
            }
        }
        text.into_bytes()
    };
    vec![encoded(true, false), encoded(false, false), encoded(true, true)]
}

fn hexadecimal(value: &[u8]) -> Vec<Vec<u8>> {
    let mut text = String::with_capacity(value.len() * 2);
    for byte in value {
        write!(text, "{byte:02x}").expect("BUG: a String takes all text");
    }
    vec![text.to_uppercase().into_bytes(), text.into_bytes()]
}

/// What is the same wherever in a longer text the value begins, in both alphabets, and the parts of
/// it where a tool breaks its lines.
fn base64(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![];
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(value);
        let encoded = base64_of(&bytes);
        // Characters that hold bits of what stands before or behind differ.
        let first = (before * 8).div_ceil(6);
        let last = bytes.len() * 8 / 6;
        forms.push(encoded[first..last].to_vec());
        if before == 0 {
            for columns in BASE64_COLUMNS.into_iter().filter(|columns| encoded.len() > *columns) {
                let parts = encoded[..last].chunks(columns);
                forms.extend(parts.filter(|part| part.len() >= LINE_BYTES_MIN).map(<[u8]>::to_vec));
            }
        }
    }
    let safe = |form: &Vec<u8>| {
        let swapped = form.iter().map(|byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        });
        swapped.collect::<Vec<u8>>()
    };
    let safe: Vec<Vec<u8>> = forms.iter().map(safe).collect();
    forms.extend(safe);
    forms
}

/// Without padding.
fn base64_of(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let all = three.iter().fold(0_u32, |all, byte| (all << 8) | u32::from(*byte));
        let all = all << (8 * (3 - three.len()));
        for at in 0..=three.len() {
            let six = (all >> (18 - 6 * at)) & 63;
            text.push(BASE64[six as usize]);
        }
    }
    text
}
