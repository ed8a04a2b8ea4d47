//! Lines without what differs from run to run, and a number for many of them.

/// Units behind a number that make it an amount or a time.
const UNITS: [&str; 18] = [
    "ns", "us", "µs", "ms", "s", "sec", "secs", "m", "min", "h", "b", "kb", "mb", "gb", "kib",
    "mib", "x", "z",
];
/// Folders below which names are made up for one run.
const TEMPORARY: [&str; 6] =
    ["/tmp/", "/var/tmp/", "/private/var/", "/var/folders/", "/dev/shm/", "/run/"];
/// Parts of another absolute path that are kept, from its end: where a checkout lies differs.
const PATH_PARTS_KEPT: usize = 2;
/// Hexadecimal digits from which a word is taken for an id.
const HEX_DIGITS_MIN: usize = 7;

/// The line without numbers, ids, durations, temporary paths and surplus blanks. Digits within a
/// name stay: `test_2` and `E0308` are not `test_3` and `E0425`.
pub fn normalised(line: &str) -> String {
    let words = line.split_whitespace().map(word);
    words.collect::<Vec<_>>().join(" ")
}

/// FNV-1a over the lines, sorted, each once: what runs in parallel prints in any order.
pub(super) fn of<'t>(lines: impl IntoIterator<Item = &'t str>) -> String {
    let mut lines: Vec<String> = lines.into_iter().map(normalised).collect();
    lines.sort_unstable();
    lines.dedup();
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in lines.iter().flat_map(|line| line.bytes().chain([b'\n'])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

/// One word of a line; paths in it are shortened.
fn word(word: &str) -> String {
    // What stands around a path, such as a quotation mark or a bracket, stays.
    let start = word.find('/').filter(|at| {
        word[..*at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !"._-/".contains(c))
    });
    match start {
        Some(at) if !word[at..].starts_with("//") => {
            let (before, path) = word.split_at(at);
            format!("{}{}", plain(before), absolute(path))
        }
        Some(_) | None => plain(word),
    }
}

fn absolute(path: &str) -> String {
    if TEMPORARY.iter().any(|folder| path.starts_with(folder)) {
        return "/#".to_owned();
    }
    let parts: Vec<&str> = path.split('/').collect();
    let kept = &parts[parts.len().saturating_sub(PATH_PARTS_KEPT)..];
    plain(&kept.join("/"))
}

/// Without numbers and ids.
fn plain(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut token = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || c == '_' {
            token.push(c);
        } else {
            tell(&token, &mut told);
            token.clear();
            told.push(c);
        }
    }
    tell(&token, &mut told);
    // `3.14`, `1,000` and ids in parts are one number.
    let mut short = told;
    for joined in ["#.#", "#,#", "#-#", "#:#"] {
        while short.contains(joined) {
            short = short.replace(joined, "#");
        }
    }
    short
}

fn tell(token: &str, told: &mut String) {
    if is_varying(token) || (told.ends_with("#-") && is_hex(token)) {
        told.push('#');
    } else {
        told.push_str(token);
    }
}

fn is_varying(token: &str) -> bool {
    let digits = token.chars().take_while(char::is_ascii_digit).count();
    if digits == 0 {
        return token.len() >= HEX_DIGITS_MIN && has_digit(token) && is_hex(token);
    }
    let rest = &token[digits..];
    let hex = token.strip_prefix("0x").is_some_and(is_hex);
    let id = token.len() >= HEX_DIGITS_MIN && is_hex(token);
    // `22T10`, of a moment.
    let moment = rest.strip_prefix('T').is_some_and(|hour| hour.parse::<u8>().is_ok());
    rest.is_empty() || hex || id || moment || UNITS.contains(&rest.to_lowercase().as_str())
}

fn has_digit(token: &str) -> bool {
    token.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_hex(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_hexdigit())
}
