//! Answers that a reader has already are not sent again.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use gangline_api::codes;

use crate::problem::Failure;

/// Tags each JSON answer to a `GET` by what it says, and answers 304 where the reader has just that.
/// The tag is worth something to the daemon that gave it, until that ends.
pub(crate) async fn tagged(request: Request, next: Next) -> Response {
    let reads = request.method() == Method::GET;
    let known: Vec<HeaderValue> =
        request.headers().get_all(IF_NONE_MATCH).iter().cloned().collect();
    let response = next.run(request).await;
    if !reads || response.status() != StatusCode::OK || !is_json(response.headers()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Failure::new(codes::internal, "the answer broke off").into_response();
    };
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let tag = format!("\"{:016x}-{:x}\"", hasher.finish(), bytes.len());
    let has_it = known.iter().filter_map(|value| value.to_str().ok()).any(|list| names(list, &tag));
    parts.headers.insert(ETAG, HeaderValue::from_str(&tag).expect("BUG: digits in quotes"));
    // What is kept may be used again only once it was asked for again.
    parts.headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if has_it {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.remove(CONTENT_TYPE);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
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
