//! The server, within a test or as a program.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::conversation::{Conversation, Talk};
use super::http::{self, Request, Response};
use super::scenario::Fault;
use super::{anthropic, chat, gemini, openai, responses};

/// Tokens that each answer claims to have cost.
pub(super) const TOKENS_IN: u64 = 100;
pub(super) const TOKENS_OUT: u64 = 20;
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
    /// The account of a subscription that it came with.
    pub account: Option<String>,
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

    /// What a client is told as its `ANTHROPIC_BASE_URL`, or with `/v1` behind it as OpenAI's.
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

/// What is spoken on a path.
enum Protocol<'a> {
    Messages,
    Responses,
    Chat,
    Gemini { model: &'a str, method: &'a str },
}

impl<'a> Protocol<'a> {
    fn of(path: &'a str) -> Option<Self> {
        match path {
            "/v1/messages" => Some(Self::Messages),
            "/v1/responses" => Some(Self::Responses),
            "/v1/chat/completions" => Some(Self::Chat),
            _ => gemini::target(path).map(|(model, method)| Self::Gemini { model, method }),
        }
    }

    fn read(&self, body: &Value) -> Talk {
        match self {
            Self::Messages => anthropic::read(body),
            Self::Responses => responses::read(body),
            Self::Chat => chat::read(body),
            Self::Gemini { model, method } => gemini::read(body, model, method),
        }
    }

    fn answer(&self, conversation: &Conversation) -> Response {
        match self {
            Self::Messages => anthropic::answer(conversation),
            Self::Responses => responses::answer(conversation),
            Self::Chat => chat::answer(conversation),
            Self::Gemini { .. } => gemini::answer(conversation),
        }
    }

    fn error(&self, status: u16, message: &str) -> Response {
        match self {
            Self::Messages => anthropic::error(status, message),
            Self::Responses | Self::Chat => openai::error(status, message),
            Self::Gemini { .. } => gemini::error(status, message),
        }
    }

    fn fault(&self, fault: &Fault) -> Option<Response> {
        match self {
            Self::Messages => anthropic::fault(fault),
            Self::Responses | Self::Chat => openai::fault(fault),
            Self::Gemini { .. } => gemini::fault(fault),
        }
    }
}

async fn respond(request: &Request, state: &State) -> Response {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    state.note(request, &body);
    if request.method != "POST" {
        return openai::error(404, "there is nothing here");
    }
    if request.path == "/v1/messages/count_tokens" {
        return Response::json(200, &json!({ "input_tokens": TOKENS_IN }));
    }
    let Some(protocol) = Protocol::of(&request.path) else {
        return openai::error(404, "there is nothing here");
    };
    if let Protocol::Gemini { method: "countTokens", .. } = protocol {
        return gemini::count();
    }
    let conversation = match Conversation::of(protocol.read(&body)) {
        Ok(conversation) => conversation,
        Err(error) => return protocol.error(400, &error.to_string()),
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
        if let Some(response) = protocol.fault(fault) {
            return response;
        }
    }
    protocol.answer(&conversation)
}

impl State {
    fn note(&self, request: &Request, body: &Value) {
        let key = ["x-api-key", "authorization", "x-goog-api-key"];
        let key = key.iter().find_map(|name| request.header(name));
        let seen = Seen {
            method: request.method.clone(),
            path: request.path.clone(),
            body: body.clone(),
            credential: key.map(str::to_owned),
            account: request.header("chatgpt-account-id").map(str::to_owned),
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
