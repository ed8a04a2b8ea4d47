//! Caches that the base's setup filled: who begins with them, and who cannot reach them.

use std::path::PathBuf;

use gangline_domain::job::{EndKind, Integration};
use gangline_domain::ticket::Ticket;
use gangline_domain::verdict::{self, Verdict};
use gangline_node::journal::{Item, Reader, What};

use crate::world::{HONEST, POLICY, World, commit_all, ticket, without_sandbox};

const SETUP: &str = r#"
[setup]
run = ["sh setup.sh"]
cache = [".pkg"]
key = ["deps.lock"]
[limits]
verification = "20s"
"#;

/// Says what it finds in its cache, and fetches what is locked.
const SCRIPT: &str = r#"mkdir -p "$HOME/.pkg"
echo "found:" $(ls "$HOME/.pkg")
cat deps.lock >"$HOME/.pkg/of-$(cat deps.lock)"
"#;

/// A world whose base has a setup with a cache.
async fn world(script: &str) -> World {
    let world = World::with(&format!("{POLICY}{SETUP}"), |_config| {}).await;
    std::fs::write(world.repo.join("setup.sh"), script).unwrap();
    std::fs::write(world.repo.join("deps.lock"), "1\n").unwrap();
    commit_all(&world.repo, "Set up");
    world
}

