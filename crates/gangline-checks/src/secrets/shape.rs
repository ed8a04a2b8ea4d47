//! What secrets of well-known kinds look like: each begins with words that its maker chose so that
//! it is found.
//!
//! Sources: the makers' own descriptions of their tokens' prefixes and lengths.

/// A kind of secret: what it begins with, of what letters and how many it is then.
struct Shape {
    what: &'static str,
    start: &'static [u8],
    letters: fn(u8) -> bool,
    least: usize,
}

const SHAPES: [Shape; 20] = [
    Shape { what: "an AWS access key", start: b"AKIA", letters: upper, least: 16 },
    Shape { what: "an AWS access key", start: b"ASIA", letters: upper, least: 16 },
    Shape { what: "a GitHub token", start: b"ghp_", letters: word, least: 36 },
    Shape { what: "a GitHub token", start: b"gho_", letters: word, least: 36 },
    Shape { what: "a GitHub token", start: b"ghs_", letters: word, least: 36 },
    Shape { what: "a GitHub token", start: b"github_pat_", letters: word, least: 60 },
    Shape { what: "a GitLab token", start: b"glpat-", letters: dashed, least: 20 },
    Shape { what: "a Slack token", start: b"xoxb-", letters: dashed, least: 24 },
    Shape { what: "a Slack token", start: b"xoxp-", letters: dashed, least: 24 },
    Shape { what: "a Google API key", start: b"AIza", letters: dashed, least: 35 },
    Shape { what: "an Anthropic key", start: b"sk-ant-", letters: dashed, least: 40 },
    Shape { what: "an OpenAI key", start: b"sk-proj-", letters: dashed, least: 40 },
    Shape { what: "a Stripe key", start: b"sk_live_", letters: word, least: 20 },
    Shape { what: "a Stripe key", start: b"rk_live_", letters: word, least: 20 },
    Shape { what: "an npm token", start: b"npm_", letters: word, least: 36 },
    Shape { what: "a PyPI token", start: b"pypi-AgEI", letters: dashed, least: 50 },
    Shape { what: "a crates.io token", start: b"cio", letters: word, least: 32 },
    Shape { what: "a Hugging Face token", start: b"hf_", letters: word, least: 34 },
    Shape { what: "a SendGrid key", start: b"SG.", letters: dotted, least: 60 },
    Shape { what: "a DigitalOcean token", start: b"dop_v1_", letters: word, least: 64 },
];

/// What a private key begins with, and what must follow before it is one.
const PRIVATE: &[u8] = b"PRIVATE KEY-----";
/// Letters of a private key without which it is only its heading.
const PRIVATE_LEAST: usize = 64;

fn upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn dashed(byte: u8) -> bool {
    word(byte) || byte == b'-'
}

fn dotted(byte: u8) -> bool {
    dashed(byte) || byte == b'.'
}

/// The first thing in `bytes` that looks like a secret of a well-known kind, in words, and the
/// bytes that do.
pub fn secret_shape(bytes: &[u8]) -> Option<(&'static str, &[u8])> {
    let by_start = SHAPES.iter().find_map(|shape| Some((shape.what, shaped(bytes, shape)?)));
    by_start.or_else(|| Some(("a private key", private_key(bytes)?)))
}

fn shaped<'b>(bytes: &'b [u8], shape: &Shape) -> Option<&'b [u8]> {
    memchr::memmem::find_iter(bytes, shape.start).find_map(|at| {
        let free = at == 0 || !dashed(bytes[at - 1]);
        let rest = &bytes[at + shape.start.len()..];
        let long = rest.iter().take_while(|byte| (shape.letters)(**byte)).count();
        let text = &rest[..long];
        (free && long >= shape.least && is_random(text))
            .then_some(&bytes[at..][..shape.start.len() + long])
    })
}

/// What people write instead of a secret is made of few letters, or says so.
fn is_random(text: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in text {
        seen[usize::from(*byte)] = true;
    }
    let upper = text.to_ascii_uppercase();
    let says =
        [&b"EXAMPLE"[..], b"XXXX", b"YOUR", b"DUMMY", b"PLACEHOLDER", b"REDACTED", b"1234567890"];
    seen.iter().filter(|seen| **seen).count() >= 8
        && !says.iter().any(|word| memchr::memmem::find(&upper, word).is_some())
}

fn private_key(bytes: &[u8]) -> Option<&[u8]> {
    memchr::memmem::find_iter(bytes, PRIVATE).find_map(|at| {
        let rest = &bytes[at + PRIVATE.len()..];
        let end = memchr::memmem::find(rest, b"-----")?;
        let body = &rest[..end];
        let letters = body.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
        (letters >= PRIVATE_LEAST && is_random(body)).then_some(body)
    })
}

#[cfg(test)]
mod tests;
