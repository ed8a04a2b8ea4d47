//! Which secrets a ticket's attempts were ever given: names, written before the agent begins.

use std::collections::BTreeSet;

use gangline_domain::ids::{ProjectId, SecretName, TicketId};

use crate::durable::{self, FileFault};
use crate::places::Places;

/// The names that a ticket's attempts were given so far.
pub(crate) fn of_ticket(
    places: &Places,
    ticket: &TicketId,
) -> Result<BTreeSet<SecretName>, FileFault> {
    Ok(durable::read_json(&places.given(ticket))?.unwrap_or_default())
}

/// Adds names to those; they survive a loss of power when this returns.
pub(crate) fn remember(
    places: &Places,
    ticket: &TicketId,
    names: &BTreeSet<SecretName>,
) -> Result<(), FileFault> {
    let known = of_ticket(places, ticket)?;
    if names.is_subset(&known) {
        return Ok(());
    }
    let path = places.given(ticket);
    if let Some(folder) = path.parent() {
        durable::make_dir(folder)?;
    }
    durable::write_json(&path, &known.union(names).collect::<BTreeSet<_>>())
}

/// The names that any attempt of a project was given.
pub(crate) fn of_project(
    places: &Places,
    project: &ProjectId,
) -> Result<BTreeSet<SecretName>, FileFault> {
    let folder = places.all_given(project);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(FileFault::new("read", folder, error)),
    };
    let mut names = BTreeSet::new();
    for entry in entries
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "json"))
    {
        let known: Option<BTreeSet<SecretName>> = durable::read_json(&entry.path())?;
        names.extend(known.unwrap_or_default());
    }
    Ok(names)
}
