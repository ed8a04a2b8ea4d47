//! The one task that looks after external sessions: it gives up those that are silent, and tells
//! those of work that are told by webhook.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gangline_domain::command::Command;
use gangline_domain::external::ExternalEnd;
use gangline_domain::ids::{Actor, ExternalId, Fence, ProjectId};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Webhook, work};
use crate::app::App;
use crate::archive::Archive;
use crate::orchestrator::Orchestrator;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(250);
/// Webhooks that are called at once.
const CALLS_MAX: usize = 16;
/// Before a webhook is called again, at first and at most.
const AGAIN_MIN: Duration = Duration::from_millis(500);
const AGAIN_MAX: Duration = Duration::from_mins(1);

/// Work of one session, under one fence.
type Told = (ProjectId, ExternalId, Fence);

/// How far a session was told of its work.
#[derive(Debug, Clone, Copy)]
enum Call {
    Under { again: Duration },
    Failed { at: Instant, again: Duration },
    Taken,
}

/// Runs until `ending`. Webhooks are called at least once for each work, and again with growing
/// pauses until they take it or the work is over; after a restart they are called once more.
pub async fn attend<O: Orchestrator, A: Archive>(app: App<O, A>, ending: CancellationToken) {
    let mut calls: BTreeMap<Told, Call> = BTreeMap::new();
    let mut under_way: JoinSet<(Told, bool)> = JoinSet::new();
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = ending.cancelled() => return,
            _ = look.tick() => {}
            Some(called) = under_way.join_next() => {
                match called {
                    Ok((told, taken)) => finished(&mut calls, &told, taken),
                    Err(error) if error.is_panic() => {
                        std::panic::resume_unwind(error.into_panic())
                    }
                    Err(_cancelled) => {}
                }
                continue;
            }
        }
        give_up(&app).await;
        call(&app, &mut calls, &mut under_way);
    }
}

/// Ends the registration of those that were silent for too long.
async fn give_up<O: Orchestrator, A: Archive>(app: &App<O, A>) {
    let registered = app.look(|board, _| {
        let projects = board.projects.values();
        let sessions = projects.flat_map(|home| {
            home.externals.values().map(move |external| {
                let timeout = Duration::from_millis(external.heartbeat_timeout_ms);
                ((home.id.clone(), external.id.clone()), timeout)
            })
        });
        sessions.collect()
    });
    for (project, external) in app.hearts.silent(&registered, Instant::now()) {
        let command = Command::EndExternal { project, external, why: ExternalEnd::Lost };
        // What could not be done now is done at the next look; who has gone is gone.
        if let Err(error) = app.orchestrator.command(Actor::Gangline, None, command).await {
            tracing::debug!(%error, "an external session is not given up");
        }
    }
}

fn finished(calls: &mut BTreeMap<Told, Call>, told: &Told, taken: bool) {
    let Some(call) = calls.get_mut(told) else { return };
    *call = match *call {
        Call::Under { again } if !taken => {
            Call::Failed { at: Instant::now() + again, again: (again * 2).min(AGAIN_MAX) }
        }
        Call::Under { .. } | Call::Failed { .. } | Call::Taken => Call::Taken,
    };
}

/// Calls the webhooks of sessions that have work which they were not told of.
fn call<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    calls: &mut BTreeMap<Told, Call>,
    under_way: &mut JoinSet<(Told, bool)>,
) {
    let wanted = app.look(|board, _| {
        let mut wanted: Vec<(Told, String)> = vec![];
        for ticket in board.busy() {
            let project = &ticket.id.project;
            let Some((id, fence)) = gangline_domain::external::at_work(ticket) else { continue };
            let session = board.projects[project].externals.get(id);
            if let Some(address) = session.and_then(|session| session.webhook.clone()) {
                wanted.push(((project.clone(), id.clone(), fence), address));
            }
        }
        wanted
    });
    let live: BTreeSet<&Told> = wanted.iter().map(|(told, _)| told).collect();
    calls.retain(|told, _| live.contains(told));
    let now = Instant::now();
    for (told, address) in wanted {
        let again = match calls.get(&told) {
            None => AGAIN_MIN,
            Some(Call::Failed { at, again }) if *at <= now => *again,
            Some(Call::Failed { .. } | Call::Under { .. } | Call::Taken) => continue,
        };
        // What was accepted once may be refused by the machine's configuration today.
        let Ok(webhook) = Webhook::parse(&address, app.settings().webhooks) else { continue };
        let before = Fence { n: told.2.n.saturating_sub(1), ..told.2 };
        let work = work(app, &told.0, &told.1, Some(before));
        let ready = work.assigned.as_ref().is_some_and(|work| work.fence == told.2.to_string());
        if !ready || under_way.len() >= CALLS_MAX {
            continue;
        }
        calls.insert(told.clone(), Call::Under { again });
        let body = serde_json::to_vec(&work).expect("BUG: work is JSON");
        under_way.spawn(async move {
            let taken = webhook.post(&body).await;
            if let Err(error) = &taken {
                tracing::info!(%error, session = %told.1, "a webhook did not take its work");
            }
            (told, taken.is_ok())
        });
    }
}
