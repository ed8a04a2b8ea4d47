//! Which path leads where.

mod around;

use axum::extract::{DefaultBodyLimit, State};
use axum::handler::Handler;
use axum::routing::{delete, get, post};
use axum::{Extension, Json, Router, middleware};
use gangline_api::codes;
use gangline_api::command::Verb;
use gangline_api::version::BASE;

use gangline_domain::token::Role::{self, Admin, Maintainer, Operator, Viewer};
use serde_json::Value;

use super::describe::{Api, Op};
use super::{
    doctor, events, external, hooks, insights, journals, lessons, main_agents, nodes, plans,
    projects, push, queries, records, schedules, search, sign_in, socket, streams, tickets, tokens,
    verbs, workers,
};
use crate::app::App;
use crate::archive::Archive;
use crate::door::counted_senders;
use crate::extract::OfTicket;
use crate::identity::Identity;
use crate::mcp;
use crate::orchestrator::Orchestrator;
use crate::page::page;
use crate::problem::Failure;

use around::{for_clients, for_tools, inside, outside, with_versions};

/// Bytes that a request may have.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Bytes that an import may have.
const IMPORT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes that a signed request may have that becomes a ticket.
const INTAKE_BYTES_MAX: usize = 512 * 1024;

/// The routes for whoever can open the daemon's socket: the person whose daemon it is.
pub fn socket_router<O: Orchestrator, A: Archive>(app: App<O, A>) -> Router {
    finished(for_main_agents(app).layer(Extension(Identity::owner())), no_such_route)
        .layer(middleware::map_response(with_versions))
}

/// The routes for whoever comes in over HTTP.
pub fn http_router<O: Orchestrator, A: Archive>(app: App<O, A>) -> Router {
    let tools = mcp::Tools { app: app.clone(), routes: for_main_agents(app.clone()) };
    let tools = post(mcp::answer::<O, A>).fallback(wrong_method).with_state(tools);
    let known = all(app.clone())
        .route("/mcp", tools)
        .layer(middleware::from_fn_with_state(app.clone(), inside::<O, A>));
    let open = Router::new()
        .route("/login", get(tokens::log_in::<O, A>))
        .route("/login/ways", get(sign_in::ways::<O, A>))
        .route("/login/oidc", get(sign_in::leave::<O, A>))
        .route("/login/oidc/callback", get(sign_in::arrive::<O, A>))
        .route("/health", get(queries::live))
        .route("/health/live", get(queries::live))
        .route("/health/ready", get(queries::ready::<O, A>))
        .with_state(app.clone());
    let clients = middleware::from_fn_with_state(app.clone(), for_clients::<O, A>);
    let workers = Router::new()
        .route("/api/workers", get(workers::list::<O, A>))
        .route("/api/workers/spawn", post(workers::spawn::<O, A>))
        .route("/api/workers/{worker}", delete(workers::terminate::<O, A>))
        .route("/api/workers/{worker}/status", get(workers::status::<O, A>))
        .method_not_allowed_fallback(wrong_method)
        .layer(clients)
        .with_state(app.clone());
    let intake = Router::new()
        .route("/hooks/v1/intake/{name}", post(hooks::intake::<O, A>))
        .layer(DefaultBodyLimit::max(INTAKE_BYTES_MAX))
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), counted_senders::<O, A>))
        .with_state(app.clone());
    finished(known.merge(open).merge(workers).merge(intake), page)
        .layer(middleware::from_fn_with_state(app, outside::<O, A>))
}

/// The OpenAPI document, which the daemon also gives at `/api/v1/openapi.json`.
pub fn openapi<O: Orchestrator, A: Archive>() -> Value {
    described::<O, A>().parts().1
}

fn all<O: Orchestrator, A: Archive>(app: App<O, A>) -> Router {
    let (routes, document) = described::<O, A>().parts();
    let document = get(async || Json(document));
    let routes = routes.route("/openapi.json", document).method_not_allowed_fallback(wrong_method);
    let metrics = Router::new().route("/metrics", get(queries::metrics::<O, A>));
    let routes = Router::new().nest(BASE, routes.with_state(app.clone()));
    routes.merge(metrics.with_state(app))
}

/// The routes for those who may be the tools of a main agent.
fn for_main_agents<O: Orchestrator, A: Archive>(app: App<O, A>) -> Router {
    all(app.clone()).layer(middleware::from_fn_with_state(app, for_tools::<O, A>))
}

