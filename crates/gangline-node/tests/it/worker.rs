//! The worker's tools, in the agent's sandbox.

use gangline_domain::command::Report;
use gangline_domain::ids::{Fence, JobId};
use gangline_domain::job::{EndKind, Question};
use gangline_domain::ticket::Ticket;
use gangline_domain::verdict::ClaimSource;
use gangline_node::journal::What;
use gangline_node::worktree;
use gangline_ports::link::{FromNode, ToNode};

use crate::control::whats;
use crate::world::{World, attempt_of, ticket, until, without_sandbox};

/// Hears on until the agent asks.
async fn asked(world: &mut World, ticket: &mut Ticket) -> Question {
    loop {
        match world.report().await {
            Report::Based { base, .. } => attempt_of(ticket).base = Some(base),
            Report::Asked { question, .. } => return question,
            other => panic!("{other:?}"),
        }
    }
}

async fn answer(world: &World, (job, fence): (&JobId, Fence), question: &Question, text: &str) {
    let said = vec![crate::world::answer(question.id.clone(), text)];
    world.send(ToNode::Tell { job: job.clone(), fence, said }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_tool_reports_is_the_claim_and_is_told_meanwhile() {
    let mut world = World::new().await;
    let long = "x".repeat(2_001);
    let steps = format!(
        r#"
  - call: {{ tool: report_progress, arguments: {{ message: half way, percent: 50 }} }}
  - write: {{ path: total.txt, text: "3.00\n" }}
  - commit: "${{KEY}}: round"
  - call: {{ tool: report_outcome, arguments: {{ status: completed, summary: "{long}" }}, may_fail: true }}
  - say: "${{RESULT}}"
  - call: {{ tool: remember_lesson, arguments: {{ lesson: "cents are kept as text" }} }}
  - call: {{ tool: get_issue, arguments: {{ issue_id: APP-1 }} }}
  - say: "${{RESULT}}"
  - call: {{ tool: get_issue, arguments: {{ issue_id: APP-2 }}, may_fail: true }}
  - say: "${{RESULT}}"
  - call: {{ tool: submit_issue_for_review, arguments: {{ issue_id: APP-1, commit_url: abc123d }} }}
  - call: {{ tool: report_outcome, arguments: {{ status: completed, summary: rounded, commits: 1 }} }}
  - call: {{ tool: ask_human, arguments: {{ question: "Is it seen?" }} }}"#
    );
    let mut ticket = ticket(1, &steps);
    let (job, fence) = world.dispatch(&ticket).await;
    let run = world.job_places(&job, fence);
    let (mut question, mut shown) = (None, false);
    let question = loop {
        match world.hear().await {
            FromNode::Heartbeat(message) => {
                let at = message.jobs.first().map_or("", |pulse| pulse.current.as_str());
                shown |= at == "▸ 50 % half way · ? Is it seen?";
            }
            FromNode::Result(report) => match *report {
                Report::Based { base, .. } => attempt_of(&mut ticket).base = Some(base),
                Report::Asked { question: asked, .. } => question = Some(asked),
                other => panic!("{other:?}"),
            },
            FromNode::Register(_) => {}
        }
        if let (Some(question), true) = (&question, shown) {
            break question.clone();
        }
    };
    answer(&world, (&job, fence), &question, "yes").await;
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!(end.how, EndKind::Finished, "{:#?}", whats(&run));
    assert_eq!(
        (end.claim.source, end.claim.summary.as_str(), end.claim.commits),
        (ClaimSource::Outcome, "rounded", Some(1))
    );
    assert_eq!(end.claim.lessons, ["cents are kept as text"]);
    let said: Vec<String> = whats(&run)
        .into_iter()
        .filter_map(|what| match what {
            What::Message { text } => Some(text),
            _other => None,
        })
        .collect();
    assert!(said[0].contains("2001 characters, more than 2000"), "{said:?}");
    assert!(said[1].contains(r#""title":"Round the total""#), "{said:?}");
    assert!(said[2].contains("only APP-1"), "{said:?}");
    assert!(whats(&run).contains(&What::Submitted { commit: "abc123d".to_owned() }));
    assert!(!run.worker_socket().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_tool_and_file_the_later_outcome_counts() {
    let tool = "call: { tool: report_outcome, arguments: { status: gave_up, summary: by tool } }";
    let file = "claim: { summary: by file }";
    let mut world = World::new().await;
    for (n, first, then, expected) in
        [(1, tool, file, EndKind::Finished), (2, file, tool, EndKind::GaveUp("by tool".to_owned()))]
    {
        let mut ticket = ticket(n, &format!("  - {first}\n  - {then}"));
        let end = world.attempt(&mut ticket).await;
        assert_eq!(end.how, expected, "{:?}", end.claim);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_of_a_tool_waits_for_a_person_and_its_answer_is_the_result() {
    let mut world = World::with(crate::world::POLICY, without_sandbox).await;
    let ask = "call: { tool: ask_human, arguments: { question: Which?, options: [a, b] } }";
    let mut ticket = ticket(1, &format!("  - {ask}\n  - say: \"I am told ${{RESULT}}.\""));
    let (job, fence) = world.dispatch(&ticket).await;
    let question = asked(&mut world, &mut ticket).await;
    assert_eq!((question.text.as_str(), question.options.join("/").as_str()), ("Which?", "a/b"));
    answer(&world, (&job, fence), &question, "b").await;
    answer(&world, (&job, fence), &question, "b").await;
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!((end.how, end.claim.summary.as_str()), (EndKind::Finished, "I am told b."));
    let found = whats(&world.job_places(&job, fence));
    let answered = found.iter().filter(|what| matches!(what, What::Answered { .. })).count();
    assert_eq!(answered, 1, "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_of_a_tool_that_nobody_answers_parks_the_ticket() {
    let mut world =
        World::with(crate::world::POLICY, |config| config.job_timing.question_ms = 300).await;
    let steps = "  - call: { tool: ask_human, arguments: { question: Which? } }";
    let mut ticket = ticket(1, steps);
    let end = world.attempt(&mut ticket).await;
    let EndKind::Unanswered(question) = end.how else { panic!("{end:?}") };
    assert_eq!(question.text, "Which?");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_waits_for_any_more_is_there_when_it_is_asked_again() {
    let mut world = World::new().await;
    let first = "  - call: { tool: ask_human, arguments: { question: Which? }, patience_ms: 500, \
                 may_fail: true }";
    let wait = r#"  - run: [sh, -c, "until test -e go; do sleep 0.05; done"]"#;
    let again = "  - call: { tool: ask_human, arguments: { question: Which? } }";
    let steps =
        format!("{first}\n  - say: gone\n{wait}\n{again}\n  - say: \"I am told ${{RESULT}}.\"");
    let mut ticket = ticket(1, &steps);
    let (job, fence) = world.dispatch(&ticket).await;
    let question = asked(&mut world, &mut ticket).await;
    let run = world.job_places(&job, fence);
    until("it hangs up", || crate::control::says(&run, "gone")).await;
    answer(&world, (&job, fence), &question, "b").await;
    until("the answer is taken note of", || {
        whats(&run).iter().any(|what| matches!(what, What::Answered { .. }))
    })
    .await;
    let (at, _) = worktree::find(&world.places, &ticket.id).unwrap().unwrap();
    std::fs::write(at.tree().join("go"), "").unwrap();
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!((end.how, end.claim.summary.as_str()), (EndKind::Finished, "I am told b."));
}
