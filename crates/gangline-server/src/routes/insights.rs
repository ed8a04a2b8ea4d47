//! What the events come to.

use std::collections::BTreeMap;
use std::fmt::Display;

use axum::extract::State;
use axum::{Extension, Json};
use gangline_api::insight::{
    AgentInsights, Counted, CoverageView, DAYS_DEFAULT, DAYS_MAX, DayInsights, Insights,
    InsightsQuery, ProjectInsights, SpreadView, TallyView,
};
use gangline_domain::ids::ProjectId;
use gangline_domain::verdict::Coverage;

use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Asked};
use crate::identity::Identity;
use crate::insight::{AgentTally, DAY_US, ProjectFigures, Spread};
use crate::orchestrator::Orchestrator;

pub(super) async fn insights<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
    Asked(query): Asked<InsightsQuery>,
) -> Answered<Insights> {
    let wanted = query.project.as_deref().map(str::parse::<ProjectId>).transpose()?;
    if let Some(project) = &wanted {
        identity.reaches(Some(project.as_str()), true)?;
    }
    let days = i64::from(query.days.unwrap_or(DAYS_DEFAULT).min(DAYS_MAX));
    let now = App::<O, A>::now().0;
    let first = now.div_euclid(DAY_US) - days + 1;
    let insight = app.insight();
    let seen = insight.projects.iter().filter(|(project, _)| {
        identity.is_for(project) && wanted.as_ref().is_none_or(|wanted| wanted == *project)
    });
    let projects = seen.map(|(project, figures)| of_project(project, figures, first, now));
    Ok(Json(Insights { seq: insight.seq, projects: projects.collect() }))
}

fn of_project(
    project: &ProjectId,
    figures: &ProjectFigures,
    first_day: i64,
    now_us: i64,
) -> ProjectInsights {
    let success = figures.success(now_us);
    let day = |(day, counted): (&i64, &TallyView)| DayInsights {
        day: date(*day),
        tally: counted.clone(),
    };
    ProjectInsights {
        project: project.to_string(),
        total: figures.total.clone(),
        days: figures.days.range(first_day..).map(day).collect(),
        agents: figures.agents.iter().map(agent).collect(),
        failing: counted(&figures.failing),
        failures: counted(&figures.classes),
        tries: counted(&figures.tries),
        to_landing: spread(&figures.to_landing),
        to_merge: spread(&figures.to_merge),
        to_review: spread(&figures.to_review),
        attempt: spread(&figures.attempt),
        verification: spread(&figures.verification),
        landed_per_day: success.landed_per_day,
        review_pass_rate: success.review_pass_rate,
        conflicts_per_100_commits: success.conflicts_per_100_commits,
        coverage: figures.coverage.iter().map(coverage).collect(),
    }
}

fn coverage((check, told): (&String, &Coverage)) -> CoverageView {
    CoverageView { check: check.clone(), ran: told.ran, all: told.all }
}

/// A day by its number since the Unix epoch.
fn date(day: i64) -> String {
    let begin = jiff::Timestamp::from_microsecond(day * DAY_US);
    begin.map(|begin| begin.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}

fn agent(((agent, kind), counted): (&(String, String), &AgentTally)) -> AgentInsights {
    AgentInsights {
        agent: agent.clone(),
        kind: kind.clone(),
        attempts: counted.attempts,
        ends: self::counted(&counted.ends),
        passed: counted.passed,
        failed: counted.failed,
        tokens: counted.tokens,
        cost_microusd: counted.cost_microusd,
        busy_ms: counted.busy_ms,
    }
}

/// Most often first.
fn counted<N: Display>(all: &BTreeMap<N, u64>) -> Vec<Counted> {
    let named = all.iter().map(|(name, count)| Counted { name: name.to_string(), count: *count });
    let mut named: Vec<Counted> = named.collect();
    named.sort_by_key(|counted| std::cmp::Reverse(counted.count));
    named
}

fn spread(spread: &Spread) -> SpreadView {
    SpreadView {
        count: spread.count,
        mean_ms: spread.mean_ms(),
        half_ms: spread.within_ms(1, 2),
        nine_of_ten_ms: spread.within_ms(9, 10),
    }
}
