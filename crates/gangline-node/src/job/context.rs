//! What all parts of a running job share.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use gangline_domain::ids::{CommitId, JobId, SecretName, Timestamp};
use gangline_domain::job::Infra;
use gangline_domain::project::{Project, ProjectSettings};
use gangline_domain::secret::Secret;
use gangline_domain::ticket::{AlertKind, Said, Ticket};
use gangline_process::Tier;

use crate::control::{Listener, Request};
use crate::durable::FileFault;
use crate::job::failure::Failure;
use crate::job::hooks::{CrashPoint, JobHooks};
use crate::job::limits::Watch;
use crate::journal::{What, Writer};
use crate::places::JobPlaces;
use crate::spec::JobSpec;
use crate::trees::Hub;
use crate::vault::{Vault, given_to};

/// Between two looks at whether anything happens.
const SILENCE_LOOK: Duration = Duration::from_secs(1);

/// What has been told of silence; once is enough.
#[derive(Debug, Clone, Copy)]
enum Silence {
    Untold,
    /// Since when nothing had happened.
    Told(Timestamp),
    Over,
}

/// A running job. Of one thread.
pub(crate) struct Job {
    pub(crate) spec: JobSpec,
    pub(crate) run: JobPlaces,
    hooks: JobHooks,
    journal: RefCell<Writer>,
    /// The first failure to write the journal.
    fault: RefCell<Option<FileFault>>,
    silence: Cell<Silence>,
    /// What people said before there was an agent to tell.
    said: RefCell<Vec<Said>>,
    /// Nothing needs to happen before a person has answered.
    waits_for_person: Cell<bool>,
    waits_elsewhere: Cell<bool>,
    silence_ms: Cell<u64>,
    /// What it knows of secrets.
    pub(crate) vault: Vault,
    /// What its programs may use.
    pub(crate) watch: Watch,
    pub(crate) started: Instant,
    /// When it must have ended. Of the clock that stands still while the machine sleeps.
    until: Instant,
}

impl Job {
    pub(crate) fn new(spec: JobSpec, hooks: JobHooks, mut journal: Writer) -> Self {
        let run = spec.run();
        let until = Instant::now() + spec.time_left();
        let vault = Vault::new(spec.machine.secrets.clone(), &spec.machine.pass);
        journal.keep_out(vault.redactor());
        // A bubblewrap sandbox adopts what leaves its parents.
        let adopted = spec.machine.tier == Tier::L2;
        Self {
            watch: Watch::new((!adopted).then(|| run.marker().clone())),
            silence_ms: Cell::new(spec.timing.silence_ms),
            vault,
            spec,
            run,
            hooks,
            journal: RefCell::new(journal),
            fault: RefCell::new(None),
            silence: Cell::new(Silence::Untold),
            said: RefCell::default(),
            waits_for_person: Cell::new(false),
            waits_elsewhere: Cell::new(false),
            started: Instant::now(),
            until,
        }
    }

    pub(crate) fn id(&self) -> &JobId {
        self.spec.job()
    }

    pub(crate) fn ticket(&self) -> &Ticket {
        &self.spec.task.ticket
    }

    pub(crate) fn project(&self) -> &Project {
        &self.spec.task.project
    }

    pub(crate) fn settings(&self) -> &ProjectSettings {
        &self.spec.task.project.settings
    }

    /// Keeps these out of the journal from now on, too.
    pub(crate) fn know(&self, secrets: impl IntoIterator<Item = (String, Secret)>) {
        self.vault.know(secrets);
        self.journal.borrow_mut().keep_out(self.vault.redactor());
    }

    /// The values of these secrets, which stay out of the journal from now on. None that cannot be
    /// had is passed over.
    pub(crate) async fn secrets(
        &self,
        names: &BTreeSet<SecretName>,
    ) -> Result<BTreeMap<SecretName, Secret>, Failure> {
        let taken = self.vault.take(names, &self.settings().repo).await;
        let taken =
            taken.map_err(|lacking| Failure::Infra(Infra::SetupFailed(lacking.to_string())))?;
        self.journal.borrow_mut().keep_out(self.vault.redactor());
        Ok(taken)
    }

    /// The names of all secrets that the ticket's attempts were given.
    pub(crate) fn given(&self) -> Result<BTreeSet<SecretName>, Failure> {
        Ok(given_to(&self.spec.places, &self.id().ticket)?)
    }

    /// Writes into the journal. A failure is kept, and ends the job at [`Job::sound`].
    pub(crate) fn note(&self, what: What) {
        if let Err(fault) = self.journal.borrow_mut().put(what) {
            tracing::error!(%fault, "the journal");
            self.fault.borrow_mut().get_or_insert(fault);
        }
    }

    /// Lets lines of the journal wait for others, until [`Job::let_go`].
    pub(crate) fn hold(&self) {
        self.journal.borrow_mut().hold();
    }

