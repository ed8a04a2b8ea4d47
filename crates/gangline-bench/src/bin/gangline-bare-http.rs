//! A server of three routes that do nothing: what the library that Gangline's own server is made with
//! costs by itself.
//!
//! ```text
//!   GET  /same      the bytes of the file named first
//!   POST /same      the same, once it has read what it was sent
//!   GET  /stream    server-sent events: the file named second, with the time put in
//!   POST /go/N      N of them, 100 in a second
//! ```
//!
//! Prints its address.

use std::convert::Infallible;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::stream;
use gangline_bench::streams::{EVERY, STAMP, now_us};
use tokio::sync::broadcast;

#[derive(Clone)]
struct Bare {
    same: Bytes,
    event: String,
    told: broadcast::Sender<Bytes>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut text = || -> anyhow::Result<String> {
        let path = args.next().context("usage: gangline-bare-http SAME EVENT")?;
        std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))
    };
    let (same, event) = (Bytes::from(text()?), text()?);
    let bare = Bare { same, event, told: broadcast::channel(4_096).0 };
    let router = Router::new()
        .route("/same", get(same_bytes).post(after_all))
        .route("/stream", get(streamed))
        .route("/go/{n}", post(go))
        .with_state(bare);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}

async fn same_bytes(State(bare): State<Bare>) -> Response {
    ([(CONTENT_TYPE, "application/json")], bare.same).into_response()
}

async fn after_all(State(bare): State<Bare>, _sent: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json")], bare.same).into_response()
}

async fn streamed(State(bare): State<Bare>) -> Response {
    let told = bare.told.subscribe();
    let events = stream::unfold(told, |mut told| async move {
        let bytes = told.recv().await.ok()?;
        Some((Ok::<_, Infallible>(bytes), told))
    });
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(events)).into_response()
}

async fn go(State(bare): State<Bare>, Path(n): Path<u32>) {
    let mut beat = tokio::time::interval(Duration::from_micros(EVERY));
    for _ in 0..n {
        beat.tick().await;
        let text = bare.event.replace(STAMP, &format!("{:016}", now_us()));
        // Without readers there is nobody to tell.
        bare.told.send(Bytes::from(text)).ok();
    }
}
