//! The whole machine on a page: each place against each command, and against each report.

use gangline_domain::command::{Command, Heard, Refusal, Report};
use gangline_domain::decide::hear;
use gangline_domain::event::{Event, TicketEvent};
use gangline_domain::ids::{Fence, JobId, JobKind};
use gangline_domain::job::{EndKind, Infra, JobResult, Swap};
use gangline_domain::ticket::{LandingStage, StopHow, TicketState};
use gangline_domain::verdict::Verdict;

use crate::places::{ENDS, KEY, LIVE, at};
use crate::world::{
    World, a_candidate, a_question, a_snapshot, an_end, commit, id, measured, names, tree,
};

/// Lines of cells, each column as wide as its widest cell.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join(" ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn commands_table(commands: &[(&str, Command)]) -> String {
    let mut rows = vec![vec![String::new()]];
    rows[0].extend(commands.iter().map(|(name, _)| (*name).to_owned()));
    for place in LIVE.into_iter().chain(ENDS) {
        let world = at(place);
        let cell = |(_, command): &(&str, Command)| match world.decide(command) {
            Ok(events) => World::types(&events).join("+"),
            Err(Refusal::WrongState { .. }) => "-".to_owned(),
            Err(refusal) => format!("!{}", refusal.code()),
        };
        rows.push([place.to_owned()].into_iter().chain(commands.iter().map(cell)).collect());
    }
    table(&rows)
}

