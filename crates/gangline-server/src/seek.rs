//! Where the words of a search stand in a ticket.

use gangline_domain::ticket::Ticket;

use crate::view;

/// Characters of a line that are told.
const LINE_CHARS_MAX: usize = 160;
/// Characters of it that are told before the word.
const BEFORE_CHARS: usize = 40;

/// Words, in lower case. All of them must be there.
#[derive(Debug, Clone)]
pub(crate) struct Sought(Vec<String>);

/// How a ticket has all the words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mention {
    /// The key and the title have them.
    pub(crate) by_name: bool,
    /// The first word that no list shows: in which part of the ticket, and the line there.
    pub(crate) place: Option<(&'static str, String)>,
}

impl Sought {
    /// Nothing, when there is no word.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    /// Whether a ticket has all the words, and where.
    pub(crate) fn in_ticket(&self, ticket: &Ticket) -> Option<Mention> {
        let spec = &ticket.spec;
        let agent = spec.agent.as_ref().map(ToString::to_string);
        let mut listed = vec![ticket.id.key.to_string(), spec.title.clone()];
        let named = self.missing_in(&listed.join("\n").to_lowercase());
        if named.is_empty() {
            return Some(Mention { by_name: true, place: None });
        }
        listed.extend(spec.labels.iter().cloned());
        listed.extend([&spec.external_ref, &agent].into_iter().flatten().cloned());
        let listed = listed.join("\n").to_lowercase();
        let mut missing = self.missing_in(&listed);
        let mut place = None;
        for (part, text) in unlisted(ticket) {
            if missing.is_empty() {
                break;
            }
            let lower = text.to_lowercase();
            let (found, left): (Vec<_>, Vec<_>) =
                missing.into_iter().partition(|word| lower.contains(word.as_str()));
            if let (None, Some(word)) = (&place, found.first()) {
                place = line_with(text, word).map(|line| (part, line));
            }
            missing = left;
        }
        missing.is_empty().then_some(Mention { by_name: false, place })
    }

    fn missing_in(&self, lower: &str) -> Vec<&String> {
        self.0.iter().filter(|word| !lower.contains(word.as_str())).collect()
    }
}

/// What is said in a ticket that no list shows.
fn unlisted(ticket: &Ticket) -> Vec<(&'static str, &str)> {
    let spec = &ticket.spec;
    let mut parts = vec![("body", spec.body.as_str())];
    parts.extend(spec.brief.as_deref().map(|brief| ("brief", brief)));
    parts.extend(ticket.hints.iter().map(|hint| ("hint", hint.text.as_str())));
    parts
        .extend(view::questions(ticket).into_iter().map(|asked| ("question", asked.text.as_str())));
    for record in ticket.records.iter().rev() {
        parts.push(("failure", record.error.as_str()));
        parts.extend(record.lines.iter().map(|line| ("failure", line.as_str())));
    }
    parts
}

/// The first line with the word, cut around it.
fn line_with(text: &str, word: &str) -> Option<String> {
    let line = text.lines().find(|line| line.to_lowercase().contains(word))?.trim();
    if line.chars().count() <= LINE_CHARS_MAX {
        return Some(line.to_owned());
    }
    let lower = line.to_lowercase();
    let before = lower.split(word).next().map_or(0, |before| before.chars().count());
    let from = before.saturating_sub(BEFORE_CHARS);
    let cut: String = line.chars().skip(from).take(LINE_CHARS_MAX).collect();
    Some(format!("{}{cut}…", if from > 0 { "…" } else { "" }))
}
