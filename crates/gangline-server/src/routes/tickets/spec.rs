//! A ticket as it is written on the wire, parsed into the domain's own words.

use std::collections::BTreeSet;

use gangline_api::codes;
use gangline_api::command::{AddTicket, EditTicket};
use gangline_api::ticket::BudgetView;
use gangline_domain::budget::Budget;
use gangline_domain::edit::{Change, SpecEdit};
use gangline_domain::ids::TicketKey;
use gangline_domain::scope::Scope;
use gangline_domain::spec::{Deliverable, Priority, TicketSpec};

use crate::problem::Failure;

/// Bytes that a label may have.
const LABEL_BYTES_MAX: usize = 64;
/// Bytes that another system's name for a ticket may have.
const EXTERNAL_REF_BYTES_MAX: usize = 500;

/// Its key, what is asked for, and whether it is a draft.
pub(in crate::routes) fn parsed(
    wish: AddTicket,
) -> Result<(Option<TicketKey>, TicketSpec, bool), Failure> {
    let key = wish.key.map(|key| key.parse()).transpose()?;
    let spec = TicketSpec {
        title: wish.title,
        body: wish.body,
        priority: match wish.priority.as_deref() {
            None => Priority::default(),
            Some(given) => priority(given)?,
        },
        labels: labels(wish.labels)?,
        depends_on: keys(&wish.depends_on)?,
        scope: patterns(wish.scope)?,
        permits: patterns(wish.permits)?,
        agent: wish.agent.map(|agent| agent.parse()).transpose()?,
        capabilities: wish.capabilities.into_iter().collect(),
        deliverable: match wish.deliverable.as_deref() {
            None => Deliverable::default(),
            Some(given) => deliverable(given)?,
        },
        brief: wish.brief,
        external_ref: wish.external_ref.map(external_ref).transpose()?,
        budget: budget(wish.budget),
    };
    Ok((key, spec, wish.draft))
}

/// What is to be otherwise.
pub(super) fn edited(wish: EditTicket) -> Result<SpecEdit, Failure> {
    Ok(SpecEdit {
        title: wish.title,
        body: wish.body,
        priority: wish.priority.as_deref().map(priority).transpose()?,
        labels: wish.labels.map(labels).transpose()?,
        depends_on: wish.depends_on.as_deref().map(keys).transpose()?,
        scope: wish.scope.map(patterns).transpose()?,
        agent: match wish.agent.as_deref() {
            None => Change::Keep,
            Some("") => Change::Clear,
            Some(agent) => Change::To(agent.parse()?),
        },
        capabilities: wish.capabilities.map(|names| names.into_iter().collect()),
        deliverable: wish.deliverable.as_deref().map(deliverable).transpose()?,
        brief: match wish.brief {
            None => Change::Keep,
            Some(brief) if brief.is_empty() => Change::Clear,
            Some(brief) => Change::To(brief),
        },
        budget: wish.budget.map(budget),
    })
}

fn labels(given: Vec<String>) -> Result<BTreeSet<String>, Failure> {
    given.into_iter().map(label).collect()
}

fn keys(given: &[String]) -> Result<BTreeSet<TicketKey>, Failure> {
    Ok(given.iter().map(|key| key.parse()).collect::<Result<_, _>>()?)
}

fn patterns(given: Vec<String>) -> Result<Scope, Failure> {
    Scope::try_from(given).map_err(|error| bad_ticket(error.to_string()))
}

fn budget(given: BudgetView) -> Budget {
    Budget { tokens: given.tokens, cost_microusd: given.cost_microusd, wall_ms: given.wall_ms }
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
        "plan" => Ok(Deliverable::Plan),
        _unknown => Err(unknown("deliverable", given, "commit, artifact, report or plan")),
    }
}

fn unknown(what: &str, given: &str, known: &str) -> Failure {
    bad_ticket(format!("`{}` is not a {what}; one is {known}", shown(given)))
}

fn shown(given: &str) -> String {
    let given: String = given.chars().take(40).collect();
    given.escape_debug().to_string()
}
