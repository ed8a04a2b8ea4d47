//! A review: another agent reads a measured commit in a checkout that is thrown away, and says
//! what it found.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::Duration;

use gangline_agents::brief::{
    AgentText, BRIEF_TOKENS_MAX, BriefError, ReviewInput, TicketText, render_review,
};
use gangline_agents::definition::Definition;
use gangline_agents::driver::{
    AgentDriver, AgentEnd, AgentEvent, DENY, KEY_ENV, Permission, Session, SessionPlan,
    SessionStart, TRY_ENV,
};
use gangline_agents::fence;
use gangline_agents::review::{self, Answer};
use gangline_domain::budget::{Budget, Usage};
use gangline_domain::external::is_external;
use gangline_domain::job::{EndKind, Infra, JobResult};
use gangline_domain::reviewer::{AgentReview, Finding, ReviewEnd, Reviewer};
use gangline_domain::ticket::{ReviewingStage, Submission, TicketState, Verifying, VerifyingStage};
use gangline_domain::verdict::{CheckResult, Report, Verdict};
use gangline_policy::{Permissions, Policy};
use gangline_process::{Sandbox, Tier};

use crate::control::Listener;
use crate::durable;
use crate::job::attempt::prepare::{minutes_until, session_id};
use crate::job::attempt::{credentials, definition, leave, network, session};
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::job::hooks::CrashPoint;
use crate::job::{policy, surroundings};
use crate::journal::What;
use crate::proxy::Proxy;
use crate::trees::Hub;

/// Bytes of the change that the brief shows; the rest is in the checkout.
const DIFF_BYTES_MAX: usize = 120 * 1024;
/// How the block in a ticket begins that a scripted agent plays.
const SCRIPT_BLOCK: &str = gangline_agents::scripted::protocol::BLOCK;
/// Bytes of a file that a finding is compared with.
const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Between the signals for a reviewer that is to end.
const SIGNAL_GRACE: Duration = Duration::from_secs(2);

/// What the job is told.
struct Asked<'j> {
    by: &'j Reviewer,
    submission: &'j Submission,
    report: &'j Report,
}

/// Runs the review to its end, whatever that is.
pub(crate) async fn run(job: &Job, listener: &mut Listener) -> JobResult {
    let Some(asked) = asked(job) else {
        let what = "the ticket does not say what to review, and who".to_owned();
        return JobResult::Failed(Infra::Tool(what));
    };
    let prepared = job.unless_ended(listener, Box::pin(prepare(job, &asked))).await;
    let (prepared, proxy) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return JobResult::Failed(failure.infra()),
    };
    let hub = prepared.hub.clone();
    let usage = Cell::new(Usage::default());
    let read = Box::pin(read(job, prepared, &usage));
    let work = job.unless_ended(listener, read);
    let done = match proxy {
        None => work.await,
        Some(proxy) => proxy.beside(work, |passage| job.note(What::Network { passage })).await,
    };
    let end = match done {
        Ok(Ok(answer)) => match compared(&hub, &asked, answer).await {
            Ok(end) => end,
            Err(failure) => return JobResult::Failed(failure.infra()),
        },
        Ok(Err(end)) => end,
        Err(failure) => ReviewEnd::Ended(cut_short(failure)),
    };
    let wall_ms = u64::try_from(job.started.elapsed().as_millis()).unwrap_or(u64::MAX);
    JobResult::Reviewed(AgentReview { end, usage: Usage { wall_ms, ..usage.get() } })
}

fn asked(job: &Job) -> Option<Asked<'_>> {
    let TicketState::Verifying(Verifying { submission, stage, .. }) = &job.ticket().state else {
        return None;
    };
    let VerifyingStage::Reviewing(reviewing) = stage else { return None };
    let ReviewingStage::Job { by: Some(by), .. } = &reviewing.stage else { return None };
    Some(Asked { by, submission, report: &reviewing.report })
}

fn cut_short(failure: Failure) -> EndKind {
    match failure {
        Failure::TimedOut => EndKind::TimedOut,
        Failure::Stopped => EndKind::Stopped,
        Failure::Passed(passed) => EndKind::Crashed(passed.to_string()),
        Failure::Infra(infra) => EndKind::Infra(infra),
    }
}

/// What the session needs.
struct Prepared {
    hub: Hub,
    driver: &'static dyn AgentDriver,
    plan: SessionPlan,
    allotment: Budget,
    permissions: Permissions,
}

