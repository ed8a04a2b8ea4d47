//! A ticket as it is written on the wire, parsed into the domain's own words.

use gangline_api::codes;
use gangline_api::command::AddTicket;
use gangline_domain::budget::Budget;
use gangline_domain::ids::TicketKey;
use gangline_domain::scope::Scope;
use gangline_domain::spec::{Deliverable, Priority, TicketSpec};

use crate::problem::Failure;

/// Bytes that a label may have.
const LABEL_BYTES_MAX: usize = 64;
/// Bytes that another system's name for a ticket may have.
const EXTERNAL_REF_BYTES_MAX: usize = 500;

/// Its key, what is asked for, and whether it is a draft.
pub(super) fn parsed(wish: AddTicket) -> Result<(Option<TicketKey>, TicketSpec, bool), Failure> {
    let key = wish.key.map(|key| key.parse()).transpose()?;
    let depends_on = wish.depends_on.iter().map(|key| key.parse()).collect::<Result<_, _>>()?;
    let spec = TicketSpec {
        title: wish.title,
        body: wish.body,
        priority: match wish.priority.as_deref() {
            None => Priority::default(),
            Some(given) => priority(given)?,
        },
        labels: wish.labels.into_iter().map(label).collect::<Result<_, _>>()?,
        depends_on,
        scope: Scope::try_from(wish.scope).map_err(|error| bad_ticket(error.to_string()))?,
        permits: Scope::try_from(wish.permits).map_err(|error| bad_ticket(error.to_string()))?,
        agent: wish.agent.map(|agent| agent.parse()).transpose()?,
        capabilities: wish.capabilities.into_iter().collect(),
        deliverable: match wish.deliverable.as_deref() {
            None => Deliverable::default(),
            Some(given) => deliverable(given)?,
        },
        brief: wish.brief,
        external_ref: wish.external_ref.map(external_ref).transpose()?,
        budget: Budget {
            tokens: wish.budget.tokens,
            cost_microusd: wish.budget.cost_microusd,
            wall_ms: wish.budget.wall_ms,
        },
    };
    Ok((key, spec, wish.draft))
}

/// A word to filter by: it is shown in tables, and typed.
fn label(given: String) -> Result<String, Failure> {
    if given.trim().is_empty() || given.len() > LABEL_BYTES_MAX || !is_one_line(&given) {
        return Err(bad_ticket(format!(
            "`{}` is not a label: it is a word or a few, in one line of at most {LABEL_BYTES_MAX} bytes",
            shown(&given)
        )));
    }
    Ok(given)
}

fn external_ref(given: String) -> Result<String, Failure> {
    if given.len() > EXTERNAL_REF_BYTES_MAX || !is_one_line(&given) {
        return Err(bad_ticket(format!(
            "`{}` is not a reference: it is one line of at most {EXTERNAL_REF_BYTES_MAX} bytes",
            shown(&given)
        )));
    }
    Ok(given)
}

fn is_one_line(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

fn bad_ticket(detail: String) -> Failure {
    Failure::new(codes::bad_ticket, detail).hint("gangline add --help")
}

fn priority(given: &str) -> Result<Priority, Failure> {
    match given {
        "critical" => Ok(Priority::Critical),
        "high" => Ok(Priority::High),
        "medium" => Ok(Priority::Medium),
        "low" => Ok(Priority::Low),
        _unknown => Err(unknown("priority", given, "critical, high, medium or low")),
    }
}

fn deliverable(given: &str) -> Result<Deliverable, Failure> {
    match given {
        "commit" => Ok(Deliverable::Commit),
        "artifact" => Ok(Deliverable::Artifact),
        "report" => Ok(Deliverable::Report),
        _unknown => Err(unknown("deliverable", given, "commit, artifact or report")),
    }
}

fn unknown(what: &str, given: &str, known: &str) -> Failure {
    bad_ticket(format!("`{}` is not a {what}; one is {known}", shown(given)))
}

fn shown(given: &str) -> String {
    let given: String = given.chars().take(40).collect();
    given.escape_debug().to_string()
}
