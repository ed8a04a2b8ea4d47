//! What Prometheus reads: figures of now off the board, figures of time off the fold of all events.
//!
//! Counters count from the first event of the store on, so that a restart resets none of them.

#![expect(
    clippy::cast_precision_loss,
    reason = "what is measured is exact up to 2^52, and nobody reads it more closely"
)]

mod page;

use std::collections::BTreeMap;

use gangline_api::insight::TallyView as Tally;
use gangline_api::version::PROGRAM_VERSION;
use gangline_domain::board::Board;
use gangline_domain::ids::ProjectId;
use gangline_engine::Durability;

use crate::app::{App, Seen};
use crate::archive::Archive;
use crate::identity::Identity;
use crate::insight::{Insight, ProjectFigures};
use crate::orchestrator::Orchestrator;
use crate::view;
use page::Page;

/// Micro-dollars of a dollar.
const MICRO: f64 = 1_000_000.0;

/// The page, in the text format of Prometheus, as far as the bearer may see.
pub(crate) fn metrics<O: Orchestrator, A: Archive>(app: &App<O, A>, identity: &Identity) -> String {
    let mut page = Page::default();
    app.look(|board, seen| {
        daemon(&mut page, board, seen, app.daemon.started_at.0, identity);
        nodes(&mut page, board, seen);
        tickets(&mut page, board, seen, identity);
        spent(&mut page, board, identity);
    });
    let Durability { events, waited_us } = app.orchestrator.durability();
    let help = "Events that this daemon has made durable.";
    page.counter("gangline_durable_events_total", help, [(vec![], events as f64)]);
    let help = "From the decision of each of them to its durability, all together.";
    let waited = waited_us as f64 / MICRO;
    page.counter("gangline_durability_wait_seconds_total", help, [(vec![], waited)]);
    let insight = app.insight();
    of_all(&mut page, &insight, identity);
    let seen = insight.projects.iter().filter(|(project, _)| identity.is_for(project));
    let seen: Vec<(&ProjectId, &ProjectFigures)> = seen.collect();
    counted(&mut page, &seen);
    lasted(&mut page, &seen);
    of_agents(&mut page, &seen);
    success(&mut page, &seen, App::<O, A>::now().0);
    page.text()
}

fn daemon(page: &mut Page, board: &Board, seen: &Seen, started_us: i64, identity: &Identity) {
    let up = (seen.now.0 - started_us).max(0) as f64 / MICRO;
    page.gauge("gangline_up_seconds", "How long this daemon has run.", [(vec![], up)]);
    let version = vec![("version", PROGRAM_VERSION.to_owned())];
    page.gauge("gangline_build_info", "The version that runs.", [(version, 1.0)]);
    page.gauge("gangline_sequence", "The last event.", [(vec![], board.seq as f64)]);
    let circuits = board.circuits.keys().map(|kind| (vec![("kind", kind.to_string())], 1.0));
    page.gauge("gangline_circuit_open", "Agent kinds that are switched off.", circuits);
    let paused = board.projects.values().filter(|project| identity.is_for(&project.id));
    let paused = paused.map(|p| (of(&p.id), f64::from(u8::from(p.paused))));
    page.gauge("gangline_project_paused", "Whether a project starts no new job.", paused);
}

fn of(project: &ProjectId) -> Vec<(&'static str, String)> {
    vec![("project", project.to_string())]
}

fn with(project: &ProjectId, name: &'static str, value: String) -> Vec<(&'static str, String)> {
    vec![("project", project.to_string()), (name, value)]
}

fn nodes(page: &mut Page, board: &Board, seen: &Seen) {
    let mut up = vec![];
    let mut slots = vec![];
    let mut jobs = vec![];
    let mut total = (0_usize, 0_u32);
    for (id, node) in &seen.view.nodes {
        let name = || vec![("node", id.to_string())];
        let alive = !seen.nodes.dead.contains(id);
        up.push((name(), f64::from(u8::from(alive))));
        slots.push((name(), f64::from(node.facts.slots)));
        jobs.push((name(), node.pulses.len() as f64));
        if alive {
            total = (total.0 + node.pulses.len(), total.1 + node.facts.slots);
        }
    }
    page.gauge("gangline_node_up", "Whether a node was heard lately.", up);
    let draining = board.draining.iter().map(|id| (vec![("node", id.to_string())], 1.0));
    page.gauge("gangline_node_draining", "Nodes on which nothing new starts.", draining);
    page.gauge("gangline_node_slots", "Jobs that a node takes at once.", slots);
    page.gauge("gangline_node_jobs", "Jobs that run on a node.", jobs);
    let share = if total.1 == 0 { 0.0 } else { total.0 as f64 / f64::from(total.1) };
    let help = "Share of the slots of live nodes that are in use.";
    page.gauge("gangline_utilisation_ratio", help, [(vec![], share)]);
}

