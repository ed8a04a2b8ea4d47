//! Handing spans over, in the order in which they are over.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use gangline_api::version::PROGRAM_VERSION;
use gangline_domain::event::Recorded;
use gangline_domain::ids::TicketId;
use gangline_ports::Past as _;
use http_body_util::Full;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::course::{Course, may_end};
use super::inside::{Inside, Reading};
use super::span::{Draft, attribute};
use super::{Progress, Traces};
use crate::app::App;
use crate::archive::Archive;
use crate::hooks::{Signing, reachable};
use crate::orchestrator::Orchestrator;
use crate::outward::{self, Bounds};
use crate::pause::{chance, pause};

/// Events that are read at once.
const PAGE: u32 = 500;
/// Bytes of a journal that are read at once.
const JOURNAL_BYTES: u64 = 1024 * 1024;
/// Spans of one request.
const SPANS_MAX: usize = 512;
/// How long a request may take in all.
const CALL_MAX: Duration = Duration::from_secs(15);
const ANSWER: Bounds = Bounds { body_bytes_max: 64 * 1024, body_max: Duration::from_secs(5) };
/// How long it waits when the store cannot be read, or how far it is cannot be written.
const AGAIN: Duration = Duration::from_secs(1);
/// How long the same spans are tried: whoever looks at traces does so within a day.
const GIVE_UP_US: i64 = 24 * 3_600 * 1_000_000;
/// Events that end nothing, before it is written that they were looked at.
const PASSED_MAX: u64 = 1_000;

