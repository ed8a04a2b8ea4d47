//! This machine's own configuration: what no repository may decide.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gangline_domain::ids::{AgentKind, ForgeName, McpName, SecretName};
use gangline_domain::network::NetworkMode;
use gangline_domain::resources::ByteSize;
use serde::Deserialize;
use serde::de::{self, Deserializer};
use toml::Spanned;

use crate::amount::whole;
use crate::ceiling::Ceiling;
use crate::error::{PolicyError, Problem};
use crate::forges::ForgeRef;
use crate::gateway::Gateway;
use crate::http::{Http, SeedApi, SeedAuth};
use crate::mcp::{self, McpServer};
use crate::name::{EnvName, HookName};
use crate::oidc::OidcPolicy;
use crate::push::PushPolicy;
use crate::secrets::SecretRef;
use crate::source::Source;
use crate::traces::TracesPolicy;
use crate::webhooks::{self, IntakeRef, WebhookRef};

/// Bytes that the configuration may have.
pub const MACHINE_CONFIG_BYTES_MAX: usize = 64 * 1024;

/// What agents of every kind get of the person's environment unless the file says otherwise:
/// the ways to reach a model, and nothing else.
const PASS_DEFAULT: [&str; 9] = [
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CODEX_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_GEMINI_BASE_URL",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
];

/// `config.toml` in `$XDG_CONFIG_HOME/gangline`. Absent keys, and an absent file, mean defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MachineConfig {
    /// `[sandbox]`.
    pub sandbox: MachineSandbox,
    /// `[agents.programs]`: where the program of an agent kind is, as an absolute path.
    pub programs: BTreeMap<AgentKind, PathBuf>,
    /// `[env] pass`: variables that agents may get from the daemon's environment.
    pub pass: Pass,
    /// `[secrets.NAME]`: where secrets are, and who may name them.
    pub secrets: BTreeMap<SecretName, SecretRef>,
    /// `[forges.NAME]`: where commits may be pushed to be checked, and what logs in there.
    pub forges: BTreeMap<ForgeName, ForgeRef>,
    /// `[gateway]`.
    pub gateway: Gateway,
    /// `[mcp.NAME]`: servers of tools, for agents that ask for them by name.
    pub mcp: BTreeMap<McpName, McpServer>,
    /// `[daemon]`.
    pub daemon: Daemon,
    /// `[external]`.
    pub external: ExternalSessions,
    /// `[http]`.
    pub http: Http,
    /// `[seed_api]`.
    pub seed_api: SeedApi,
    /// `[oidc]`.
    pub oidc: Option<Box<OidcPolicy>>,
    /// `[webhooks.NAME]`: who is told of what happens.
    pub webhooks: BTreeMap<HookName, WebhookRef>,
    /// `[intake.NAME]`: whose signed requests become tickets.
    pub intake: BTreeMap<HookName, IntakeRef>,
    /// `[traces]`.
    pub traces: Option<Box<TracesPolicy>>,
    /// `[push]`.
    pub push: PushPolicy,
}

/// `[external]`: sessions that Gangline does not start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExternalSessions {
    /// How far their webhooks may reach.
    pub webhooks: WebhookReach,
}

/// Which addresses webhooks may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookReach {
    /// None at all.
    None,
    /// Those of this machine.
    #[default]
    Loopback,
    /// And those of private networks.
    Private,
}

/// `[sandbox]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineSandbox {
    /// Which tier to use; the best that the machine can give when absent.
    pub tier: Option<SandboxTier>,
    /// Whether agents and checks may run without a sandbox.
    pub allow_none: bool,
    /// Further paths that are readable inside, such as toolchains. Absolute.
    pub read: Vec<PathBuf>,
    /// How much of the network agents may have at most.
    pub network: NetworkMode,
}

impl Default for MachineSandbox {
    fn default() -> Self {
        Self { tier: None, allow_none: false, read: vec![], network: NetworkMode::Open }
    }
}

/// A sandbox tier that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SandboxTier {
    /// Tier L2.
    Bubblewrap,
    /// Tier L1.
    Landlock,
    /// Tier L0: none. Needs `allow_none`.
    None,
}

/// Names of environment variables.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Pass(pub BTreeSet<EnvName>);

impl Default for Pass {
    fn default() -> Self {
        let name = |text: &str| text.parse().expect("BUG: a default name is a name");
        Self(PASS_DEFAULT.into_iter().map(name).collect())
    }
}

/// `[daemon]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Daemon {
    /// What its log tells.
    pub log: LogLevel,
    /// How its log is written.
    pub log_format: LogFormat,
    /// Mebibytes of its log file after which it begins a new one, 1 to 1024; three old ones stay.
    #[serde(deserialize_with = "whole::<_, _, 1, 1024>")]
    pub log_mib: u32,
    /// Mebibytes that are set aside so that a full disk leaves room to act, 1 to 1024.
    #[serde(deserialize_with = "whole::<_, _, 1, 1024>")]
    pub ballast_mib: u32,
    /// Attempts at once of all projects together, 1 to 128.
    #[serde(deserialize_with = "whole::<_, _, 1, 128>")]
    pub agents_max: u32,
    /// Daily backups of the store that are kept, 1 to 365.
    #[serde(deserialize_with = "whole::<_, _, 1, 365>")]
    pub backups_max: u32,
    /// Mebibytes of each job's journal after which what agents and tools say is left out, 1 to 4096.
    #[serde(deserialize_with = "whole::<_, _, 1, 4096>")]
    pub journal_mib: u32,
    /// A person is told when less is free on the disk of the state.
    pub disk_alert: ByteSize,
    /// A person is told when less of the machine's memory is available.
    pub memory_alert: ByteSize,
}

