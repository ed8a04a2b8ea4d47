//! The port that every agent kind implements: a plan in, one stream of events out.
//!
//! ```text
//! SessionPlan ──launch──▶ Session ──next_event──▶ Started … Message … Finished ──▶ None
//!                            ▲ answer, steer, interrupt, stop
//! ```
//!
//! The laws of a driver are in [`crate::conformance`].

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use gangline_domain::budget::Usage;
use gangline_process::{EndProof, JobMarker, Sandbox, SpawnError};
use serde::{Deserialize, Serialize};

use crate::definition::Definition;
use crate::limits::{Applied, Limit};
use crate::yaml::Located;

#[cfg(test)]
pub(crate) mod specimen;

/// A boxed future, so that the port can be used behind a pointer.
pub type Promise<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Names the brief's file to the agent.
pub const BRIEF_ENV: &str = "GANGLINE_BRIEF";
/// The try's number, from 1.
pub const TRY_ENV: &str = "GANGLINE_TRY";
/// The ticket's key.
pub const KEY_ENV: &str = "GANGLINE_KEY";
/// The answer that gives leave.
pub const ALLOW: &str = "allow";
/// The answer that gives none, where there is no reason to tell.
pub const DENY: &str = "deny";

/// The first of the worktree's ten ports.
pub const PORT_BASE_ENV: &str = "GANGLINE_PORT_BASE";

/// Everything that it takes to run one session. Paths are absolute.
#[derive(Clone)]
pub struct SessionPlan {
    /// The brief.
    pub brief: String,
    /// The same as a file, which the caller has written where the agent can read it.
    pub brief_file: PathBuf,
    /// The worktree.
    pub cwd: PathBuf,
    /// Whether a session begins or goes on.
    pub session: SessionStart,
    /// How the agent is set up.
    pub definition: Definition,
    /// The environment, beside what the driver itself sets. Without `PATH` in it the agent gets
    /// this process's. Credentials are here or nowhere.
    pub env: Vec<(String, String)>,
    /// The attempt's home directory, which exists.
    pub home: PathBuf,
    /// Where the agent shall write its outcome.
    pub outcome_file: PathBuf,
    /// By which its processes are found.
    pub marker: JobMarker,
    /// What it may see and reach. The driver adds the program's own file.
    pub sandbox: Sandbox,
    /// The model, where it is to differ from the definition's.
    pub model: Option<String>,
    /// Whether the agent must ask leave for each use of a tool, because the project's policy has
    /// rules about some. Kinds that cannot ask refuse such a plan.
    pub asks_leave: bool,
    /// Servers of tools that Gangline gives the agent, beside those of its definition.
    pub mcp: Vec<McpServer>,
}

/// A server of the Model Context Protocol that speaks over its standard input and output, started
/// by the agent inside its own sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct McpServer {
    /// Such as `gangline`; the tools' names begin with it.
    pub name: String,
    /// An absolute path inside the sandbox.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its environment, beside the agent's.
    pub env: Vec<(String, String)>,
}

impl fmt::Debug for SessionPlan {
    /// Shows the names of variables but not their values, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("SessionPlan")
            .field("brief_chars", &self.brief.len())
            .field("cwd", &self.cwd)
            .field("session", &self.session)
            .field("definition", &self.definition.name)
            .field("env", &names)
            .field("home", &self.home)
            .field("marker", &self.marker)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

/// Whether a session begins or goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStart {
    /// A new session. The id is a UUID, for kinds that let the caller choose it; derived by the
    /// caller, so that a repeat of the same job asks for the same one.
    Fresh {
        /// Such as `7f0c…`; kinds that choose for themselves disregard it.
        id: Option<String>,
    },
    /// The session that an earlier attempt reported.
    Resume {
        /// As it was reported in [`AgentEvent::Started`].
        session: String,
    },
}

