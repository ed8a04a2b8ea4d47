//! What a brief is made of, and how it is kept within its bounds.

use gangline_domain::spec::Deliverable;
use gangline_domain::verdict::SUMMARY_CHARS_MAX;
use serde::{Deserialize, Serialize};

/// Characters of all the project's instructions.
const INSTRUCTIONS_CHARS_MAX: usize = 24_000;
/// Characters of an earlier diff, and of the other side's in a conflict.
const DIFF_CHARS_MAX: usize = 40_000;
/// Characters of a ticket's body.
const BODY_CHARS_MAX: usize = 100_000;
/// Characters of the decisive lines of one earlier try.
const LINES_CHARS_MAX: usize = 8_000;
/// Characters of a person's hints, together.
const HINTS_CHARS_MAX: usize = 16_000;
/// Characters of a brief that a person wrote.
const OWN_CHARS_MAX: usize = 40_000;
/// Characters of what the tickets before came to, together; each has at most a claim's summary.
const RESULTS_CHARS_MAX: usize = 16_000;
/// Characters of lessons, together.
const LESSONS_CHARS_MAX: usize = 8_000;
/// Stands for lines that were cut off.
const LINES_NOTE: &str = "[cut here: more lines are not shown]";
/// Characters that the note about a cut may take.
const NOTE_CHARS: usize = 80;

/// Everything that a brief says. Paths are as the agent sees them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "a yes or no each, of which the template asks")]
pub struct BriefInput {
    /// The ticket.
    pub ticket: TicketText,
    /// Who does it.
    pub agent: AgentText,
    /// What a person wrote about identity and mission, in place of the usual words about who the
    /// agent is.
    #[serde(default)]
    pub own: Option<String>,
    /// What the tickets came to that this one depends on.
    #[serde(default)]
    pub results: Vec<ResultText>,
    /// What earlier attempts of this ticket wanted the next one to know.
    #[serde(default)]
    pub lessons: Vec<String>,
    /// What helped with other tickets of the project.
    #[serde(default)]
    pub known: Vec<LessonText>,
    /// Whether the agent has the worker's tools.
    #[serde(default)]
    pub worker_tools: bool,
    /// Folders that the agent finds under short names: name and what is there.
    #[serde(default)]
    pub folders: Vec<(String, String)>,
    /// The project's own instructions, such as `AGENTS.md`, in the order in which they apply.
    pub instructions: Vec<Instruction>,
    /// The worktree's path.
    pub worktree: String,
    /// The branch that is checked out there.
    pub branch: String,
    /// The commit that it grew from.
    pub base: String,
    /// The branch that the work shall land on.
    pub target: String,
    /// The commands by which the result is measured.
    pub checks: Vec<CheckText>,
    /// The first of the ten ports of this worktree.
    pub port_base: Option<u16>,
    /// The tools that the agent has, where that is known.
    pub tools: Vec<String>,
    /// Minutes that the session may take.
    pub session_minutes: Option<u64>,
    /// Whether the network can be reached.
    pub network: bool,
    /// Whether questions are answered during the session.
    pub can_ask: bool,
    /// The folder for artifacts and reports.
    pub output_dir: String,
    /// The outcome file.
    pub outcome_file: String,
    /// What is to be left behind.
    pub deliverable: Deliverable,
    /// The only paths that may change; empty for all.
    pub scope: Vec<String>,
    /// Paths that need a person.
    pub protected: Vec<String>,
    /// The try's number, from 1.
    pub try_no: u32,
    /// How many tries there are.
    pub tries_max: u32,
    /// Whether session and worktree are those of the try before.
    pub resumed: bool,
    /// The agent of the try before, when that failed as one had failed before it and somebody else
    /// comes now.
    #[serde(default)]
    pub in_place_of: Option<String>,
    /// What happened in the tries before, the earliest first.
    pub earlier: Vec<EarlierTry>,
    /// What persons have hinted at.
    pub hints: Vec<String>,
    /// The change of the try before, when this one starts fresh.
    pub earlier_diff: Option<String>,
    /// The conflict that is to be resolved.
    pub conflict: Option<ConflictText>,
    /// The project's own boundaries, one sentence each.
    pub boundaries: Vec<String>,
}

/// A ticket, as a brief shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketText {
    /// Such as `APP-12`.
    pub key: String,
    /// One line.
    pub title: String,
    /// Markdown.
    pub body: String,
}