/// Hands over traces until `ending`. Follows the settings; one is at work at a time.
pub async fn tell_traces<O: Orchestrator, A: Archive>(app: App<O, A>, ending: CancellationToken) {
    let mut settings = app.settings_changes();
    loop {
        let traces = settings.borrow_and_update().traces.clone();
        let work = async {
            match &traces {
                Some(traces) => run(&app, traces).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = ending.cancelled() => return,
            changed = settings.changed() => if changed.is_err() { return },
            () = work => return,
        }
    }
}

/// Until nothing is committed any more. It can be left at any point: what is not written yet is done
/// again, of the same spans.
async fn run<O: Orchestrator, A: Archive>(app: &App<O, A>, traces: &Traces) {
    let mut seq = app.orchestrator.seq();
    loop {
        let committed = *seq.borrow_and_update();
        let mut at = traces.progress().cursor;
        if at > committed {
            tracing::warn!(at, committed, "traces go back with the store");
            at = committed;
            keep(traces, |progress| progress.cursor = committed).await;
        }
        while at < committed {
            match app.orchestrator.past().events(at, PAGE).await {
                Ok(page) if page.is_empty() => break,
                Ok(page) => at = tell(app, traces, &page).await,
                Err(error) => {
                    tracing::warn!(%error, "events cannot be read for traces yet");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
        if seq.changed().await.is_err() {
            return;
        }
    }
}

/// Hands over what is over with each event of a page, and gives the number of the last one.
async fn tell<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    traces: &Traces,
    page: &[Recorded],
) -> u64 {
    let mut at = traces.progress().cursor;
    for recorded in page {
        if let Some(ticket) = may_end(&recorded.event) {
            let spans = over(app, traces, (ticket, recorded)).await;
            for some in spans.chunks(SPANS_MAX) {
                hand_over(app, traces, some).await;
            }
            keep(traces, |progress| progress.cursor = recorded.seq).await;
        }
        at = recorded.seq;
    }
    let before = std::mem::replace(&mut traces.progress().cursor, at);
    if before / PASSED_MAX != at / PASSED_MAX {
        keep(traces, |_| {}).await;
    }
    at
}

/// All spans that are over with this event.
async fn over<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    traces: &Traces,
    (ticket, recorded): (&TicketId, &Recorded),
) -> Vec<Span> {
    let mut course = Course::new(traces.sink.content);
    let mut at = 0;
    loop {
        let page = match app.orchestrator.past().events_of(ticket, at, PAGE).await {
            Ok(page) => page,
            Err(error) => {
                tracing::warn!(%error, "a ticket's events cannot be read for traces yet");
                tokio::time::sleep(AGAIN).await;
                continue;
            }
        };
        for event in &page {
            let over = course.take(event);
            if event.seq == recorded.seq {
                let mut spans = vec![];
                for over in over {
                    let mut draft = over.draft;
                    if let Some(inside) = over.inside {
                        let (inner, left_out) = inner(app, inside, recorded).await;
                        spans.extend(inner.into_iter().map(Draft::done));
                        if left_out > 0 {
                            draft = draft.with("gangline.left_out", left_out);
                        }
                    }
                    spans.push(draft.done());
                }
                return spans;
            }
            at = event.seq;
        }
        if page.is_empty() {
            // The project is gone with its tickets' past.
            return vec![];
        }
    }
}

/// What went on inside a job, as far as its journal is still there.
async fn inner<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    inside: Inside,
    recorded: &Recorded,
) -> (Vec<Draft>, u32) {
    let job = inside.job.clone();
    let mut reading = Reading::new(inside);
    let (mut drafts, mut from) = (vec![], 0);
    // A journal that is not there any more leaves its job a span without any in it.
    while let Ok((lines, next)) = app.archive.journal(&job, from, JOURNAL_BYTES).await {
        drafts.extend(lines.iter().filter_map(|line| reading.take(&line.entry)));
        if lines.is_empty() || next <= from {
            break;
        }
        from = next;
    }
    let (open, left_out) = reading.ended(recorded.at);
    drafts.extend(open);
    (drafts, left_out)
}

/// Until these were taken or are given up.
async fn hand_over<O: Orchestrator, A: Archive>(app: &App<O, A>, traces: &Traces, spans: &[Span]) {
    let count = u64::try_from(spans.len()).unwrap_or(u64::MAX);
    let body = Bytes::from(request(spans).encode_to_vec());
    loop {
        let tried = match timeout(CALL_MAX, post(app, traces, body.clone())).await {
            Ok(tried) => tried,
            Err(_elapsed) => {
                Err(NotTaken::again(format!("it gave no answer within {} s", CALL_MAX.as_secs())))
            }
        };
        let now_us = App::<O, A>::now().0;
        let refused = match tried {
            Ok(rejected) => {
                keep(traces, |progress| {
                    *progress = Progress {
                        cursor: progress.cursor,
                        taken: progress.taken + count.saturating_sub(rejected),
                        given_up: progress.given_up + rejected,
                        ..Progress::default()
                    };
                })
                .await;
                return;
            }
            Err(refused) => refused,
        };
        let since = traces.progress().failing_since_us.unwrap_or(now_us);
        let give_up = !refused.worth_another_try || now_us - since > GIVE_UP_US;
        tracing::info!(error = refused.why, give_up, "traces are not handed over");
        keep(traces, |progress| {
            progress.failures = progress.failures.saturating_add(1);
            progress.failing_since_us = Some(since);
            progress.error = Some(refused.why.clone());
            progress.given_up += if give_up { count } else { 0 };
        })
        .await;
        if give_up {
            return;
        }
        let failures = traces.progress().failures;
        tokio::time::sleep(pause(failures, chance())).await;
    }
}

/// Why spans were not taken. Says nothing of a secret.
#[derive(Debug)]
struct NotTaken {
    why: String,
    /// What cannot be understood is not understood the next time.
    worth_another_try: bool,
}

impl NotTaken {
    fn again(why: impl Into<String>) -> Self {
        Self { why: why.into(), worth_another_try: true }
    }
}

/// One try; how many spans the receiver rejected of those that it took.
async fn post<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    traces: &Traces,
    body: Bytes,
) -> Result<u64, NotTaken> {
    let to = &traces.sink.endpoint;
    let mut request =
        outward::request(Method::POST, to).header(CONTENT_TYPE, "application/x-protobuf");
    for (name, kept) in traces.sink.headers.iter().zip(&traces.secrets) {
        let secret = kept.get(&*app.archive, Signing::Traces(name)).await;
        let secret = secret.map_err(|error| NotTaken::again(format!("{name}: {error}")))?;
        request = request.header(name, secret.as_variable().unwrap_or_default().trim());
    }
    let request = request.body(Full::new(body));
    let request =
        request.map_err(|_text| NotTaken::again("the value of a header is not printable ASCII"))?;
    let addresses = reachable(to, true).await;
    let addresses = addresses.map_err(|error| NotTaken::again(error.to_string()))?;
    let answer = outward::call(to, &addresses, request, ANSWER).await;
    let answer = answer.map_err(|error| NotTaken::again(error.to_string()))?;
    if answer.status.is_success() {
        // An answer that cannot be read is one of a receiver that says nothing.
        let said = ExportTraceServiceResponse::decode(&*answer.body).unwrap_or_default();
        let Some(partly) = said.partial_success else { return Ok(0) };
        if !partly.error_message.is_empty() {
            tracing::info!(message = partly.error_message, "the receiver of traces has a word");
        }
        return Ok(u64::try_from(partly.rejected_spans).unwrap_or(0));
    }
    let why = format!("it answered {}", answer.status);
    // As the protocol has it: https://opentelemetry.io/docs/specs/otlp/#failures-1; who is not let in
    // may be let in when the configuration is mended.
    let worth_another_try = matches!(
        answer.status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
            | StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::NOT_FOUND
    );
    Err(NotTaken { why, worth_another_try })
}

fn request(spans: &[Span]) -> ExportTraceServiceRequest {
    let resource = Resource {
        attributes: vec![
            attribute("service.name", "gangline".into()),
            attribute("service.version", PROGRAM_VERSION.into()),
        ],
        ..Resource::default()
    };
    let scope =
        InstrumentationScope { name: "gangline".to_owned(), ..InstrumentationScope::default() };
    let scope_spans =
        vec![ScopeSpans { scope: Some(scope), spans: spans.to_vec(), ..ScopeSpans::default() }];
    let resource_spans =
        vec![ResourceSpans { resource: Some(resource), scope_spans, ..ResourceSpans::default() }];
    ExportTraceServiceRequest { resource_spans }
}

/// Until it is written: what was not might be forgotten.
async fn keep(traces: &Traces, change: impl FnOnce(&mut Progress)) {
    let mut progress = traces.progress().clone();
    change(&mut progress);
    let progress = Arc::new(progress);
    loop {
        let (shelf, copy) = (traces.shelf.clone(), Arc::clone(&progress));
        let written = match tokio::task::spawn_blocking(move || shelf.write(&*copy)).await {
            Ok(written) => written,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        match written {
            Ok(()) => {
                *traces.progress() = (*progress).clone();
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "how far traces are cannot be written yet");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}
