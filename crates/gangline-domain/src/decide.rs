//! Whether a command or a report changes the board, and how. May refuse; changes nothing itself.

mod drafts;
mod edit;
mod external;
mod lesson;
mod report;
mod schedule;
mod split;
mod steer;
mod token;

use std::collections::{BTreeMap, BTreeSet};

use crate::board::{Board, Numbers};
use crate::command::{Command, NewTicket, Refusal};
use crate::deps;
use crate::drain;
use crate::event::{Event, TicketEvent};
use crate::failure::{Failure, FailureClass};
use crate::ids::{Actor, CommitId, ProjectId, TicketId, TicketKey, Timestamp};
use crate::job::{Lease, Question};
use crate::mutant::{Mutant, active};
use crate::project::Project;
use crate::scope::Scope;
use crate::spec::{TICKETS_AT_ONCE_MAX, TicketSpec};
use crate::ticket::{
    AfterStop, Answer, Approval, Held, HeldFrom, Landing, LandingStage, Parked, ParkedFor, Stage,
    Stop, StopHow, Ticket, TicketState, Verified, Working,
};

pub use report::{DEFERRED_MS, hear, infra_backoff_ms};

/// Bytes that a hint, a feedback or an answer may have.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Decides about a command of `actor`. The events, in order, are not applied yet.
pub fn decide(
    board: &Board,
    command: &Command,
    actor: &Actor,
    now: Timestamp,
    numbers: &mut Numbers,
) -> Result<Vec<Event>, Refusal> {
    if let Some(id) = command.ticket() {
        return about_ticket(board, id, command, (actor, now), numbers);
    }
    match command {
        Command::ConfigureProject { project, settings } => Ok(vec![Event::ProjectConfigured {
            project: project.clone(),
            settings: settings.clone(),
        }]),
        Command::RemoveProject { project } => remove_project(board, project),
        Command::PauseProject { project } => known(board, project).map(|home| pause(home, true)),
        Command::ResumeProject { project } => known(board, project).map(|home| pause(home, false)),
        Command::CloseCircuit { kind } => match board.circuits.contains_key(kind) {
            true => Ok(vec![Event::CircuitClosed { kind: kind.clone() }]),
            false => Err(Refusal::CircuitNotOpen(kind.clone())),
        },
        Command::DrainNode { node } => Ok(drain::drain(board, node)),
        Command::ResumeNode { node } => Ok(drain::resume(board, node)),
        Command::Add { project, key, spec, draft } => {
            let ticket = add(board, project, key.as_ref(), spec, numbers)?;
            let what = TicketEvent::Added { spec: spec.clone(), draft: *draft };
            Ok(vec![Event::Ticket { ticket, what }])
        }
        Command::AddAll { project, tickets } => add_all(board, project, tickets),
        Command::FireSchedule { project, schedule, due, spec } => {
            schedule::fire(board, (project, schedule), (*due, spec), now, numbers)
        }
        Command::SkipSchedule { project, schedule, due, why } => {
            schedule::skip(board, (project, schedule), *due, why)
        }
        Command::StartDrafts { project, tickets } => drafts::start(board, project, tickets),
        Command::DropDrafts { project, tickets } => drafts::end(board, project, tickets),
        Command::RegisterExternal { project, external: session } => {
            external::register(board, project, session, now)
        }
        Command::EndExternal { project, external: id, why } => {
            external::end(board, project, id, *why)
        }
        Command::AddLesson { project, lesson } => lesson::add(board, project, lesson, actor, now),
        Command::RemoveLesson { project, lesson } => lesson::remove(board, project, *lesson),
        Command::AddToken { token } => token::add(board, token, actor, now),
        Command::RevokeToken { token } => token::revoke(board, token),
        Command::Split { .. }
        | Command::Edit { .. }
        | Command::Start { .. }
        | Command::Approve { .. }
        | Command::Reject { .. }
        | Command::Permit { .. }
        | Command::Recheck { .. }
        | Command::Retry { .. }
        | Command::Answer { .. }
        | Command::Steer { .. }
        | Command::Hold { .. }
        | Command::Resume { .. }
        | Command::Stop { .. }
        | Command::Cancel { .. }
        | Command::TakeOver { .. }
        | Command::HandBack { .. }
        | Command::HandIn { .. } => unreachable!("BUG: a ticket's command without a ticket"),
    }
}

