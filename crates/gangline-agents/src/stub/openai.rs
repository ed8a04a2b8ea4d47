//! What OpenAI's two APIs have in common: errors.

use serde_json::json;

use super::http::Response;
use super::scenario::Fault;

/// An error in the APIs' form.
pub(super) fn error(status: u16, message: &str) -> Response {
    let (kind, code) = match status {
        400 => ("invalid_request_error", "invalid_request"),
        401 => ("invalid_request_error", "invalid_api_key"),
        403 => ("invalid_request_error", "forbidden"),
        404 => ("invalid_request_error", "not_found"),
        429 => ("requests", "rate_limit_exceeded"),
        503 | 529 => ("server_error", "server_is_overloaded"),
        _ => ("server_error", "server_error"),
    };
    let error = json!({ "message": message, "type": kind, "param": null, "code": code });
    Response::json(status, &json!({ "error": error }))
}

/// The error of a fault, unless it only delays.
pub(super) fn fault(fault: &Fault) -> Option<Response> {
    match fault {
        Fault::Error { status, .. } => {
            let words = match status {
                401 => "Incorrect API key provided.",
                429 => "Rate limit reached for requests. Please try again later.",
                503 | 529 => "The server is currently overloaded.",
                _ => "Something went wrong",
            };
            Some(error(*status, words))
        }
        Fault::Quota { resets_at } => {
            let error = json!({
                "type": "usage_limit_reached", "message": "The usage limit has been reached",
                "plan_type": "plus", "resets_at": resets_at,
            });
            let mut response = Response::json(429, &json!({ "error": error }));
            response.headers = vec![
                ("x-codex-primary-used-percent", "100.0".to_owned()),
                ("x-codex-primary-window-minutes", "300".to_owned()),
                ("x-codex-primary-reset-at", resets_at.to_string()),
            ];
            Some(response)
        }
        Fault::SleepMs(_) | Fault::Hang => None,
    }
}