impl Default for Daemon {
    fn default() -> Self {
        Self {
            log: LogLevel::default(),
            log_format: LogFormat::default(),
            log_mib: 16,
            ballast_mib: 8,
            agents_max: 12,
            backups_max: 7,
            journal_mib: 32,
            disk_alert: ByteSize::mib(2 * 1024),
            memory_alert: ByteSize::mib(512),
        }
    }
}

/// How a log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A JSON object a line, for programs.
    Json,
}

/// How much a log tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// Failures only.
    Error,
    /// And what may become one.
    Warn,
    /// And what happens.
    #[default]
    Info,
    /// And why.
    Debug,
    /// Everything.
    Trace,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MachineText {
    #[serde(default)]
    sandbox: SandboxText,
    #[serde(default)]
    agents: AgentsText,
    #[serde(default)]
    env: EnvText,
    #[serde(default)]
    secrets: BTreeMap<SecretName, SecretRef>,
    #[serde(default)]
    forges: BTreeMap<ForgeName, ForgeRef>,
    #[serde(default)]
    gateway: Gateway,
    #[serde(default, deserialize_with = "mcp::servers")]
    mcp: BTreeMap<McpName, McpServer>,
    #[serde(default)]
    daemon: Daemon,
    #[serde(default)]
    external: ExternalSessions,
    #[serde(default)]
    http: Http,
    #[serde(default = "seed_api")]
    seed_api: Spanned<SeedApi>,
    oidc: Option<Box<OidcPolicy>>,
    #[serde(default, deserialize_with = "webhooks::webhooks")]
    webhooks: BTreeMap<HookName, WebhookRef>,
    #[serde(default, deserialize_with = "webhooks::intakes")]
    intake: BTreeMap<HookName, IntakeRef>,
    traces: Option<Box<TracesPolicy>>,
    #[serde(default)]
    push: PushPolicy,
}

fn seed_api() -> Spanned<SeedApi> {
    Spanned::new(0..0, SeedApi::default())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SandboxText {
    tier: Option<Spanned<SandboxTier>>,
    allow_none: bool,
    read: Vec<AbsolutePath>,
    network: Option<Ceiling>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AgentsText {
    programs: BTreeMap<AgentKind, AbsolutePath>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct EnvText {
    pass: Pass,
}

#[derive(Debug)]
pub(crate) struct AbsolutePath(pub(crate) PathBuf);

impl<'de> Deserialize<'de> for AbsolutePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let path = PathBuf::from(&text);
        if !path.is_absolute() || text.chars().any(char::is_control) {
            let given = text.escape_debug();
            let message = format!("`{given}` is not an absolute path\nbegin it with /");
            return Err(de::Error::custom(message));
        }
        Ok(Self(path))
    }
}

impl MachineConfig {
    /// Reads the configuration. `file` is what errors call it by.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its place.
    pub fn parse(text: &str, file: &str) -> Result<Self, PolicyError> {
        let source = Source { text, file };
        source.bounded(MACHINE_CONFIG_BYTES_MAX)?;
        let written: MachineText = source.read()?;
        let sandbox = written.sandbox;
        if let Some(tier) = &sandbox.tier
            && *tier.get_ref() == SandboxTier::None
            && !sandbox.allow_none
        {
            let problem = Problem::Contradiction(
                "tier \"none\" lets agents and checks write wherever you can".to_owned(),
            );
            let help = "if that is what you want, add allow_none = true under [sandbox]";
            return Err(source.error(Some(tier.span()), problem, Some(help.to_owned())));
        }
        let seed_api = written.seed_api.get_ref();
        if seed_api.auth == SeedAuth::Jwt && seed_api.jwt.is_none() {
            let problem = Problem::Contradiction("nothing says how JWTs are judged".to_owned());
            let help = "say it under [seed_api.jwt], as docs/workers-api.md does";
            let at = written.seed_api.span();
            return Err(source.error(Some(at), problem, Some(help.to_owned())));
        }
        let programs = written.agents.programs.into_iter();
        Ok(Self {
            sandbox: MachineSandbox {
                tier: sandbox.tier.map(Spanned::into_inner),
                allow_none: sandbox.allow_none,
                read: sandbox.read.into_iter().map(|path| path.0).collect(),
                network: sandbox.network.map_or(NetworkMode::Open, |ceiling| ceiling.0),
            },
            programs: programs.map(|(kind, path)| (kind, path.0)).collect(),
            pass: written.env.pass,
            secrets: written.secrets,
            forges: written.forges,
            gateway: written.gateway,
            mcp: written.mcp,
            daemon: written.daemon,
            external: written.external,
            http: written.http,
            seed_api: written.seed_api.into_inner(),
            oidc: written.oidc,
            webhooks: written.webhooks,
            intake: written.intake,
            traces: written.traces,
            push: written.push,
        })
    }
}

#[cfg(test)]
mod tests;
