//! The tree of commands.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use gangline_api::client::DaemonUrl;

use super::{
    add, agents, backup, brief, chat, decide, doctor, edit, evidence, external, flaky, hook,
    import, init, lessons, list, login, logs, manual, mcp, node, open, packet, plan, project,
    records, run,
};
use super::{schedules, search, show, split, steer, take_over, token, up, usage, webhooks};
use crate::demo;
use crate::top;

/// Turns tickets into verified, landed changes with many coding agents at once.
#[derive(Debug, Parser)]
#[command(name = "gangline", version, max_term_width = 100, arg_required_else_help = true)]
#[command(
    after_help = "Begin with `gangline init` in a git repository, then `gangline run \"…\"`.\n\
    Exit codes: 0 done, 1 failed or refused, 2 usage, 3 no daemon, 4 not found, 5 conflict,\n\
    6 escalated, 7 waits for a person, 70 bug, 75 try again."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Print one JSON document (streams: one a line) instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The project; that of the repository around the current directory by default
    #[arg(long, short = 'p', global = true, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Ask the daemon at this address, with the token in GANGLINE_TOKEN, instead of this machine's
    #[arg(long, global = true, value_name = "URL", env = "GANGLINE_URL", hide_env_values = true)]
    pub(crate) url: Option<DaemonUrl>,
}

/// What can be typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Asked(Box<Asked>),
    /// Print a completion script for a shell
    Completions(manual::Completions),
    /// Print the manual page
    Man(manual::Man),
    /// A job's own process; started by the node
    #[command(hide = true)]
    Job(Job),
    /// A capture's work behind its wall; started by a job's own process
    #[command(hide = true, name = gangline_node::CAPTURE_INSIDE)]
    CaptureInside(CaptureInside),
    /// The daemon in the foreground of a process of its own; started by `up --detach`
    #[command(hide = true)]
    Daemon,
    /// Serves the worker's tools over stdio; started by agents, inside their sandboxes
    #[command(hide = true)]
    WorkerMcp,
    /// The scripted agent; started by jobs
    #[command(hide = true)]
    ScriptedAgent(Scripted),
}

/// Commands that need to know where things are.
#[derive(Debug, Subcommand)]
pub(crate) enum Asked {
    /// Write a gangline.toml for this repository
    Init(init::Init),
    /// Start the daemon and register this repository's project
    Up(up::Up),
    /// End the daemon; running jobs go on unless told otherwise
    Down(up::Down),
    /// Add, list and remove projects
    #[command(subcommand)]
    Project(project::Project),
    /// Add a ticket
    Add(add::Add),
    /// Change what a ticket asks for
    Edit(edit::Edit),
    /// Open a draft
    Start(steer::Keys),
    /// Show and import the agent definitions that tickets can name
    #[command(subcommand)]
    Agents(agents::Agents),
    /// Be an agent that Gangline did not start: register, wait for work, submit it
    #[command(subcommand)]
    External(external::External),
    /// Turn sub-agents of Claude Code into tickets
    #[command(subcommand)]
    Hook(hook::Hook),
    /// Talk with a main agent that hands work on as tickets
    Chat(chat::Chat),
    /// Serve Gangline's tools to a main agent by the Model Context Protocol, over stdio
    Mcp(mcp::Mcp),
    /// Have tickets proposed for a goal, and accept them
    Plan(plan::Plan),
    /// Show tickets that come again by the clock, and add one now
    Schedules(schedules::Schedules),
    /// Add all tickets of a folder of READMEs, or none
    Import(import::Import),
    /// Add a ticket and follow it to its end, or follow an existing one
    Run(run::Run),
    /// Show where tickets stand, and what each waits for
    List(list::List),
    /// Find tickets by words, whatever became of them, and lessons
    Search(search::Search),
    /// See what needs you first, live agents and the queue, as it happens, on a terminal
    Top(top::Top),
    /// Show a ticket: claim beside fact, tries, evidence, next commands
    Show(show::Show),
    /// Print all that you need to decide about a ticket, in one document
    Packet(packet::Packet),
    /// Show what a ticket's agent did, or is doing
    Logs(logs::Logs),
    /// Show what a ticket's agent was told, or put together what another one is to be told
    Brief(brief::Brief),
    /// Show what a ticket's last attempt changed
    Diff(records::Diff),
    /// Show how a ticket was measured, and what a check's command printed
    Evidence(evidence::Evidence),
    /// Show who worked on a ticket, where and when
    Worklog(records::Worklog),
    /// Show what helped in this project, search it, add to it
    Lessons(lessons::Lessons),
    /// Show what the project's agents have spent, by day, and what they may spend
    Usage(usage::Usage),
    /// Show tests that failed and passed without a change, and with whose commits
    Flaky(flaky::Flaky),
    /// Print where a ticket's worktree is, or open it
    Open(open::Open),
    /// Let a verified commit land
    Approve(decide::Approve),
    /// Send a verified commit back, with a reason
    Reject(decide::Reject),
    /// Let a ticket's agents change protected files or existing tests
    Permit(decide::Permit),
    /// Verify once more what a ticket offered last, without another attempt
    Recheck(steer::Keys),
    /// Give a ticket all its tries again, with a hint for the next one
    Retry(decide::Retry),
    /// Make smaller tickets of a ticket's parts, and cancel it
    Split(split::Split),
    /// Answer an agent's question
    Answer(decide::Answer),
    /// Say a word to a ticket's agent while it works
    Steer(decide::Steer),
    /// Start no new job of the project
    Pause(steer::Pause),
    /// Let a held or waiting ticket, a paused project or a broken agent kind go on
    Resume(steer::Resume),
    /// Show what runs jobs; drain a node to look after its machine, and resume it
    #[command(subcommand)]
    Node(node::Node),
    /// Ask a ticket's agent to end, keep its work, and hold the ticket
    Stop(steer::Keys),
    /// End a ticket's agent now, keep its work, and hold the ticket
    Kill(steer::Keys),
    /// Keep a ticket from going on
    Hold(steer::Keys),
    /// End a ticket; its work is kept under rescue refs
    Cancel(steer::Keys),
    /// Work in a ticket's worktree yourself, then hand it back
    TakeOver(take_over::TakeOver),
    /// Let people and programs in over HTTP, or no more
    #[command(subcommand)]
    Token(token::Token),
    /// Print a link that lets a browser in, once
    Dashboard(token::Dashboard),
    /// Show who is told of what happens, and how that goes; test it
    Webhooks(webhooks::Webhooks),
    /// Keep what an agent kind logs in with
    Login(login::Login),
    /// Write all that must not be lost into one file, beside the daemon
    Backup(backup::Backup),
    /// Put in place what a backup holds
    Restore(backup::Restore),
    /// Check this machine and the daemon
    Doctor(doctor::Doctor),
    /// See scripted agents of good and bad faith at work, offline
    Demo(demo::Demo),
}

