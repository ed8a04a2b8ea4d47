//! What the agent is told, from what the durable board and the hub know.

mod advice;

use gangline_agents::brief::{
    AgentText, BRIEF_TOKENS_MAX, BriefInput, CheckText, ConflictText, EarlierTry, Instruction,
    TicketText, render,
};
use gangline_checks::recovery;
use gangline_domain::ids::{CommitId, JobId, JobKind};
use gangline_domain::job::{Attempt, Infra, JobResult, Left, Start};
use gangline_domain::ticket::{Cause, TryRecord};
use gangline_process::Tier;

use self::advice::advice;
use crate::durable;
use crate::job::attempt::prepare::{Ground, OUTCOME_FILE, minutes_until};
use crate::job::attempt::{lessons, results};
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::journal::What;
use crate::outcome;

/// Files with the project's own instructions, in the order in which they apply, and the bytes that
/// each may have.
pub(super) const INSTRUCTIONS: [(&str, usize); 2] =
    [("AGENTS.md", 64 * 1024), ("CLAUDE.md", 64 * 1024)];
/// Bytes of a diff.
const DIFF_BYTES_MAX: usize = 160 * 1024;

/// Renders the brief and keeps it in the run's folder.
pub(super) async fn write(job: &Job, ground: &Ground<'_>) -> Result<String, Failure> {
    let input = input(job, ground).await?;
    let unusable = |error: gangline_agents::brief::BriefError| {
        Failure::Infra(Infra::SetupFailed(durable::with_causes(&error)))
    };
    let brief = render(&input, BRIEF_TOKENS_MAX).map_err(unusable)?;
    let text = job.vault.redactor().text(&brief.text).into_owned();
    durable::write_lazily(&job.run.brief(), text.as_bytes())?;
    job.note(What::Briefed {
        tokens: u64::try_from(brief.tokens).unwrap_or(u64::MAX),
        shortened: brief.shortened.iter().map(|part| (*part).to_owned()).collect(),
    });
    Ok(text)
}

async fn input(job: &Job, ground: &Ground<'_>) -> Result<BriefInput, Failure> {
    let (ticket, settings) = (job.ticket(), job.settings());
    let Ground { attempt, policy, definition, tree, .. } = ground;
    let output = job.spec.places.output(&ticket.id);
    let fresh = attempt.start == Start::Fresh;
    let checks = policy.checks.iter().map(|check| CheckText {
        name: check.name.to_string(),
        command: check.run.to_string(),
        required: check.required,
    });
    Ok(BriefInput {
        ticket: TicketText {
            key: ticket.id.key.to_string(),
            title: ticket.spec.title.clone(),
            body: ticket.spec.body.clone(),
        },
        agent: AgentText {
            name: attempt.agent.to_string(),
            kind: attempt.kind.to_string(),
            skills: definition.skills.clone(),
        },
        own: ticket.spec.brief.clone(),
        results: results::of_dependencies(job),
        lessons: results::lessons(job),
        known: lessons::offered(job, attempt),
        worker_tools: ground.worker_tools,
        folders: folders(job, attempt),
        instructions: ground.instructions.to_vec(),
        worktree: tree.path().display().to_string(),
        branch: tree.meta.branch.to_string(),
        base: ground.base.to_string(),
        target: settings.target.to_string(),
        checks: checks.collect(),
        port_base: tree.ports.as_ref().map(|ports| ports.base),
        tools: definition.tools.clone().unwrap_or_default(),
        session_minutes: Some(minutes_until(job.deadline())),
        network: ground.network,
        can_ask: ground.can_ask,
        output_dir: output.display().to_string(),
        outcome_file: output.join(OUTCOME_FILE).display().to_string(),
        deliverable: ticket.spec.deliverable,
        scope: ticket.spec.scope.clone().into(),
        protected: policy.protected.patterns().to_vec(),
        try_no: u32::from(attempt.try_no),
        tries_max: u32::from(settings.limits.tries),
        resumed: !fresh,
        in_place_of: in_place_of(job, attempt),
        earlier: ticket.records.iter().map(|record| earlier(job, record)).collect(),
        hints: ticket.hints.iter().map(|hint| hint.text.clone()).collect(),
        earlier_diff: if fresh { earlier_diff(job, ground).await? } else { None },
        conflict: conflict(job, ground).await?,
        boundaries: handing_in(job, attempt).into_iter().collect(),
    })
}

fn earlier(job: &Job, record: &TryRecord) -> EarlierTry {
    let records = &job.ticket().records;
    let same_as = record.same_as.as_ref().and_then(|attempt| {
        records.iter().find(|earlier| earlier.attempt == *attempt).map(|earlier| earlier.try_no)
    });
    EarlierTry {
        try_no: u32::from(record.try_no),
        class: record.class().words().to_owned(),
        same_as: same_as.map(u32::from),
        error: record.error.clone(),
        approach: record.approach.clone(),
        facts: record.facts.clone(),
        lines: record.lines.clone(),
        advice: measured_advice(job, record).unwrap_or_else(|| advice(record)),
    }
}

