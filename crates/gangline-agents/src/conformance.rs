//! The laws of [`AgentDriver`]. A kind is a type that passes them.
//!
//! Each law gets a [`Subject`]: a driver and the ways to make its agent behave.

use std::time::Duration;

use gangline_process::{JobMarker, marked};
use tokio::time::timeout;

use crate::driver::{AgentDriver, AgentEnd, AgentEvent, LaunchError, Session, SessionPlan};

/// How long a law may take.
const LAW_MAX: Duration = Duration::from_mins(1);
/// Between the signals for what a law leaves.
const GRACE: Duration = Duration::from_millis(500);
/// What [`Behaviour::Says`] says.
pub const SAID: &str = "the work is done";
/// Bytes that [`Behaviour::Floods`] prints at least, on each of both streams.
pub const FLOOD_BYTES: u64 = 8 * 1024 * 1024;

/// What an agent is made to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Says [`SAID`] and ends well.
    Says,
    /// Prints [`FLOOD_BYTES`] on both streams, says [`SAID`], and ends well.
    Floods,
    /// Prints one line of [`FLOOD_BYTES`] without an end, and ends well.
    FloodsOneLine,
    /// Works until something ends it.
    Hangs,
    /// The same, and disregards polite signals and words.
    HangsStubbornly,
    /// Complains `something broke` on its standard error and breaks.
    Crashes,
    /// Dies of SIGKILL.
    Dies,
    /// Ends well and leaves a process behind that holds its standard output.
    LeavesProcess,
}

/// A driver under test.
pub trait Subject: Send + Sync {
    /// The driver.
    fn driver(&self) -> &dyn AgentDriver;
    /// A plan under which the agent behaves so. Directories exist until the subject is dropped.
    fn plan(&self, behaviour: Behaviour) -> SessionPlan;
}

async fn run(subject: &dyn Subject, behaviour: Behaviour) -> (Vec<AgentEvent>, JobMarker) {
    let plan = subject.plan(behaviour);
    let mut session = subject.driver().launch(&plan).expect("it starts");
    let events = drain(&mut *session).await;
    let proof = session.stop(GRACE).await;
    assert!(proof.is_proven(), "{proof:?}");
    (events, plan.marker)
}

async fn drain(session: &mut dyn Session) -> Vec<AgentEvent> {
    let all = async {
        let mut events = vec![];
        while let Some(event) = session.next_event().await {
            events.push(event);
        }
        events
    };
    timeout(LAW_MAX, all).await.expect("the session ends in time")
}

fn end(events: &[AgentEvent]) -> &AgentEnd {
    let finished = |event: &&AgentEvent| matches!(event, AgentEvent::Finished(_));
    assert_eq!(events.iter().filter(finished).count(), 1, "exactly one end");
    match events.last() {
        Some(AgentEvent::Finished(end)) => end,
        other => panic!("the end comes last, not {other:?}"),
    }
}

fn says(event: &AgentEvent, what: &str) -> bool {
    matches!(event, AgentEvent::Message { text } if text.contains(what))
}

/// An agent that works is announced and heard, and its end comes last and once.
pub async fn it_starts_reports_and_ends(subject: &dyn Subject) {
    let (events, _) = run(subject, Behaviour::Says).await;
    assert!(matches!(events.first(), Some(AgentEvent::Started { .. })), "{events:?}");
    assert!(events.iter().any(|event| says(event, SAID)), "{events:?}");
    let AgentEnd::Completed { summary } = end(&events) else { panic!("{:?}", end(&events)) };
    assert!(summary.contains(SAID), "{summary}");
}

/// After the end there is nothing, however often one asks.
pub async fn nothing_comes_after_the_end(subject: &dyn Subject) {
    let plan = subject.plan(Behaviour::Says);
    let mut session = subject.driver().launch(&plan).expect("it starts");
    drain(&mut *session).await;
    assert_eq!(session.next_event().await, None);
    assert!(session.steer("too late").is_err());
    assert!(session.interrupt().await.is_err());
    assert!(session.stop(GRACE).await.is_proven());
}

/// A missing program is told apart from all other failures.
#[expect(clippy::unused_async, reason = "all laws are called alike")]
pub async fn a_missing_program_is_named(subject: &dyn Subject) {
    let mut plan = subject.plan(Behaviour::Says);
    plan.definition.program = Some("gangline-no-such-program".to_owned());
    let Err(error) = subject.driver().launch(&plan) else { panic!("it started") };
    assert!(
        matches!(&error, LaunchError::Missing { program } if program == "gangline-no-such-program")
    );
    let AgentEnd::Missing { program } = error.into_end() else { panic!("another end") };
    assert_eq!(program, "gangline-no-such-program");
}

/// A flood neither blocks the agent nor is it kept.
pub async fn a_flood_passes(subject: &dyn Subject) {
    let (events, _) = run(subject, Behaviour::Floods).await;
    assert!(events.iter().any(|event| says(event, SAID)), "the last words are lost");
    assert!(matches!(end(&events), AgentEnd::Completed { .. }));
}