/// One thing that happened in a session, whatever the kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentEvent {
    /// The agent has begun. May come again in one session, with the same id.
    Started {
        /// By which the session can be resumed.
        session: Option<String>,
        /// The model, where the agent names it.
        model: Option<String>,
    },
    /// The agent says something.
    Message {
        /// Its words.
        text: String,
    },
    /// The agent thinks aloud.
    Thought {
        /// Its words.
        text: String,
    },
    /// A tool is being used.
    ToolStarted {
        /// Unique within the session.
        id: String,
        /// Such as `Read`.
        tool: String,
        /// One line about it, such as the command.
        detail: String,
        /// The files that it names.
        paths: Vec<String>,
    },
    /// A tool is done.
    ToolFinished {
        /// That of the start.
        id: String,
        /// Whether it worked.
        ok: bool,
        /// The first lines of its result, bounded.
        detail: String,
    },
    /// The agent's plan, anew and in full.
    Plan(Vec<PlanItem>),
    /// What the session has spent so far, in all; never less than before.
    Usage(Usage),
    /// The agent waits for [`Session::answer`].
    Question {
        /// Unique within the session.
        id: String,
        /// What it asks.
        text: String,
        /// Answers that it offers; empty when any text will do.
        options: Vec<String>,
        /// What it asks leave for, where it asks for leave and not for words. It is answered by
        /// [`ALLOW`], or by any other text, which denies and is told as the reason.
        permission: Option<Permission>,
    },
    /// The model's provider slows the agent down; it goes on by itself.
    Limit {
        /// The provider's words.
        message: String,
        /// When it is said to end, in seconds since the Unix epoch.
        resets_at_s: Option<i64>,
    },
    /// A line that the driver does not know, as it was. Never an error.
    Raw(String),
    /// The agent's process has ended. The last event.
    Finished(AgentEnd),
}

impl AgentEvent {
    /// Whether it is something to be noted, and nothing to be done about.
    pub fn is_talk(&self) -> bool {
        match self {
            Self::Message { .. }
            | Self::Thought { .. }
            | Self::ToolStarted { .. }
            | Self::ToolFinished { .. }
            | Self::Plan(_)
            | Self::Limit { .. }
            | Self::Raw(_) => true,
            Self::Started { .. } | Self::Usage(_) | Self::Question { .. } | Self::Finished(_) => {
                false
            }
        }
    }
}

/// One use of a tool that an agent asks leave for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// Such as `Bash`.
    pub tool: String,
    /// What it would do, in one line, such as the command.
    pub detail: String,
    /// The files that it names.
    pub paths: Vec<String>,
}

/// One item of an agent's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanItem {
    /// In words.
    pub text: String,
    /// How far it is.
    pub status: PlanStatus,
}

/// How far a plan's item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanStatus {
    /// Not begun.
    Pending,
    /// At it.
    InProgress,
    /// Done, as the agent says.
    Done,
}

/// How a session ended. All of it is what the agent says or what its process did; none of it
/// is a fact about the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentEnd {
    /// The agent says it is done.
    Completed {
        /// Its last words.
        summary: String,
    },
    /// The agent says it cannot do it.
    GaveUp {
        /// Why.
        reason: String,
    },
    /// The agent says nothing needs to change.
    NoChangeNeeded {
        /// Why.
        reason: String,
    },
    /// Quota or overload of the model's provider.
    Quota {
        /// The provider's words.
        message: String,
        /// When it is said to end, in seconds since the Unix epoch.
        resets_at: Option<i64>,
    },
    /// The agent could not log in.
    AuthFailed {
        /// Its words.
        message: String,
    },
    /// The agent's program is not installed.
    Missing {
        /// As it was looked for.
        program: String,
    },
    /// The machine could not run it: not the agent's doing.
    NotRun {
        /// Why.
        message: String,
    },
    /// The process ended without a result.
    Crashed {
        /// The last lines of its complaints.
        message: String,
        /// Its exit, in words.
        exit: String,
    },
    /// [`Session::interrupt`] or [`Session::stop`] ended it.
    Interrupted,
}

/// Drives one kind of agent.
pub trait AgentDriver: Send + Sync {
    /// The kind's name, as definitions write it.
    fn kind(&self) -> &'static str;

