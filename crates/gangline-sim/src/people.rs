//! What simulated people ask for.

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::board::Board;
use gangline_domain::budget::Budget;
use gangline_domain::command::{Command, NewLesson, NewTicket};
use gangline_domain::edit::SpecEdit;
use gangline_domain::external::{External, ExternalEnd, HandIn, HandInHow, at_work};
use gangline_domain::failure::FailureClass;
use gangline_domain::ids::{
    Actor, AgentName, ProjectId, ScheduleName, TicketId, TicketKey, Timestamp, TokenId,
};
use gangline_domain::lesson::LessonId;
use gangline_domain::level::Level;
use gangline_domain::plan::BudgetOf;
use gangline_domain::project::{
    AgentFacts, Budgets, LandingMode, Limits, Project, ProjectSettings, Retry, ReviewPolicy,
    SameFailure, ScopeCollision,
};
use gangline_domain::reviewer::{OnFindings, ReviewerSettings};
use gangline_domain::schedule::{ScheduleSettings, ScheduleText};
use gangline_domain::scope::Scope;
use gangline_domain::spec::{Deliverable, Priority, TicketSpec};
use gangline_domain::ticket::{
    Held, HeldFrom, Parked, ParkedFor, Stage, StopHow, Ticket, TicketState, Working,
};
use gangline_domain::token::{Role, Token, TokenUse};
use gangline_domain::verdict::Claim;

use crate::rng::Rng;

/// The nodes that there are.
pub(crate) const NODES: [&str; 2] = ["local", "far"];

/// The project of this number, from 0.
pub(crate) fn project(at: u64) -> ProjectId {
    format!("sim{at}").parse().expect("BUG: a constant form")
}

/// A project whose bounds differ from run to run. Its first tickets land; later projects may
/// leave branches.
pub(crate) fn settings(rng: &mut Rng) -> ProjectSettings {
    let facts = |kind: &str, fallback: &[&str], can: &[&str]| AgentFacts {
        kind: kind.parse().expect("BUG: a constant name"),
        model: None,
        max_concurrent: None,
        fallback: fallback.iter().map(|name| agent(name)).collect(),
        capabilities: can.iter().map(|name| (*name).to_owned()).collect(),
    };
    let agents = [
        (agent("worker"), facts("scripted", &["careful"], &["python"])),
        (agent("careful"), facts("scripted", &[], &["redis"])),
        (agent("expert"), facts("scripted", &["worker"], &["python", "redis"])),
        (agent("remote"), facts("external", &[], &["remote"])),
    ];
    let mut budget = |percent: u64, least: u64, most: u64| {
        let tokens = rng.chance(percent).then(|| rng.between(least, most));
        Budget { tokens, ..Budget::default() }
    };
    let budgets = Budgets {
        ticket: budget(40, 50, 400),
        project: budget(15, 30, 200),
        day: budget(25, 30, 120),
    };
    ProjectSettings {
        repo: "/person".to_owned(),
        target: "main".parse().expect("BUG: a constant name"),
        key_prefix: "S".to_owned(),
        policy_sha256: String::new(),
        policy_snapshot: None,
        review: if rng.chance(50) { ReviewPolicy::Required } else { ReviewPolicy::None },
        reviewer: rng.chance(40).then(|| ReviewerSettings {
            agents: vec![agent("careful"), agent("expert")],
            findings: *rng.pick(&[OnFindings::Fail, OnFindings::Review, OnFindings::Note]),
            always: rng.chance(30),
            timeout_ms: 600_000,
        }),
        landing: if rng.chance(25) { LandingMode::Branch } else { LandingMode::Local },
        limits: Limits {
            agents: u32::try_from(rng.between(1, 4)).expect("BUG: small"),
            per_definition: u32::try_from(rng.between(1, 3)).expect("BUG: small"),
            worktrees: u32::try_from(rng.between(2, 4)).expect("BUG: small"),
            scope_collision: ScopeCollision::Ignore,
            tries: u8::try_from(rng.between(3, 5)).expect("BUG: small"),
            ..Limits::default()
        },
        budgets,
        default_agent: agent("worker"),
        agents: agents.into(),
        retry: match rng.below(4) {
            0 => Retry { same_failure: SameFailure::Fresh, agents: vec![] },
            1 => Retry { agents: vec![agent("expert"), agent("careful")], ..Retry::default() },
            _usual => Retry::default(),
        },
        schedules: ["daily", "hourly"].map(schedule).into(),
    }
}

