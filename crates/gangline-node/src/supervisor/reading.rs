//! How far a run's journal has been read, and what it said that matters to the orchestrator.
//!
//! The two are kept in one file, so that the next supervisor reads on at the next byte and can
//! still tell everything again: the orchestrator may have died before it wrote down what it
//! heard, and hears the same twice without harm.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use gangline_domain::budget::Usage;
use gangline_domain::command::Report;
use gangline_domain::ids::{CommitId, Fence, JobId, Timestamp};
use gangline_domain::job::Question;
use gangline_domain::ticket::AlertKind;
use gangline_domain::ticket::Answer;
use serde::{Deserialize, Serialize};

use crate::durable;
use crate::journal::{Entry, Item, QUESTIONS_MAX, Reader, What, human_line};
use crate::places::JobPlaces;

/// Between two writings of the file when only the offset has changed.
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// Lines read in one go, before others get their turn.
const LINES_PER_TURN: usize = 2_000;

/// What has been learned, as the file holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Learned {
    /// Bytes that have been read.
    pub(crate) bytes: u64,
    /// The attempt's base.
    pub(crate) base: Option<CommitId>,
    /// What the agent asked.
    pub(crate) questions: Vec<Question>,
    /// What it was told when nobody answered.
    #[serde(default)]
    pub(crate) expired: Vec<Answer>,
    /// What was spent.
    pub(crate) usage: Usage,
    /// The agent's session.
    pub(crate) session: Option<String>,
    /// When something last happened.
    pub(crate) last_activity: Timestamp,
    /// What it is at.
    pub(crate) current: String,
    /// What its agent said last of its progress.
    #[serde(default)]
    pub(crate) progress: String,
    /// What it gave people to look at: since when, and whether that is over.
    #[serde(default)]
    pub(crate) alerts: BTreeMap<AlertKind, (Timestamp, bool)>,
    /// Broken lines that were passed over.
    #[serde(default)]
    pub(crate) broken: u64,
}

/// Characters of an agent's word about its progress that stand before what it is at.
const PROGRESS_CHARS_MAX: usize = 100;

impl Learned {
    /// What the job is at, as the ticket shows it: behind the agent's own last word about it.
    fn at(&mut self, entry: &Entry) {
        let Some(line) = human_line(entry, "") else { return };
        let line = line.trim_start_matches("[] ");
        if matches!(entry.what, What::Progress { .. }) {
            self.progress = line.chars().take(PROGRESS_CHARS_MAX).collect();
            line.clone_into(&mut self.current);
        } else if self.progress.is_empty() {
            line.clone_into(&mut self.current);
        } else {
            self.current = format!("{} · {line}", self.progress);
        }
    }
}

/// Reads one run's journal.
#[derive(Debug)]
pub(crate) struct Reading {
    reader: Reader,
    pub(crate) learned: Learned,
    run: JobPlaces,
    written: Instant,
    unwritten: bool,
    /// It was told that the journal cannot be read.
    unreadable: bool,
}

