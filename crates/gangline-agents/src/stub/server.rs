//! The server, within a test or as a program.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::anthropic::{self, Conversation};
use super::http::{self, Request, Response};
use super::scenario::Fault;

/// Requests that are remembered.
const SEEN_MAX: usize = 10_000;

/// What a client asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Such as `POST`.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Its body; null when it is not JSON.
    pub body: Value,
    /// The key or token that it came with.
    pub credential: Option<String>,
}

#[derive(Default)]
struct State {
    seen: Mutex<Vec<Seen>>,
    /// How often each limited fault has occurred, by prompt and place.
    faults: Mutex<BTreeMap<(String, usize), u32>>,
}

/// A running stub. Dropping it ends it and all its connections.
pub struct ModelStub {
    address: SocketAddr,
    state: Arc<State>,
    tasks: JoinSet<()>,
}

impl ModelStub {
    /// Listens on a free port of loopback.
    pub async fn start() -> io::Result<Self> {
        Self::listen(0).await
    }

    /// Listens on this port of loopback; 0 for a free one.
    pub async fn listen(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&state)));
        Ok(Self { address, state, tasks })
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What a client is told as its `ANTHROPIC_BASE_URL`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Serves until it fails, which it does not.
    pub async fn serve(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { return };
                connections.spawn(serve(stream, Arc::clone(&state)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(mut stream: TcpStream, state: Arc<State>) {
    // A client that goes away needs no answer.
    let Ok(request) = http::read(&mut stream).await else { return };
    let response = respond(&request, &state).await;
    drop(http::write(&mut stream, &response).await);
}

async fn respond(request: &Request, state: &State) -> Response {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    state.note(request, &body);
    match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/v1/messages") => {}
        ("POST", "/v1/messages/count_tokens") => {
            let body = json!({ "input_tokens": 100 }).to_string();
            return Response {
                status: 200,
                content_type: "application/json",
                headers: vec![],
                body,
            };
        }
        _ => return anthropic::error(404, "there is nothing here"),
    }
    let conversation = match Conversation::read(&body) {
        Ok(conversation) => conversation,
        Err(error) => return anthropic::error(400, &error.to_string()),
    };
    for (at, fault) in conversation.scenario.iter().flat_map(|s| s.faults.iter()).enumerate() {
        if !state.occurs(&conversation.prompt, at, fault) {
            continue;
        }
        match fault {
            Fault::SleepMs(ms) => tokio::time::sleep(Duration::from_millis(*ms)).await,
            Fault::Hang => std::future::pending().await,
            Fault::Error { .. } | Fault::Quota { .. } => {}
        }
        if let Some(response) = anthropic::fault(fault) {
            return response;
        }
    }
    anthropic::answer(&conversation.turn(), conversation.stream)
}

impl State {
    fn note(&self, request: &Request, body: &Value) {
        let key = request.header("x-api-key").or_else(|| request.header("authorization"));
        let seen = Seen {
            method: request.method.clone(),
            path: request.path.clone(),
            body: body.clone(),
            credential: key.map(str::to_owned),
        };
        let mut all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < SEEN_MAX {
            all.push(seen);
        }
    }

    /// Whether a fault occurs this time.
    fn occurs(&self, prompt: &str, at: usize, fault: &Fault) -> bool {
        let Fault::Error { times: Some(times), .. } = fault else { return true };
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let count = faults.entry((prompt.to_owned(), at)).or_default();
        *count += 1;
        *count <= *times
    }
}