/// The simulated clock decides when it is due; its text is never looked at.
fn schedule(name: &str) -> (ScheduleName, ScheduleSettings) {
    let settings = ScheduleSettings {
        cron: "0 * * * *".to_owned(),
        timezone: "UTC".to_owned(),
        text: ScheduleText::Written { title: "tidy".to_owned(), body: String::new() },
        agent: None,
        priority: Priority::Low,
        labels: BTreeSet::new(),
        enabled: true,
    };
    (name.parse().expect("BUG: a constant name"), settings)
}

/// A schedule is due, or was, or somebody thinks so.
pub(crate) fn fire(rng: &mut Rng, board: &Board, now: Timestamp) -> Option<Command> {
    let projects: Vec<&Project> = board.projects.values().collect();
    let project = *projects.get(usize::try_from(rng.below(2)).expect("BUG: small"))?;
    let known: Vec<_> = project.settings.schedules.iter().collect();
    let (name, settings) = *rng.pick(&known);
    let due = (!rng.chance(10)).then(|| {
        let ago = i64::try_from(rng.below(4) * 600_000_000).expect("BUG: small");
        // Whole periods, so that the same one is found again.
        Timestamp((now.0 - ago).div_euclid(600_000_000) * 600_000_000)
    });
    let (project, schedule) = (project.id.clone(), name.clone());
    if let Some(due) = due
        && rng.chance(10)
    {
        return Some(Command::SkipSchedule { project, schedule, due, why: "no text".to_owned() });
    }
    let spec = Box::new(settings.spec(name.as_str(), "tidy".to_owned(), String::new()));
    Some(Command::FireSchedule { project, schedule, due, spec })
}

fn agent(name: &str) -> AgentName {
    name.parse().expect("BUG: a constant name")
}

/// A change of mind: how work lands, or that a budget was too small.
pub(crate) fn other_settings(rng: &mut Rng, project: &Project) -> Command {
    let mut settings = project.settings.clone();
    if rng.chance(50) {
        settings.landing = match settings.landing {
            LandingMode::Local => LandingMode::Branch,
            LandingMode::Branch => LandingMode::Local,
        };
    } else {
        for budget in [&mut settings.budgets.project, &mut settings.budgets.day] {
            budget.tokens = budget.tokens.map(|tokens| tokens + rng.between(1, 100));
        }
    }
    Command::ConfigureProject { project: project.id.clone(), settings: Box::new(settings) }
}

/// Without the budget that keeps everything waiting.
pub(crate) fn without_budget(project: &Project, of: BudgetOf) -> Command {
    let mut settings = project.settings.clone();
    match of {
        BudgetOf::Ticket => settings.budgets.ticket = Budget::default(),
        BudgetOf::Project => settings.budgets.project = Budget::default(),
        BudgetOf::Day => settings.budgets.day = Budget::default(),
    }
    Command::ConfigureProject { project: project.id.clone(), settings: Box::new(settings) }
}

/// Somebody learns what nobody could.
pub(crate) fn taught(project: &Project, missing: &[String], who: Option<&AgentName>) -> Command {
    let mut settings = project.settings.clone();
    let who = who.unwrap_or(&settings.default_agent).clone();
    let facts = settings.agents.get_mut(&who).expect("BUG: nobody is ever dismissed");
    facts.capabilities.extend(missing.iter().cloned());
    Command::ConfigureProject { project: project.id.clone(), settings: Box::new(settings) }
}

/// A session that Gangline did not start, of which there may be two. The second can do more, and
/// more at once.
pub(crate) fn session(project: ProjectId, second: bool) -> Command {
    let external = External {
        id: if second { "two" } else { "one" }.parse().expect("BUG: a constant name"),
        agent: agent("remote"),
        capabilities: if second { ["redis".to_owned()].into() } else { BTreeSet::new() },
        max_concurrent: if second { 2 } else { 1 },
        webhook: None,
        heartbeat_timeout_ms: 60_000,
        registered_at: Timestamp(0),
    };
    Command::RegisterExternal { project, external: Box::new(external) }
}

/// A session comes or goes.
pub(crate) fn come_or_go(rng: &mut Rng, board: &Board) -> Option<Command> {
    let projects: Vec<&Project> = board.projects.values().collect();
    let project = *projects.get(usize::try_from(rng.below(2)).expect("BUG: small"))?;
    let there: Vec<_> = project.externals.keys().collect();
    if there.is_empty() || rng.chance(60) {
        return Some(session(project.id.clone(), rng.chance(50)));
    }
    let why = if rng.chance(50) { ExternalEnd::Lost } else { ExternalEnd::Deregistered };
    let external = (*rng.pick(&there)).clone();
    Some(Command::EndExternal { project: project.id.clone(), external, why })
}

