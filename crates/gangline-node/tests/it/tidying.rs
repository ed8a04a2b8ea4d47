//! Worktrees that nobody needs any more.

use gangline_domain::job::{AttemptEnd, EndKind};
use gangline_node::{NodeConfig, worktree};
use gangline_ports::link::ToNode;

use crate::world::{HONEST, POLICY, World, running, ticket, until};

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

/// Two captured tickets where one worktree may stay, and the tree of each. The first is the older
/// one, and what a person does to its tree comes before the second is captured.
async fn one_too_many(
    world: &mut World,
    person: impl AsyncFnOnce(&World, &gangline_domain::ticket::Ticket, &std::path::Path),
) -> [std::path::PathBuf; 2] {
    world.project.settings.limits.worktrees = 1;
    let (mut first, mut second) = (ticket(1, HONEST), ticket(2, HONEST));
    let tree = |world: &World, ticket: &gangline_domain::ticket::Ticket| {
        worktree::find(&world.places, &ticket.id).unwrap().unwrap().0.tree()
    };
    world.worked(&mut first).await;
    let mine = tree(world, &first);
    person(world, &first, &mine).await;
    world.worked(&mut second).await;
    [mine, tree(world, &second)]
}

fn is_lent(world: &World, ticket: &gangline_domain::ticket::Ticket) -> bool {
    worktree::find(&world.places, &ticket.id).unwrap().unwrap().1.lent
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worktree_that_a_person_has_taken_over_is_not_evicted() {
    let mut world = World::new().await;
    let [mine, other] = one_too_many(&mut world, async |world, ticket, _tree| {
        world.send(ToNode::Lend { ticket: ticket.id.clone() }).await;
        until("it is written down", || is_lent(world, ticket)).await;
    })
    .await;
    until("the other one goes instead", || !other.exists()).await;
    assert!(mine.join("total.txt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worktree_in_which_a_file_was_saved_is_not_idle() {
    let mut world = World::new().await;
    let [mine, other] = one_too_many(&mut world, async |_world, _ticket, tree| {
        std::fs::write(tree.join("total.txt"), "3.01\n").unwrap();
    })
    .await;
    until("the other one goes instead", || !other.exists()).await;
    assert_eq!(std::fs::read_to_string(mine.join("total.txt")).unwrap(), "3.01\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worktree_is_lent_until_it_is_handed_back() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, HONEST);
    let (end, _) = world.worked(&mut ticket).await;
    let lend = ToNode::Lend { ticket: ticket.id.clone() };
    world.send(lend.clone()).await;
    until("it is written down", || is_lent(&world, &ticket)).await;
    world.restart_node().await;
    assert!(is_lent(&world, &ticket), "it outlives the supervisor");
    running(&mut ticket, gangline_domain::job::Start::Fresh);
    let (at, meta) = worktree::find(&world.places, &ticket.id).unwrap().unwrap();
    std::fs::write(at.tree().join("total.txt"), "3.01\n").unwrap();
    crate::world::attempt_of(&mut ticket).job = meta.attempt;
    let handed_back = AttemptEnd { how: EndKind::HandedBack, ..end };
    let snapshot = world.capture(&mut ticket, handed_back).await.unwrap();
    assert_eq!(snapshot.dirty_paths, ["total.txt"]);
    assert!(!is_lent(&world, &ticket));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_hands_back_is_captured_whichever_attempt_had_the_worktree() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, HONEST);
    let (end, first) = world.worked(&mut ticket).await;
    let earlier = crate::world::attempt_of(&mut ticket).clone();
    let left = crate::world::left(&mut ticket, &end, &first);
    running(&mut ticket, gangline_domain::job::Start::Resume(left));
    // Its own capture never came about.
    world.attempt(&mut ticket).await;
    *crate::world::attempt_of(&mut ticket) = earlier;
    let handed_back = AttemptEnd { how: EndKind::HandedBack, ..end.clone() };
    let snapshot = world.capture(&mut ticket, handed_back).await;
    assert!(snapshot.is_some_and(|snapshot| snapshot.base == first.base));
    // An agent's end tells of its own worktree alone.
    running(&mut ticket, gangline_domain::job::Start::Fresh);
    assert_eq!(world.capture(&mut ticket, end).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_between_rescue_and_removal_is_rescued_too() {
    // Whoever starts a job may find something to do once it has ended.
    let mut world = World::with(POLICY, |config: &mut NodeConfig| {
        let wrapper = config.places.state.with_file_name("job.sh");
        let then = config.places.state.with_file_name("then");
        let (program, then) = (config.launcher.program.display(), then.display());
        let text = format!(
            "#!/bin/sh\n{program} \"$@\"; code=$?\nmv {then} {then}.now 2>/dev/null && sh {then}.now\nexit $code\n"
        );
        std::fs::write(&wrapper, text).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&wrapper, mode).unwrap();
        config.launcher.program = wrapper;
    })
    .await;
    let mut ticket = ticket(1, HONEST);
    world.worked(&mut ticket).await;
    let (at, _) = worktree::find(&world.places, &ticket.id).unwrap().unwrap();
    let late = format!("echo x > {}\n", at.tree().join("late.txt").display());
    std::fs::write(world.root.path().join("then"), late).unwrap();
    world.send(ToNode::Retire { ticket: ticket.id.clone() }).await;
    until("the worktree is gone", || !at.tree().exists()).await;
    let rescued = world.refs("refs/gangline/rescue/APP-1");
    let [last] = &rescued[..] else { panic!("{rescued:?}") };
    assert_eq!(world.hub(&["show", &format!("{last}:late.txt")]), "x");
}
