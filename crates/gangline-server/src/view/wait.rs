//! What a ticket waits for, in words.

use gangline_api::ticket::WaitView;
use gangline_domain::ids::{AgentName, NodeId};
use gangline_domain::plan::{BudgetOf, Shortage, Wait};
use gangline_engine::Hindrance;

/// The reason of a wait, and what has kept it from going on. Moments go into `until_us`; surfaces
/// show them in their own time zone.
pub(super) fn wait(wait: &Wait, hindrance: Option<&Hindrance>) -> WaitView {
    let hindered = |what: &str| match hindrance {
        Some(Hindrance { times, why }) => format!("{what}; {times} tries failed: {why}"),
        None => what.to_owned(),
    };
    let (reason, text) = match wait {
        Wait::Person { to } => ("person", format!("a person to {to}")),
        Wait::Dependencies { on } => {
            let keys: Vec<String> = on.iter().map(ToString::to_string).collect();
            ("dependencies", format!("{} to land", keys.join(", ")))
        }
        Wait::Clock { why, .. } => ("clock", why.clone()),
        Wait::Paused => ("paused", "the project to be resumed".to_owned()),
        Wait::Circuit { kind, why } => {
            ("circuit", format!("agent kind {kind} to be mended: {why}"))
        }
        Wait::Definition { agent } => {
            ("definition", format!("agent {agent}, which the policy does not define any more"))
        }
        Wait::Capability { missing, agent } => {
            ("capability", incapable(missing, agent.as_ref().map(AgentName::as_str)))
        }
        Wait::Scope { with } => ("scope", format!("{}, which may change the same files", with.key)),
        Wait::Budget(shortage) => ("budget", short(*shortage)),
        Wait::Slot { limit } => ("slot", format!("a slot: the limit `{limit}` is reached")),
        Wait::External { agent } => (
            "external",
            format!(
                "an external session of agent {agent}: gangline external register ID --agent {agent}"
            ),
        ),
        Wait::Drained { nodes } => ("drained", drained(nodes)),
        Wait::Node => ("node", "a node that can drive its agent".to_owned()),
        Wait::Lane => ("lane", "its turn in the merge queue".to_owned()),
        Wait::Job { node } => ("job", format!("its job on node {node}")),
        Wait::Publication => ("publication", hindered("its branch to be left in the repository")),
        Wait::Swap => ("swap", hindered("the target branch to be moved")),
        Wait::Nothing => ("nothing", String::new()),
    };
    let mut view = WaitView { reason: reason.to_owned(), text, until_us: None, on: vec![] };
    if let Wait::Clock { until, .. } = wait {
        view.until_us = Some(until.0);
    } else if let Wait::Budget(Shortage { until: Some(until), .. }) = wait {
        view.until_us = Some(until.0);
    } else if let Wait::Dependencies { on } = wait {
        view.on = on.iter().map(ToString::to_string).collect();
    } else if let Wait::Scope { with } = wait {
        view.on = vec![with.key.to_string()];
    }
    view
}

fn drained(nodes: &[NodeId]) -> String {
    match nodes {
        [node] => format!("its node to be resumed: {node} is being drained"),
        several => {
            let names: Vec<&str> = several.iter().map(NodeId::as_str).collect();
            format!("a node to be resumed: {} are being drained", names.join(", "))
        }
    }
}

/// What nobody can do, and what would help.
fn incapable(missing: &[String], agent: Option<&str>) -> String {
    let missing = missing.join(", ");
    let (who, file) = match agent {
        Some(agent) => (format!("agent {agent} to be able to do"), format!("{agent}.md")),
        None => ("an agent that can do".to_owned(), "NAME.md".to_owned()),
    };
    format!(
        "{who}: {missing} (add it to `capabilities:` in .gangline/agents/{file}, then `gangline \
         project add`)"
    )
}

fn short(shortage: Shortage) -> String {
    let whose = match shortage.of {
        BudgetOf::Ticket => "its own budget",
        BudgetOf::Project => "the project's budget",
        BudgetOf::Day => "the project's budget of the day",
    };
    let how =
        if shortage.held_back { "what is left is held by running attempts" } else { "used up" };
    format!("{whose}: {how}")
}
