//! What people want of a running attempt.

use gangline_domain::command::Report;
use gangline_domain::job::{AttemptEnd, EndKind, Infra, JobResult, Question};
use gangline_domain::ticket::{Said, Ticket};
use gangline_node::journal::{Item, Reader, What};
use gangline_node::places::JobPlaces;
use gangline_ports::link::ToNode;
use gangline_process::marked;

use crate::world::{NOBODY, PATIENCE, World, answer, attempt_of, ticket, until};

const LONG: &str = r#"
  - write: { path: kept.txt, text: "uncommitted\n" }
  - say: At it.
  - hang: {}"#;

/// Starts an attempt and waits until its agent works.
async fn at_it(
    world: &mut World,
    ticket: &mut Ticket,
) -> (gangline_domain::ids::JobId, gangline_domain::ids::Fence) {
    let (job, fence) = world.dispatch(ticket).await;
    let Report::Based { base, .. } = world.report().await else { panic!("not based") };
    attempt_of(ticket).base = Some(base);
    let run = world.job_places(&job, fence);
    until("the agent speaks", || says(&run, "At it.")).await;
    (job, fence)
}

pub(crate) fn says(run: &JobPlaces, words: &str) -> bool {
    whats(run).iter().any(|what| matches!(what, What::Message { text } if text == words))
}