fn about_ticket(
    board: &Board,
    id: &TicketId,
    command: &Command,
    (actor, now): (&Actor, Timestamp),
    numbers: &mut Numbers,
) -> Result<Vec<Event>, Refusal> {
    if let Command::Split { ticket, parts } = command {
        return split::split(board, ticket, parts, actor);
    }
    if let Command::Edit { ticket, edit } = command {
        return edit::edit(board, ticket, edit);
    }
    let whats = decide_ticket(live(board, id)?, command, actor, now, numbers)?;
    let event = |what| Event::Ticket { ticket: id.clone(), what };
    Ok(whats.into_iter().map(event).collect())
}

/// A project that starts no new job, or does again. Nothing happens, when that is so already.
fn pause(project: &Project, paused: bool) -> Vec<Event> {
    let id = project.id.clone();
    match paused {
        _so_already if project.paused == paused => vec![],
        true => vec![Event::ProjectPaused { project: id }],
        false => vec![Event::ProjectResumed { project: id }],
    }
}

fn known<'b>(board: &'b Board, project: &ProjectId) -> Result<&'b Project, Refusal> {
    board.projects.get(project).ok_or_else(|| Refusal::NoSuchProject(project.clone()))
}

/// The live ticket of that name, or why there is none.
fn live<'b>(board: &'b Board, id: &TicketId) -> Result<&'b Ticket, Refusal> {
    if let Some(ticket) = board.ticket(id) {
        return Ok(ticket);
    }
    let Some(closed) = board.closed.get(id) else {
        known(board, &id.project)?;
        return Err(Refusal::NoSuchTicket(id.clone()));
    };
    Err(Refusal::Closed { ticket: id.clone(), how: closed.word() })
}

fn remove_project(board: &Board, project: &ProjectId) -> Result<Vec<Event>, Refusal> {
    known(board, project)?;
    let mut live = board.tickets.keys().filter(|id| id.project == *project);
    match live.next() {
        None => Ok(vec![Event::ProjectRemoved { project: project.clone() }]),
        Some(example) => Err(Refusal::ProjectInUse {
            project: project.clone(),
            live: live.count() + 1,
            example: example.key.clone(),
        }),
    }
}

fn add(
    board: &Board,
    project: &ProjectId,
    key: Option<&TicketKey>,
    spec: &TicketSpec,
    numbers: &mut Numbers,
) -> Result<TicketId, Refusal> {
    let home = known(board, project)?;
    let key = key.cloned().unwrap_or_else(|| numbers.key(board, home));
    let id = TicketId { project: project.clone(), key };
    addable(board, home, &id, spec)?;
    deps::check(board, &id, &spec.depends_on)?;
    Ok(id)
}

fn taken(board: &Board, id: &TicketId) -> bool {
    board.tickets.contains_key(id) || board.closed.contains_key(id)
}

/// Whether the ticket could be added, whatever it depends on.
fn addable(board: &Board, home: &Project, id: &TicketId, spec: &TicketSpec) -> Result<(), Refusal> {
    if taken(board, id) {
        return Err(Refusal::DuplicateKey(id.clone()));
    }
    askable(home, spec)
}

/// Whether the project can do what is asked for, whatever that depends on.
fn askable(home: &Project, spec: &TicketSpec) -> Result<(), Refusal> {
    spec.check()?;
    if let Some(agent) = &spec.named_agent()
        && !home.settings.agents.contains_key(agent)
    {
        return Err(Refusal::UnknownAgent {
            project: home.id.clone(),
            agent: agent.to_string(),
            known: home.settings.agents.keys().map(ToString::to_string).collect(),
        });
    }
    Ok(())
}

/// Several tickets in one decision, each after those that it depends on.
pub(crate) fn add_all(
    board: &Board,
    project: &ProjectId,
    tickets: &BTreeMap<TicketKey, NewTicket>,
) -> Result<Vec<Event>, Refusal> {
    let home = known(board, project)?;
    if tickets.len() > TICKETS_AT_ONCE_MAX {
        return Err(Refusal::TooMany { count: tickets.len() });
    }
    let graph: BTreeMap<TicketKey, BTreeSet<TicketKey>> =
        tickets.iter().map(|(key, ticket)| (key.clone(), ticket.spec.depends_on.clone())).collect();
    if let Some(cycle) = deps::find_cycle(&graph) {
        return Err(Refusal::DependencyCycle(cycle));
    }
    let mut events = Vec::with_capacity(tickets.len());
    for key in deps::in_order(&graph) {
        let NewTicket { spec, draft } = &tickets[&key];
        let ticket = TicketId { project: project.clone(), key };
        let others = spec.depends_on.iter().filter(|on| !tickets.contains_key(*on));
        let checked =
            addable(board, home, &ticket, spec).and_then(|()| deps::check(board, &ticket, others));
        match checked {
            Err(_) if active(Mutant::ImportInPart) => break,
            checked => checked?,
        }
        let what = TicketEvent::Added { spec: spec.clone(), draft: *draft };
        events.push(Event::Ticket { ticket, what });
    }
    Ok(events)
}

