//! Which hosts the program of an agent kind needs: its model's provider, and where it logs in.
//!
//! What the environment names by a variable that ends in `_BASE_URL`, and what a definition or a
//! policy lists under `network.allow`, comes on top.

/// Hosts of Anthropic's models and their log-in.
const ANTHROPIC: [&str; 4] =
    ["api.anthropic.com", "console.anthropic.com", "platform.claude.com", "claude.ai"];
/// Hosts of OpenAI's models and their log-in.
const OPENAI: [&str; 3] = ["api.openai.com", "chatgpt.com", "auth.openai.com"];
/// Hosts of Google's models and their log-in.
const GOOGLE: [&str; 4] = [
    "generativelanguage.googleapis.com",
    "cloudcode-pa.googleapis.com",
    "oauth2.googleapis.com",
    "www.googleapis.com",
];
/// Hosts of gateways to many models, and the list of models that opencode reads.
const GATEWAYS: [&str; 3] = ["openrouter.ai", "opencode.ai", "models.dev"];

/// The hosts of a kind, in the form of rules. A kind that is driven through a protocol can be any
/// program, and has those of all providers.
pub fn of_kind(kind: &str) -> Vec<&'static str> {
    match kind {
        "claude" => ANTHROPIC.to_vec(),
        "codex" => OPENAI.to_vec(),
        "gemini" => GOOGLE.to_vec(),
        "acp" | "opencode" => [&ANTHROPIC[..], &OPENAI, &GOOGLE, &GATEWAYS].concat(),
        _other => vec![],
    }
}

/// Whether the program of a kind obeys the variables that name a proxy, for `https:` and `http:`
/// alike; `None` where it could be any program. `docs/sandbox.md` says how it was measured.
pub fn obeys_proxy(kind: &str) -> Option<bool> {
    match kind {
        "claude" | "codex" | "gemini" | "opencode" => Some(true),
        _other => None,
    }
}

#[cfg(test)]
mod tests {
    use gangline_domain::network::HostRule;

    use super::*;

    #[test]
    fn every_host_is_a_rule() {
        for kind in crate::registry::kinds().chain(["codex"]) {
            for host in of_kind(kind) {
                host.parse::<HostRule>().unwrap_or_else(|error| panic!("{kind}: {error}"));
            }
        }
        assert!(of_kind("command").is_empty());
    }
}