/// Whose place the agent takes, because the same failure came twice.
fn in_place_of(job: &Job, attempt: &Attempt) -> Option<String> {
    let ticket = job.ticket();
    let before = ticket.last_attempt.as_ref().filter(|_| ticket.repeats() > 0)?;
    (before.agent != attempt.agent).then(|| before.agent.to_string())
}

/// What the verification's report advises, as far as it ran on this node.
fn measured_advice(job: &Job, record: &TryRecord) -> Option<Vec<String>> {
    if record.cause != Cause::ChecksFailed {
        return None;
    }
    let ticket = &job.id().ticket;
    let hints = (record.attempt.n + 1..job.id().n).find_map(|n| {
        let verification = JobId { ticket: ticket.clone(), kind: JobKind::Verification, n };
        match outcome::last_of(&job.spec.places, &verification)?.result {
            JobResult::Verified(report) => recovery(&report).map(|found| found.hints),
            JobResult::Attempt(_)
            | JobResult::Captured(_)
            | JobResult::Integrated(_)
            | JobResult::Reviewed(_)
            | JobResult::Failed(_) => None,
        }
    });
    hints.filter(|hints| !hints.is_empty())
}

/// Under which short names an agent behind a wall of namespaces finds its folders.
fn folders(job: &Job, attempt: &Attempt) -> Vec<(String, String)> {
    if attempt.external.is_some() {
        return vec![];
    }
    let folder = |name: &str, what: &str| (name.to_owned(), what.to_owned());
    match job.spec.machine.tier {
        Tier::L0 | Tier::L1 => vec![],
        Tier::L2 => vec![
            folder("/workspace", "the worktree, under a short name"),
            folder("/secrets", "secrets that you were given, as files to read; it may be empty"),
            folder("/output", "what you leave beside the repository"),
        ],
    }
}

/// How a session that Gangline did not start says that it is done.
fn handing_in(job: &Job, attempt: &Attempt) -> Option<String> {
    let session = attempt.external.as_ref()?;
    let (key, fence) = (&attempt.job.ticket.key, job.spec.fence());
    Some(format!(
        "Nothing ends by itself: when you have committed, run `gangline external submit {session} \
         {key} --fence {fence} --summary \"…\"` in the project's repository, and leave the worktree \
         alone from then on."
    ))
}

/// The project's own instructions, of what stands in [`INSTRUCTIONS`].
pub(super) fn instructions(read: [Option<Vec<u8>>; 2]) -> Vec<Instruction> {
    let found = INSTRUCTIONS.into_iter().zip(read).filter_map(|((file, _), bytes)| {
        let text = String::from_utf8_lossy(&bytes?).into_owned();
        Some(Instruction { file: file.to_owned(), text })
    });
    found.collect()
}

/// The change of the try before, uncommitted work included.
async fn earlier_diff(job: &Job, ground: &Ground<'_>) -> Result<Option<String>, Failure> {
    let Some(left) = &job.ticket().left else { return Ok(None) };
    let end = left.rescue.as_ref().unwrap_or(&left.head);
    if left.base == *end {
        return Ok(None);
    }
    diff(ground, &left.base, end).await.map(|diff| Some(diff).filter(|text| !text.is_empty()))
}

/// The other side's change, when the last attempt collided with the target.
async fn conflict(job: &Job, ground: &Ground<'_>) -> Result<Option<ConflictText>, Failure> {
    let ticket = job.ticket();
    let (Some(record), Some(left)) = (ticket.records.last(), &ticket.left) else {
        return Ok(None);
    };
    if !matches!(record.cause, Cause::Conflict | Cause::RedOnMerged) {
        return Ok(None);
    }
    let Left { base, .. } = left;
    let paths = record.facts.iter().filter_map(|fact| fact.strip_prefix("conflict in "));
    Ok(Some(ConflictText {
        target: job.settings().target.to_string(),
        other: others(ground, base).await?,
        paths: paths.map(str::to_owned).collect(),
        diff: diff(ground, base, ground.base).await?,
    }))
}

/// What landed since, in a few words.
async fn others(ground: &Ground<'_>, since: &CommitId) -> Result<String, Failure> {
    let subjects = ground.hub.subjects(since, ground.base, 5).await?;
    Ok(if subjects.is_empty() { "other work".to_owned() } else { subjects.join("; ") })
}

async fn diff(ground: &Ground<'_>, from: &CommitId, to: &CommitId) -> Result<String, Failure> {
    let (text, cut) = ground.hub.diff(from, to, DIFF_BYTES_MAX).await?;
    Ok(if cut { format!("{text}\n[the rest is left out]") } else { text })
}
