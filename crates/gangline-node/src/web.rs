//! Addresses on the web.

use gangline_domain::network::Target;

/// The host and port of an address.
pub(crate) fn target(url: &str) -> Option<Target> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let port = match scheme.to_ascii_lowercase().as_str() {
        "https" => 443,
        "http" => 80,
        _other => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Target::with_default(host, port).ok()
}

/// Where it leads, whether behind TLS, and its path without a slash at the end.
pub(crate) fn parts(url: &str) -> Option<(Target, bool, String)> {
    let target = target(url)?;
    let (scheme, rest) = url.trim().split_once("://")?;
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    let path = path.split(['?', '#']).next()?.trim_end_matches('/');
    Some((target, scheme.eq_ignore_ascii_case("https"), path.to_owned()))
}

/// As the `Host` header has it.
pub(crate) fn authority(target: &Target, tls: bool) -> String {
    let usual = if tls { 443 } else { 80 };
    if target.port == usual { target.host.to_string() } else { target.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_on_the_web_names_one_target() {
        for (url, expected) in [
            ("https://api.example.com/v1", Some("api.example.com:443")),
            ("http://127.0.0.1:4000", Some("127.0.0.1:4000")),
            ("HTTP://user:word@Host.example:8080/x?y", Some("host.example:8080")),
            ("http://[::1]:9/", Some("[::1]:9")),
            ("api.example.com", None),
            ("ftp://a.org", None),
        ] {
            let found = target(url).map(|target| target.to_string());
            assert_eq!(found.as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn an_address_has_parts() {
        for (url, expected) in [
            ("https://api.openai.com/v1/", Some(("api.openai.com", true, "/v1"))),
            ("http://127.0.0.1:4000", Some(("127.0.0.1:4000", false, ""))),
            ("https://gateway.example/a/b?x=y", Some(("gateway.example", true, "/a/b"))),
            ("api.example.com", None),
        ] {
            let found = parts(url).map(|(target, tls, path)| (authority(&target, tls), tls, path));
            let expected = expected.map(|(t, tls, p)| (t.to_owned(), tls, p.to_owned()));
            assert_eq!(found, expected, "{url}");
        }
    }
}
