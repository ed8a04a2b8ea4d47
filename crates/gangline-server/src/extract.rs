//! What requests carry, parsed into types that cannot hold anything harmful.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use gangline_api::codes;
use gangline_api::version::PERSON_HEADER;
use gangline_domain::ids::{Actor, IdempotencyKey, ProjectId, TicketId};
use serde::de::DeserializeOwned;

use crate::identity::Identity;
use crate::problem::Failure;
use crate::repeat::key_of;

/// Characters of a person's name that are kept.
const PERSON_CHARS_MAX: usize = 64;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let bytes = Bytes::from_request(request, state).await.map_err(|e| unread(&e))?;
        match serde_json::from_slice(&bytes) {
            Ok(body) => Ok(Self(body)),
            Err(error) => Err(Failure::new(codes::bad_request, error.to_string())),
        }
    }
}

/// Why a body could not be read.
pub(crate) fn unread(rejection: &BytesRejection) -> Failure {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Failure::new(codes::body_too_large, "the request has too many bytes")
        }
        _broken_off => Failure::new(codes::bad_request, rejection.body_text()),
    }
}

/// A query string.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(Failure::new(codes::bad_request, rejection.body_text())),
        }
    }
}

/// Who asks, and the key by which a repeat is recognised.
pub(crate) struct Caller {
    pub(crate) actor: Actor,
    pub(crate) key: Option<IdempotencyKey>,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let identity = parts.extensions.get::<Identity>();
        let identity = identity.expect("BUG: nobody said who asks").clone();
        let header = |name: &str| parts.headers.get(name).map(|value| decoded(value.as_bytes()));
        let name: String = header(PERSON_HEADER)
            .unwrap_or_default()
            .chars()
            .filter(|c| !c.is_control())
            .take(PERSON_CHARS_MAX)
            .collect();
        let name = if name.trim().is_empty() { "somebody".to_owned() } else { name };
        let actor = identity.actor(name);
        let who = match &actor {
            Actor::Person(name) | Actor::Remote { name, .. } => name.as_str(),
            Actor::Policy | Actor::Gangline => "",
        };
        let key = key_of(&parts.headers, parts.extensions.get(), who)?;
        Ok(Self { actor, key })
    }
}

/// `{project}` of the path.
pub(crate) struct InProject(pub(crate) ProjectId);

impl<S: Send + Sync> FromRequestParts<S> for InProject {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Path(project) = Path::<String>::from_request_parts(parts, state).await.map_err(lost)?;
        Ok(Self(project.parse()?))
    }
}

/// `{project}` and `{key}` of the path.
pub(crate) struct OfTicket(pub(crate) TicketId);

impl<S: Send + Sync> FromRequestParts<S> for OfTicket {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let path = Path::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Path(path) = path.map_err(lost)?;
        let part = |wanted: &str| {
            let found = path.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        Ok(Self(TicketId { project: part("project").parse()?, key: part("key").parse()? }))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
pub(crate) fn lost(rejection: axum::extract::rejection::PathRejection) -> Failure {
    Failure::new(codes::bad_request, rejection.body_text())
}

/// Undoes percent-encoding; what is malformed stays as it is.
pub(crate) fn decoded(text: &[u8]) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, tail)) = rest.split_first() {
        let pair = if first == b'%' { tail.get(..2) } else { None };
        let byte = pair.and_then(|pair| Some(digit(pair[0])? * 16 + digit(pair[1])?));
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What handlers return.
pub(crate) type Answered<T> = Result<Json<T>, Failure>;

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn percent_encoding_is_undone_and_nonsense_kept() {
        let cases = [("Zo%C3%AB", "Zoë"), ("100%", "100%"), ("%zz%4", "%zz%4"), ("%41%42", "AB")];
        for (given, expected) in cases {
            assert_eq!(decoded(given.as_bytes()), expected);
        }
    }
}
