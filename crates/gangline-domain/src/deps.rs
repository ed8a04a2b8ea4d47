//! Dependencies between tickets: a ticket waits until all it depends on have landed.

use std::collections::{BTreeMap, BTreeSet};

use crate::board::{Board, Closed};
use crate::command::Refusal;
use crate::ids::{TicketId, TicketKey};

/// Whether `ticket` may depend on all of `on`: each exists and can still land, and no ticket comes
/// to wait for itself.
pub(crate) fn check<'k>(
    board: &Board,
    ticket: &TicketId,
    on: impl IntoIterator<Item = &'k TicketKey>,
) -> Result<(), Refusal> {
    let key = &ticket.key;
    for dependency in on {
        let id = TicketId { project: ticket.project.clone(), key: dependency.clone() };
        if dependency == key {
            return Err(Refusal::DependencyCycle(vec![key.clone(), key.clone()]));
        }
        match board.closed.get(&id) {
            Some(Closed::Cancelled) => {
                return Err(Refusal::CancelledDependency {
                    ticket: key.clone(),
                    on: dependency.clone(),
                });
            }
            Some(Closed::Landed(_) | Closed::Delivered) => {}
            None if board.tickets.contains_key(&id) => {}
            None => {
                return Err(Refusal::UnknownDependency {
                    ticket: key.clone(),
                    on: dependency.clone(),
                });
            }
        }
    }
    Ok(())
}

/// A cycle among these tickets, as the keys on it, the first one again at the end. For imports,
/// where many tickets come at once and may name one another.
pub fn find_cycle(graph: &BTreeMap<TicketKey, BTreeSet<TicketKey>>) -> Option<Vec<TicketKey>> {
    let mut done = BTreeSet::new();
    for start in graph.keys() {
        let mut path = vec![];
        if let Some(cycle) = visit(graph, start, &mut path, &mut done) {
            return Some(cycle);
        }
    }
    None
}

/// Depth first with a stack of its own: an import may be deeper than the thread's stack.
fn visit<'g>(
    graph: &'g BTreeMap<TicketKey, BTreeSet<TicketKey>>,
    start: &'g TicketKey,
    path: &mut Vec<&'g TicketKey>,
    done: &mut BTreeSet<&'g TicketKey>,
) -> Option<Vec<TicketKey>> {
    let mut stack = vec![(start, false)];
    while let Some((key, leaving)) = stack.pop() {
        if leaving {
            path.pop();
            done.insert(key);
            continue;
        }
        if done.contains(key) {
            continue;
        }
        if let Some(at) = path.iter().position(|on_path| *on_path == key) {
            let mut cycle: Vec<TicketKey> = path[at..].iter().map(|k| (*k).clone()).collect();
            cycle.push(key.clone());
            return Some(cycle);
        }
        path.push(key);
        stack.push((key, true));
        let Some(next) = graph.get(key) else { continue };
        // Only keys of the graph itself: others are the board's, and cannot point back.
        stack.extend(next.iter().filter(|k| graph.contains_key(*k)).map(|k| (k, false)));
    }
    None
}

/// All keys in an order in which each comes after what it depends on. `graph` has no cycle.
pub fn in_order(graph: &BTreeMap<TicketKey, BTreeSet<TicketKey>>) -> Vec<TicketKey> {
    let mut missing: BTreeMap<&TicketKey, usize> = BTreeMap::new();
    let mut followers: BTreeMap<&TicketKey, Vec<&TicketKey>> = BTreeMap::new();
    for (key, on) in graph {
        let inside = on.iter().filter(|on| graph.contains_key(*on));
        missing.insert(key, inside.clone().count());
        for on in inside {
            followers.entry(on).or_default().push(key);
        }
    }
    let mut ready: BTreeSet<&TicketKey> = BTreeSet::new();
    ready.extend(missing.iter().filter(|(_, count)| **count == 0).map(|(key, _)| *key));
    let mut order: Vec<TicketKey> = Vec::with_capacity(graph.len());
    while let Some(key) = ready.pop_first() {
        order.push(key.clone());
        for follower in followers.remove(key).unwrap_or_default() {
            let count = missing.get_mut(follower).expect("BUG: every key was counted");
            *count -= 1;
            if *count == 0 {
                ready.insert(follower);
            }
        }
    }
    assert_eq!(order.len(), graph.len(), "BUG: the graph has a cycle");
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> BTreeMap<TicketKey, BTreeSet<TicketKey>> {
        let key = |text: &&str| text.parse().unwrap();
        edges.iter().map(|(from, to)| (key(from), to.iter().map(key).collect())).collect()
    }

    fn check_cycle(edges: &[(&str, &[&str])], expected: &str) {
        let cycle = find_cycle(&graph(edges)).unwrap_or_default();
        let text: Vec<String> = cycle.iter().map(ToString::to_string).collect();
        assert_eq!(text.join(" "), expected);
    }

    #[test]
    fn a_cycle_is_named_and_a_diamond_is_none() {
        check_cycle(
            &[("A-1", &["A-2", "A-3"]), ("A-2", &["A-4"]), ("A-3", &["A-4"]), ("A-4", &[])],
            "",
        );
        check_cycle(&[("A-1", &["A-2"]), ("A-2", &["A-3"]), ("A-3", &["A-2"])], "A-2 A-3 A-2");
        check_cycle(&[("A-1", &["A-1"])], "A-1 A-1");
        check_cycle(&[("A-1", &["B-9"])], "");
    }

    #[test]
    fn order_puts_dependencies_first() {
        let order = in_order(&graph(&[("A-1", &["A-3"]), ("A-2", &[]), ("A-3", &["A-2", "X-1"])]));
        let text: Vec<String> = order.iter().map(ToString::to_string).collect();
        assert_eq!(text, ["A-2", "A-3", "A-1"]);
    }
}