fn finished<H: Handler<T, ()>, T: 'static>(routes: Router, fallback: H) -> Router {
    routes.fallback(fallback).layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

/// What people call a route, by the role it needs.
const fn op(role: Role, id: &'static str, summary: &'static str) -> Op {
    Op { id, role, summary, of_oneself: false }
}

/// The same of a route that changes nothing but what is the caller's own.
const fn own(role: Role, id: &'static str, summary: &'static str) -> Op {
    Op { id, role, summary, of_oneself: true }
}

fn described<O: Orchestrator, A: Archive>() -> Api<App<O, A>> {
    let api = about_nodes(about_the_daemon(Api::new()));
    let api = about_push(about_hooks(api));
    about_work(about_plans(about_tickets(about_sessions(about_projects(api)))))
}

fn about_the_daemon<O: Orchestrator, A: Archive>(api: Api<App<O, A>>) -> Api<App<O, A>> {
    api.get("/status", op(Viewer, "get_status", "What the daemon says of itself"), queries::status)
        .post("/shutdown", op(Admin, "shut_down", "Ends the daemon"), queries::shutdown)
        .get(
            "/main-agents",
            op(
                Viewer,
                "list_main_agents",
                "The agents that people talk with, and whether they are there",
            ),
            main_agents::list,
        )
        .delete(
            "/main-agents/{agent}",
            op(Operator, "leave_main_agent", "Says that a main agent has left"),
            main_agents::leave,
        )
        .get("/me", op(Viewer, "get_me", "Who you are here, and what you may"), queries::me)
        .get(
            "/doctor",
            op(Maintainer, "check_up", "What the machine and the daemon can and cannot do"),
            doctor::check_up,
        )
        .get("/insights", op(Viewer, "get_insights", "What the events come to"), insights::insights)
        .get("/queue", op(Viewer, "get_queue", "The merge queue of all projects"), queries::queue)
        .post(
            "/circuits/{kind}/close",
            op(Maintainer, "close_circuit", "Says that an agent kind works again"),
            queries::close_circuit,
        )
        .get(
            "/events",
            op(Viewer, "list_events", "A page of the sequence of events"),
            events::events,
        )
        .get("/stream", op(Viewer, "stream_events", "Events as they happen"), streams::events)
        .get("/ws", op(Viewer, "open_socket", "Many streams over one WebSocket"), socket::socket)
        .get("/tokens", op(Admin, "list_tokens", "All tokens, without their secrets"), tokens::list)
        .post("/tokens", op(Admin, "add_token", "Lets a person or a program in"), tokens::add)
        .delete("/tokens/{token}", op(Admin, "revoke_token", "Lets it in no more"), tokens::revoke)
        .post(
            "/login-links",
            op(Viewer, "add_login_link", "A link that lets a browser in once"),
            tokens::add_link,
        )
        .post(
            "/log-out",
            own(Viewer, "log_out", "Ends the session of the browser that asks"),
            sign_in::log_out,
        )
}

fn about_nodes<O: Orchestrator, A: Archive>(api: Api<App<O, A>>) -> Api<App<O, A>> {
    api.get("/nodes", op(Viewer, "list_nodes", "All nodes"), nodes::list)
        .post(
            "/nodes/{node}/drain",
            op(Maintainer, "drain_node", "Starts nothing new on it; what runs there goes on"),
            nodes::drain,
        )
        .post(
            "/nodes/{node}/resume",
            op(Maintainer, "resume_node", "Lets it take new work again"),
            nodes::resume,
        )
}

fn about_hooks<O: Orchestrator, A: Archive>(api: Api<App<O, A>>) -> Api<App<O, A>> {
    api.get(
        "/webhooks",
        op(Viewer, "list_webhooks", "Who is told of events, without their secrets"),
        hooks::list,
    )
    .get(
        "/webhooks/{name}/deliveries",
        op(Viewer, "list_deliveries", "What a webhook was told last"),
        hooks::deliveries,
    )
    .post(
        "/webhooks/{name}/test",
        op(Maintainer, "test_webhook", "Sends a webhook a signed ping"),
        hooks::test,
    )
}

fn about_push<O: Orchestrator, A: Archive>(api: Api<App<O, A>>) -> Api<App<O, A>> {
    let devices = "/push/subscriptions";
    api.get(
        "/push",
        op(Viewer, "get_push", "What browsers subscribe with, and your own devices"),
        push::show,
    )
    .post(
        devices,
        own(Viewer, "add_push_subscription", "Tells a browser what needs you"),
        push::subscribe,
    )
    .delete(
        &format!("{devices}/{{id}}"),
        own(Viewer, "remove_push_subscription", "Tells one of your devices nothing more"),
        push::unsubscribe,
    )
    .post(
        &format!("{devices}/{{id}}/test"),
        own(Viewer, "test_push_subscription", "Sends one of your devices a message"),
        push::test,
    )
}

