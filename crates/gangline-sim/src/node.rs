//! A fake node: a supervisor that can die and come back, jobs that outlive it, and worktrees
//! that hold work until it is captured.

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::budget::Usage;
use gangline_domain::command::Report;
use gangline_domain::ids::{
    CommitId, Fence, JobId, JobKind, NodeId, ProjectId, TicketId, Timestamp,
};
use gangline_domain::job::{
    AttemptEnd, Candidate, EndKind, Infra, Integration, JobResult, Question, Snapshot, Start,
};
use gangline_domain::room::Room;
use gangline_domain::spec::Deliverable;
use gangline_domain::ticket::{Answer, Landing, LandingStage, Said, Stage, TicketState, Working};
use gangline_domain::verdict::{CheckResult, Report as Checks, Verdict};
use gangline_ports::link::{
    AgentRegisterMessage, JobPulse, MESSAGE_VERSION, TaskDispatchMessage, ToNode,
};

use crate::agents::{Script, ending, ending_dead, failing_test, proposed, reading, script, unread};
use crate::git::{Git, is_red};
use crate::rng::Rng;
use crate::room;
use crate::worktree::{Worktree, keep};

/// The step of an external session's job that has nothing to do but wait.
const WAITS: u8 = 100;

#[derive(Debug, Clone)]
pub(crate) enum JobState {
    /// Steps of its script that are done.
    Runs {
        step: u8,
    },
    Ended(Box<JobResult>),
    /// Its process died without an outcome, and the supervisor has not seen it yet.
    Dead,
}

#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) order: TaskDispatchMessage,
    pub(crate) state: JobState,
    script: Option<Script>,
    answers: usize,
    /// What its agent was told unasked.
    pub(crate) words: usize,
    question: Option<Question>,
    /// Whether it goes on without an answer when it has waited for a while.
    is_impatient: bool,
    /// What it has told of alerts.
    alerts: Vec<Report>,
}

#[derive(Debug)]
pub(crate) struct SimNode {
    pub(crate) id: NodeId,
    /// Whether its supervisor runs.
    pub(crate) up: bool,
    /// Until when the bus does not reach it.
    pub(crate) cut_off_until: Timestamp,
    pub(crate) jobs: BTreeMap<(JobId, Fence), Job>,
    pub(crate) worktrees: BTreeMap<TicketId, Worktree>,
    /// What it has left, of each kind.
    pub(crate) rooms: [Room; 2],
    /// Fences below which nothing of the job may run.
    floor: BTreeMap<JobId, Fence>,
}

/// What a node needs of the world while it acts.
pub(crate) struct Surroundings<'w> {
    pub(crate) git: &'w mut Git,
    pub(crate) rng: &'w mut Rng,
    pub(crate) now: Timestamp,
    pub(crate) content: &'w mut u32,
    pub(crate) serial: &'w mut u64,
    pub(crate) calm: bool,
    /// All content that agents ever wrote.
    pub(crate) written: &'w mut BTreeSet<u32>,
}

/// What a node does next: reports at once, or a step of a job later.
#[derive(Debug, Default)]
pub(crate) struct Acts {
    pub(crate) reports: Vec<Report>,
    /// Jobs whose next step comes after so many milliseconds.
    pub(crate) steps: Vec<(JobId, Fence, u64)>,
}

impl SimNode {
    pub(crate) fn new(id: NodeId) -> Self {
        Self {
            id,
            up: true,
            cut_off_until: Timestamp(0),
            jobs: BTreeMap::new(),
            worktrees: BTreeMap::new(),
            rooms: room::plenty(),
            floor: BTreeMap::new(),
        }
    }

    pub(crate) fn registration(&self, slots: u32) -> AgentRegisterMessage {
        AgentRegisterMessage {
            version: MESSAGE_VERSION,
            node: self.id.clone(),
            program: "simulated".to_owned(),
            slots,
            kinds: ["scripted", "external"]
                .map(|kind| kind.parse().expect("BUG: a constant name"))
                .into(),
            jobs: self.jobs.keys().cloned().collect(),
            worktrees: self.worktrees.keys().cloned().collect(),
        }
    }