async fn prepare(job: &Job, asked: &Asked<'_>) -> Result<(Prepared, Option<Proxy>), Failure> {
    let Asked { by, submission, .. } = asked;
    let base = &submission.base;
    let hub = Hub::of_commit(&job.spec.places.hub(&job.project().id), base).await?;
    let policy = policy::of_commit(job, &hub, base).await?;
    let mut definition = definition::at_base(job, &by.agent, (&hub, base)).await?;
    definition::adjust(job, (&by.agent, &by.kind), &policy, &mut definition);
    if is_external(&definition.kind) {
        let what = format!("agent {} works elsewhere, and cannot review", by.agent);
        return Err(Failure::Infra(Infra::SetupFailed(what)));
    }
    let driver = definition::driver(&by.kind)?;
    let mode = network::mode(job, &definition.network, driver)?;
    let asks_leave = leave::must_ask(&policy.permissions, driver, &definition)?;
    let room = make_room(job, &hub, asked).await?;
    bound(job, &policy, &definition, &room);
    let mut given = credentials::secrets(job, &definition).await?;
    let brief = write_brief(job, &hub, asked, &room).await?;
    let mut env = environment(job, asked, &room);
    credentials::log_in(job, &definition, &mut env).await?;
    let gateway = credentials::gateway(job, &by.kind, mode, &mut env)?;
    let way = (&by.kind, env.as_slice(), gateway);
    let sandbox = sandbox(job, &room);
    let (sandbox, proxy) = network::arrange(job, (mode, &definition.network), way, sandbox)?;
    let sandbox = given.shown(sandbox);
    env.extend(given.variables);
    job.bound_silence(definition.stall_timeout_ms.unwrap_or(u64::MAX));
    let told = policy.agents.definitions.get(&by.agent);
    let allotment = by.allotment.tighter(definition.budget);
    let plan = SessionPlan {
        brief,
        brief_file: job.run.brief(),
        cwd: room.checkout,
        session: SessionStart::Fresh { id: Some(session_id(job)) },
        definition,
        env,
        home: room.home,
        outcome_file: room.output.join("outcome.json"),
        marker: job.run.marker().clone(),
        sandbox,
        model: told.and_then(|told| told.model.clone()),
        asks_leave,
        mcp: vec![],
    };
    job.sound()?;
    let permissions = policy.permissions;
    Ok((Prepared { hub, driver, plan, allotment, permissions }, proxy))
}

/// The folders of a review. All of them go when it ends.
struct Room {
    checkout: PathBuf,
    home: PathBuf,
    output: PathBuf,
}

async fn make_room(job: &Job, hub: &Hub, asked: &Asked<'_>) -> Result<Room, Failure> {
    let scratch = job.run.scratch();
    // What an earlier run of this job left half done is of no use.
    durable::remove_tree(&scratch)?;
    let room = Room {
        checkout: scratch.join("tree"),
        home: scratch.join("home"),
        output: scratch.join("output"),
    };
    for folder in [&scratch, &room.home, &room.output] {
        durable::make_dir(folder)?;
    }
    let commit = &asked.submission.snapshot.head;
    job.step(format!("fresh checkout of {}", &commit.as_str()[..12]));
    hub.make_fresh(&room.checkout, job.id(), commit).await?;
    job.at(CrashPoint::FreshCheckout);
    Ok(room)
}

/// What the reviewer's programs may use: as its definition says, or as the policy says of all.
fn bound(job: &Job, policy: &Policy, definition: &Definition, room: &Room) {
    let told = policy.agents.definitions.get(&definition.name).map(|told| told.resources);
    let bounds = told.unwrap_or_default().or(definition.resources).or(policy.resources);
    job.watch.set(bounds, vec![room.home.clone(), room.output.clone()]);
}

/// The checkout can be read, and nothing but home and output be written.
fn sandbox(job: &Job, room: &Room) -> Sandbox {
    let sandbox = surroundings::sandbox(job);
    if sandbox.tier == Tier::L0 {
        return sandbox.home(&room.home);
    }
    sandbox
        .read_only([surroundings::borrowed_objects(job), job.run.brief(), room.checkout.clone()])
        .writable(&room.output)
        .bind(&room.checkout, "/workspace", false)
        .bind(&room.output, "/output", true)
        .home(&room.home)
}

