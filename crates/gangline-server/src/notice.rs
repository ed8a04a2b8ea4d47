//! What a person sees whom a browser shows a refusal to: a page of its own, which needs nothing else.

use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::problem::Failure;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1.5rem}\
    h1{font-size:1.25rem}code{font-size:.9em;opacity:.75}a{color:inherit}";

/// The refusal as a page where a browser asks for one, and as the problem that it is elsewhere.
/// `links` are paths of this daemon, and what they lead to.
pub(crate) fn refusal(asked: &HeaderMap, failure: Failure, links: &[(&str, &str)]) -> Response {
    let accepts = asked.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    if !accepts.is_some_and(|accept| accept.contains("text/html")) {
        return failure.into_response();
    }
    let Failure(problem) = failure;
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let link = |(path, words): &(&str, &str)| {
        format!("<p><a href=\"{}\">{}</a></p>", escaped(path), escaped(words))
    };
    let links = links.iter().map(link).collect::<Vec<String>>().concat();
    let hint =
        problem.hint.as_deref().map_or(String::new(), |hint| format!("<p>{}</p>", escaped(hint)));
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <title>Not signed in · Gangline</title><style>{STYLE}</style></head><body><main>\
         <h1>You are not signed in</h1><p role=\"alert\">{}</p>{hint}{links}\
         <p><code>{}</code></p></main></body></html>",
        escaped(&problem.detail),
        escaped(&problem.code),
    );
    let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let headers: [(HeaderName, String); 6] = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_SECURITY_POLICY, policy),
        (CACHE_CONTROL, "no-store".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (X_FRAME_OPTIONS, "DENY".to_owned()),
    ];
    (status, headers, html).into_response()
}

/// As text between tags, and between double quotes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _plain => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use gangline_api::codes;

    use super::*;

    #[tokio::test]
    async fn a_browser_gets_a_page_in_which_nothing_but_text_came_from_elsewhere() {
        let failure = || {
            let detail = "<img src=x onerror=\"alert(1)\"> is nobody's & 'name'";
            Failure::new(codes::no_role, detail).hint("ask an admin")
        };
        let mut asked = HeaderMap::new();
        let plain = refusal(&asked, failure(), &[]);
        assert_eq!(plain.headers()[CONTENT_TYPE], "application/problem+json");
        asked.insert(ACCEPT, "text/html,*/*;q=0.8".parse().unwrap());
        let page = refusal(&asked, failure(), &[("/login/oidc?anew=1", "Somebody else")]);
        assert_eq!(page.status(), 403);
        let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        let html = to_bytes(page.into_body(), 1 << 16).await.unwrap();
        let html = String::from_utf8(html.to_vec()).unwrap();
        assert!(!html.contains("<img") && html.contains("&lt;img src=x"), "{html}");
        assert!(html.contains("<code>no_role</code>") && html.contains("ask an admin"), "{html}");
        assert!(html.contains("<a href=\"/login/oidc?anew=1\">Somebody else</a>"), "{html}");
    }
}