/// An agent, as a brief shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentText {
    /// Its definition's name.
    pub name: String,
    /// How it is driven.
    pub kind: String,
    /// What it is skilled in.
    #[serde(default)]
    pub skills: Vec<String>,
}

/// What a ticket came to, in its agent's own words. A claim, though the work itself has landed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultText {
    /// The ticket's key.
    pub key: String,
    /// At most [`SUMMARY_CHARS_MAX`](gangline_domain::verdict::SUMMARY_CHARS_MAX) characters.
    pub summary: String,
}

/// What is said to have helped elsewhere in the project. A claim, with its source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonText {
    /// Such as `L7`.
    pub id: String,
    /// Who says so, in a few words.
    pub source: String,
    /// What it helped against, in a few words; may be empty.
    pub against: String,
    /// At most [`LESSON_CHARS_MAX`](gangline_domain::lesson::LESSON_CHARS_MAX) characters.
    pub text: String,
}

/// A file of instructions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruction {
    /// Such as `AGENTS.md`.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// A check, as a brief announces it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckText {
    /// Such as `test`.
    pub name: String,
    /// What is run.
    pub command: String,
    /// Whether it must pass.
    pub required: bool,
}

/// A try that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierTry {
    /// Its number, from 1.
    pub try_no: u32,
    /// What kind of failure it was, in a few words; may be empty.
    #[serde(default)]
    pub class: String,
    /// The number of an earlier try that failed in just this way.
    #[serde(default)]
    pub same_as: Option<u32>,
    /// Why it failed: one line.
    pub error: String,
    /// What the agent said it did; may be empty.
    pub approach: String,
    /// What was measured, one line each.
    pub facts: Vec<String>,
    /// Lines of output that say what to mend.
    pub lines: Vec<String>,
    /// What follows from the pattern of the failure, one line each.
    pub advice: Vec<String>,
}

/// A conflict with what landed meanwhile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictText {
    /// The target branch.
    pub target: String,
    /// What landed, such as `APP-7 (Round the total)`.
    pub other: String,
    /// The paths in conflict.
    pub paths: Vec<String>,
    /// What the other side changed.
    pub diff: String,
}

impl BriefInput {
    /// The same with the marks of the brief's own blocks defused in all data, so that no text
    /// can pretend to stand outside its block.
    pub(super) fn made_safe(mut self) -> Self {
        one_line(&mut self.ticket.title);
        self.lessons.iter_mut().for_each(one_line);
        let texts = [&mut self.ticket.title, &mut self.ticket.body];
        let learned = self.lessons.iter_mut().chain(&mut self.own);
        let known = self.known.iter_mut().flat_map(|lesson| {
            [&mut lesson.source, &mut lesson.against, &mut lesson.text].map(|text| {
                one_line(text);
                text
            })
        });
        let learned = learned.chain(known);
        let learned = learned.chain(self.results.iter_mut().map(|result| &mut result.summary));
        let earlier = self.earlier.iter_mut().flat_map(|earlier| {
            one_line(&mut earlier.error);
            earlier.facts.iter_mut().chain(&mut earlier.advice).for_each(one_line);
            let lists = earlier.facts.iter_mut().chain(&mut earlier.advice);
            let own = [&mut earlier.error, &mut earlier.approach];
            own.into_iter().chain(lists).chain(&mut earlier.lines)
        });
        let other = self.conflict.iter_mut().flat_map(|conflict| {
            one_line(&mut conflict.other);
            [&mut conflict.other, &mut conflict.diff]
        });
        let instructions = self.instructions.iter_mut().map(|instruction| &mut instruction.text);
        let said = texts.into_iter().chain(&mut self.hints).chain(&mut self.earlier_diff);
        let said = said.chain(earlier).chain(other).chain(learned);
        said.chain(instructions).for_each(defuse);
        self
    }