    /// What its jobs are at.
    pub(crate) fn pulses(&self) -> Vec<JobPulse> {
        let pulse = |(job, fence): &(JobId, Fence)| JobPulse {
            job: job.clone(),
            fence: *fence,
            last_activity: Timestamp(0),
            current: String::new(),
            journal_bytes: 0,
        };
        self.running().map(pulse).collect()
    }

    /// Whether the job's external session has done its work and not said so yet.
    pub(crate) fn waits(&self, job: &JobId, fence: Fence) -> bool {
        let known = self.jobs.get(&(job.clone(), fence));
        known.is_some_and(|job| matches!(job.state, JobState::Runs { step: WAITS }))
    }

    /// Attempts whose process runs.
    pub(crate) fn running(&self) -> impl Iterator<Item = &(JobId, Fence)> {
        let runs = |job: &Job| matches!(job.state, JobState::Runs { .. });
        self.jobs.iter().filter(move |(_, job)| runs(job)).map(|(id, _)| id)
    }

    pub(crate) fn receive(&mut self, message: ToNode, w: &mut Surroundings<'_>) -> Acts {
        let mut acts = Acts::default();
        match message {
            ToNode::Dispatch(order) => self.dispatch(*order, w, &mut acts),
            ToNode::Stop(message) | ToNode::Kill(message) => {
                self.stop(&(message.job, message.fence), w, &mut acts);
            }
            ToNode::Fenced(message) => {
                let id = (message.job, message.fence);
                if let Some(job) = self.jobs.remove(&id) {
                    // It is ended, and what it left is kept; nobody wants its outcome any more.
                    drop(job);
                    if id.0.kind == JobKind::Attempt {
                        self.rescue(&id.0.ticket, w);
                    }
                }
                self.raise_floor(&id.0, Fence { n: id.1.n + 1, ..id.1 });
            }
            ToNode::Tell { job, fence, said } => {
                let Some(known) = self.jobs.get_mut(&(job.clone(), fence)) else { return acts };
                let answers = said.iter().filter(|said| matches!(said, Said::Answer(_))).count();
                known.words = known.words.max(said.len() - answers);
                if known.question.is_some() && answers > known.answers {
                    known.answers = answers;
                    known.question = None;
                    acts.steps.push((job, fence, 500));
                }
            }
            // Here no tree goes but that of a closed ticket.
            ToNode::Lend { ticket: _ } => {}
            ToNode::Retire { ticket } => {
                self.rescue(&ticket, w);
                self.worktrees.remove(&ticket);
                self.jobs.retain(|(job, _), known| {
                    job.ticket != ticket || matches!(known.state, JobState::Runs { .. })
                });
            }
        }
        acts
    }

    fn raise_floor(&mut self, job: &JobId, fence: Fence) {
        let floor = self.floor.entry(job.clone()).or_insert(fence);
        *floor = (*floor).max(fence);
    }

    fn dispatch(&mut self, order: TaskDispatchMessage, w: &mut Surroundings<'_>, acts: &mut Acts) {
        let id = (order.job.clone(), order.fence);
        if self.floor.get(&order.job).is_some_and(|floor| order.fence < *floor) {
            return;
        }
        self.raise_floor(&order.job, order.fence);
        // A higher fence ends what runs under a lower one.
        self.jobs.retain(|(job, fence), _| *job != order.job || *fence >= order.fence);
        if let Some(known) = self.jobs.get(&id) {
            self.tell_again(&id, &known.clone(), acts);
            return;
        }
        let script = (order.job.kind == JobKind::Attempt)
            .then(|| script(w.rng, &order.ticket, w.now, w.content, w.calm));
        let delay = match &script {
            Some(script) => script.checkout_s * 1_000,
            None => w.rng.between(200, 60_000),
        };
        let state = JobState::Runs { step: 0 };
        let job = Job {
            order,
            state,
            script,
            answers: 0,
            words: 0,
            question: None,
            is_impatient: false,
            alerts: vec![],
        };
        self.jobs.insert(id.clone(), job);
        acts.steps.push((id.0, id.1, delay));
    }