fn decide_ticket(
    ticket: &Ticket,
    command: &Command,
    actor: &Actor,
    now: Timestamp,
    numbers: &mut Numbers,
) -> Result<Vec<TicketEvent>, Refusal> {
    match command {
        Command::Start { .. } if matches!(ticket.state, TicketState::Draft) => {
            Ok(vec![TicketEvent::Opened])
        }
        Command::Start { .. } => Err(wrong(ticket, "start", "a draft")),
        Command::Approve { commit, .. } => approve(ticket, commit.as_ref(), actor),
        Command::Reject { feedback, .. } => reject(ticket, feedback),
        Command::Permit { paths, .. } => permit(ticket, paths),
        Command::Recheck { .. } => recheck(ticket),
        Command::Retry { hint, .. } => retry(ticket, hint.as_deref()),
        Command::Answer { question, text, .. } => answer(ticket, question.as_deref(), text),
        Command::Steer { text, .. } => steer::steer(ticket, text),
        Command::Hold { .. } => stop_then(ticket, actor, StopHow::Stop, AfterStop::Hold),
        Command::Stop { how, .. } if matches!(ticket.state, TicketState::Working(_)) => {
            stop_then(ticket, actor, *how, AfterStop::Hold)
        }
        Command::Stop { .. } => Err(wrong(ticket, "stop", "working")),
        Command::Cancel { .. } => stop_then(ticket, actor, StopHow::Stop, AfterStop::Cancel),
        Command::TakeOver { .. } => take_over(ticket, actor),
        Command::HandBack { .. } => hand_back(ticket, now, numbers),
        Command::Resume { .. } => resume(ticket),
        Command::HandIn { external, fence, hand_in, .. } => {
            external::hand_in(ticket, (external, *fence), hand_in, actor)
        }
        Command::ConfigureProject { .. }
        | Command::RemoveProject { .. }
        | Command::PauseProject { .. }
        | Command::ResumeProject { .. }
        | Command::CloseCircuit { .. }
        | Command::DrainNode { .. }
        | Command::ResumeNode { .. }
        | Command::RegisterExternal { .. }
        | Command::EndExternal { .. }
        | Command::AddLesson { .. }
        | Command::RemoveLesson { .. }
        | Command::AddToken { .. }
        | Command::RevokeToken { .. }
        | Command::Add { .. }
        | Command::AddAll { .. }
        | Command::FireSchedule { .. }
        | Command::SkipSchedule { .. }
        | Command::StartDrafts { .. }
        | Command::DropDrafts { .. }
        | Command::Edit { .. }
        | Command::Split { .. } => unreachable!("BUG: not a ticket's command"),
    }
}

fn wrong(ticket: &Ticket, verb: &'static str, needs: &'static str) -> Refusal {
    Refusal::WrongState { ticket: ticket.id.clone(), state: ticket.state.word(), verb, needs }
}

fn checked(what: &'static str, text: &str) -> Result<String, Refusal> {
    if text.trim().is_empty() || text.len() > TEXT_BYTES_MAX {
        return Err(Refusal::BadText { what, bytes_max: TEXT_BYTES_MAX });
    }
    Ok(text.to_owned())
}

fn approve(
    ticket: &Ticket,
    reviewed: Option<&CommitId>,
    actor: &Actor,
) -> Result<Vec<TicketEvent>, Refusal> {
    let TicketState::Review(Verified { submission, .. }) = &ticket.state else {
        return Err(wrong(ticket, "approve", "in review"));
    };
    let present = &submission.snapshot.head;
    if let Some(reviewed) = reviewed
        && reviewed != present
    {
        return Err(Refusal::Superseded {
            ticket: ticket.id.clone(),
            reviewed: reviewed.clone(),
            present: present.clone(),
        });
    }
    // What is not to land is closed by the approval itself.
    if submission.no_change || ticket.spec.deliverable != crate::spec::Deliverable::Commit {
        return Ok(vec![TicketEvent::Delivered { commit: present.clone(), drafts: vec![] }]);
    }
    let approval = Approval { by: actor.clone(), commit: present.clone() };
    Ok(vec![TicketEvent::Approved { approval }])
}