/// What a session hands in.
pub(crate) fn hand_in(rng: &mut Rng, ticket: &Ticket, calm: bool) -> Option<Command> {
    let (external, fence) = at_work(ticket)?;
    let how = match rng.below(10) {
        _honest if calm => HandInHow::Completed,
        0 => HandInHow::GaveUp("too hard".to_owned()),
        1 => HandInHow::NoChangeNeeded,
        _well => HandInHow::Completed,
    };
    let claim = Claim { summary: "done elsewhere".to_owned(), ..Claim::default() };
    let hand_in = Box::new(HandIn { how, claim });
    let (ticket, external) = (ticket.id.clone(), external.clone());
    Some(Command::HandIn { ticket, external, fence, hand_in })
}

/// A new ticket that may depend on some that are there.
pub(crate) fn add(rng: &mut Rng, board: &Board, project: ProjectId) -> Command {
    let spec = Box::new(spec(rng, board, &project));
    Command::Add { project, key: None, spec, draft: rng.chance(10) }
}

/// Several tickets that may depend on one another, and on some that are there; now and then on
/// one that is not.
pub(crate) fn add_all(rng: &mut Rng, board: &Board, project: ProjectId) -> Command {
    let tickets = several(rng, board, &project);
    Command::AddAll { project, tickets }
}

fn several(rng: &mut Rng, board: &Board, project: &ProjectId) -> BTreeMap<TicketKey, NewTicket> {
    let first = 100 + rng.below(4) * 10;
    let keys: Vec<TicketKey> = (first..first + rng.between(2, 4))
        .map(|n| format!("S-{n}").parse().expect("BUG: a constant form"))
        .collect();
    let mut tickets = BTreeMap::new();
    for (at, key) in keys.iter().enumerate() {
        let mut spec = spec(rng, board, project);
        if at > 0 && rng.chance(50) {
            spec.depends_on.insert(rng.pick(&keys[..at]).clone());
        }
        if rng.chance(8) {
            spec.depends_on.insert("S-999".parse().expect("BUG: a constant form"));
        }
        tickets.insert(key.clone(), NewTicket { spec: Box::new(spec), draft: rng.chance(10) });
    }
    tickets
}

fn spec(rng: &mut Rng, board: &Board, project: &ProjectId) -> TicketSpec {
    let there: Vec<&TicketId> = board.tickets.keys().filter(|id| id.project == *project).collect();
    let mut depends_on: BTreeSet<TicketKey> = BTreeSet::new();
    if !there.is_empty() && rng.chance(35) {
        depends_on.insert(rng.pick(&there).key.clone());
    }
    let mut capabilities = BTreeSet::new();
    let mut labels = BTreeSet::new();
    if rng.chance(30) {
        // Some of it everybody can do, some only one, and some nobody.
        let wanted =
            *rng.pick(&["python", "redis", "redis", "cobol", "remote", "remote", "remote"]);
        match rng.chance(50) {
            true => capabilities.insert(wanted.to_owned()),
            false => labels.insert(format!("capability:{wanted}")),
        };
    }
    if rng.chance(8) {
        labels.insert("agent:careful".to_owned());
    }
    if rng.chance(30) {
        labels.insert((*rng.pick(&["c0", "c2", "c2", "c3"])).to_owned());
    }
    let priorities = [Priority::Low, Priority::Medium, Priority::High, Priority::Critical];
    TicketSpec {
        priority: *rng.pick(&priorities),
        depends_on,
        labels,
        capabilities,
        deliverable: match rng.below(100) {
            0..5 => Deliverable::Report,
            5..12 => Deliverable::Plan,
            _mostly => Deliverable::Commit,
        },
        ..TicketSpec::titled("change something")
    }
}

/// Something a person would do with a ticket in its present state, or, rarely, would not.
pub(crate) fn poke(rng: &mut Rng, board: &Board) -> Option<Command> {
    let there: Vec<&TicketId> = board.tickets.keys().collect();
    if there.is_empty() {
        return None;
    }
    let ticket = (*rng.pick(&there)).clone();
    let feedback = || "do better".to_owned();
    let project = ticket.project.clone();
    Some(match rng.below(24) {
        23 => drain(rng, board),
        17 => token(rng, board),
        19 => Command::Split { parts: several(rng, board, &project), ticket },
        20 => edit(rng, board, ticket),
        21 => Command::Steer { ticket, text: format!("mind the gap, {}", rng.below(1_000)) },
        22 => drafts(rng, board, project),
        18 => lesson(rng, &board.projects[&project]),
        0 => Command::Hold { ticket },
        1 => Command::Cancel { ticket },
        2 => Command::Stop { ticket, how: StopHow::Stop },
        3 => Command::Stop { ticket, how: StopHow::Kill },
        4 => Command::TakeOver { ticket },
        5 => Command::Reject { ticket, feedback: feedback() },
        6 => Command::Resume { ticket },
        7 => Command::PauseProject { project },
        8 => Command::ResumeProject { project },
        9 => other_settings(rng, &board.projects[&project]),
        11 => Command::Recheck { ticket },
        12 => {
            let paths = vec![format!("tests/{}", rng.below(3))];
            Command::Permit { ticket, paths: paths.try_into().expect("BUG: a constant form") }
        }
        10 if rng.chance(20) => Command::RemoveProject {
            project: (*rng.pick(&board.projects.keys().collect::<Vec<_>>())).clone(),
        },
        _helpful => settle(board, &ticket)?,
    })
}

