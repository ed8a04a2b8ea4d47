//! Push messages: one's own devices, and a test of one.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use gangline_api::codes;
use gangline_api::push::{AddPushSubscription, PushSubscriptionView, PushTested, PushView};
use gangline_domain::ids::Actor;

use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Body, Caller};
use crate::identity::Identity;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::push::{self, Full, Keys, Owner, Push, Reached, Subscription, Told};

pub(super) async fn show<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
) -> Answered<PushView> {
    match &app.settings().push {
        Some(push) => Ok(Json(push.view(&person(caller)).await.map_err(unkept)?)),
        None => Ok(Json(PushView::default())),
    }
}

pub(super) async fn subscribe<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
    caller: Caller,
    Body(asked): Body<AddPushSubscription>,
) -> Answered<PushSubscriptionView> {
    let push = on(&app)?;
    let bad = |detail: &str| Failure::new(codes::bad_request, detail);
    Keys::read(&asked.keys).map_err(bad)?;
    match push::may_reach(&asked.endpoint, push.reach()).await {
        Reached::Yes => {}
        Reached::NoAddress => return Err(bad("the endpoint is no https address")),
        Reached::Private => {
            let failure = bad("the endpoint is not public");
            return Err(failure.hint("allow_private = true under [push] in config.toml"));
        }
    }
    let seq = *app.orchestrator.seq().borrow();
    let owner = Owner::new(person(caller), &identity);
    let new = Subscription::new(&asked, owner, seq, App::<O, A>::now());
    match push.enter(new).await.map_err(unkept)? {
        Ok(entered) => Ok(Json(entered.view())),
        Err(full) => {
            let detail = match full {
                Full::OfOne => "as many devices of yours are told as can be",
                Full::OfAll => "as many devices are told as can be",
            };
            let failure = Failure::new(codes::too_many_subscriptions, detail);
            Err(failure.hint("remove one that you use no more, in the dashboard's settings"))
        }
    }
}

pub(super) async fn unsubscribe<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answered<PushView> {
    let (push, person) = (on(&app)?, person(caller));
    if !push.remove(&person, &id).await.map_err(unkept)? {
        return Err(unknown(&id));
    }
    Ok(Json(push.view(&person).await.map_err(unkept)?))
}

pub(super) async fn test<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answered<PushTested> {
    let push = on(&app)?;
    let to = push.named(&person(caller), &id).ok_or_else(|| unknown(&id))?;
    let (delivered, gone, error) = match push::test(&push, &to, App::<O, A>::now()).await {
        Told::Taken => (true, false, None),
        Told::Gone => (false, true, Some("its push service knows the browser no more".to_owned())),
        Told::Refused(why) | Told::Failed(why) => (false, false, Some(why)),
    };
    Ok(Json(PushTested { delivered, gone, error }))
}

fn on<O: Orchestrator, A: Archive>(app: &App<O, A>) -> Result<Arc<Push>, Failure> {
    app.settings().push.clone().ok_or_else(|| {
        let failure = Failure::new(codes::push_off, "this daemon sends no push messages");
        failure.hint("enabled = true under [push] in config.toml")
    })
}

fn person(caller: Caller) -> String {
    match caller.actor {
        Actor::Person(name) | Actor::Remote { name, .. } => name,
        Actor::Policy | Actor::Gangline => String::new(),
    }
}

fn unknown(id: &str) -> Failure {
    let shown: String = id.chars().take(40).collect();
    let detail = format!("none of your devices is {}", shown.escape_debug());
    Failure::new(codes::no_such_subscription, detail).hint("GET /api/v1/push lists them")
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn unkept(error: io::Error) -> Failure {
    tracing::error!(%error, "who is told by push messages cannot be written");
    if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        return Failure::new(codes::disk_full, "the disk is full")
            .hint("make space, and repeat it");
    }
    Failure::new(codes::unavailable, "it cannot be written now").hint("gangline doctor")
}