/// A line without end is cut, and says so.
pub async fn an_endless_line_is_cut(subject: &dyn Subject) {
    let (events, _) = run(subject, Behaviour::FloodsOneLine).await;
    let longest = events.iter().filter_map(text).max_by_key(|text| text.len()).expect("a line");
    assert!(longest.len() < 2 * crate::LINE_BYTES_MAX, "{} bytes", longest.len());
    assert!(longest.contains("[cut: "), "the cut is not marked");
}

fn text(event: &AgentEvent) -> Option<&String> {
    match event {
        AgentEvent::Message { text } | AgentEvent::Raw(text) => Some(text),
        AgentEvent::Started { .. }
        | AgentEvent::Thought { .. }
        | AgentEvent::ToolStarted { .. }
        | AgentEvent::ToolFinished { .. }
        | AgentEvent::Plan(_)
        | AgentEvent::Usage(_)
        | AgentEvent::Question { .. }
        | AgentEvent::Limit { .. }
        | AgentEvent::Finished(_) => None,
    }
}

/// An interrupt ends the turn, and is the recorded reason.
pub async fn an_interrupt_ends_it(subject: &dyn Subject) {
    let plan = subject.plan(Behaviour::Hangs);
    let mut session = subject.driver().launch(&plan).expect("it starts");
    wait_until_it_works(&mut *session).await;
    session.interrupt().await.expect("it can be interrupted");
    let events = drain(&mut *session).await;
    assert_eq!(end(&events), &AgentEnd::Interrupted);
    assert!(session.stop(GRACE).await.is_proven());
}

/// An agent that obeys nobody ends nevertheless.
pub async fn a_stubborn_agent_ends_too(subject: &dyn Subject) {
    let plan = subject.plan(Behaviour::HangsStubbornly);
    let mut session = subject.driver().launch(&plan).expect("it starts");
    wait_until_it_works(&mut *session).await;
    let proof = timeout(LAW_MAX, session.stop(GRACE)).await.expect("it is ended in time");
    assert!(proof.is_proven(), "{proof:?}");
    assert_eq!(end(&drain(&mut *session).await), &AgentEnd::Interrupted);
    assert_eq!(marked(&plan.marker), Vec::<u32>::new());
}

async fn wait_until_it_works(session: &mut dyn Session) {
    let working = async {
        loop {
            match session.next_event().await {
                Some(event) if says(&event, "working") => return,
                Some(AgentEvent::Finished(end)) => panic!("it ended: {end:?}"),
                Some(_) => {}
                None => panic!("it ended"),
            }
        }
    };
    timeout(LAW_MAX, working).await.expect("it works in time");
}

/// A crash is a crash, with the agent's own words.
pub async fn a_crash_is_reported_with_its_words(subject: &dyn Subject) {
    let (events, _) = run(subject, Behaviour::Crashes).await;
    let AgentEnd::Crashed { message, exit } = end(&events) else { panic!("{:?}", end(&events)) };
    assert!(message.contains("something broke"), "{message}");
    assert!(exit.contains("exit code"), "{exit}");
}

/// A killed agent has crashed.
pub async fn a_killed_agent_has_crashed(subject: &dyn Subject) {
    let (events, _) = run(subject, Behaviour::Dies).await;
    let AgentEnd::Crashed { exit, .. } = end(&events) else { panic!("{:?}", end(&events)) };
    assert!(exit == "signal 9" || exit == "exit code 137", "{exit}");
}

/// What an agent leaves running neither delays its end nor survives the stop.
pub async fn what_it_leaves_behind_is_ended(subject: &dyn Subject) {
    let (events, marker) = run(subject, Behaviour::LeavesProcess).await;
    assert!(matches!(end(&events), AgentEnd::Completed { .. }), "{:?}", end(&events));
    assert_eq!(marked(&marker), Vec::<u32>::new());
}

/// Dropping a session leaves nothing running.
pub async fn a_dropped_session_ends(subject: &dyn Subject) {
    let plan = subject.plan(Behaviour::Hangs);
    let mut session = subject.driver().launch(&plan).expect("it starts");
    wait_until_it_works(&mut *session).await;
    drop(session);
    let gone = async {
        while !marked(&plan.marker).is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LAW_MAX, gone).await.expect("it ends in time");
}

/// Gives each law its own test, so that a failure is named after the law it broke. `$fresh` is
/// an expression that makes a [`Subject`].
#[macro_export]
macro_rules! agent_conformance {
    ($fresh:expr) => {
        $crate::agent_conformance!($fresh;
            it_starts_reports_and_ends,
            nothing_comes_after_the_end,
            a_missing_program_is_named,
            a_flood_passes,
            an_endless_line_is_cut,
            an_interrupt_ends_it,
            a_stubborn_agent_ends_too,
            a_crash_is_reported_with_its_words,
            a_killed_agent_has_crashed,
            what_it_leaves_behind_is_ended,
            a_dropped_session_ends);
    };
    ($fresh:expr; $($law:ident),+) => {
        $(#[tokio::test]
        async fn $law() {
            let subject = $fresh;
            $crate::conformance::$law(&subject).await;
        })+
    };
}