fn reject(ticket: &Ticket, feedback: &str) -> Result<Vec<TicketEvent>, Refusal> {
    let TicketState::Review(Verified { submission, .. }) = &ticket.state else {
        return Err(wrong(ticket, "reject", "in review"));
    };
    let feedback = checked("feedback", feedback)?;
    let record = crate::ticket::TryRecord {
        attempt: submission.attempt.job.clone(),
        try_no: submission.attempt.try_no,
        cause: crate::ticket::Cause::Rejected,
        error: "a reviewer sent it back".to_owned(),
        approach: submission.claim.summary.clone(),
        facts: vec![],
        lines: feedback.lines().take(40).map(str::to_owned).collect(),
        spent: false,
        failure: Some(Failure::told(FailureClass::Rejected, feedback.lines().take(40))),
        same_as: None,
    };
    let back = TicketEvent::SentBack {
        record: Some(Box::new(record)),
        next: crate::ticket::NextStart::Resume,
        not_before: None,
        why: String::new(),
    };
    Ok(vec![TicketEvent::Rejected { feedback }, back])
}

fn retry(ticket: &Ticket, hint: Option<&str>) -> Result<Vec<TicketEvent>, Refusal> {
    let may = matches!(
        ticket.state,
        TicketState::Escalated(_) | TicketState::Backoff(_) | TicketState::Parked(_)
    ) || matches!(&ticket.state, TicketState::Held(Held { from: HeldFrom::Open, .. }));
    if !may {
        return Err(wrong(ticket, "retry", "escalated, held or waiting"));
    }
    let hint = hint.map(|text| checked("hint", text)).transpose()?;
    let hinted = hint.map(|text| TicketEvent::Hinted { text });
    Ok(hinted.into_iter().chain([TicketEvent::Retried]).collect())
}

fn permit(ticket: &Ticket, paths: &Scope) -> Result<Vec<TicketEvent>, Refusal> {
    if paths.is_empty() {
        return Err(Refusal::BadText { what: "list of patterns", bytes_max: TEXT_BYTES_MAX });
    }
    ticket.spec.permits.with(paths)?;
    Ok(vec![TicketEvent::Permitted { paths: paths.clone() }])
}

fn recheck(ticket: &Ticket) -> Result<Vec<TicketEvent>, Refusal> {
    let may = matches!(
        &ticket.state,
        TicketState::Escalated(_) | TicketState::Held(Held { from: HeldFrom::Open, .. })
    );
    if !may {
        return Err(wrong(ticket, "recheck", "escalated or held"));
    }
    if ticket.offered.is_none() {
        return Err(Refusal::NothingToRecheck(ticket.id.clone()));
    }
    let verification = crate::board::next_job(ticket, crate::ids::JobKind::Verification);
    Ok(vec![TicketEvent::Submitted { verification }])
}

fn answer(ticket: &Ticket, id: Option<&str>, text: &str) -> Result<Vec<TicketEvent>, Refusal> {
    let none = || Refusal::NoSuchQuestion { ticket: ticket.id.clone(), id: id.map(str::to_owned) };
    let text = checked("answer", text)?;
    let wanted = |question: &&Question| id.is_none_or(|id| question.id == id);
    if let TicketState::Working(Working { stage: Stage::Running { questions, .. }, .. }) =
        &ticket.state
    {
        let question = questions.iter().find(wanted).ok_or_else(none)?;
        let answer = Answer { question: question.id.clone(), text };
        return Ok(vec![TicketEvent::QuestionAnswered { answer }]);
    }
    if let TicketState::Parked(Parked { why: ParkedFor::Answer(question), .. }) = &ticket.state
        && wanted(&question)
    {
        let text = format!("You asked: {}\nThe answer: {text}", question.text);
        return Ok(vec![TicketEvent::Hinted { text }, TicketEvent::Released]);
    }
    Err(none())
}