impl Asked {
    /// What of the daemon's own machine a command works with; nothing for most of them.
    pub(crate) fn of_own_machine(&self) -> Option<&'static str> {
        let packs = matches!(self, Self::Brief(brief) if brief.packs());
        let adds = matches!(self, Self::Project(project::Project::Add(_)));
        let files =
            matches!(self, Self::Login(_) | Self::Doctor(_) | Self::Backup(_) | Self::Restore(_));
        let exports = matches!(self, Self::Logs(logs) if logs.exports());
        [
            ("its process", matches!(self, Self::Up(_) | Self::Down(_))),
            ("a repository", matches!(self, Self::Init(_)) || adds || packs),
            (
                "its worktrees",
                matches!(self, Self::Open(_) | Self::TakeOver(_) | Self::External(_)),
            ),
            ("its journals", exports),
            ("the agents' programs", matches!(self, Self::Chat(_) | Self::Hook(_))),
            ("its files", files),
        ]
        .into_iter()
        .find_map(|(what, works_with_it)| works_with_it.then_some(what))
    }
}

/// `job`.
#[derive(Debug, Args)]
pub(crate) struct Job {
    /// What the job is to do
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: PathBuf,
}

/// `capture-inside`.
#[derive(Debug, Args)]
pub(crate) struct CaptureInside {
    /// What is to be captured
    #[arg(value_name = "FILE")]
    pub(crate) order: PathBuf,
}

/// `scripted-agent`: its own arguments are not ours to read.
#[derive(Debug, Args)]
pub(crate) struct Scripted {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) args: Vec<OsString>,
}

/// How much a ticket matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Priority {
    /// Before everything else
    Critical,
    /// Weight 50
    High,
    /// Weight 25
    Medium,
    /// Weight 10
    Low,
}

/// What a ticket is to leave behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deliverable {
    /// Commits that land on the target branch
    Commit,
    /// Files in /output
    Artifact,
    /// One Markdown report in /output
    Report,
    /// Tickets proposed in /output, which become drafts
    Plan,
}

/// The word of a choice, as it goes over the wire.
pub(crate) fn word(choice: &impl ValueEnum) -> String {
    choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