/// Plays `steps` and then an honest change, and has that verified. Gives also what setup printed and
/// what the verification told.
async fn verified(
    world: &mut World,
    number: u64,
    steps: &str,
) -> (verdict::Report, String, String) {
    let mut ticket = ticket(number, &format!("{steps}{HONEST}"));
    let (end, snapshot) = world.worked(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{:?}", end.claim);
    let report = world.verify(&mut ticket, &end, &snapshot).await;
    let (printed, told) = (printed(world, &ticket, &report), told(world, &ticket));
    (report, printed, told)
}

/// What the verification's own setup printed.
fn printed(world: &World, ticket: &Ticket, report: &verdict::Report) -> String {
    let run = ticket.run().unwrap();
    let setup = report.checks.iter().find(|check| check.name == "setup").unwrap();
    let log = &setup.evidence.as_ref().unwrap().log_file;
    let log = world.job_places(&run.job, run.lease.fence).checks().join(log);
    std::fs::read_to_string(log).unwrap()
}

/// Steps and alerts of the ticket's last job.
fn told(world: &World, ticket: &Ticket) -> String {
    let run = ticket.run().unwrap();
    let journal = world.job_places(&run.job, run.lease.fence).journal();
    let mut text = String::new();
    let mut reader = Reader::follow(&journal, 0).unwrap();
    while let Some(item) = reader.next().unwrap() {
        if let Item::Entry(entry) = item
            && let What::Step { text: said } | What::Alert { text: said } = entry.what
        {
            text.push_str(&said);
            text.push('\n');
        }
    }
    text
}

/// The project's layers.
fn layers(world: &World) -> Vec<PathBuf> {
    let folder = world.places.warm(&world.project.id);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut layers: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| path.join(".pkg").is_dir()).collect();
    layers.sort();
    layers
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_is_filled_once_and_nothing_that_an_attempt_writes_reaches_it() {
    let mut world = world(SCRIPT).await;
    let plants = "\n  - run: [sh, -c, \"touch $HOME/.pkg/planted && echo 9 >$HOME/.pkg/of-1\"]";
    let (report, printed, told) = verified(&mut world, 1, plants).await;
    assert_eq!(report.verdict(), Verdict::Pass, "{report:#?}");
    assert!(told.contains("filling the caches by the setup of "), "{told}");
    assert!(printed.contains("found: of-1\n"), "{printed}");
    let [layer] = layers(&world).try_into().unwrap();
    assert_eq!(names(&layer.join(".pkg")), ["of-1"]);

    let begins_warm = "test \\\"$(cat $HOME/.pkg/of-1)\\\" = 1 && test ! -e $HOME/.pkg/planted";
    let steps = format!("\n  - run: [sh, -c, \"{begins_warm}\"]{plants}");
    let (report, printed, told) = verified(&mut world, 2, &steps).await;
    assert_eq!(report.verdict(), Verdict::Pass, "{report:#?}");
    assert!(!told.contains("filling"), "{told}");
    assert!(printed.contains("found: of-1\n"), "{printed}");
    assert_eq!(std::fs::read_to_string(layer.join(".pkg/of-1")).unwrap(), "1\n");
    assert_eq!((layers(&world).len(), names(&layer.join(".pkg"))), (1, vec!["of-1".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_fills_no_layer_and_names_one_only_as_the_base() {
    let mut world = world(SCRIPT).await;
    let plants = r#"
  - run: [sh, -c, "echo 2 >deps.lock && echo 'echo spoilt >$HOME/.pkg/of-1; touch $HOME/.pkg/evil' >>setup.sh"]"#;
    let (_, printed, _) = verified(&mut world, 1, plants).await;
    assert!(printed.contains("found: of-1\n"), "{printed}");
    let [layer] = layers(&world).try_into().unwrap();
    assert_eq!(names(&layer.join(".pkg")), ["of-1"], "neither its lockfile nor its script");
    assert_eq!(std::fs::read_to_string(layer.join(".pkg/of-1")).unwrap(), "1\n");

    std::fs::write(world.repo.join("deps.lock"), "2\n").unwrap();
    commit_all(&world.repo, "Lock another one");
    let (report, printed, told) = verified(&mut world, 2, "").await;
    assert_eq!(report.verdict(), Verdict::Pass, "{report:#?}");
    assert!(told.contains("filling"), "{told}");
    assert!(printed.contains("found: of-2\n"), "{printed}");
    assert_eq!(layers(&world).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_filled_is_told_and_changes_no_verdict() {
    let fails_there = "case $PWD in */scratch/warm/*) echo no registry; exit 7 ;; esac\n";
    let mut world = world(&format!("{SCRIPT}{fails_there}")).await;
    let (report, printed, told) = verified(&mut world, 1, "").await;
    assert_eq!(report.verdict(), Verdict::Pass, "{report:#?}");
    assert!(told.contains("the caches were not filled, and everything begins cold: "), "{told}");
    assert!(told.contains("no registry"), "{told}");
    assert!(printed.contains("found:\n"), "{printed}");
    assert!(layers(&world).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_wall_keeps_programs_from_it_there_is_no_layer() {
    let mut world = World::with(&format!("{POLICY}{SETUP}"), without_sandbox).await;
    std::fs::write(world.repo.join("setup.sh"), SCRIPT).unwrap();
    std::fs::write(world.repo.join("deps.lock"), "1\n").unwrap();
    commit_all(&world.repo, "Set up");
    let (_, printed, told) = verified(&mut world, 1, "").await;
    assert!(printed.contains("found:\n"), "{printed}");
    assert!(told.contains("no warm caches: without a sandbox"), "{told}");
    assert!(!world.places.warm(&world.project.id).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_tree_is_measured_with_the_caches_of_the_tip() {
    let mut world = world(SCRIPT).await;
    let mut ticket = ticket(1, HONEST);
    let (end, snapshot) = world.worked(&mut ticket).await;
    let report = world.verify(&mut ticket, &end, &snapshot).await;
    std::fs::write(world.repo.join("README.md"), "# Shop and more\n").unwrap();
    commit_all(&world.repo, "Tell more");
    let Integration::Built { report, .. } = world.integrate(&mut ticket, &report).await else {
        panic!("it does not merge")
    };
    assert_eq!(report.verdict(), Verdict::Pass, "{report:#?}");
    let printed = printed(&world, &ticket, &report);
    assert!(printed.contains("found: of-1\n"), "{printed}");
}
