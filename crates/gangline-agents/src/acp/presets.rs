//! What is known of the agents that speak the protocol: one row each.

use std::time::Duration;

/// What is known of an agent. All of it is measured for those with a `tested` version, and taken
/// from their documentation for the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// As definitions write it: `preset: NAME`.
    pub name: &'static str,
    /// A name on the PATH. Empty where a definition has to name it.
    pub program: &'static str,
    /// Its first arguments.
    pub args: &'static [&'static str],
    /// Variables that a plan may set otherwise.
    pub env: &'static [(&'static str, &'static str)],
    /// Variables that name a folder of its own, and that folder below the attempt's home.
    pub folders: &'static [(&'static str, &'static str)],
    /// How it comes to ask leave for what it does.
    pub asking: Asking,
    /// What it does with words that come while it works.
    pub steering: Steering,
    /// How long it may take to exit when its input ends; no time at all where it does not.
    pub linger: Duration,
    /// How long it may be silent while no tool runs, where it is known to try the model's
    /// provider again for ever without a word.
    pub silence_max: Option<Duration>,
    /// How a person logs in.
    pub login: &'static str,
    /// Variables with a key, and the protocol's method that uses it.
    pub logins: &'static [(&'static str, &'static str)],
    /// The version that the above was measured with.
    pub tested: Option<&'static str>,
}

/// How an agent comes to ask leave for what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// It asks by itself. Where leave need not be asked, the driver gives it.
    ByItself,
    /// It asks when it is set up so.
    Set {
        /// To ask.
        asks: Setup,
        /// To work without.
        free: Setup,
    },
    /// Not known. Where leave must be asked it is not started.
    Unknown,
}

/// More arguments and variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// Behind the preset's.
    pub args: &'static [&'static str],
    /// Variables that a plan may not set otherwise.
    pub env: &'static [(&'static str, &'static str)],
}

/// What an agent does with a prompt that comes while it works on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steering {
    /// It hears it at its next step, or after its turn, and answers both.
    Queues,
    /// The protocol does not say, so its turn is cancelled first.
    Yields,
}

/// For agents that exit when their input ends.
const EXITS: Duration = Duration::from_secs(3);
/// For agents that do not.
const STAYS: Duration = Duration::ZERO;
/// Ten minutes, in which a provider that is overloaded for a moment comes back.
pub(crate) const SILENCE_MAX: Duration = Duration::from_mins(10);