    /// Writes the lines that waited. A failure is kept like one of [`Job::note`].
    pub(crate) fn let_go(&self) {
        if let Err(fault) = self.journal.borrow_mut().let_go() {
            tracing::error!(%fault, "the journal");
            self.fault.borrow_mut().get_or_insert(fault);
        }
    }

    /// Goes on to another step.
    pub(crate) fn step(&self, text: impl Into<String>) {
        self.note(What::Step { text: text.into() });
    }

    /// Tells something that a person may want to look at.
    pub(crate) fn alert(&self, text: impl Into<String>) {
        self.note(What::Alert { text: text.into() });
    }

    /// Whether the journal could be written so far.
    pub(crate) fn sound(&self) -> Result<(), Failure> {
        match self.fault.borrow().as_ref() {
            None => Ok(()),
            Some(fault) => Err(Failure::Infra(fault.infra())),
        }
    }

    /// Entries that the journal's bound left out.
    pub(crate) fn dropped(&self) -> u64 {
        self.journal.borrow().dropped()
    }

    /// A place where a test may end the process.
    pub(crate) fn at(&self, place: CrashPoint) {
        (self.hooks.at)(place);
    }

    pub(crate) fn deadline(&self) -> Timestamp {
        self.spec.task.deadline
    }

    /// How long the job may still take.
    pub(crate) fn time_left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Lets silence be told no later than the project wants.
    pub(crate) fn bound_silence(&self, silence_ms: u64) {
        self.silence_ms.set(self.silence_ms.get().min(silence_ms));
    }

    /// Something happens of which no line is written.
    pub(crate) fn active(&self) {
        self.journal.borrow_mut().active();
    }

    /// Whether silence never means anything, because the agent works elsewhere.
    pub(crate) fn waits_elsewhere(&self, elsewhere: bool) {
        self.waits_elsewhere.set(elsewhere);
    }

    /// Whether silence means nothing now.
    pub(crate) fn waits_for_person(&self, waits: bool) {
        if self.waits_for_person.replace(waits) && !waits {
            self.active();
        }
    }

    /// Tells once that nothing has happened for too long, and that something does. Never ends.
    pub(crate) async fn watch_silence(&self) -> ! {
        let mut heard = (self.journal.borrow().last_at(), Instant::now());
        loop {
            tokio::time::sleep(SILENCE_LOOK).await;
            let last = self.journal.borrow().last_at();
            if last != heard.0 {
                heard = (last, Instant::now());
            }
            // Of the clock that stands still while the machine sleeps, and the agent with it.
            let is_silent = heard.1.elapsed() >= Duration::from_millis(self.silence_ms.get());
            match self.silence.get() {
                Silence::Untold
                    if is_silent && !self.waits_for_person.get() && !self.waits_elsewhere.get() =>
                {
                    self.silence.set(Silence::Told(last));
                    self.note(What::Alerted { alert: AlertKind::Silence, since: last });
                }
                Silence::Told(since) if last > since => {
                    self.silence.set(Silence::Over);
                    self.note(What::Calmed { alert: AlertKind::Silence });
                }
                Silence::Untold | Silence::Told(_) | Silence::Over => {}
            }
        }
    }

    /// Does some work until it is done, or somebody wants the job to end, or its time is up.
    /// What is cut short is dropped, and takes its processes along.
    pub(crate) async fn unless_ended<T>(
        &self,
        listener: &mut Listener,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let ended = async {
            loop {
                match listener.next().await {
                    request @ (Request::Stop | Request::Kill) => {
                        self.heard(&request);
                        return Failure::Stopped;
                    }
                    // Its agent is not there yet.
                    Request::Tell { said } => *self.said.borrow_mut() = said,
                    Request::Ping => {}
                }
            }
        };
        tokio::select! {
            done = work => done,
            failure = ended => Err(failure),
            () = tokio::time::sleep(self.time_left()) => Err(Failure::TimedOut),
            passed = self.watch.passed() => Err(Failure::Passed(passed)),
        }
    }

    /// The project's hub, with the target's tip fetched.
    pub(crate) async fn target(&self) -> Result<(Hub, CommitId), Failure> {
        let (places, project) = (&self.spec.places, self.project());
        Hub::of_target(&places.hub(&project.id), project, &places.person(&project.id)).await
    }

    /// What people said to its agent before it was there.
    pub(crate) fn said(&self) -> Vec<Said> {
        self.said.take()
    }

    /// Notes a request.
    pub(crate) fn heard(&self, request: &Request) {
        let what = match request {
            Request::Stop => "stop",
            Request::Kill => "kill",
            Request::Tell { .. } => "tell",
            Request::Ping => "ping",
        };
        self.note(What::Control { what: what.to_owned() });
    }
}
