//! Providers of models: how each kind's program finds its own, and how it says who it is.

use gangline_policy::Provider;

/// How a kind's program finds its provider, and how it says who it is.
pub(crate) struct Way {
    pub(crate) kind: &'static str,
    pub(crate) provider: Provider,
    /// The variable that says where the provider is, and where it is otherwise.
    pub(crate) base: (&'static str, &'static str),
    /// Variables with keys, the first that is set counts; with the header, and what stands before
    /// the key in it.
    pub(crate) keys: &'static [(&'static str, &'static str, &'static str)],
}

/// Where Codex is served to who has a subscription, unless the variable says otherwise.
pub(crate) const SUBSCRIPTION_BASE: &str = "https://chatgpt.com/backend-api/codex";

const BEARER: (&str, &str) = ("authorization", "Bearer ");

/// Kinds whose program takes its provider's address from the environment.
pub(crate) const WAYS: [Way; 3] = [
    Way {
        kind: "claude",
        provider: Provider::Anthropic,
        base: ("ANTHROPIC_BASE_URL", "https://api.anthropic.com"),
        keys: &[
            ("ANTHROPIC_API_KEY", "x-api-key", ""),
            ("ANTHROPIC_AUTH_TOKEN", BEARER.0, BEARER.1),
            ("CLAUDE_CODE_OAUTH_TOKEN", BEARER.0, BEARER.1),
        ],
    },
    Way {
        kind: "codex",
        provider: Provider::Openai,
        base: ("OPENAI_BASE_URL", "https://api.openai.com/v1"),
        keys: &[("OPENAI_API_KEY", BEARER.0, BEARER.1), ("CODEX_API_KEY", BEARER.0, BEARER.1)],
    },
    Way {
        kind: "gemini",
        provider: Provider::Google,
        base: ("GOOGLE_GEMINI_BASE_URL", "https://generativelanguage.googleapis.com"),
        keys: &[("GEMINI_API_KEY", "x-goog-api-key", "")],
    },
];

/// Variables of programs that work with any of several providers.
const OF_ANY: [&str; 4] =
    ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN"];

/// The way of a kind's program, where its provider's address is taken from the environment.
pub(crate) fn way_of(kind: &str) -> Option<&'static Way> {
    WAYS.iter().find(|way| way.kind == kind)
}

/// The variables by which a kind's program logs in: one of them at a time.
pub fn variables_of(kind: &str) -> Vec<&'static str> {
    match (way_of(kind), kind) {
        (Some(way), _) => way.keys.iter().map(|(name, ..)| *name).collect(),
        (None, "opencode" | "acp") => OF_ANY.into(),
        (None, _other) => vec![],
    }
}

/// The variable that says to a kind's program where its provider is, and where that is otherwise.
pub fn base_of(kind: &str) -> Option<(&'static str, &'static str)> {
    way_of(kind).map(|way| way.base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{vault, web};

    #[test]
    fn each_way_is_a_kinds_and_its_keys_are_known_as_such() {
        for way in &WAYS {
            assert!(gangline_agents::registry::driver(way.kind).is_ok(), "{}", way.kind);
            assert!(web::parts(way.base.1).is_some_and(|(_, tls, _)| tls));
            for (name, ..) in way.keys {
                assert!(vault::is_key(name) && variables_of(way.kind).contains(name));
            }
        }
    }
}
