//! The dashboard: files that were built from `web/` and stand in the program itself.

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gangline_api::codes;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::problem::Failure;

/// What the page may load: its own files, and nothing that was written into it.
const POLICY: &str = include_str!("../../../web/policy.txt");
/// Where the files are whose names change with their content.
const HASHED: &str = "assets/";
const INDEX: &str = "index.html";

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Files;

/// A file of the dashboard; its page for every other path that a browser may stand on.
pub(crate) async fn page(request: Request) -> Response {
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    match (method == Method::GET || method == Method::HEAD, wanted(uri, headers)) {
        (true, Some(name)) => match Files::get(&name) {
            Some(file) => file_as_response(&name, file, headers),
            None => not_built(),
        },
        (false, _) | (true, None) => {
            Failure::new(codes::no_such_route, "there is no such route").into_response()
        }
    }
}

/// The file that is meant by a path.
fn wanted(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let path = uri.path().trim_start_matches('/');
    if !path.is_empty() && Files::get(path).is_some() {
        return Some(path.to_owned());
    }
    let is_page = headers
        .get(axum::http::header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let is_ours = !path.starts_with("api/") && !path.starts_with(HASHED);
    (path.is_empty() || (is_page && is_ours)).then(|| INDEX.to_owned())
}

fn file_as_response(name: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&file.metadata.sha256_hash()[..16]));
    let cache = match name.starts_with(HASHED) {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    let text = |text: &str| HeaderValue::from_str(text).expect("BUG: a header of our own is text");
    let headers: [(HeaderName, HeaderValue); 7] = [
        (CONTENT_TYPE, text(file.metadata.mimetype())),
        (CACHE_CONTROL, text(cache)),
        (ETAG, text(&tag)),
        (CONTENT_SECURITY_POLICY, text(&policy())),
        (X_CONTENT_TYPE_OPTIONS, text("nosniff")),
        (X_FRAME_OPTIONS, text("DENY")),
        (REFERRER_POLICY, text("no-referrer")),
    ];
    if asked.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, file.data).into_response()
}

fn policy() -> String {
    POLICY.lines().collect::<Vec<_>>().join("; ")
}

fn not_built() -> Response {
    let text = "This program was built without its dashboard: run `cargo xtask web`, and build it again.\n\
                On a terminal, `gangline top` shows the same.\n";
    (StatusCode::NOT_FOUND, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(path: &str, accept: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert("accept", accept.parse().unwrap());
        wanted(&path.parse().unwrap(), &headers)
    }

    #[test]
    fn a_browser_gets_the_page_wherever_it_stands_and_programs_do_not() {
        let browser = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";
        for path in ["/", "/board", "/projects/shop/tickets/APP-1"] {
            assert_eq!(meant(path, browser).as_deref(), Some(INDEX), "{path}");
        }
        assert_eq!(meant("/", "*/*").as_deref(), Some(INDEX));
        for path in ["/board", "/api/v1/nothing", "/assets/gone-1234.js", "/favicon.ico"] {
            assert_eq!(meant(path, "*/*"), None, "{path}");
        }
        assert_eq!(meant("/api/v1/nothing", browser), None);
        assert_eq!(meant("/assets/gone-1234.js", browser), None);
    }

    #[test]
    fn the_policy_lets_nothing_in_that_is_not_a_file_of_its_own() {
        let policy = policy();
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        for loose in ["unsafe", "http", "*", "blob:"] {
            assert!(!policy.contains(loose), "{loose} in {policy}");
        }
    }
}