fn tickets(page: &mut Page, board: &Board, seen: &Seen, identity: &Identity) {
    let mut states: BTreeMap<(&ProjectId, String), f64> = BTreeMap::new();
    let mut waits: BTreeMap<(&ProjectId, String), f64> = BTreeMap::new();
    let mut alerts: BTreeMap<(&ProjectId, String), f64> = BTreeMap::new();
    let mut questions: BTreeMap<&ProjectId, f64> = BTreeMap::new();
    let live = board.tickets.values().filter(|ticket| identity.is_for(&ticket.id.project));
    for ticket in live {
        let project = &ticket.id.project;
        *states.entry((project, ticket.state.word().to_owned())).or_default() += 1.0;
        let wait = view::waits(board, seen, ticket).reason;
        *waits.entry((project, wait)).or_default() += 1.0;
        *questions.entry(project).or_default() += view::questions(ticket).len() as f64;
        for alert in ticket.alerts() {
            *alerts.entry((project, view::word(alert.kind))).or_default() += 1.0;
        }
    }
    let labelled = |of: BTreeMap<(&ProjectId, String), f64>, name: &'static str| {
        let labelled = of.into_iter().map(|((id, word), n)| (with(id, name, word), n));
        labelled.collect::<Vec<_>>()
    };
    page.gauge("gangline_tickets", "Tickets that are not closed.", labelled(states, "state"));
    page.gauge("gangline_tickets_waiting", "What they wait for.", labelled(waits, "reason"));
    let of_nodes = board.node_alerts.iter().flat_map(|(node, raised)| {
        raised
            .keys()
            .map(|kind| (vec![("node", node.to_string()), ("kind", kind.word().to_owned())], 1.0))
    });
    let alerts = labelled(alerts, "kind").into_iter().chain(of_nodes);
    page.gauge("gangline_alerts_raised", "Alerts that are raised now.", alerts);
    let questions = questions.into_iter().map(|(id, n)| (of(id), n));
    page.gauge("gangline_questions_open", "Questions that nobody has answered.", questions);
}

fn spent(page: &mut Page, board: &Board, identity: &Identity) {
    let projects = || board.projects.values().filter(|project| identity.is_for(&project.id));
    let tokens = projects().map(|project| (of(&project.id), project.usage.tokens as f64));
    page.counter("gangline_tokens_total", "Tokens that agents used.", tokens);
    let dollars =
        projects().map(|project| (of(&project.id), project.usage.cost_microusd as f64 / MICRO));
    page.counter("gangline_cost_usd_total", "What agents cost, in dollars.", dollars);
}

fn of_all(page: &mut Page, insight: &Insight, identity: &Identity) {
    if identity.projects.is_some() {
        return;
    }
    let events = insight.events.iter();
    let events = events.map(|(kind, n)| (vec![("type", (*kind).to_owned())], *n as f64));
    page.counter("gangline_events_total", "Events, by type.", events);
}

type Column = (&'static str, &'static str, fn(&Tally) -> u64);

/// What is counted of each project, under its own name.
const COLUMNS: [Column; 13] = [
    ("gangline_tickets_added_total", "Tickets that were added.", |t| t.added),
    ("gangline_tickets_landed_total", "Tickets that landed.", |t| t.landed),
    ("gangline_tickets_delivered_total", "Tickets that were delivered.", |t| t.delivered),
    ("gangline_tickets_cancelled_total", "Tickets that were cancelled.", |t| t.cancelled),
    ("gangline_escalations_total", "Times that a person was needed.", |t| t.escalated),
    ("gangline_questions_total", "Questions that agents asked.", |t| t.questions),
    ("gangline_alerts_total", "Alerts that were raised.", |t| t.alerts),
    ("gangline_attempts_total", "Attempts that were started.", |t| t.attempts),
    ("gangline_commits_total", "Commits that agents left.", |t| t.commits),
    ("gangline_reviews_passed_total", "Reviews that let a commit pass.", |t| t.approved),
    ("gangline_reviews_rejected_total", "Reviews that sent one back.", |t| t.rejected),
    ("gangline_conflicts_total", "Candidates that collided with the target.", |t| t.conflicts),
    ("gangline_first_passes_total", "Tickets whose first commit passed.", |t| t.passed_first),
];