    /// What is known of a job, for an orchestrator that may have forgotten it.
    fn tell_again(&self, (id, fence): &(JobId, Fence), job: &Job, acts: &mut Acts) {
        let base = self.worktrees.get(&id.ticket).map(|tree| tree.base.clone());
        if let (JobKind::Attempt, Some(base), true) = (id.kind, base, job.has_checkout()) {
            acts.reports.push(Report::Based { job: id.clone(), fence: *fence, base });
        }
        if let Some(question) = &job.question {
            let question = question.clone();
            acts.reports.push(Report::Asked { job: id.clone(), fence: *fence, question });
        }
        acts.reports.extend(job.alerts.iter().cloned());
        if let JobState::Ended(result) = &job.state {
            let (job, result) = (id.clone(), result.clone());
            acts.reports.push(Report::Ended { job, fence: *fence, result });
        }
    }

    /// All that is in the worktree reaches the hub.
    fn rescue(&mut self, ticket: &TicketId, w: &mut Surroundings<'_>) {
        if let Some(tree) = self.worktrees.get_mut(ticket) {
            keep(tree, w.git);
        }
    }

    fn stop(&mut self, id: &(JobId, Fence), w: &mut Surroundings<'_>, acts: &mut Acts) {
        let Some(job) = self.jobs.get_mut(id) else { return };
        if !matches!(job.state, JobState::Runs { .. }) {
            return;
        }
        *w.serial += 1;
        let end = ending(EndKind::Stopped, Usage::default(), *w.serial);
        job.finish(id, JobResult::Attempt(end), acts);
    }

    /// The process of a job dies; the supervisor sees it at its next look.
    pub(crate) fn kill_job(&mut self, id: &(JobId, Fence)) {
        if let Some(job) = self.jobs.get_mut(id)
            && matches!(job.state, JobState::Runs { .. })
        {
            job.state = JobState::Dead;
        }
    }

    /// The supervisor looks after its jobs: those that died without an outcome are reported.
    pub(crate) fn look(&mut self, acts: &mut Acts) {
        for (id, job) in &mut self.jobs {
            if let JobState::Dead = job.state {
                let died = Infra::JobDied("no outcome".to_owned());
                let result = match id.0.kind {
                    JobKind::Attempt => JobResult::Attempt(ending_dead(died)),
                    JobKind::Review => JobResult::Reviewed(unread(died)),
                    JobKind::Capture | JobKind::Verification | JobKind::Integration => {
                        JobResult::Failed(died)
                    }
                };
                job.finish(id, result, acts);
            }
        }
    }

    /// The next step of a job, if it still runs.
    pub(crate) fn step(&mut self, id: &(JobId, Fence), w: &mut Surroundings<'_>) -> Acts {
        let mut acts = Acts::default();
        let Some(mut job) = self.jobs.get(id).cloned() else { return acts };
        let JobState::Runs { step } = job.state else { return acts };
        if let Some(question) = &job.question {
            if !job.is_impatient {
                return acts;
            }
            // Nobody has answered in time: it tells itself, and goes on.
            let answer =
                Answer { question: question.id.clone(), text: "nobody answered".to_owned() };
            let expired = Report::Expired { job: id.0.clone(), fence: id.1, answer };
            job.question = None;
            job.tell(expired, &mut acts);
            acts.steps.push((id.0.clone(), id.1, 500));
            self.jobs.insert(id.clone(), job);
            return acts;
        }
        if id.0.kind == JobKind::Attempt {
            self.attempt_step(id, step, &mut job, w, &mut acts);
        } else {
            let result = self.result_of(id, &job.order, w);
            job.finish(id, result, &mut acts);
        }
        self.jobs.insert(id.clone(), job);
        acts
    }