/// All agents that are known by a name.
pub static PRESETS: [Preset; 19] = [
    Preset {
        env: &[
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
            ("DISABLE_TELEMETRY", "1"),
            ("DISABLE_ERROR_REPORTING", "1"),
            ("DISABLE_AUTOUPDATER", "1"),
            ("CLAUDE_CODE_DISABLE_BACKGROUND_TASKS", "1"),
            ("API_TIMEOUT_MS", "600000"),
        ],
        folders: &[("CLAUDE_CONFIG_DIR", ".claude")],
        asking: Asking::ByItself,
        ..documented(
            "claude-agent-acp",
            "claude-agent-acp",
            &[],
            "ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN",
        )
    },
    Preset {
        folders: &[("CODEX_HOME", ".codex")],
        asking: Asking::Set {
            asks: Setup { args: &[], env: &[("INITIAL_AGENT_MODE", "read-only")] },
            free: Setup { args: &[], env: &[("INITIAL_AGENT_MODE", "agent-full-access")] },
        },
        logins: CODEX_LOGINS,
        ..documented("codex-acp", "codex-acp", &[], CODEX_LOGIN)
    },
    Preset {
        folders: &[("CODEX_HOME", ".codex")],
        // Its own sandbox would keep it from committing: Gangline's is around it.
        asking: Asking::Set {
            asks: Setup {
                args: &[
                    "-c",
                    "sandbox_mode=\"danger-full-access\"",
                    "-c",
                    "approval_policy=\"untrusted\"",
                ],
                env: &[],
            },
            free: Setup {
                args: &[
                    "-c",
                    "sandbox_mode=\"danger-full-access\"",
                    "-c",
                    "approval_policy=\"never\"",
                ],
                env: &[],
            },
        },
        linger: STAYS,
        logins: CODEX_LOGINS,
        tested: Some("0.16.0"),
        ..documented(
            "zed-codex-acp",
            "codex-acp",
            &["-c", "check_for_update_on_startup=false", "-c", "analytics.enabled=false"],
            CODEX_LOGIN,
        )
    },
    Preset {
        env: &crate::gemini::QUIET,
        asking: Asking::ByItself,
        logins: &[("GEMINI_API_KEY", "gemini-api-key")],
        tested: Some("0.61.0"),
        ..documented("gemini", "gemini", &["--acp"], "GEMINI_API_KEY")
    },
    Preset {
        env: &crate::opencode::QUIET,
        asking: Asking::Set {
            asks: Setup { args: &[], env: &[("OPENCODE_PERMISSION", "{\"*\":\"ask\"}")] },
            free: Setup { args: &[], env: &[("OPENCODE_PERMISSION", "{\"*\":\"allow\"}")] },
        },
        steering: Steering::Queues,
        silence_max: Some(SILENCE_MAX),
        tested: Some("1.18.33"),
        ..documented(
            "opencode",
            "opencode",
            &["acp"],
            "a provider's key, such as ANTHROPIC_API_KEY, or `opencode auth login`",
        )
    },
    // The program is this one, under its own subcommand.
    Preset {
        asking: Asking::ByItself,
        tested: Some(env!("CARGO_PKG_VERSION")),
        ..documented("scripted", "", &["--acp"], "nothing")
    },
    Preset {
        env: &[("AUGMENT_DISABLE_AUTO_UPDATE", "1")],
        ..documented("auggie", "auggie", &["--acp"], "AUGMENT_SESSION_AUTH")
    },
    documented("cline", "cline", &["--acp"], "`cline auth`"),
    documented("copilot", "copilot", &["--acp"], "GH_TOKEN"),
    documented("cursor", "cursor-agent", &["acp"], "CURSOR_API_KEY"),
    Preset {
        env: &[
            ("DROID_DISABLE_AUTO_UPDATE", "true"),
            ("FACTORY_DROID_AUTO_UPDATE_ENABLED", "false"),
        ],
        ..documented("droid", "droid", &["exec", "--output-format", "acp"], "FACTORY_API_KEY")
    },
    documented("goose", "goose", &["acp"], "`goose configure`, or GOOSE_PROVIDER and its key"),
    documented("junie", "junie", &["--acp=true"], "JUNIE_API_KEY"),
    documented("kilo", "kilo", &["acp"], "`kilo auth login`"),
    documented("kimi", "kimi", &["acp"], "`kimi login`"),
    documented("kiro", "kiro-cli", &["acp"], "`kiro-cli login`"),
    documented("qoder", "qodercli", &["--acp"], "`qodercli login`"),
    documented("qwen", "qwen", &["--acp"], "OPENAI_API_KEY with OPENAI_BASE_URL"),
    documented("vibe", "vibe-acp", &[], "MISTRAL_API_KEY"),
];

/// An agent of which no more is known than how to start it.
pub(super) static ANY: Preset = documented("", "", &[], "");

const CODEX_LOGIN: &str = "OPENAI_API_KEY or CODEX_API_KEY";
const CODEX_LOGINS: &[(&str, &str)] =
    &[("CODEX_API_KEY", "codex-api-key"), ("OPENAI_API_KEY", "openai-api-key")];

const fn documented(
    name: &'static str,
    program: &'static str,
    args: &'static [&'static str],
    login: &'static str,
) -> Preset {
    Preset {
        name,
        program,
        args,
        env: &[],
        folders: &[],
        asking: Asking::Unknown,
        steering: Steering::Yields,
        linger: EXITS,
        silence_max: None,
        login,
        logins: &[],
        tested: None,
    }
}

impl Preset {
    /// The preset of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// What is added so that it asks leave, or needs not; `None` where it cannot be brought to.
    pub(super) fn setup(&self, asks_leave: bool) -> Option<Setup> {
        let nothing = Setup { args: &[], env: &[] };
        match (self.asking, asks_leave) {
            (Asking::ByItself, _) | (Asking::Unknown, false) => Some(nothing),
            (Asking::Set { asks, .. }, true) => Some(asks),
            (Asking::Set { free, .. }, false) => Some(free),
            (Asking::Unknown, true) => None,
        }
    }
}