fn counted(page: &mut Page, seen: &[(&ProjectId, &ProjectFigures)]) {
    for (name, help, count) in COLUMNS {
        page.counter(name, help, seen.iter().map(|(id, f)| (of(id), count(&f.total) as f64)));
    }
    let verdicts = seen.iter().flat_map(|(id, figures)| {
        let Tally { passed, failed, inconclusive, .. } = figures.total;
        [("pass", passed), ("fail", failed), ("inconclusive", inconclusive)]
            .map(|(verdict, n)| (with(id, "verdict", verdict.to_owned()), n as f64))
    });
    page.counter("gangline_verdicts_total", "Commits that were measured.", verdicts);
    let failing = seen.iter().flat_map(|(id, figures)| {
        figures.failing.iter().map(|(check, n)| (with(id, "check", check.clone()), *n as f64))
    });
    page.counter("gangline_check_failures_total", "Required checks that failed.", failing);
    let classes = seen.iter().flat_map(|(id, figures)| {
        figures.classes.iter().map(|(class, n)| (with(id, "class", class.clone()), *n as f64))
    });
    page.counter("gangline_failures_total", "Tries that failed, by what failed.", classes);
    let tries = seen.iter().flat_map(|(id, figures)| {
        figures.tries.iter().map(|(tries, n)| (with(id, "tries", tries.to_string()), *n as f64))
    });
    page.counter("gangline_landed_after_tries_total", "Landed tickets, by their tries.", tries);
}

fn lasted(page: &mut Page, seen: &[(&ProjectId, &ProjectFigures)]) {
    type Lasted = fn(&ProjectFigures) -> &crate::insight::Spread;
    let spreads: [(&str, &str, Lasted); 5] = [
        ("gangline_landing_seconds", "From the ticket to its landing.", |f| &f.to_landing),
        ("gangline_merge_seconds", "From the approval to the landing.", |f| &f.to_merge),
        ("gangline_review_seconds", "From the request of a review to its answer.", |f| {
            &f.to_review
        }),
        ("gangline_attempt_seconds", "How long an attempt worked.", |f| &f.attempt),
        ("gangline_verification_seconds", "From a commit to its verdict.", |f| &f.verification),
    ];
    for (name, help, spread) in spreads {
        page.histogram(name, help, seen.iter().map(|(id, figures)| (of(id), spread(figures))));
    }
}

fn of_agents(page: &mut Page, seen: &[(&ProjectId, &ProjectFigures)]) {
    let mut ends = vec![];
    let mut commits = vec![];
    let mut tokens = vec![];
    let mut dollars = vec![];
    let mut busy = vec![];
    for (id, figures) in seen {
        for ((agent, kind), tally) in &figures.agents {
            let own = || [of(id), vec![("agent", agent.clone()), ("kind", kind.clone())]].concat();
            let and = |name, value: &str| [own(), vec![(name, value.to_owned())]].concat();
            ends.extend(tally.ends.iter().map(|(end, n)| (and("end", end), *n as f64)));
            commits.push((and("verdict", "pass"), tally.passed as f64));
            commits.push((and("verdict", "fail"), tally.failed as f64));
            tokens.push((own(), tally.tokens as f64));
            dollars.push((own(), tally.cost_microusd as f64 / MICRO));
            busy.push((own(), tally.busy_ms as f64 / 1_000.0));
        }
    }
    page.counter("gangline_agent_attempts_total", "Attempts, by how they ended.", ends);
    page.counter("gangline_agent_commits_total", "Commits that were measured.", commits);
    page.counter("gangline_agent_tokens_total", "Tokens that an agent used.", tokens);
    page.counter("gangline_agent_cost_usd_total", "What an agent cost, in dollars.", dollars);
    page.counter("gangline_agent_busy_seconds_total", "How long an agent worked.", busy);
}

/// The figures by which a team sees whether it is worth it.
fn success(page: &mut Page, seen: &[(&ProjectId, &ProjectFigures)], now_us: i64) {
    let mut per_day = vec![];
    let mut reviews = vec![];
    let mut conflicts = vec![];
    let mut merges = vec![];
    let mut coverage = vec![];
    for (id, figures) in seen {
        coverage.extend(figures.coverage.iter().map(|(check, told)| {
            (with(id, "check", check.clone()), told.ran as f64 / told.all.max(1) as f64)
        }));
        let success = figures.success(now_us);
        per_day.push((of(id), success.landed_per_day));
        reviews.extend(success.review_pass_rate.map(|rate| (of(id), rate)));
        conflicts.extend(success.conflicts_per_100_commits.map(|n| (of(id), n)));
        merges.extend(figures.to_merge.mean_ms().map(|ms| (of(id), ms as f64 / 1_000.0)));
    }
    let help = "Tickets that landed or were delivered, per day of the last seven.";
    page.gauge("gangline_issues_per_day", help, per_day);
    page.gauge("gangline_review_pass_ratio", "Reviews that let a commit pass.", reviews);
    let help = "Share of the code in the coverage data that ran, as last measured of what landed.";
    page.gauge("gangline_test_coverage_ratio", help, coverage);
    let help = "Collisions with the target, per 100 commits.";
    page.gauge("gangline_conflicts_per_100_commits", help, conflicts);
    page.gauge("gangline_merge_seconds_mean", "From approval to landing, on average.", merges);
}