    fn attempt_step(
        &mut self,
        id: &(JobId, Fence),
        step: u8,
        job: &mut Job,
        w: &mut Surroundings<'_>,
        acts: &mut Acts,
    ) {
        let script = job.script.clone().expect("BUG: an attempt without a script");
        job.state = JobState::Runs { step: step + 1 };
        match step {
            0 => {
                self.check_out(&id.0.ticket, &job.order, w);
                let base = self.worktrees[&id.0.ticket].base.clone();
                acts.reports.push(Report::Based { job: id.0.clone(), fence: id.1, base });
                acts.steps.push((id.0.clone(), id.1, 1_000));
            }
            1 if script.asks => {
                let question = Question {
                    id: "q1".to_owned(),
                    text: "which?".to_owned(),
                    options: vec![],
                    asked_at: w.now,
                };
                job.question = Some(question.clone());
                job.is_impatient = w.rng.chance(30);
                if job.is_impatient {
                    acts.steps.push((id.0.clone(), id.1, script.works_s * 2_000));
                }
                acts.reports.push(Report::Asked { job: id.0.clone(), fence: id.1, question });
            }
            1 => acts.steps.push((id.0.clone(), id.1, script.works_s * 500)),
            2 => {
                self.work(&id.0.ticket, &script, w);
                if let Some(kind) = script.alerts {
                    let (job_id, fence) = (id.0.clone(), id.1);
                    job.tell(Report::Alerted { job: job_id, fence, kind, since: w.now }, acts);
                }
                acts.steps.push((id.0.clone(), id.1, script.works_s * 500));
            }
            3 if script.alerts.is_some() && w.rng.chance(50) => {
                let kind = script.alerts.expect("BUG: just looked");
                job.tell(Report::Calmed { job: id.0.clone(), fence: id.1, kind }, acts);
                acts.steps.push((id.0.clone(), id.1, 1_000));
            }
            _last if job.is_external() => {
                // Its session says when it is done; the job waits.
                job.state = JobState::Runs { step: WAITS };
            }
            _last => {
                *w.serial += 1;
                let end: AttemptEnd = ending(script.end, script.usage, *w.serial);
                job.finish(id, JobResult::Attempt(end), acts);
            }
        }
    }

    fn check_out(
        &mut self,
        ticket: &TicketId,
        order: &TaskDispatchMessage,
        w: &mut Surroundings<'_>,
    ) {
        let start = order.ticket.running_attempt().map(|attempt| attempt.start.clone());
        match start {
            Some(Start::Resume(left)) => {
                let fits = self.worktrees.get(ticket).is_some_and(|tree| tree.base == left.base);
                if !fits {
                    self.rescue(ticket, w);
                    let tree = Worktree {
                        base: left.base,
                        head: left.head,
                        dirt: BTreeMap::new(),
                        captured: true,
                    };
                    self.worktrees.insert(ticket.clone(), tree);
                }
            }
            Some(Start::Fresh) | None => {
                // What an earlier attempt left here is kept before it is replaced.
                self.rescue(ticket, w);
                let tip = w.git.target(&ticket.project).clone();
                let tree = Worktree {
                    base: tip.clone(),
                    head: tip,
                    dirt: BTreeMap::new(),
                    captured: true,
                };
                self.worktrees.insert(ticket.clone(), tree);
            }
        }
    }

    fn work(&mut self, ticket: &TicketId, script: &Script, w: &mut Surroundings<'_>) {
        let Some(tree) = self.worktrees.get_mut(ticket) else { return };
        for (file, content) in &script.commits {
            let mut files = w.git.get(&tree.head).tree.clone();
            files.insert(*file, *content);
            tree.head = w.git.commit(files, vec![tree.head.clone()]);
            w.written.insert(*content);
            tree.captured = false;
        }
        if let Some((file, content)) = script.dirt {
            tree.dirt.insert(file, content);
            w.written.insert(content);
            tree.captured = false;
        }
    }