fn environment(job: &Job, asked: &Asked<'_>, room: &Room) -> Vec<(String, String)> {
    let mut env = surroundings::environment();
    env.extend(surroundings::passed(job));
    let set = [
        (KEY_ENV, job.id().ticket.key.to_string()),
        (TRY_ENV, asked.submission.attempt.try_no.to_string()),
        ("TMPDIR", room.output.display().to_string()),
        // What only looks must not write an index.
        ("GIT_OPTIONAL_LOCKS", "0".to_owned()),
    ];
    env.extend(set.map(|(name, value)| (name.to_owned(), value)));
    env
}

async fn write_brief(
    job: &Job,
    hub: &Hub,
    Asked { by, submission, report }: &Asked<'_>,
    room: &Room,
) -> Result<String, Failure> {
    let (base, commit) = (&submission.base, &submission.snapshot.head);
    let (diff, diff_cut) = hub.diff(base, commit, DIFF_BYTES_MAX).await?;
    let diff = if diff_cut { format!("{diff}\n[the rest is left out]") } else { diff };
    let spec = &job.ticket().spec;
    let author = &submission.attempt;
    let input = ReviewInput {
        ticket: TicketText {
            key: job.id().ticket.key.to_string(),
            title: spec.title.clone(),
            // What a scripted author plays is nothing to read.
            body: fence::take(&spec.body, SCRIPT_BLOCK).1,
        },
        agent: agent(by.agent.as_str(), by.kind.as_str()),
        author: agent(author.agent.as_str(), author.kind.as_str()),
        claimed: submission.claim.summary.clone(),
        commit: commit.to_string(),
        base: base.to_string(),
        checkout: room.checkout.display().to_string(),
        diff,
        diff_cut,
        evidence: report.checks.iter().map(evidence).collect(),
        session_minutes: Some(minutes_until(job.deadline())),
    };
    let unusable =
        |error: BriefError| Failure::Infra(Infra::SetupFailed(durable::with_causes(&error)));
    let brief = render_review(&input, BRIEF_TOKENS_MAX).map_err(unusable)?;
    let text = job.vault.redactor().text(&brief.text).into_owned();
    durable::write_lazily(&job.run.brief(), text.as_bytes())?;
    job.note(What::Briefed {
        tokens: u64::try_from(brief.tokens).unwrap_or(u64::MAX),
        shortened: brief.shortened.iter().map(|part| (*part).to_owned()).collect(),
    });
    Ok(text)
}

fn agent(name: &str, kind: &str) -> AgentText {
    AgentText { name: name.to_owned(), kind: kind.to_owned(), skills: vec![] }
}

fn evidence(check: &CheckResult) -> String {
    let word = match check.verdict {
        Verdict::Pass => "pass",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Fail => "FAIL",
    };
    let command = check.evidence.as_ref().map(|evidence| format!(" (`{}`)", evidence.command));
    let doubts = match check.doubts.is_empty() {
        true => String::new(),
        false => format!("; in doubt: {}", check.doubts.join("; ")),
    };
    format!("{word} {}{}: {}{doubts}", check.name, command.unwrap_or_default(), check.fact)
}

/// Drives the reviewer. What it said last is its answer.
async fn read(
    job: &Job,
    prepared: Prepared,
    usage: &Cell<Usage>,
) -> Result<Result<Answer, ReviewEnd>, Failure> {
    let Prepared { driver, plan, allotment, permissions, .. } = prepared;
    job.step("reviewer");
    let session = match driver.launch(&plan) {
        Ok(session) => session,
        Err(error) => return gone(error.into_end()),
    };
    job.at(CrashPoint::AgentStarted);
    let mut reader = Reader { job, session, allotment, permissions, usage, last: String::new() };
    let end = reader.drive().await;
    let proof = reader.session.stop(SIGNAL_GRACE).await;
    job.note(What::Ended { killed: proof.killed, survivors: proof.survivors });
    job.at(CrashPoint::AgentEnded);
    let said = match end {
        Some(AgentEnd::Completed { summary }) => summary,
        // A change in which nothing is found needs no change.
        Some(AgentEnd::NoChangeNeeded { reason }) => reason,
        Some(end) => return gone(end),
        None => return Ok(Err(ReviewEnd::Ended(EndKind::BudgetSpent))),
    };
    let answer = review::read(&said).or_else(|why| review::read(&reader.last).map_err(|_| why));
    Ok(answer.map_err(ReviewEnd::Unreadable))
}