fn about_projects<O: Orchestrator, A: Archive>(api: Api<App<O, A>>) -> Api<App<O, A>> {
    api.get("/projects", op(Viewer, "list_projects", "All projects"), projects::list)
        .post(
            "/projects",
            op(Admin, "register_project", "Adds a repository's project, or reads its policy anew"),
            projects::register,
        )
        .get("/projects/{project}", op(Viewer, "get_project", "One project"), projects::show)
        .get(
            "/projects/{project}/policy",
            op(Viewer, "get_policy", "What its work is judged by"),
            projects::policy,
        )
        .delete(
            "/projects/{project}",
            op(Admin, "remove_project", "Removes a project without live tickets"),
            projects::remove,
        )
        .post(
            "/projects/{project}/pause",
            op(Maintainer, "pause_project", "Starts no new job of it"),
            projects::pause,
        )
        .post(
            "/projects/{project}/resume",
            op(Maintainer, "resume_project", "Lets it go on"),
            projects::resume,
        )
        .get(
            "/projects/{project}/honesty",
            op(Viewer, "get_honesty", "What became of the claims of its agents"),
            projects::honesty,
        )
        .get(
            "/projects/{project}/flaky-tests",
            op(Viewer, "list_flaky_tests", "Its tests that failed and passed without a change"),
            projects::flaky,
        )
        .get(
            "/projects/{project}/schedules",
            op(Viewer, "list_schedules", "Its tickets that come again by the clock"),
            schedules::list,
        )
        .post(
            "/projects/{project}/schedules/{schedule}/run",
            op(Operator, "run_schedule", "Adds a schedule's ticket now"),
            schedules::run,
        )
        .get(
            "/projects/{project}/lessons",
            op(Viewer, "list_lessons", "What helped in it"),
            lessons::list,
        )
        .post(
            "/projects/{project}/lessons",
            op(Maintainer, "add_lesson", "Keeps what helps"),
            lessons::add,
        )
        .delete(
            "/projects/{project}/lessons/{lesson}",
            op(Maintainer, "remove_lesson", "Takes a lesson out"),
            lessons::remove,
        )
}

fn about_sessions<O: Orchestrator, A: Archive>(api: Api<App<O, A>>) -> Api<App<O, A>> {
    let external = "/projects/{project}/external";
    api.get(external, op(Viewer, "list_external", "Its external sessions"), external::list)
        .post(
            external,
            op(Operator, "register_external", "Registers a session that Gangline does not start"),
            external::register,
        )
        .delete(
            &format!("{external}/{{id}}"),
            op(Operator, "deregister_external", "Lets a session go"),
            external::deregister,
        )
        .get(
            &format!("{external}/{{id}}/work"),
            op(Operator, "get_external_work", "What a session is to do"),
            external::work,
        )
        .post(
            &format!("{external}/{{id}}/heartbeat"),
            op(Operator, "beat_external", "Says that a session is there"),
            external::heartbeat,
        )
        .post(
            &format!("{external}/{{id}}/submit"),
            op(Operator, "submit_external", "Hands in what a session did"),
            external::submit,
        )
}

