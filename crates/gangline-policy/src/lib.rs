//! A project's committed policy, `gangline.toml`, and this machine's own configuration.
//!
//! Pure: text in, values out. No file is opened and no program is asked here; what `propose`
//! needs to know of a repository is passed in.
//!
//! ```text
//!   gangline.toml ──Policy::parse──────────▶ Policy         one project, judged by its base commit
//!   config.toml ────MachineConfig::parse───▶ MachineConfig  this machine, never committed
//!   tracked files ──propose──▶ Proposals ──Policy::render_default──▶ a first gangline.toml
//! ```
//!
//! Every error names file, line and column, shows the line with a caret, and says what to write
//! instead where that can be known.

mod agents;
mod amount;
mod ceiling;
mod change;
mod check;
mod command;
#[cfg(test)]
mod documented;
mod error;
mod external_ci;
mod forges;
mod gateway;
mod http;
mod landing;
mod limits;
mod machine;
mod mcp;
mod name;
mod oidc;
mod patterns;
mod period;
mod permissions;
mod policy;
mod propose;
mod protected;
mod push;
mod render;
mod retry;
mod reviewer;
mod runner;
mod schedule;
mod secrets;
mod setup;
mod similar;
mod source;
mod suite;
mod template;
mod traces;
mod webhooks;
mod worktree;

pub use agents::{AgentOverride, AgentsPolicy};
pub use change::{Change, Licence};
pub use check::{CheckKind, CheckPolicy, TESTS_MIN_DEFAULT};
pub use command::{BadCommand, CommandLine};
pub use error::{Place, PolicyError, Problem};
pub use external_ci::{Accepted, ExternalCi};
pub use forges::{ApiAddress, BadAddress, ForgeKind, ForgeRef, GitAddress};
pub use gateway::{CallLimits, Gateway, Provider};
pub use http::{HostName, Http, LISTEN_DEFAULT, Listen, PageOrigin, SeedApi, SeedAuth};
pub use landing::{Landing, LandingMode, LandingStyle, Review};
pub use limits::{Budgets, Limits, ScopeCollision};
pub use machine::{
    Daemon, ExternalSessions, LogFormat, LogLevel, MACHINE_CONFIG_BYTES_MAX, MachineConfig,
    MachineSandbox, Pass, SandboxTier, WebhookReach,
};
pub use mcp::McpServer;
pub use name::{
    BadText, CheckName, EnvName, HomePath, HookName, KeyPrefix, RelativePath, RepositoryName,
};
pub use oidc::{IssuerUrl, JwtKeys, Named, OidcPolicy, SeedJwt};
pub use period::{BadPeriod, Period};
pub use permissions::{
    CannotAsk, Decision, Leave, OnTimeout, PermissionRule, Permissions, Request,
};
pub use policy::{POLICY_BYTES_MAX, POLICY_FILE, POLICY_VERSION, Policy, ProjectPolicy};
pub use propose::{Adoption, Proposals, ProposedCheck, propose};
pub use protected::Protected;
pub use push::{BadPushContact, PushContact, PushPolicy};
pub use render::Defaults;
pub use retry::{Retry, SameFailure};
pub use reviewer::{After, Findings, ReviewerPolicy};
pub use runner::Runner;
pub use schedule::{SCHEDULE_FILE_BYTES_MAX, SCHEDULES_MAX, SchedulePolicy, Times};
pub use secrets::{BadSource, SecretRef, SecretSource};
pub use setup::Setup;
pub use suite::{Canary, NewTests, Suite, Weakened};
pub use template::{BadTemplate, BranchTemplate, CommitTemplate, WorktreeTemplate};
pub use traces::{BadTracesEndpoint, TracesEndpoint, TracesPolicy};
pub use webhooks::{BadHookUrl, HookUrl, IntakeRef, WebhookRef};
pub use worktree::{Backend, Worktree};
