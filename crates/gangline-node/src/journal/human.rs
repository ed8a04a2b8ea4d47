//! Entries as people read them, such as `[TICKET-WORKER-1] → Read src/lib.rs`.

use gangline_domain::ids::{AgentName, TicketKey};
use gangline_domain::ticket::AlertKind;
use gangline_domain::verdict::Verdict;

use super::entry::{Entry, What};
use super::passage::{Passage, PassageStep};

/// Characters of a line for people.
const LINE_CHARS_MAX: usize = 300;

/// How an attempt is called in lines for people: the agent and the ticket's number.
pub fn label(agent: &AgentName, key: &TicketKey) -> String {
    format!("{}-{}", agent.as_str().to_uppercase(), key.number())
}

/// One line for people, without control characters; `None` for what only machines need.
pub fn human_line(entry: &Entry, label: &str) -> Option<String> {
    let said = match &entry.what {
        What::Opened { job, agent: None, .. } => format!("· {job}"),
        What::Opened { agent: Some(agent), job, .. } => format!("· {agent} begins {job}"),
        What::Step { text } => format!("· {text}"),
        What::Based { base } => format!("· from {}", &base.as_str()[..12]),
        What::AgentStarted { model: Some(model), .. } => format!("· model {model}"),
        What::Message { text } => format!("“{text}”"),
        What::Thought { text } => format!("… {text}"),
        What::ToolStarted { tool, detail, paths, .. } => {
            match (paths.as_slice(), detail.as_str()) {
                ([], "") => format!("→ {tool}"),
                ([], detail) => format!("→ {tool} {detail}"),
                (paths, _) => format!("→ {tool} {}", paths.join(" ")),
            }
        }
        What::ToolFinished { ok: false, detail, .. } => format!("✗ {detail}"),
        What::Question { question } => format!("? {}", question.text),
        What::Steered { text } => format!("« {text}"),
        What::Answered { question } => format!("· answered {question}"),
        What::Expired { answer } => format!("! {} ({})", answer.text, answer.question),
        What::Leave { tool, detail, given: false, why } => {
            format!("✗ no leave for {tool} {detail} ({why})")
        }
        What::Progress { message, percent: None } => format!("▸ {message}"),
        What::Progress { message, percent: Some(percent) } => format!("▸ {percent} % {message}"),
        What::Reported { status, summary } => format!("claims {status}: {summary}"),
        What::Submitted { commit } => format!("claims {commit} for review"),
        What::Lesson { text } => format!("lesson: {text}"),
        What::Limit { message, .. } => format!("! {message}"),
        What::Control { what } => format!("· {what}"),
        What::Network { passage } => network(passage)?,
        What::Alert { text } => format!("! {text}"),
        What::Alerted { alert, .. } => format!("! {}", alerted(*alert)),
        What::Calmed { alert: AlertKind::Silence } => "· it is heard again".to_owned(),
        What::Calmed { alert: AlertKind::Uncommitted } => "· it has committed".to_owned(),
        What::Checked { name, verdict, fact } => {
            let mark = match verdict {
                Verdict::Pass => '✓',
                Verdict::Fail => '✗',
                Verdict::Inconclusive => '?',
            };
            format!("{mark} {name}: {fact}")
        }
        What::Capped { .. } => "! the journal is full; what follows is left out".to_owned(),
        What::Closed { result, .. } => format!("· {}", result.0),
        // Of tickets, attempts say nothing.
        What::Calmed { alert: AlertKind::TestsFailing | AlertKind::Conflict }
        | What::AgentStarted { model: None, .. }
        | What::ToolFinished { ok: true, .. }
        | What::Leave { given: true, .. }
        | What::Repaired { .. }
        | What::Briefed { .. }
        | What::Plan { .. }
        | What::Usage { .. }
        | What::Raw { .. }
        | What::Ended { .. }
        | What::Unknown => return None,
    };
    Some(format!("[{label}] {}", one_line(&said)))
}

/// Connections that were not had; the others are for machines.
fn network(passage: &Passage) -> Option<String> {
    let Passage { host, port, why, .. } = passage;
    let why = why.as_deref().unwrap_or_default();
    match passage.step {
        PassageStep::Denied => Some(format!("✗ network: {host}:{port} was denied: {why}")),
        PassageStep::Failed => Some(format!("! network: {host}:{port} was not reached: {why}")),
        PassageStep::Waits => Some(format!("! {host}: {why}")),
        PassageStep::LeftOut => Some(format!("! network: {why} are left out")),
        PassageStep::Opened | PassageStep::Closed => None,
    }
}

fn alerted(alert: AlertKind) -> &'static str {
    match alert {
        AlertKind::Silence => "nothing has happened for a long time",
        AlertKind::Uncommitted => {
            "there are changes, and nothing has been committed for a long time"
        }
        AlertKind::TestsFailing => "tests fail",
        AlertKind::Conflict => "it collides with the target",
    }
}

/// Without line ends and control characters, and not too long.
pub(crate) fn one_line(text: &str) -> String {
    let spaced = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut line = spaced.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    super::entry::shorten(&mut line, LINE_CHARS_MAX);
    line
}