/// Somebody changes what is asked for, or only how much it matters.
fn edit(rng: &mut Rng, board: &Board, ticket: TicketId) -> Command {
    let other = spec(rng, board, &ticket.project);
    let mut edit = SpecEdit { priority: Some(other.priority), ..SpecEdit::default() };
    if rng.chance(60) {
        edit.body = Some(format!("change something else, {}", rng.below(1_000)));
    }
    if rng.chance(40) {
        edit.depends_on = Some(other.depends_on);
    }
    Command::Edit { ticket, edit: Box::new(edit) }
}

/// Somebody accepts what was proposed, or drops it; some of it may be no draft any more.
fn drafts(rng: &mut Rng, board: &Board, project: ProjectId) -> Command {
    let there = board.tickets.keys().filter(|id| id.project == project);
    let tickets = there.filter(|_| rng.chance(40)).map(|id| id.key.clone()).collect();
    match rng.chance(70) {
        true => Command::StartDrafts { project, tickets },
        false => Command::DropDrafts { project, tickets },
    }
}

/// Somebody looks after a node's machine, or has done so; now and then after one that is not there.
fn drain(rng: &mut Rng, board: &Board) -> Command {
    let name = if rng.chance(5) { "nowhere" } else { *rng.pick(&NODES) };
    let node = name.parse().expect("BUG: a constant name");
    // Who does not look does it once more.
    match board.draining.contains(&node) != rng.chance(10) {
        true => Command::ResumeNode { node },
        false => Command::DrainNode { node },
    }
}

/// Somebody lets a program in, or no more.
fn token(rng: &mut Rng, board: &Board) -> Command {
    let id: TokenId = format!("t{}", rng.below(6)).parse().expect("BUG: a constant form");
    if board.tokens.contains_key(&id) {
        return Command::RevokeToken { token: id };
    }
    let token = Token {
        id,
        name: "a bot".to_owned(),
        used_as: TokenUse::Api,
        role: *rng.pick(&Role::ALL),
        projects: None,
        sha256: String::new(),
        expires_at: None,
        created_at: Timestamp(0),
        created_by: Actor::Gangline,
    };
    Command::AddToken { token: Box::new(token) }
}

/// Somebody says what helps, or that it does not.
fn lesson(rng: &mut Rng, project: &Project) -> Command {
    let there: Vec<LessonId> = project.lessons.all.iter().map(|lesson| lesson.id).collect();
    let project = project.id.clone();
    if !there.is_empty() && rng.chance(30) {
        return Command::RemoveLesson { project, lesson: *rng.pick(&there) };
    }
    let lesson = NewLesson {
        text: "change something else".to_owned(),
        class: rng.chance(50).then_some(FailureClass::Test),
        paths: Scope::default(),
        level: *rng.pick(&[Level::C0, Level::C1, Level::C2]),
    };
    Command::AddLesson { project, lesson: Box::new(lesson) }
}

/// What a helpful person does about a ticket that waits for one.
pub(crate) fn settle(board: &Board, id: &TicketId) -> Option<Command> {
    let ticket = id.clone();
    Some(match &board.ticket(id)?.state {
        TicketState::Draft => Command::Start { ticket },
        TicketState::Review(_) => Command::Approve { ticket, commit: None },
        TicketState::Held(Held { from: HeldFrom::TakenOver(_), .. }) => {
            Command::HandBack { ticket }
        }
        TicketState::Held(_) => Command::Resume { ticket },
        TicketState::Escalated(_) => Command::Retry { ticket, hint: Some("try".to_owned()) },
        TicketState::Parked(Parked { why: ParkedFor::Answer(_), .. }) => {
            Command::Answer { ticket, question: None, text: "this".to_owned() }
        }
        TicketState::Working(Working { stage: Stage::Running { questions, .. }, .. })
            if !questions.is_empty() =>
        {
            Command::Answer { ticket, question: None, text: "that".to_owned() }
        }
        TicketState::Open
        | TicketState::Backoff(_)
        | TicketState::Parked(_)
        | TicketState::Working(_)
        | TicketState::Verifying(_)
        | TicketState::Queued(_)
        | TicketState::Landing(_)
        | TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Cancelled { .. } => return None,
    })
}