    /// Starts the agent.
    fn launch(&self, plan: &SessionPlan) -> Result<Box<dyn Session>, LaunchError>;

    /// The program that a definition of this kind runs: a name on the PATH, or a path.
    fn program(&self, definition: &Definition) -> String;

    /// Whether the agent needs the network where its definition says nothing.
    fn needs_network(&self) -> bool;

    /// Whether a later attempt can go on with the session.
    fn resumable(&self) -> bool;

    /// Whether the agent can ask questions during the session.
    fn can_ask(&self, definition: &Definition) -> bool;

    /// Whether the agent starts the servers of [`SessionPlan::mcp`].
    fn takes_mcp(&self) -> bool {
        false
    }

    /// How far the agent is kept to this limit of the definition, where that sets it.
    fn applies(&self, _limit: Limit, _definition: &Definition) -> Applied {
        Applied::Not
    }

    /// Whether the agent can ask leave for each use of a tool: see [`SessionPlan::asks_leave`].
    fn can_ask_leave(&self, _definition: &Definition) -> bool {
        false
    }
}

/// A running agent. Dropping it kills it, without proof.
pub trait Session: Send {
    /// What happens next; `None` after [`AgentEvent::Finished`]. Cancel safe. Everything else
    /// that the session does, input included, happens while this is awaited.
    fn next_event(&mut self) -> Promise<'_, Option<AgentEvent>>;

    /// Answers a question.
    fn answer(&mut self, question: &str, text: &str) -> Result<(), SendError>;

    /// Says something to the working agent.
    fn steer(&mut self, text: &str) -> Result<(), SendError>;

    /// Asks the agent to end its turn; the stream then ends with [`AgentEnd::Interrupted`]. An
    /// agent that does not comply is ended after a bound of its driver.
    fn interrupt(&mut self) -> Promise<'_, Result<(), SendError>>;

    /// Ends the agent and all that it started, and proves it. Also to be called after
    /// [`AgentEvent::Finished`], for what the agent may have left behind.
    fn stop(&mut self, grace: Duration) -> Promise<'_, EndProof>;

    /// The process id, for the record.
    fn pid(&self) -> u32;
}

/// Why a session did not start.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The program is not installed.
    #[error("program `{program}` is not installed")]
    Missing {
        /// As it was looked for.
        program: String,
    },
    /// The system could not start it.
    #[error("the agent could not be started")]
    Spawn(#[source] SpawnError),
    /// The definition lacks something that its kind needs.
    #[error("agent `{agent}`: {what}")]
    Definition {
        /// The definition's name.
        agent: String,
        /// What it lacks.
        what: String,
    },
    /// The script is wrong.
    #[error(transparent)]
    Script(#[from] Located),
    /// Kinds that keep no session cannot resume one.
    #[error("kind `{kind}` cannot resume a session")]
    NotResumable {
        /// The kind.
        kind: &'static str,
    },
}

impl LaunchError {
    /// The same as the end of a session that never was.
    pub fn into_end(self) -> AgentEnd {
        match self {
            Self::Missing { program } => AgentEnd::Missing { program },
            error @ Self::Spawn(_) => AgentEnd::NotRun { message: with_causes(&error) },
            error @ (Self::Definition { .. } | Self::Script(_) | Self::NotResumable { .. }) => {
                AgentEnd::Crashed {
                    message: error.to_string(),
                    exit: "it was not started".to_owned(),
                }
            }
        }
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Why the agent was not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No such question is open.
    #[error("question `{question}` is not open")]
    NotOpen {
        /// The question's id.
        question: String,
    },
    /// The kind has no way to be told.
    #[error("an agent of kind `{kind}` cannot be told anything while it works")]
    Deaf {
        /// The kind.
        kind: &'static str,
    },
    /// The agent has ended, or listens no more.
    #[error("the agent has ended")]
    Ended,
    /// The agent does not read what it was told before.
    #[error("{bytes} bytes wait to be read by the agent already")]
    Full {
        /// Bytes that wait.
        bytes: usize,
    },
}
