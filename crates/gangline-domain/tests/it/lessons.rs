//! Lessons: what a landing teaches, who is offered it, and what that is worth.

use gangline_domain::command::{Command, NewLesson, Refusal};
use gangline_domain::failure::FailureClass;
use gangline_domain::job::{EndKind, JobResult};
use gangline_domain::lesson::{IN_VAIN_MAX, Lesson, LessonId, LessonSource, fitting};
use gangline_domain::level::Level;
use gangline_domain::scope::Scope;
use gangline_domain::ticket::{TicketState, Working};
use gangline_domain::verdict::Verdict;

use crate::world::{World, an_end, captured, id, project, result, verified};

/// The ticket's attempt ends with these words, its work is captured and measured.
fn attempt(world: &mut World, key: &str, says: &str, verdict: Verdict) {
    let mut end = an_end(EndKind::Finished, 0);
    says.clone_into(&mut end.claim.summary);
    let report = result(world.ticket(key), JobResult::Attempt(end));
    world.report(&report);
    let report = captured(world.ticket(key));
    world.report(&report);
    let report = verified(world.ticket(key), verdict);
    world.report(&report);
}

/// A ticket that fails once, then lands.
fn landed(world: &mut World, key: &str, says: &str) {
    attempt(world, key, "tried", Verdict::Fail);
    attempt(world, key, says, Verdict::Pass);
    world.advance(key, "closed");
}

fn lessons(world: &World) -> &[Lesson] {
    &world.board.projects[&project()].lessons.all
}

/// Lessons that the ticket's running attempt was offered.
fn offered(world: &World, key: &str) -> Vec<LessonId> {
    match &world.ticket(key).state {
        TicketState::Working(Working { attempt, .. }) => attempt.lessons.clone(),
        other => panic!("{}", other.word()),
    }
}

#[test]
fn a_failure_that_was_overcome_teaches_and_others_are_offered_it() {
    let mut world = World::new();
    world.add("APP-1", |spec| spec.title = "Round the ledger".to_owned());
    landed(&mut world, "APP-1", "ran the\u{202e} ledger\ntests first");
    let [lesson] = lessons(&world) else { panic!("{:?}", lessons(&world)) };
    assert_eq!((lesson.id, lesson.text.as_str()), (LessonId(1), "ran the ledger tests first"));
    let LessonSource::Attempt { job, title, .. } = &lesson.source else { panic!("{lesson:?}") };
    assert_eq!(
        (job.ticket.key.to_string().as_str(), title.as_str()),
        ("APP-1", "Round the ledger")
    );
    // Another ticket that says nothing of it is not offered it, until it fails in the same way.
    world.add("APP-2", |spec| spec.title = "Paint the door".to_owned());
    assert_eq!(offered(&world, "APP-2"), []);
    attempt(&mut world, "APP-2", "tried", Verdict::Fail);
    assert_eq!(offered(&world, "APP-2"), [LessonId(1)]);
    attempt(&mut world, "APP-2", "did as was said", Verdict::Pass);
    world.advance("APP-2", "closed");
    let [lesson] = lessons(&world) else {
        panic!("it helped, and is known: {:?}", lessons(&world))
    };
    assert_eq!((lesson.counts.offered, lesson.counts.helped, lesson.counts.in_vain), (1, 1, 0));
}

#[test]
fn what_went_well_at_once_teaches_nothing() {
    let mut world = World::new();
    world.add("APP-1", |_spec| {});
    attempt(&mut world, "APP-1", "all well", Verdict::Pass);
    world.advance("APP-1", "closed");
    assert_eq!(lessons(&world), []);
}

#[test]
fn words_and_paths_of_a_ticket_bring_what_fits() {
    let mut world = World::new();
    let add = |text: &str, class, paths: &[&str]| {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        let paths = Scope::try_from(paths).unwrap();
        let lesson = NewLesson { text: text.to_owned(), class, paths, level: Level::C1 };
        Command::AddLesson { project: project(), lesson: Box::new(lesson) }
    };
    world.command(add("migrations need sqlx prepare", None, &["db/**"])).unwrap();
    world.command(add("the ledger rounds half up per invoice", None, &[])).unwrap();
    world.command(add("run mypy with --strict", Some(FailureClass::Type), &[])).unwrap();
    world.add("APP-1", |spec| {
        spec.title = "Migrations of accounts".to_owned();
        spec.scope = vec!["db/accounts.sql".to_owned()].try_into().unwrap();
    });
    assert_eq!(offered(&world, "APP-1"), [LessonId(1)]);
    world.add("APP-2", |spec| spec.title = "Ledger invoices round wrong".to_owned());
    assert_eq!(offered(&world, "APP-2"), [LessonId(2)]);
    let gone = Command::RemoveLesson { project: project(), lesson: LessonId(2) };
    world.command(gone.clone()).unwrap();
    assert_eq!(lessons(&world).len(), 2);
    assert!(matches!(world.command(gone), Err(Refusal::NoSuchLesson { .. })));
    let long = "x".repeat(601);
    assert_eq!(world.command(add(&long, None, &[])).unwrap_err().code(), "bad_text");
}

#[test]
fn what_is_in_vain_is_offered_no_more() {
    let mut world = World::with(|settings| settings.limits.tries = 10);
    let lesson = NewLesson {
        text: "try harder".to_owned(),
        class: Some(FailureClass::Test),
        paths: Scope::default(),
        level: Level::C1,
    };
    let add = Command::AddLesson { project: project(), lesson: Box::new(lesson) };
    world.command(add).unwrap();
    world.add("APP-1", |_spec| {});
    attempt(&mut world, "APP-1", "tried", Verdict::Fail);
    for n in 0..IN_VAIN_MAX {
        assert_eq!(offered(&world, "APP-1"), [LessonId(1)], "after {n}");
        attempt(&mut world, "APP-1", "tried", Verdict::Fail);
    }
    assert_eq!(offered(&world, "APP-1"), []);
    assert_eq!(lessons(&world)[0].counts.in_vain, IN_VAIN_MAX);
}

#[test]
fn nothing_goes_where_its_ticket_could_not() {
    let mut world = World::with(|settings| settings.limits.per_definition = 5);
    world.add("APP-1", |spec| {
        spec.labels.insert("C2".to_owned());
    });
    landed(&mut world, "APP-1", "the vault's door");
    assert_eq!(lessons(&world)[0].level, Level::C2);
    for (key, label, may) in [("APP-2", "c1", false), ("APP-3", "c2", true), ("APP-4", "c3", true)]
    {
        world.add(key, |spec| {
            spec.labels.insert(label.to_owned());
        });
        attempt(&mut world, key, "tried", Verdict::Fail);
        let home = &world.board.projects[&project()];
        let fits = fitting(home, world.ticket(key), world.now);
        assert_eq!(!fits.is_empty(), may, "{key} {label}");
    }
    // What is confidential teaches nobody.
    attempt(&mut world, "APP-4", "confidential", Verdict::Pass);
    world.advance("APP-4", "closed");
    assert_eq!(lessons(&world).len(), 1);
    assert!(world.board.ticket(&id("APP-4")).is_none());
}