    fn result_of(
        &mut self,
        (id, _): &(JobId, Fence),
        order: &TaskDispatchMessage,
        w: &mut Surroundings<'_>,
    ) -> JobResult {
        if !w.calm && w.rng.chance(10) {
            return JobResult::Failed(Infra::DiskFull("no space".to_owned()));
        }
        match (&order.ticket.state, id.kind) {
            (TicketState::Working(Working { stage: Stage::Capturing { .. }, .. }), _) => {
                self.capture(&id.ticket, w)
            }
            (TicketState::Verifying(_), JobKind::Review) => {
                JobResult::Reviewed(reading(w.rng, &order.ticket, w.now, w.calm))
            }
            (TicketState::Verifying(verifying), _) => {
                let submission = &verifying.submission;
                let offers = submission.snapshot.new_commits > 0 || submission.no_change;
                let (commit, base) = (&submission.snapshot.head, &submission.base);
                let asked_for_a_plan = order.ticket.spec.deliverable == Deliverable::Plan;
                let proposal = asked_for_a_plan.then(|| Box::new(proposed(w.rng, w.calm)));
                JobResult::Verified(Checks { proposal, ..measure(w, commit, base, offers) })
            }
            (
                TicketState::Landing(Landing {
                    entry,
                    stage: LandingStage::Integrating { .. },
                    ..
                }),
                _,
            ) => {
                JobResult::Integrated(integrate(&id.ticket.project, &entry.verified.submission, w))
            }
            _other => JobResult::Failed(Infra::Tool("an order that makes no sense".to_owned())),
        }
    }

    fn capture(&mut self, ticket: &TicketId, w: &mut Surroundings<'_>) -> JobResult {
        let Some(tree) = self.worktrees.get_mut(ticket) else {
            return JobResult::Captured(None);
        };
        let dirt = tree.dirt.clone();
        let rescue = keep(tree, w.git);
        JobResult::Captured(Some(Snapshot {
            base: tree.base.clone(),
            head: tree.head.clone(),
            new_commits: u32::from(tree.head != tree.base),
            descends_from_base: true,
            branch: None,
            clean: dirt.is_empty(),
            dirty_paths: dirt.keys().map(ToString::to_string).collect(),
            left_out: vec![],
            rescue,
        }))
    }
}

fn measure(w: &mut Surroundings<'_>, commit: &CommitId, base: &CommitId, offers: bool) -> Checks {
    let red = is_red(&w.git.get(commit).tree) || !offers;
    let verdict = match red {
        _ if !w.calm && w.rng.chance(10) => Verdict::Inconclusive,
        true => Verdict::Fail,
        false => Verdict::Pass,
    };
    *w.serial += 1;
    let check = CheckResult {
        lines: if verdict == Verdict::Pass { vec![] } else { vec![failing_test(w.rng, *w.serial)] },
        doubts: if w.rng.chance(8) { vec!["odd".to_owned()] } else { vec![] },
        ..CheckResult::required("test", verdict, format!("measured {}", w.serial))
    };
    Checks {
        commit: commit.clone(),
        tree: w.git.tree_id(commit),
        base: base.clone(),
        policy_sha256: String::new(),
        checks: vec![check],
        proposal: None,
    }
}

fn integrate(
    project: &ProjectId,
    submission: &gangline_domain::ticket::Submission,
    w: &mut Surroundings<'_>,
) -> Integration {
    let old = w.git.target(project).clone();
    let head = &submission.snapshot.head;
    match w.git.merge(&old, &submission.base, head) {
        Err(files) => Integration::Conflict {
            target: old,
            paths: files.iter().map(ToString::to_string).collect(),
        },
        Ok(tree) => {
            let new = w.git.commit(tree, vec![old.clone(), head.clone()]);
            let report = measure(w, &new, &old, true);
            let candidate = Candidate { old, tree: w.git.tree_id(&new), new };
            Integration::Built { candidate, report }
        }
    }
}

impl Job {
    fn tell(&mut self, report: Report, acts: &mut Acts) {
        self.alerts.push(report.clone());
        acts.reports.push(report);
    }

    fn is_external(&self) -> bool {
        self.order.ticket.running_attempt().is_some_and(|attempt| attempt.external.is_some())
    }

    fn has_checkout(&self) -> bool {
        !matches!(self.state, JobState::Runs { step: 0 })
    }

    fn finish(&mut self, (id, fence): &(JobId, Fence), result: JobResult, acts: &mut Acts) {
        let result = Box::new(result);
        self.question = None;
        self.state = JobState::Ended(result.clone());
        acts.reports.push(Report::Ended { job: id.clone(), fence: *fence, result });
    }
}
