//! Worktrees that nobody needs any more.

use gangline_node::worktree;
use gangline_ports::link::ToNode;

use crate::world::{HONEST, World, ticket, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_ticket_keeps_its_evidence_and_nothing_else() {
    let mut world = World::new().await;
    let steps = format!(
        "{HONEST}\n  - run: [sh, -c, \"touch $HOME/own\"]\n  - write: {{ path: late.txt, text: x }}"
    );
    let mut ticket = ticket(1, &steps);
    let (job, fence) = world.dispatch(&ticket).await;
    world.attempt_end(&mut ticket, &job, fence).await;
    let (at, _) = worktree::find(&world.places, &ticket.id).unwrap().unwrap();
    // Not captured: it is rescued on the way.
    for _ in 0..2 {
        world.send(ToNode::Retire { ticket: ticket.id.clone() }).await;
    }
    let home = world.places.home(&ticket.id);
    until("the worktree is gone", || !at.tree().exists() && !at.meta().exists()).await;
    until("the home is gone", || !home.exists()).await;
    assert_eq!(world.hub(&["show", "refs/gangline/rescue/APP-1/1:late.txt"]), "x");
    assert!(world.job_places(&job, fence).journal().exists());
    world.send(ToNode::Retire { ticket: ticket.id.clone() }).await;
    assert_eq!(worktree::find(&world.places, &ticket.id).unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_worktrees_beyond_the_limit_go_oldest_first_and_can_be_resumed() {
    let mut world = World::new().await;
    world.project.settings.limits.worktrees = 1;
    let once =
        format!("  - on:\n      resumed: false\n      steps:{}", HONEST.replace('\n', "\n      "));
    let mut first = ticket(1, &once);
    let mut second = ticket(2, HONEST);
    let (end, snapshot) = world.worked(&mut first).await;
    world.worked(&mut second).await;
    let tree_of = |world: &World, ticket: &gangline_domain::ticket::Ticket| {
        let (at, meta) = worktree::find(&world.places, &ticket.id).unwrap().unwrap();
        (at.tree(), meta)
    };
    let (tree, _) = tree_of(&world, &first);
    until("the oldest is evicted", || !tree.exists()).await;
    let (kept, meta) = tree_of(&world, &second);
    assert!(kept.exists() && meta.ready);
    let left = crate::world::left(&mut first, &end, &snapshot);
    crate::world::running(&mut first, gangline_domain::job::Start::Resume(left));
    let (end, again) = world.worked(&mut first).await;
    assert_eq!(end.how, gangline_domain::job::EndKind::Finished, "{end:?}");
    assert_eq!(again.base, snapshot.base);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tickets_that_ask_for_the_same_name_get_two_worktrees() {
    let mut world = World::new().await;
    let mut one = ticket(1, HONEST);
    let mut other = ticket(2, HONEST);
    other.spec.external_ref = Some("1".to_owned());
    world.attempt(&mut one).await;
    world.attempt(&mut other).await;
    let of = |ticket: &gangline_domain::ticket::Ticket| {
        worktree::find(&world.places, &ticket.id).unwrap().unwrap().0.tree()
    };
    assert_ne!(of(&one), of(&other));
    assert!(of(&one).exists() && of(&other).exists());
}