pub(crate) fn whats(run: &JobPlaces) -> Vec<What> {
    let mut reader = Reader::follow(&run.journal(), 0).unwrap();
    let mut found = vec![];
    while let Some(item) = reader.next().unwrap() {
        if let Item::Entry(entry) = item {
            found.push(entry.what);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_attempt_keeps_its_work() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, LONG);
    let (job, fence) = at_it(&mut world, &mut ticket).await;
    world.send(ToNode::Stop(World::control(&job, fence))).await;
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!(end.how, EndKind::Stopped);
    assert!(end.session.is_some(), "it can be resumed");
    assert_eq!(marked(world.job_places(&job, fence).marker()), NOBODY);
    let snapshot = world.capture(&mut ticket, end).await.unwrap();
    assert_eq!(snapshot.dirty_paths, ["kept.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_attempt_leaves_no_process_and_its_work_is_rescued() {
    let mut world = World::new().await;
    let stubborn =
        LONG.replace("hang: {}", "hang: { ignore_sigterm: true, ignore_interrupt: true }");
    let mut ticket = ticket(1, &stubborn);
    let (job, fence) = at_it(&mut world, &mut ticket).await;
    let run = world.job_places(&job, fence);
    assert!(marked(run.marker()).len() >= 2, "the job and its agent carry the marker");
    world.send(ToNode::Kill(World::control(&job, fence))).await;
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!(end.how, EndKind::Stopped);
    assert_eq!(marked(run.marker()), NOBODY);
    let proven =
        |what: &What| matches!(what, What::Ended { survivors, .. } if survivors.is_empty());
    assert!(whats(&run).iter().any(proven));
    let snapshot = world.capture(&mut ticket, end).await.unwrap();
    let rescue = snapshot.rescue.unwrap();
    assert_eq!(world.hub(&["show", &format!("{rescue}:kept.txt")]), "uncommitted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_comes_before_the_process_listens_is_not_forgotten() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, LONG);
    let (job, fence) = world.dispatch(&ticket).await;
    world.send(ToNode::Stop(World::control(&job, fence))).await;
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!(end.how, EndKind::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_delivered_once_however_often_it_is_sent() {
    let mut world = World::new().await;
    let steps = r#"
  - ask: { text: "Which way?", options: [up, down], answers: { up: [ { say: "Going up." } ] }, otherwise: [ { say: "Lost." } ] }
  - say: Done."#;
    let mut ticket = ticket(1, steps);
    let (job, fence) = world.dispatch(&ticket).await;
    let question = loop {
        if let Report::Asked { question, .. } = world.report().await {
            break question;
        }
    };
    let Question { id, text, options, .. } = &question;
    assert_eq!((text.as_str(), options.len()), ("Which way?", 2));
    let said = vec![answer(id.clone(), "up")];
    for _ in 0..3 {
        let (job, said) = (job.clone(), said.clone());
        world.send(ToNode::Tell { job, fence, said }).await;
    }
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!(end.how, EndKind::Finished);
    let run = world.job_places(&job, fence);
    assert!(says(&run, "Going up."));
    let answered = whats(&run).into_iter().filter(|what| matches!(what, What::Answered { .. }));
    assert_eq!(answered.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_told_once_in_its_turn_also_to_an_agent_that_is_not_there_yet() {
    let policy = format!("{}\n[setup]\nrun = [\"sleep 1\"]\n", crate::world::POLICY);
    let mut world = World::with(&policy, |_config| ()).await;
    let steps = "  - await_steer: { within_ms: 20000 }\n  - say: \"First ${STEER}.\"\n  \
                 - await_steer: { within_ms: 20000 }\n  - say: \"Then ${STEER}.\"";
    let mut ticket = ticket(1, steps);
    let (job, fence) = world.dispatch(&ticket).await;
    let unasked = |text: &str| Said::Word { text: text.to_owned() };
    let mut said = vec![unasked("left")];
    // Its setup is under way; the word waits for the agent.
    let run = world.job_places(&job, fence);
    let sets_up = |what: &What| matches!(what, What::Step { text } if text.starts_with("setup"));
    until("its setup begins", || whats(&run).iter().any(sets_up)).await;
    for _ in 0..2 {
        world.send(ToNode::Tell { job: job.clone(), fence, said: said.clone() }).await;
    }
    until("it is told", || says(&run, "First left.")).await;
    said.push(unasked("right"));
    for _ in 0..2 {
        world.send(ToNode::Tell { job: job.clone(), fence, said: said.clone() }).await;
    }
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!(end.how, EndKind::Finished);
    assert!(says(&run, "Then right."));
    let told = whats(&run).into_iter().filter_map(|what| match what {
        What::Steered { text } => Some(text),
        _other => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), ["left", "right"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_nobody_answers_frees_the_slot() {
    let mut world =
        World::with(crate::world::POLICY, |config| config.job_timing.question_ms = 300).await;
    let steps = "  - ask: { text: \"Anybody?\" }\n  - say: Not reached.";
    let mut ticket = ticket(1, steps);
    let end = world.attempt(&mut ticket).await;
    let EndKind::Unanswered(question) = end.how else { panic!("{end:?}") };
    assert_eq!(question.text, "Anybody?");
    assert!(end.session.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allotted_is_a_bound_and_not_a_wish() {
    let mut world = World::new().await;
    let steps = "  - usage: { tokens: 60 }\n  - usage: { tokens: 60 }\n  - hang: {}";
    let mut of_tokens = ticket(1, steps);
    attempt_of(&mut of_tokens).allotment.tokens = Some(100);
    let end = world.attempt(&mut of_tokens).await;
    assert_eq!((end.how, end.usage.tokens), (EndKind::BudgetSpent, 120));
    let mut of_time = ticket(2, "  - hang: {}");
    attempt_of(&mut of_time).allotment.wall_ms = Some(1_500);
    let end = world.attempt(&mut of_time).await;
    assert_eq!(end.how, EndKind::BudgetSpent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fenced_attempt_is_ended_and_its_work_put_under_a_rescue_ref() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, LONG);
    let (job, fence) = at_it(&mut world, &mut ticket).await;
    world.send(ToNode::Fenced(World::control(&job, fence))).await;
    world.attempt_end(&mut ticket, &job, fence).await;
    let places = world.places.clone();
    let hub = places.hub(&world.project.id);
    let rescue = hub.join("refs/gangline/rescue/APP-1/1");
    until("the work is under a rescue ref", || rescue.exists()).await;
    assert_eq!(world.hub(&["show", "refs/gangline/rescue/APP-1/1:kept.txt"]), "uncommitted");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_jobs_can_be_stopped_at_once() {
    let mut world = World::new().await;
    let mut tickets = [ticket(1, LONG), ticket(2, LONG)];
    let mut keys = vec![];
    for ticket in &mut tickets {
        keys.push(at_it(&mut world, ticket).await);
    }
    assert_eq!(world.node.stop_all_jobs().await.unwrap(), 2);
    for _ in &keys {
        let ended = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Report::Ended { result, .. } = world.report().await {
                    break *result;
                }
            }
        });
        let JobResult::Attempt(end) = ended.await.unwrap() else { panic!() };
        assert_eq!(end.how, EndKind::Stopped);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_another_node_is_refused() {
    use gangline_ports::link::Link;
    let world = World::new().await;
    let elsewhere = "elsewhere".parse().unwrap();
    let job = "shop.APP-1.a1".parse().unwrap();
    let message = ToNode::Stop(World::control(&job, crate::world::fence(1)));
    assert!(world.node.send(&elsewhere, message).await.is_err());
}

/// Where nobody else would end it, such an agent would wait until its session's end.
#[tokio::test(flavor = "multi_thread")]
async fn questions_beyond_the_bounds_are_answered_at_once_and_put_to_nobody() {
    let mut world = World::new().await;
    let raw = |n: usize| {
        format!(
            "  - raw: '{{\"type\":\"question\",\"id\":\"r{n}\",\"text\":\"?\",\"options\":[]}}'\n"
        )
    };
    let ask = "  - ask: { text: \"Go on?\", otherwise: [] }\n";
    // Twenty at once are open, and one more is not asked; in five rounds a hundred are asked.
    let round = |at: usize| (1..20).map(|n| raw(at * 20 + n)).collect::<String>() + ask;
    let steps: String = (0..5).map(round).collect();
    let more = (1..=20).map(|n| raw(900 + n)).collect::<String>() + ask;
    let mut many = ticket(1, &format!("{steps}{ask}  - say: Done."));
    let (job, fence) = world.dispatch(&many).await;
    let (mut said, mut open) = (vec![], 0);
    let end = loop {
        match world.report().await {
            Report::Asked { question, .. } => {
                open += 1;
                said.push(answer(question.id, "yes"));
                if open == 20 {
                    open = 0;
                    let said = said.clone();
                    world.send(ToNode::Tell { job: job.clone(), fence, said }).await;
                }
            }
            Report::Ended { result, .. } => break result,
            _other => {}
        }
    };
    assert!(matches!(*end, JobResult::Attempt(end) if end.how == EndKind::Finished));
    assert_eq!(said.len(), 100);
    let told = "a question was put to nobody: too many questions have been asked in this attempt";
    let run = world.job_places(&job, fence);
    assert!(whats(&run).contains(&What::Alert { text: told.to_owned() }), "{:?}", whats(&run));
    many = ticket(2, &format!("{more}  - say: Done."));
    let (job, fence) = world.dispatch(&many).await;
    let run = world.job_places(&job, fence);
    until("the agent goes on", || says(&run, "Done.")).await;
    world.send(ToNode::Kill(World::control(&job, fence))).await;
    world.end_of(&job, fence).await;
}

/// The orchestrator has no deadline of its own: a job of which nothing is heard would be waited for.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_does_not_begin_is_told_of() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, LONG);
    let mut task = world.task(&ticket, crate::world::now().plus_ms(60_000));
    task.version += 1;
    let (job, fence) = (task.job.clone(), task.fence);
    world.send(ToNode::Dispatch(Box::new(task))).await;
    let refused = |result: &JobResult, words: &str| {
        matches!(result, JobResult::Attempt(AttemptEnd {
            how: EndKind::Infra(Infra::SpawnFailed(why)), ..
        }) if why.contains(words))
    };
    let result = world.end_of(&job, fence).await;
    assert!(refused(&result, "version 2"), "{result:?}");
    let stale = ticket.clone();
    crate::world::refenced(&mut ticket);
    let (job, newer) = at_it(&mut world, &mut ticket).await;
    world.dispatch(&stale).await;
    let result = world.end_of(&job, fence).await;
    assert!(refused(&result, "newer fence"), "{result:?}");
    world.send(ToNode::Kill(World::control(&job, newer))).await;
    world.end_of(&job, newer).await;
}