fn about_tickets<O: Orchestrator, A: Archive>(mut api: Api<App<O, A>>) -> Api<App<O, A>> {
    let ticket = |tail: &str| format!("/projects/{{project}}/tickets/{{key}}{tail}");
    for verb in Verb::ALL {
        let (id, summary) = verb_words(verb);
        let handler =
            move |State(app), caller, OfTicket(ticket)| verbs::wish(verb, app, caller, ticket);
        let path = ticket(&format!("/{}", verb.path()));
        api = api.post(&path, op(Operator, id, summary), handler);
    }
    api.get("/tickets", op(Viewer, "list_tickets", "Tickets, live ones first"), tickets::list)
        .get(
            "/search",
            op(Viewer, "search", "Tickets that have all the words, and lessons that have any"),
            search::search,
        )
        .post(
            "/projects/{project}/tickets",
            op(Operator, "add_ticket", "Adds a ticket"),
            tickets::add,
        )
        .route(
            "post",
            "/projects/{project}/imports",
            op(Operator, "import_tickets", "Adds several tickets, or none"),
            tickets::import,
            |route| route.layer(DefaultBodyLimit::max(IMPORT_BYTES_MAX)),
        )
        .get(&ticket(""), op(Viewer, "get_ticket", "A ticket with its evidence"), tickets::show)
        .patch(&ticket(""), op(Operator, "edit_ticket", "Changes what is asked for"), tickets::edit)
        .post(
            &ticket("/approve"),
            op(Maintainer, "approve_ticket", "Lets the verified commit land"),
            verbs::approve,
        )
        .post(
            &ticket("/reject"),
            op(Maintainer, "reject_ticket", "Sends the verified commit back"),
            verbs::reject,
        )
        .post(
            &ticket("/permit"),
            op(Maintainer, "permit_paths", "Lets its agents change what is protected"),
            verbs::permit,
        )
        .post(
            &ticket("/retry"),
            op(Operator, "retry_ticket", "Gives it all its tries again"),
            verbs::retry,
        )
        .post(
            &ticket("/answer"),
            op(Operator, "answer_question", "Answers its agent's question"),
            verbs::answer,
        )
        .post(
            &ticket("/steer"),
            op(Operator, "steer_ticket", "Says a word to its agent, unasked"),
            verbs::steer,
        )
        .post(
            &ticket("/split"),
            op(Operator, "split_ticket", "Makes tickets of its parts, and cancels it"),
            tickets::split,
        )
}

fn about_plans<O: Orchestrator, A: Archive>(api: Api<App<O, A>>) -> Api<App<O, A>> {
    let plan = |tail: &str| format!("/projects/{{project}}/tickets/{{key}}/plan{tail}");
    api.post(
        "/projects/{project}/plans",
        op(Operator, "add_plan", "Has tickets proposed for a goal"),
        plans::add,
    )
    .get(&plan(""), op(Viewer, "get_plan", "What a plan proposed"), plans::show)
    .post(
        &plan("/accept"),
        op(Operator, "accept_plan", "Opens drafts of a plan, all in one step"),
        plans::accept,
    )
    .post(
        &plan("/drop"),
        op(Operator, "drop_plan", "Ends the drafts of a plan that are left"),
        plans::abandon,
    )
}

fn about_work<O: Orchestrator, A: Archive>(api: Api<App<O, A>>) -> Api<App<O, A>> {
    let ticket = |tail: &str| format!("/projects/{{project}}/tickets/{{key}}{tail}");
    api.get(&ticket("/journal"), op(Viewer, "get_journal", "What its agent did"), journals::journal)
        .get(
            &ticket("/journal/stream"),
            op(Viewer, "stream_journal", "What its agents do, as it is written"),
            streams::journal,
        )
        .get(&ticket("/brief"), op(Viewer, "get_brief", "What its agent was told"), records::brief)
        .get(&ticket("/diff"), op(Viewer, "get_diff", "What changed"), records::diff)
        .get(
            &ticket("/packet"),
            op(Viewer, "get_packet", "All that a person needs to decide"),
            records::packet,
        )
        .get(
            &ticket("/check-log"),
            op(Viewer, "get_check_log", "What a check's command printed"),
            records::check_log,
        )
        .get(&ticket("/worklog"), op(Viewer, "get_worklog", "Who worked on it"), records::worklog)
}

fn verb_words(verb: Verb) -> (&'static str, &'static str) {
    match verb {
        Verb::Start => ("start_ticket", "Opens a draft"),
        Verb::Hold => ("hold_ticket", "Keeps it from going on"),
        Verb::Resume => ("resume_ticket", "Lets it go on"),
        Verb::Stop => ("stop_ticket", "Asks its agent to end, keeps its work, and holds it"),
        Verb::Kill => ("kill_ticket", "Ends its agent now, keeps its work, and holds it"),
        Verb::Cancel => ("cancel_ticket", "Ends it; its work is kept under rescue refs"),
        Verb::TakeOver => ("take_over_ticket", "Gives its worktree to a person"),
        Verb::HandBack => ("hand_back_ticket", "Has what a person did there judged"),
        Verb::Recheck => ("recheck_ticket", "Judges once more what was offered last"),
    }
}

async fn no_such_route() -> Failure {
    Failure::new(codes::no_such_route, "there is no such route")
}

async fn wrong_method() -> Failure {
    Failure::new(codes::method_not_allowed, "the route does not take this method")
}

#[cfg(test)]
mod tests;