/// Takes a ticket off its way: at once where nothing runs for it but what may be thrown away,
/// else by ending the attempt first, so that its work is captured.
fn stop_then(
    ticket: &Ticket,
    actor: &Actor,
    how: StopHow,
    then: AfterStop,
) -> Result<Vec<TicketEvent>, Refusal> {
    let at_once = match then {
        AfterStop::Cancel => TicketEvent::Cancelled,
        AfterStop::Hold => TicketEvent::Held { taken_over: false },
        AfterStop::TakeOver => TicketEvent::Held { taken_over: true },
        AfterStop::Return | AfterStop::HandIn(_) => {
            unreachable!("BUG: no person takes a ticket off its way for that")
        }
    };
    match &ticket.state {
        TicketState::Working(Working { stage: Stage::Captured { .. }, .. }) => {
            Err(wrong(ticket, "stop", "past the capture of its work"))
        }
        // While what it left is captured, or is to be once more, the wish waits for that.
        TicketState::Working(_) => {
            let stop = Stop { by: actor.clone(), how, then };
            Ok(vec![TicketEvent::StopRequested { stop }])
        }
        TicketState::Landing(Landing { stage: LandingStage::Intended(_), .. }) => {
            Err(Refusal::IsLanding(ticket.id.clone()))
        }
        TicketState::Draft if then == AfterStop::Hold => {
            Err(wrong(ticket, "hold", "opened; a draft is never scheduled"))
        }
        TicketState::Held(Held { from: HeldFrom::TakenOver(_), .. }) => {
            Err(wrong(ticket, "this", "handed back first: a person is working in it"))
        }
        TicketState::Held(_) if then == AfterStop::Hold => {
            Err(wrong(ticket, "hold", "not held already"))
        }
        TicketState::Draft
        | TicketState::Open
        | TicketState::Backoff(_)
        | TicketState::Parked(_)
        | TicketState::Held(_)
        | TicketState::Verifying(_)
        | TicketState::Review(_)
        | TicketState::Queued(_)
        | TicketState::Landing(_)
        | TicketState::Escalated(_) => Ok(vec![at_once]),
        TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Cancelled { .. } => {
            unreachable!("BUG: a closed ticket is not on the board")
        }
    }
}

fn take_over(ticket: &Ticket, actor: &Actor) -> Result<Vec<TicketEvent>, Refusal> {
    match &ticket.state {
        TicketState::Working(_) => stop_then(ticket, actor, StopHow::Stop, AfterStop::TakeOver),
        TicketState::Escalated(_)
        | TicketState::Backoff(_)
        | TicketState::Parked(_)
        | TicketState::Held(Held {
            from:
                HeldFrom::Open | HeldFrom::Verifying(_) | HeldFrom::Review(_) | HeldFrom::Queued(_),
            ..
        }) => match &ticket.last_attempt {
            Some(_) => Ok(vec![TicketEvent::Held { taken_over: true }]),
            None => Err(Refusal::NothingToTakeOver(ticket.id.clone())),
        },
        TicketState::Held(Held { from: HeldFrom::TakenOver(_), .. }) => {
            Err(wrong(ticket, "take over", "not taken over already"))
        }
        TicketState::Draft
        | TicketState::Open
        | TicketState::Verifying(_)
        | TicketState::Review(_)
        | TicketState::Queued(_)
        | TicketState::Landing(_)
        | TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Cancelled { .. } => {
            Err(wrong(ticket, "take over", "working, escalated, held or waiting"))
        }
    }
}

fn hand_back(
    ticket: &Ticket,
    now: Timestamp,
    numbers: &mut Numbers,
) -> Result<Vec<TicketEvent>, Refusal> {
    let TicketState::Held(Held { from: HeldFrom::TakenOver(_), .. }) = &ticket.state else {
        return Err(wrong(ticket, "hand back", "taken over"));
    };
    let Some(node) = ticket.home.clone() else {
        return Err(Refusal::NothingToTakeOver(ticket.id.clone()));
    };
    let lease = Lease { node, fence: numbers.fence(), granted_at: now };
    Ok(vec![TicketEvent::HandedBack { lease }])
}

fn resume(ticket: &Ticket) -> Result<Vec<TicketEvent>, Refusal> {
    match &ticket.state {
        TicketState::Held(Held { from: HeldFrom::TakenOver(_), .. }) => {
            Err(wrong(ticket, "resume", "handed back first (`take-over --done`)"))
        }
        TicketState::Held(Held { from: HeldFrom::Verifying(_), .. }) => {
            let job = crate::board::next_job(ticket, crate::ids::JobKind::Verification);
            Ok(vec![TicketEvent::Submitted { verification: job }])
        }
        TicketState::Held(_) | TicketState::Parked(_) | TicketState::Backoff(_) => {
            Ok(vec![TicketEvent::Released])
        }
        TicketState::Draft
        | TicketState::Open
        | TicketState::Working(_)
        | TicketState::Verifying(_)
        | TicketState::Review(_)
        | TicketState::Queued(_)
        | TicketState::Landing(_)
        | TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Escalated(_)
        | TicketState::Cancelled { .. } => Err(wrong(ticket, "resume", "held, parked or waiting")),
    }
}
