//! A ticket as it is written on the wire, parsed into the domain's own words.

use gangline_api::codes;
use gangline_api::command::AddTicket;
use gangline_domain::budget::Budget;
use gangline_domain::ids::TicketKey;
use gangline_domain::scope::Scope;
use gangline_domain::spec::{Deliverable, Priority, TicketSpec};

use crate::problem::Failure;

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
        labels: wish.labels.into_iter().collect(),
        depends_on,
        scope: Scope::try_from(wish.scope)
            .map_err(|error| Failure::new(codes::bad_ticket, error.to_string()))?,
        agent: wish.agent.map(|agent| agent.parse()).transpose()?,
        deliverable: match wish.deliverable.as_deref() {
            None => Deliverable::default(),
            Some(given) => deliverable(given)?,
        },
        external_ref: wish.external_ref,
        budget: Budget {
            tokens: wish.budget.tokens,
            cost_microusd: wish.budget.cost_microusd,
            wall_ms: wish.budget.wall_ms,
        },
    };
    Ok((key, spec, wish.draft))
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
    let given: String = given.chars().take(40).collect();
    let given = given.escape_debug();
    Failure::new(codes::bad_ticket, format!("`{given}` is not a {what}; one is {known}"))
}
