//! Answers that a reader has already are not sent again.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::marker::PhantomData;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use gangline_api::codes;

use crate::problem::Failure;

/// What a reader says that it has.
#[derive(Debug)]
pub(crate) struct Had {
    reads: bool,
    known: Vec<HeaderValue>,
}

impl Had {
    pub(crate) fn by(request: &Request) -> Self {
        let known = request.headers().get_all(IF_NONE_MATCH).iter().cloned().collect();
        Self { reads: request.method() == Method::GET, known }
    }

    /// Tags each JSON answer to a `GET` by what it says, and answers 304 where the reader has just that.
    /// The tag is worth something to the daemon that gave it, until that ends.
    pub(crate) async fn tagged(self, response: Response) -> Response {
        if !self.reads || response.status() != StatusCode::OK || !is_json(response.headers()) {
            return response;
        }
        let (mut parts, mut body) = response.into_parts();
        let tag = if let Some(tag) = parts.headers.get(ETAG) {
            tag.clone()
        } else {
            let Ok(bytes) = to_bytes(body, usize::MAX).await else {
                return Failure::new(codes::internal, "the answer broke off").into_response();
            };
            let tag = tag_of(&bytes);
            body = Body::from(bytes);
            tag
        };
        let text = tag.to_str().unwrap_or_default();
        let mut lists = self.known.iter().filter_map(|value| value.to_str().ok());
        let has_it = lists.any(|list| names(list, text));
        parts.headers.insert(ETAG, tag);
        // What is kept may be used again only once it was asked for again.
        parts.headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        if has_it {
            parts.status = StatusCode::NOT_MODIFIED;
            parts.headers.remove(CONTENT_LENGTH);
            parts.headers.remove(CONTENT_TYPE);
            return Response::from_parts(parts, Body::empty());
        }
        Response::from_parts(parts, body)
    }
}

/// The tag of an answer that is just so.
fn tag_of(bytes: &[u8]) -> HeaderValue {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let tag = format!("\"{:016x}-{:x}\"", hasher.finish(), bytes.len());
    HeaderValue::from_str(&tag).expect("BUG: digits in quotes")
}

/// A JSON answer that was written down before, with its tag.
#[derive(Debug)]
pub(crate) struct Written<T> {
    body: Bytes,
    tag: HeaderValue,
    of: PhantomData<fn() -> T>,
}

impl<T> Written<T> {
    pub(crate) fn new(body: Bytes) -> Self {
        let tag = tag_of(&body);
        Self { body, tag, of: PhantomData }
    }
}

impl<T> Clone for Written<T> {
    fn clone(&self) -> Self {
        Self { body: self.body.clone(), tag: self.tag.clone(), of: PhantomData }
    }
}

impl<T> IntoResponse for Written<T> {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json");
        ([(CONTENT_TYPE, json), (ETAG, self.tag)], self.body).into_response()
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes() == b"application/json")
}

/// Whether an `If-None-Match` names the tag; a weak one is as good, for both say the same.
fn names(list: &str, tag: &str) -> bool {
    list.split(',')
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_among_others() {
        for list in ["\"a-1\"", "\"b-2\", \"a-1\"", "W/\"a-1\"", "*"] {
            assert!(names(list, "\"a-1\""), "{list}");
        }
        for list in ["", "a-1", "\"b-2\"", "\"a-1", "\"aa-1\""] {
            assert!(!names(list, "\"a-1\""), "{list}");
        }
    }
}
