//! What a journal can say.

use gangline_agents::driver::PlanItem;
use gangline_domain::budget::Usage;
use gangline_domain::ids::{AgentName, CommitId, Fence, JobId, Timestamp};
use gangline_domain::job::Question;
use gangline_domain::ticket::AlertKind;
use gangline_domain::ticket::Answer;
use gangline_domain::verdict::Verdict;
use serde::{Deserialize, Serialize};

use super::passage::Passage;

/// Questions to people that one attempt may ask, answered ones included. Its job asks no more, and
/// its node reports no more.
pub(crate) const QUESTIONS_MAX: usize = 100;

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counts the lines, from 1.
    pub n: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub what: What,
}

/// What a line says. Texts are shortened where they are written; see [`What::shortened`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// The job has begun.
    Opened {
        /// The job.
        job: JobId,
        /// Its fence.
        fence: Fence,
        /// The definition, for an attempt.
        agent: Option<AgentName>,
        /// The program's version.
        program: String,
    },
    /// A torn last line was cut off.
    Repaired {
        /// Bytes that were cut off.
        bytes: u64,
    },
    /// The job goes on to another step.
    Step {
        /// In words, such as `checkout`.
        text: String,
    },
    /// The attempt's worktree will be made from this commit.
    Based {
        /// The commit.
        base: CommitId,
    },
    /// The brief has been rendered.
    Briefed {
        /// Its tokens, estimated.
        tokens: u64,
        /// Parts that were shortened.
        shortened: Vec<String>,
    },
    /// The agent is at work.
    AgentStarted {
        /// By which its session can be resumed.
        session: Option<String>,
        /// The model, where it is told.
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
        /// One line about it.
        detail: String,
        /// Files that it names.
        paths: Vec<String>,
    },
    /// A tool is done.
    ToolFinished {
        /// That of its start.
        id: String,
        /// Whether it worked.
        ok: bool,
        /// The beginning of its result.
        detail: String,
    },
    /// The agent's plan.
    Plan {
        /// In full.
        items: Vec<PlanItem>,
    },
    /// What the attempt has spent so far.
    Usage {
        /// In all.
        usage: Usage,
    },
    /// The agent asks.
    Question {
        /// What.
        question: Question,
    },
    /// The agent has been given an answer.
    Answered {
        /// To this question.
        question: String,
    },
    /// The agent has been told what a person said to it, unasked.
    Steered {
        /// What.
        text: String,
    },
    /// A question that nobody answered in time; the agent goes on without.
    Expired {
        /// What the agent was told instead.
        answer: Answer,
    },
    /// A request for leave to use a tool that no person decided.
    Leave {
        /// Such as `Bash`.
        tool: String,
        /// What it would have done.
        detail: String,
        /// Whether leave was given.
        given: bool,
        /// By which rule, or for want of an answer.
        why: String,
    },
    /// The agent says what it is at.
    Progress {
        /// Its words.
        message: String,
        /// How far it says it is, of a hundred.
        percent: Option<u8>,
    },
    /// The agent says what came of it. Believed by nobody.
    Reported {
        /// `completed`, `gave_up` or `no_change_needed`.
        status: String,
        /// Its words.
        summary: String,
    },
    /// The agent says that it is done with this commit.
    Submitted {
        /// As it calls it.
        commit: String,
    },
    /// What the agent wants the next try to know.
    Lesson {
        /// Its words.
        text: String,
    },
    /// The model's provider slows the agent down.
    Limit {
        /// Its words.
        message: String,
        /// When it is said to end, in seconds since the Unix epoch.
        resets_at_s: Option<i64>,
    },
    /// A line of the agent that nobody knows.
    Raw {
        /// As it was.
        line: String,
    },
    /// Somebody wants the job to do something.
    Control {
        /// Such as `stop`.
        what: String,
    },
    /// Something that a person may want to look at.
    Alert {
        /// What.
        text: String,
    },
    /// A connection through the agent's proxy.
    Network {
        /// Who, and what became of it.
        #[serde(flatten)]
        passage: Passage,
    },
    /// Something that a person may want to look at, as long as it is so. Told to the orchestrator.
    Alerted {
        /// What.
        alert: AlertKind,
        /// Since when it has been so.
        since: Timestamp,
    },
    /// It is so no longer.
    Calmed {
        /// What.
        alert: AlertKind,
    },
    /// A check has ended.
    Checked {
        /// Its name.
        name: String,
        /// What it found.
        verdict: Verdict,
        /// In words.
        fact: String,
    },
    /// The job's processes have been ended.
    Ended {
        /// Those that had to be killed.
        killed: Vec<u32>,
        /// Those that could not be; empty is the proof.
        survivors: Vec<u32>,
    },
    /// From here on what agents and tools say is left out: the journal has reached its bound.
    Capped {
        /// The bound.
        bytes_max: u64,
    },
    /// The last line.
    Closed {
        /// What came of the job, in a word or two.
        result: JobEnded,
        /// Entries that were left out because of the bound.
        dropped: u64,
    },
    /// Of a kind that this program does not know.
    #[serde(other)]
    Unknown,
}

/// How a job ended, in words for people; the outcome file has the result itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobEnded(pub String);

