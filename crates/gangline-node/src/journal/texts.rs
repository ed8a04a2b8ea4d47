//! All texts of an entry, so that secrets can be taken out of them: each new kind of entry must
//! say here what it holds.

use std::borrow::Cow;

use gangline_domain::secret::Redactor;

use super::entry::What;

/// Takes secrets out of entries, also where one comes in pieces over several of them.
#[derive(Debug, Default)]
pub(super) struct Texts {
    redactor: Redactor,
    /// The ends of what was said and thought last.
    said: Vec<u8>,
    thought: Vec<u8>,
}

impl Texts {
    pub(super) fn set(&mut self, redactor: Redactor) {
        self.redactor = redactor;
    }

    /// The same entry without secrets.
    pub(super) fn without_secrets(&mut self, mut what: What) -> What {
        if self.redactor.is_empty() {
            return what;
        }
        if let What::Message { text } = &mut what {
            *text = self.redactor.piece(&mut self.said, text);
        } else if let What::Thought { text } = &mut what {
            *text = self.redactor.piece(&mut self.thought, text);
        } else {
            each(&mut what, &mut |text| {
                if let Cow::Owned(without) = self.redactor.text(text) {
                    *text = without;
                }
            });
        }
        what
    }
}

/// Visits every text that an agent, a program or a person may have chosen.
fn each(what: &mut What, visit: &mut dyn FnMut(&mut String)) {
    let mut all = |texts: &mut dyn Iterator<Item = &mut String>| texts.for_each(&mut *visit);
    match what {
        What::Briefed { shortened: texts, .. } => all(&mut texts.iter_mut()),
        What::AgentStarted { session, model } => {
            all(&mut session.iter_mut().chain(model));
        }
        What::ToolStarted { id, tool, detail, paths } => {
            all(&mut [id, tool, detail].into_iter().chain(paths));
        }
        What::Plan { items } => all(&mut items.iter_mut().map(|item| &mut item.text)),
        What::Question { question } => {
            let texts = [&mut question.id, &mut question.text].into_iter();
            all(&mut texts.chain(&mut question.options));
        }
        What::Expired { answer } => {
            all(&mut [&mut answer.question, &mut answer.text].into_iter());
        }
        What::Leave { tool, detail, why, .. } => all(&mut [tool, detail, why].into_iter()),
        What::Network { passage } => {
            all(&mut std::iter::once(&mut passage.host).chain(&mut passage.why));
        }
        What::Closed { result, .. } => all(&mut std::iter::once(&mut result.0)),
        What::ToolFinished { id: one, detail: other, .. }
        | What::Reported { status: one, summary: other }
        | What::Checked { name: one, fact: other, .. } => all(&mut [one, other].into_iter()),
        What::Message { text }
        | What::Thought { text }
        | What::Step { text }
        | What::Alert { text }
        | What::Lesson { text }
        | What::Answered { question: text }
        | What::Steered { text }
        | What::Progress { message: text, .. }
        | What::Submitted { commit: text }
        | What::Limit { message: text, .. }
        | What::Raw { line: text }
        | What::Control { what: text } => all(&mut std::iter::once(text)),
        What::Opened { .. }
        | What::Repaired { .. }
        | What::Based { .. }
        | What::Usage { .. }
        | What::Alerted { .. }
        | What::Calmed { .. }
        | What::Ended { .. }
        | What::Capped { .. }
        | What::Unknown => {}
    }
}
