//! Gemini's API: `POST /v1beta/models/MODEL:streamGenerateContent?alt=sse` and
//! `:generateContent`.

use serde_json::{Value, json};

use super::conversation::{Conversation, Message, Next, Talk, list, texts};
use super::http::Response;
use super::scenario::Fault;
use super::server::{TOKENS_IN, TOKENS_OUT};

/// What of a path makes it this API's: model and method.
pub(super) fn target(path: &str) -> Option<(&str, &str)> {
    let (_, target) = path.rsplit_once("/models/")?;
    target.split_once(':')
}

/// What a request says.
pub(super) fn read(body: &Value, model: &str, method: &str) -> Talk {
    let message = |content: &Value| {
        let parts = list(&content["parts"]);
        Message {
            // Absent means the one who asks.
            asks: content["role"] != "model",
            text: texts(&content["parts"]),
            results: parts.iter().filter(|part| part["functionResponse"].is_object()).count(),
        }
    };
    let name = |tool: &Value| tool["name"].as_str().map(str::to_owned);
    let declared = list(&body["tools"]).iter().flat_map(|set| list(&set["functionDeclarations"]));
    Talk {
        model: model.to_owned(),
        stream: method == "streamGenerateContent",
        tools: declared.filter_map(name).collect(),
        system: texts(&body["systemInstruction"]["parts"]),
        messages: list(&body["contents"]).iter().map(message).collect(),
    }
}

/// The next turn, as the client asked for it.
pub(super) fn answer(conversation: &Conversation) -> Response {
    let parts = match conversation.next() {
        Next::Says(text) => vec![json!({ "text": text })],
        Next::Calls { words, call } => {
            let id = format!("stub{:04}", conversation.length);
            let args = call.input.fields();
            let call = json!({ "functionCall": { "id": id, "name": call.name, "args": args } });
            words.map(|text| json!({ "text": text })).into_iter().chain([call]).collect()
        }
    };
    let turn = json!({
        "candidates": [{
            "index": 0, "content": { "role": "model", "parts": parts }, "finishReason": "STOP",
        }],
        "usageMetadata": {
            "promptTokenCount": TOKENS_IN, "candidatesTokenCount": TOKENS_OUT,
            "totalTokenCount": TOKENS_IN + TOKENS_OUT,
        },
        "modelVersion": conversation.model, "responseId": format!("stub{:04}", conversation.length),
    });
    if conversation.stream { Response::plain_events(&[turn]) } else { Response::json(200, &turn) }
}

/// An answer to `:countTokens`.
pub(super) fn count() -> Response {
    Response::json(200, &json!({ "totalTokens": TOKENS_IN }))
}

/// An error in the API's form.
pub(super) fn error(status: u16, message: &str) -> Response {
    let kind = match status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 | 529 => "UNAVAILABLE",
        _ => "INTERNAL",
    };
    let error = json!({ "code": status, "message": message, "status": kind });
    Response::json(status, &json!({ "error": error }))
}

/// The error of a fault, unless it only delays.
pub(super) fn fault(fault: &Fault) -> Option<Response> {
    match fault {
        Fault::Error { status, .. } => {
            let words = match status {
                401 => "API key not valid. Please pass a valid API key.",
                429 => "Resource has been exhausted (e.g. check quota).",
                503 | 529 => "The model is overloaded. Please try again later.",
                _ => "Something went wrong",
            };
            Some(error(*status, words))
        }
        Fault::Quota { resets_at } => Some(error(
            429,
            &format!("You exceeded your current quota. The limit resets at {resets_at}."),
        )),
        Fault::SleepMs(_) | Fault::Hang => None,
    }
}