    /// Holds each part within its own bound, and names those that were cut.
    pub(super) fn bound_parts(&mut self) -> Vec<&'static str> {
        let mut cut_parts = vec![];
        let mut note = |was_cut: bool, part| {
            if was_cut && !cut_parts.contains(&part) {
                cut_parts.push(part);
            }
        };
        note(cut(&mut self.ticket.body, BODY_CHARS_MAX), "ticket");
        let mut left = INSTRUCTIONS_CHARS_MAX;
        for instruction in &mut self.instructions {
            note(cut(&mut instruction.text, left), "instructions");
            left = left.saturating_sub(instruction.text.chars().count());
        }
        let mut left = HINTS_CHARS_MAX;
        for hint in &mut self.hints {
            note(cut(hint, left), "hints");
            left = left.saturating_sub(hint.chars().count());
        }
        if let Some(own) = &mut self.own {
            note(cut(own, OWN_CHARS_MAX), "person's brief");
        }
        let mut left = RESULTS_CHARS_MAX;
        for result in &mut self.results {
            note(cut(&mut result.summary, left.min(SUMMARY_CHARS_MAX)), "results");
            left = left.saturating_sub(result.summary.chars().count());
        }
        note(cut_lines(&mut self.lessons, LESSONS_CHARS_MAX), "lessons");
        for earlier in &mut self.earlier {
            note(cut_lines(&mut earlier.lines, LINES_CHARS_MAX), "earlier tries");
        }
        if let Some(diff) = &mut self.earlier_diff {
            note(cut(diff, DIFF_CHARS_MAX), "earlier diff");
        }
        if let Some(conflict) = &mut self.conflict {
            note(cut(&mut conflict.diff, DIFF_CHARS_MAX), "conflict");
        }
        cut_parts
    }

    /// Shortens the least needed part that can still be shortened, by about `excess` characters.
    pub(super) fn shorten_by(&mut self, excess: usize) -> Option<&'static str> {
        let less = |text: &mut String| shorten(text, excess);
        if self.earlier_diff.as_mut().is_some_and(less) {
            return Some("earlier diff");
        }
        if self.results.iter_mut().rev().any(|result| less(&mut result.summary)) {
            return Some("results");
        }
        if self.instructions.iter_mut().rev().any(|instruction| less(&mut instruction.text)) {
            return Some("instructions");
        }
        let chars: usize = self.lessons.iter().map(|lesson| lesson.chars().count() + 1).sum();
        if chars > 0 && cut_lines(&mut self.lessons, chars.saturating_sub(excess)) {
            return Some("lessons");
        }
        if self.known.pop().is_some() {
            return Some("project's lessons");
        }
        for earlier in &mut self.earlier {
            let chars: usize = earlier.lines.iter().map(|line| line.chars().count() + 1).sum();
            if chars > 0 && cut_lines(&mut earlier.lines, chars.saturating_sub(excess)) {
                return Some("earlier tries");
            }
        }
        if self.conflict.as_mut().is_some_and(|conflict| less(&mut conflict.diff)) {
            return Some("conflict");
        }
        if less(&mut self.ticket.body) {
            return Some("ticket");
        }
        self.own.as_mut().is_some_and(less).then_some("person's brief")
    }
}

/// Whether `text` could still give something, and did.
fn shorten(text: &mut String, excess: usize) -> bool {
    let chars = text.chars().count();
    chars > 2 * NOTE_CHARS && cut(text, chars.saturating_sub(excess))
}

/// Cuts `text` to `chars_max` characters, or to the note about the cut where that is longer.
fn cut(text: &mut String, chars_max: usize) -> bool {
    let chars = text.chars().count();
    if chars <= chars_max {
        return false;
    }
    let kept: String = text.chars().take(chars_max.saturating_sub(NOTE_CHARS)).collect();
    let left_out = chars - kept.chars().count();
    *text = format!("{kept}\n[cut here: {left_out} of {chars} characters are not shown]");
    true
}

/// Keeps the first lines, which are the most decisive ones, and says that there were more.
fn cut_lines(lines: &mut Vec<String>, chars_max: usize) -> bool {
    let noted = lines.pop_if(|line| line == LINES_NOTE).is_some();
    let mut chars = 0;
    let fitting = lines.iter().take_while(|line| {
        chars += line.chars().count() + 1;
        chars <= chars_max
    });
    let fitting = fitting.count();
    let cut = fitting < lines.len();
    lines.truncate(fitting);
    if cut || noted {
        lines.push(LINES_NOTE.to_owned());
    }
    cut
}

pub(super) fn one_line(text: &mut String) {
    if text.contains(['\n', '\r']) {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
}

/// The same with the marks of blocks defused.
pub(super) fn safe(text: &str) -> String {
    let mut text = text.to_owned();
    defuse(&mut text);
    text
}

fn defuse(text: &mut String) {
    text.retain(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    for tag in ["ticket", "hints", "approach", "instructions", "result", "lessons", "claim"] {
        for open in ["<", "</"] {
            let mark = format!("{open}{tag}");
            if text.contains(&mark) {
                *text = text.replace(&mark, &format!("&lt;{}{tag}", &open[1..]));
            }
        }
    }
}