#[test]
fn every_place_answers_every_command_of_a_tickets_way() {
    let ticket = || id(KEY);
    let hint = || Some("look at src/cart.rs".to_owned());
    let table = commands_table(&[
        ("start", Command::Start { ticket: ticket() }),
        ("approve", Command::Approve { ticket: ticket(), commit: None }),
        ("approve another", Command::Approve { ticket: ticket(), commit: Some(commit(7)) }),
        ("reject", Command::Reject { ticket: ticket(), feedback: "no".to_owned() }),
        ("reject blankly", Command::Reject { ticket: ticket(), feedback: " ".to_owned() }),
        ("retry", Command::Retry { ticket: ticket(), hint: None }),
        ("retry with a hint", Command::Retry { ticket: ticket(), hint: hint() }),
        ("resume", Command::Resume { ticket: ticket() }),
    ]);
    insta::assert_snapshot!(table, @"
                         start          approve        approve another reject             reject blankly retry          retry with a hint resume
    draft                ticket_opened  -              -               -                  -              -              -                 -
    open                 -              -              -               -                  -              -              -                 -
    backoff              -              -              -               -                  -              retried        hinted+retried    released
    parked/quota         -              -              -               -                  -              retried        hinted+retried    released
    parked/answer        -              -              -               -                  -              retried        hinted+retried    released
    held/open            -              -              -               -                  -              retried        hinted+retried    released
    held/verifying       -              -              -               -                  -              -              -                 submitted
    held/review          -              -              -               -                  -              -              -                 released
    held/queued          -              -              -               -                  -              -              -                 released
    held/taken over      -              -              -               -                  -              -              -                 -
    working/running      -              -              -               -                  -              -              -                 -
    working/asking       -              -              -               -                  -              -              -                 -
    working/stopping     -              -              -               -                  -              -              -                 -
    working/capture due  -              -              -               -                  -              -              -                 -
    working/capture runs -              -              -               -                  -              -              -                 -
    working/captured     -              -              -               -                  -              -              -                 -
    verifying/due        -              -              -               -                  -              -              -                 -
    verifying/runs       -              -              -               -                  -              -              -                 -
    verifying/measured   -              -              -               -                  -              -              -                 -
    review               -              approved       !superseded     rejected+sent_back !bad_text      -              -                 -
    queued               -              -              -               -                  -              -              -                 -
    landing/due          -              -              -               -                  -              -              -                 -
    landing/runs         -              -              -               -                  -              -              -                 -
    landing/built        -              -              -               -                  -              -              -                 -
    landing/intended     -              -              -               -                  -              -              -                 -
    landing/deferred     -              -              -               -                  -              -              -                 -
    escalated            -              -              -               -                  -              retried        hinted+retried    -
    landed               !ticket_closed !ticket_closed !ticket_closed  !ticket_closed     !ticket_closed !ticket_closed !ticket_closed    !ticket_closed
    delivered            !ticket_closed !ticket_closed !ticket_closed  !ticket_closed     !ticket_closed !ticket_closed !ticket_closed    !ticket_closed
    cancelled            !ticket_closed !ticket_closed !ticket_closed  !ticket_closed     !ticket_closed !ticket_closed !ticket_closed    !ticket_closed
    ");
}

#[test]
fn every_place_answers_every_command_that_stops_or_talks() {
    let ticket = || id(KEY);
    let answer = |question: Option<&str>| Command::Answer {
        ticket: ticket(),
        question: question.map(str::to_owned),
        text: "yes".to_owned(),
    };
    let table = commands_table(&[
        ("answer", answer(None)),
        ("answer another", answer(Some("q9"))),
        ("steer", Command::Steer { ticket: ticket(), text: "left".to_owned() }),
        ("hold", Command::Hold { ticket: ticket() }),
        ("stop", Command::Stop { ticket: ticket(), how: StopHow::Stop }),
        ("kill", Command::Stop { ticket: ticket(), how: StopHow::Kill }),
        ("cancel", Command::Cancel { ticket: ticket() }),
        ("take over", Command::TakeOver { ticket: ticket() }),
        ("hand back", Command::HandBack { ticket: ticket() }),
    ]);
    insta::assert_snapshot!(table, @"
                         answer            answer another    steer          hold           stop           kill           cancel         take over             hand back
    draft                !no_such_question !no_such_question hinted         -              -              -              cancelled      -                     -
    open                 !no_such_question !no_such_question hinted         held           -              -              cancelled      -                     -
    backoff              !no_such_question !no_such_question hinted         held           -              -              cancelled      held                  -
    parked/quota         !no_such_question !no_such_question hinted         held           -              -              cancelled      held                  -
    parked/answer        hinted+released   !no_such_question hinted         held           -              -              cancelled      held                  -
    held/open            !no_such_question !no_such_question hinted         -              -              -              cancelled      !nothing_to_take_over -
    held/verifying       !no_such_question !no_such_question hinted         -              -              -              cancelled      held                  -
    held/review          !no_such_question !no_such_question hinted         -              -              -              cancelled      held                  -
    held/queued          !no_such_question !no_such_question hinted         -              -              -              cancelled      held                  -
    held/taken over      !no_such_question !no_such_question hinted         -              -              -              -              -                     handed_back
    working/running      !no_such_question !no_such_question steered        stop_requested stop_requested stop_requested stop_requested stop_requested        -
    working/asking       question_answered !no_such_question steered        stop_requested stop_requested stop_requested stop_requested stop_requested        -
    working/stopping     !no_such_question !no_such_question hinted         stop_requested stop_requested stop_requested stop_requested stop_requested        -
    working/capture due  !no_such_question !no_such_question hinted         stop_requested stop_requested stop_requested stop_requested stop_requested        -
    working/capture runs !no_such_question !no_such_question hinted         stop_requested stop_requested stop_requested stop_requested stop_requested        -
    working/captured     !no_such_question !no_such_question hinted         -              -              -              -              -                     -
    verifying/due        !no_such_question !no_such_question hinted         held           -              -              cancelled      -                     -
    verifying/runs       !no_such_question !no_such_question hinted         held           -              -              cancelled      -                     -
    verifying/measured   !no_such_question !no_such_question hinted         held           -              -              cancelled      -                     -
    review               !no_such_question !no_such_question hinted         held           -              -              cancelled      -                     -
    queued               !no_such_question !no_such_question hinted         held           -              -              cancelled      -                     -
    landing/due          !no_such_question !no_such_question hinted         held           -              -              cancelled      -                     -
    landing/runs         !no_such_question !no_such_question hinted         held           -              -              cancelled      -                     -
    landing/built        !no_such_question !no_such_question hinted         held           -              -              cancelled      -                     -
    landing/intended     !no_such_question !no_such_question hinted         !is_landing    -              -              !is_landing    -                     -
    landing/deferred     !no_such_question !no_such_question hinted         held           -              -              cancelled      -                     -
    escalated            !no_such_question !no_such_question hinted         held           -              -              cancelled      held                  -
    landed               !ticket_closed    !ticket_closed    !ticket_closed !ticket_closed !ticket_closed !ticket_closed !ticket_closed !ticket_closed        !ticket_closed
    delivered            !ticket_closed    !ticket_closed    !ticket_closed !ticket_closed !ticket_closed !ticket_closed !ticket_closed !ticket_closed        !ticket_closed
    cancelled            !ticket_closed    !ticket_closed    !ticket_closed !ticket_closed !ticket_closed !ticket_closed !ticket_closed !ticket_closed        !ticket_closed
    ");
}

/// The job and fence that hold the ticket, or did last.
fn held(world: &World) -> (JobId, Fence) {
    if let Some(run) = world.board.ticket(&id(KEY)).and_then(gangline_domain::ticket::Ticket::run) {
        return (run.job, run.lease.fence);
    }
    let of_it = |event: &&gangline_domain::event::Recorded| event.event.ticket() == Some(&id(KEY));
    world
        .log
        .iter()
        .rev()
        .filter(of_it)
        .find_map(|recorded| match &recorded.event {
            Event::Ticket { what: TicketEvent::AttemptStarted { attempt, lease }, .. } => {
                Some((attempt.job.clone(), lease.fence))
            }
            Event::Ticket { what: TicketEvent::JobStarted { run }, .. } => {
                Some((run.job.clone(), run.lease.fence))
            }
            _granted_nothing => None,
        })
        .unwrap_or_else(|| {
            (JobId { ticket: id(KEY), kind: JobKind::Attempt, n: 1 }, Fence { epoch: 1, n: 1 })
        })
}

const REPORTS: [&str; 11] = [
    "based",
    "asked",
    "attempt",
    "captured",
    "verified",
    "built",
    "failed",
    "proven",
    "moved",
    "refused",
    "published",
];

/// A report under this job and fence. What it says fits the ticket where it can.
fn report(world: &World, name: &str, (job, fence): (JobId, Fence)) -> Report {
    let state = world.board.ticket(&id(KEY)).map(|ticket| &ticket.state);
    let head = match state {
        Some(TicketState::Verifying(verifying)) => verifying.submission.snapshot.head.clone(),
        Some(TicketState::Queued(entry)) => entry.approval.commit.clone(),
        _offers_nothing => commit(0xa001),
    };
    let ended =
        |result: JobResult| Report::Ended { job: job.clone(), fence, result: Box::new(result) };
    let swapped = |swap: Swap| {
        let intended = match state {
            Some(TicketState::Landing(landing)) => match &landing.stage {
                LandingStage::Intended(intent) | LandingStage::Deferred { intent, .. } => {
                    Some(intent.fence)
                }
                LandingStage::Integrating { .. } | LandingStage::Integrated { .. } => None,
            },
            _not_landing => None,
        };
        // A swap has no job; "another job" is another ticket's intent, with another number.
        let current = fence == held(world).1 && job == held(world).0;
        let fence = intended.filter(|_| current).unwrap_or(fence);
        Report::Swapped { ticket: id(KEY), fence, swap }
    };
    let candidate = a_candidate(&job);
    match name {
        "based" => Report::Based { job, fence, base: commit(0xb) },
        "asked" => Report::Asked { job, fence, question: a_question("q2") },
        "attempt" => ended(JobResult::Attempt(an_end(EndKind::Finished, 0))),
        "captured" => ended(JobResult::Captured(Some(a_snapshot(&job)))),
        "verified" => ended(JobResult::Verified(measured(head, tree(0xe), Verdict::Pass))),
        "built" => {
            let report = measured(candidate.new.clone(), candidate.tree.clone(), Verdict::Pass);
            let found = gangline_domain::job::Integration::Built { candidate, report };
            ended(JobResult::Integrated(found))
        }
        "failed" => ended(JobResult::Failed(Infra::DiskFull("/var".to_owned()))),
        "proven" => swapped(Swap::Proven),
        "moved" => swapped(Swap::Moved { found: commit(0xb2) }),
        "refused" => swapped(Swap::Refused("dirty".to_owned())),
        "published" => Report::Published { ticket: id(KEY), commit: head },
        unknown => panic!("no report is called {unknown}"),
    }
}

fn heard(world: &World, report: &Report) -> String {
    match hear(&world.board, report, world.now) {
        Heard::News(whats) => names(&id(KEY), &whats).join("+"),
        Heard::Known => "known".to_owned(),
        Heard::Stale { .. } => "stale".to_owned(),
    }
}

/// A cell is what comes of the report under the fence that holds the ticket, or held it last;
/// `-` where it is stale. That a stale fence and another job change nothing is no column of its
/// own, for it must be so in every cell.
#[test]
fn every_place_hears_every_report_and_a_stale_fence_changes_nothing() {
    let mut rows = vec![vec![String::new()]];
    rows[0].extend(REPORTS.map(str::to_owned));
    for place in LIVE.into_iter().chain(ENDS) {
        let world = at(place);
        let (job, fence) = held(&world);
        let older = Fence { n: fence.n - 1, ..fence };
        let newer = Fence { epoch: fence.epoch + 1, ..fence };
        let another = JobId { n: job.n + 7, ..job.clone() };
        let mut row = vec![place.to_owned()];
        for name in REPORTS {
            let cell = heard(&world, &report(&world, name, (job.clone(), fence)));
            row.push(cell.replace("stale", "-"));
            if name == "published" {
                continue;
            }
            for (job, fence) in
                [(job.clone(), older), (job.clone(), newer), (another.clone(), fence)]
            {
                let other = report(&world, name, (job, fence));
                let heard = hear(&world.board, &other, world.now);
                assert!(!matches!(heard, Heard::News(_)), "{place}: {other:?} is {heard:?}");
            }
        }
        rows.push(row);
    }
    insta::assert_snapshot!(table(&rows), @"
                         based         asked          attempt       captured      verified      built         failed        proven moved          refused          published
    draft                -             -              -             -             -             -             -             known  known          known            known
    open                 -             -              -             -             -             -             -             known  known          known            known
    backoff              -             -              -             -             -             -             -             known  known          known            known
    parked/quota         -             -              -             -             -             -             -             known  known          known            known
    parked/answer        -             -              -             -             -             -             -             known  known          known            known
    held/open            -             -              -             -             -             -             -             known  known          known            known
    held/verifying       -             -              -             -             -             -             -             known  known          known            known
    held/review          -             -              -             -             -             -             -             known  known          known            known
    held/queued          -             -              -             -             -             -             -             known  known          known            known
    held/taken over      -             -              -             -             -             -             -             known  known          known            known
    working/running      attempt_based question_asked attempt_ended attempt_ended attempt_ended attempt_ended attempt_ended known  known          known            known
    working/asking       attempt_based question_asked attempt_ended attempt_ended attempt_ended attempt_ended attempt_ended known  known          known            known
    working/stopping     attempt_based question_asked attempt_ended attempt_ended attempt_ended attempt_ended attempt_ended known  known          known            known
    working/capture due  known         known          known         known         known         known         known         known  known          known            known
    working/capture runs -             -              job_failed    captured      job_failed    job_failed    job_failed    known  known          known            known
    working/captured     -             -              -             -             -             -             -             known  known          known            known
    verifying/due        -             -              -             -             -             -             -             known  known          known            known
    verifying/runs       -             -              job_failed    job_failed    verified      job_failed    job_failed    known  known          known            known
    verifying/measured   -             -              -             -             -             -             -             known  known          known            known
    review               -             -              -             -             -             -             -             known  known          known            known
    queued               -             -              -             -             -             -             -             known  known          known            delivered
    landing/due          -             -              -             -             -             -             -             known  known          known            known
    landing/runs         -             -              job_failed    job_failed    job_failed    integrated    job_failed    known  known          known            known
    landing/built        -             -              -             -             -             -             -             known  known          known            known
    landing/intended     -             -              -             -             -             -             -             landed landing_voided landing_deferred known
    landing/deferred     -             -              -             -             -             -             -             known  known          known            known
    escalated            -             -              -             -             -             -             -             known  known          known            known
    landed               -             -              -             -             -             -             -             known  known          known            known
    delivered            -             -              -             -             -             -             -             known  known          known            known
    cancelled            -             -              -             -             -             -             -             known  known          known            known
    ");
}