/// Characters of a message or thought.
const TEXT_CHARS_MAX: usize = 8_000;
/// Characters of a tool's detail, or of an unknown line.
const DETAIL_CHARS_MAX: usize = 2_000;
/// Paths of one tool call, and items of one plan.
const LIST_MAX: usize = 50;

impl What {
    /// Whether it may be left out of a journal that has reached its bound.
    pub(crate) fn is_chatter(&self) -> bool {
        match self {
            Self::Message { .. }
            | Self::Thought { .. }
            | Self::ToolStarted { .. }
            | Self::ToolFinished { .. }
            | Self::Plan { .. }
            | Self::Progress { .. }
            | Self::Reported { .. }
            | Self::Submitted { .. }
            | Self::Lesson { .. }
            | Self::Limit { .. }
            | Self::Raw { .. } => true,
            Self::Opened { .. }
            | Self::Repaired { .. }
            | Self::Step { .. }
            | Self::Based { .. }
            | Self::Briefed { .. }
            | Self::AgentStarted { .. }
            | Self::Usage { .. }
            | Self::Question { .. }
            | Self::Answered { .. }
            | Self::Steered { .. }
            | Self::Expired { .. }
            | Self::Leave { .. }
            | Self::Control { .. }
            | Self::Alert { .. }
            | Self::Alerted { .. }
            | Self::Calmed { .. }
            | Self::Network { .. }
            | Self::Checked { .. }
            | Self::Ended { .. }
            | Self::Capped { .. }
            | Self::Closed { .. }
            | Self::Unknown => false,
        }
    }

    /// Whether the node reports it, so that it must survive a loss of power.
    pub(crate) fn is_reported(&self) -> bool {
        matches!(
            self,
            Self::Based { .. }
                | Self::Question { .. }
                | Self::Expired { .. }
                | Self::Alerted { .. }
                | Self::Calmed { .. }
                | Self::Closed { .. }
        )
    }

    /// Whether it shows that something happens: what the job writes of its own accord does not.
    pub(crate) fn is_activity(&self) -> bool {
        !matches!(
            self,
            Self::Usage { .. }
                | Self::Alert { .. }
                | Self::Alerted { .. }
                | Self::Calmed { .. }
                | Self::Repaired { .. }
                | Self::Capped { .. }
        )
    }

    /// The same with its texts within their bounds.
    #[must_use]
    pub(crate) fn shortened(mut self) -> Self {
        match &mut self {
            Self::Message { text } | Self::Thought { text } => shorten(text, TEXT_CHARS_MAX),
            Self::ToolStarted { id, tool, detail, paths } => {
                for text in [id, tool] {
                    shorten(text, 200);
                }
                shorten(detail, DETAIL_CHARS_MAX);
                shorten_list(paths);
            }
            Self::ToolFinished { id, detail, .. } => {
                shorten(id, 200);
                shorten(detail, DETAIL_CHARS_MAX);
            }
            Self::Leave { tool, detail, why, .. } => {
                shorten(tool, 200);
                shorten(why, 200);
                shorten(detail, DETAIL_CHARS_MAX);
            }
            Self::Network { passage } => {
                shorten(&mut passage.host, 300);
                if let Some(why) = &mut passage.why {
                    shorten(why, 200);
                }
            }
            Self::Plan { items } => {
                items.truncate(LIST_MAX);
                for item in items {
                    shorten(&mut item.text, 500);
                }
            }
            Self::AgentStarted { session, model } => {
                for text in [session, model].into_iter().flatten() {
                    shorten(text, 200);
                }
            }
            Self::Question { question } => {
                shorten(&mut question.text, 4_000);
                shorten_list(&mut question.options);
            }
            Self::Raw { line: text }
            | Self::Progress { message: text, .. }
            | Self::Reported { summary: text, .. }
            | Self::Submitted { commit: text }
            | Self::Lesson { text }
            | Self::Limit { message: text, .. }
            | Self::Alert { text }
            | Self::Step { text }
            | Self::Control { what: text }
            | Self::Answered { question: text }
            | Self::Steered { text }
            | Self::Expired { answer: Answer { text, .. } }
            | Self::Checked { fact: text, .. } => shorten(text, DETAIL_CHARS_MAX),
            Self::Ended { killed, survivors } => {
                killed.truncate(LIST_MAX);
                survivors.truncate(LIST_MAX);
            }
            Self::Closed { result, .. } => shorten(&mut result.0, DETAIL_CHARS_MAX),
            Self::Opened { .. }
            | Self::Repaired { .. }
            | Self::Based { .. }
            | Self::Briefed { .. }
            | Self::Usage { .. }
            | Self::Alerted { .. }
            | Self::Calmed { .. }
            | Self::Capped { .. }
            | Self::Unknown => {}
        }
        self
    }
}

fn shorten_list(texts: &mut Vec<String>) {
    texts.truncate(LIST_MAX);
    for text in texts {
        shorten(text, 500);
    }
}

/// Cuts a text to a number of characters, and shows that it was cut.
pub(crate) fn shorten(text: &mut String, chars_max: usize) {
    if text.len() <= chars_max {
        return;
    }
    if let Some((at, _)) = text.char_indices().nth(chars_max) {
        text.truncate(at);
        text.push('…');
    }
}