/// A reviewer that ended without an answer; what the machine did is no fault of it.
fn gone(end: AgentEnd) -> Result<Result<Answer, ReviewEnd>, Failure> {
    let how = session::ended(end);
    if let EndKind::Infra(infra) = how {
        return Err(Failure::Infra(infra));
    }
    Ok(Err(ReviewEnd::Ended(how)))
}

struct Reader<'j> {
    job: &'j Job,
    session: Box<dyn Session>,
    allotment: Budget,
    permissions: Permissions,
    usage: &'j Cell<Usage>,
    last: String,
}

impl Reader<'_> {
    /// Until it has ended; nothing when what it was allotted was used up first.
    async fn drive(&mut self) -> Option<AgentEnd> {
        while let Some(event) = self.session.next_event().await {
            if let AgentEvent::Finished(end) = event {
                return Some(end);
            }
            if let AgentEvent::Usage(spent) = event {
                self.usage.set(spent);
                self.job.note(What::Usage { usage: spent });
                if self.allotment.minus(spent).spent().is_some() {
                    return None;
                }
                continue;
            }
            if let AgentEvent::Question { id, permission, .. } = &event {
                self.answer(id, permission.as_ref());
            }
            if let AgentEvent::Message { text } = &event {
                self.last.clone_from(text);
            }
            self.job.note(session::told(event));
        }
        Some(AgentEnd::Crashed {
            message: String::new(),
            exit: "it ended without a word".to_owned(),
        })
    }

    fn answer(&mut self, id: &str, wanted: Option<&Permission>) {
        let text = wanted.map_or_else(|| NOBODY.to_owned(), |wanted| self.leave(wanted));
        if let Err(error) = self.session.answer(id, &text) {
            self.job.alert(format!("the reviewer did not take an answer: {error}"));
        }
    }

    /// Nobody is asked: what the policy does not give leave for by itself is denied.
    fn leave(&self, wanted: &Permission) -> String {
        let (given, text, why) = match leave::decide(&self.permissions, wanted) {
            leave::Answer::Now { given, text, why } => (given, text, why),
            leave::Answer::Person(_) => {
                let why = "nobody gives leave to a reviewer".to_owned();
                (false, format!("{DENY}: {why}"), why)
            }
        };
        let (tool, detail) = (wanted.tool.clone(), wanted.detail.clone());
        self.job.note(What::Leave { tool, detail, given, why });
        text
    }
}

/// What a reviewer is answered that asks.
const NOBODY: &str = "nobody answers questions during a review: go on without";

/// Puts what the reviewer says beside the files: what is said of a file that is not there blocks
/// nothing, and a line that the file does not have is left out.
async fn compared(hub: &Hub, asked: &Asked<'_>, answer: Answer) -> Result<ReviewEnd, Failure> {
    let Answer { summary, mut findings, left_out } = answer;
    let named: Vec<(String, usize)> = findings
        .iter()
        .filter(|finding| !finding.file.is_empty())
        .map(|finding| (finding.file.clone(), FILE_BYTES_MAX))
        .collect();
    let wanted: Vec<(&str, usize)> =
        named.iter().map(|(path, max)| (path.as_str(), *max)).collect();
    if !wanted.is_empty() {
        let (base, commit) = (&asked.submission.base, &asked.submission.snapshot.head);
        let now = hub.read_files(commit, &wanted).await?;
        let before = hub.read_files(base, &wanted).await?;
        let about = findings.iter_mut().filter(|finding| !finding.file.is_empty());
        for (finding, (now, before)) in about.zip(now.into_iter().zip(before)) {
            compare(finding, now.as_deref(), before.is_some());
        }
    }
    Ok(ReviewEnd::Answered { summary, findings, left_out })
}

fn compare(finding: &mut Finding, now: Option<&[u8]>, was_there: bool) {
    match now {
        Some(bytes) => {
            let lines = bytes.split(|byte| *byte == b'\n').count();
            finding.line =
                finding.line.filter(|line| usize::try_from(*line).is_ok_and(|n| n <= lines));
        }
        None if was_there => finding.line = None,
        None => {
            finding.blocking = false;
            finding.line = None;
            finding.text = format!("(there is no such file) {}", finding.text);
        }
    }
}

/// The result of a review whose job died, with what its journal tells of its costs.
pub(crate) fn died(how: EndKind, usage: Usage) -> JobResult {
    JobResult::Reviewed(AgentReview { end: ReviewEnd::Ended(how), usage })
}