impl Reading {
    /// Goes on where an earlier supervisor stopped.
    pub(crate) fn resume(run: &JobPlaces) -> Self {
        // A damaged file costs a reading from the beginning, and nothing else.
        let learned: Learned = match durable::read_json(&run.offset()) {
            Ok(learned) => learned.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(%error, "the journal is read from its beginning");
                Learned::default()
            }
        };
        let reader = Reader::at(&run.journal(), learned.bytes);
        let (run, written) = (run.clone(), Instant::now());
        Self { reader, learned, run, written, unwritten: false, unreadable: false }
    }

    /// Reads what is there. Gives the news that are to be reported, and whether there may be
    /// more to read at once.
    pub(crate) fn read(&mut self, job: &JobId, fence: Fence) -> (Vec<Report>, bool) {
        let mut news = vec![];
        let mut more = true;
        for _ in 0..LINES_PER_TURN {
            match self.next() {
                Some(Item::Entry(entry)) => {
                    if entry.what.is_activity() {
                        self.learned.last_activity = entry.at;
                    }
                    self.learned.at(&entry);
                    news.extend(self.learn(entry.what, job, fence));
                }
                Some(Item::Broken { offset, bytes, why }) => {
                    tracing::warn!(%job, offset, bytes, why, "a line of a journal is broken");
                    self.learned.broken += 1;
                }
                None => {
                    more = false;
                    break;
                }
            }
        }
        self.unwritten |= self.learned.bytes != self.reader.offset();
        self.learned.bytes = self.reader.offset();
        if !news.is_empty() || (self.unwritten && self.written.elapsed() >= WRITE_EVERY) {
            self.write();
        }
        (news, more)
    }

    /// The next item. A journal that cannot be read costs what it would tell, and not the job's
    /// result.
    fn next(&mut self) -> Option<Item> {
        match self.reader.next() {
            Ok(item) => item,
            Err(error) => {
                if !self.unreadable {
                    tracing::error!(%error, "a journal cannot be read");
                }
                self.unreadable = true;
                None
            }
        }
    }

    fn learn(&mut self, what: What, job: &JobId, fence: Fence) -> Option<Report> {
        if let What::Usage { usage } = what {
            self.learned.usage = usage;
        } else if let What::AgentStarted { session, .. } = what {
            self.learned.session = session.or(self.learned.session.take());
        } else if let What::Based { base } = what {
            self.learned.base = Some(base.clone());
            return Some(Report::Based { job: job.clone(), fence, base });
        } else if let What::Question { question } = what {
            let known = self.learned.questions.iter().any(|asked| asked.id == question.id);
            if known {
                return None;
            }
            if self.learned.questions.len() >= QUESTIONS_MAX {
                // Only a job of an older program asks so often.
                tracing::error!(%job, question = question.id, "a question is beyond the bound");
                return None;
            }
            self.learned.questions.push(question.clone());
            return Some(Report::Asked { job: job.clone(), fence, question });
        } else if let What::Expired { answer } = what {
            self.learned.expired.push(answer.clone());
            return Some(Report::Expired { job: job.clone(), fence, answer });
        } else if let What::Alerted { alert: kind, since } = what {
            self.learned.alerts.insert(kind, (since, false));
            return Some(Report::Alerted { job: job.clone(), fence, kind, since });
        } else if let What::Calmed { alert: kind } = what {
            if let Some((_, over)) = self.learned.alerts.get_mut(&kind) {
                *over = true;
            }
            return Some(Report::Calmed { job: job.clone(), fence, kind });
        }
        None
    }

    /// Everything that has been reported, in order.
    pub(crate) fn reported(&self, job: &JobId, fence: Fence) -> Vec<Report> {
        let based = self.learned.base.clone();
        let based = based.map(|base| Report::Based { job: job.clone(), fence, base });
        let asked = self.learned.questions.iter().cloned();
        let asked = asked.map(|question| Report::Asked { job: job.clone(), fence, question });
        let expired = self.learned.expired.iter().cloned();
        let expired = expired.map(|answer| Report::Expired { job: job.clone(), fence, answer });
        let alerts = self.learned.alerts.iter().flat_map(|(kind, (since, over))| {
            let (kind, since) = (*kind, *since);
            let raised = Report::Alerted { job: job.clone(), fence, kind, since };
            let over = over.then(|| Report::Calmed { job: job.clone(), fence, kind });
            [Some(raised), over].into_iter().flatten()
        });
        based.into_iter().chain(asked).chain(expired).chain(alerts).collect()
    }

    /// Keeps how far it has come. That it could not is told and costs only reading again.
    pub(crate) fn write(&mut self) {
        self.written = Instant::now();
        self.unwritten = false;
        if let Err(error) = durable::write_lazily(&self.run.offset(), &durable::json(&self.learned))
        {
            tracing::warn!(%error, "how far a journal has been read is not kept");
        }
    }
}
