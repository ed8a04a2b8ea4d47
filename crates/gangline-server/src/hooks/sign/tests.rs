use super::*;

fn key(text: &str) -> Result<SigningKey, BadKey> {
    SigningKey::read(&Secret::new(text.as_bytes()).unwrap())
}

fn headers(id: &str, timestamp: &str, signature: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [(ID, id), (TIMESTAMP, timestamp), (SIGNATURE, signature)] {
        headers.insert(name, value.parse().unwrap());
    }
    headers
}

/// The example that the scheme's own libraries are tested with.
#[test]
fn the_schemes_own_example_is_signed_alike() {
    let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let signature =
        key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn a_secret_has_one_form() {
    assert!(key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").is_ok());
    for bad in [
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_short+++",
        "whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
    ] {
        assert_eq!(key(bad).unwrap_err(), BadKey, "{bad}");
    }
    assert!(!format!("{:?}", key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).contains("Mf"));
}

#[test]
fn only_what_was_signed_just_now_is_believed() {
    let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let other = self::key("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
    let now = 1_800_000_000;
    let good = key.sign("a", now, b"{}");
    let verified = |headers: &HeaderMap, body: &[u8]| key.verified(headers, body, now);
    let at = now.to_string();
    assert_eq!(verified(&headers("a", &at, &good), b"{}").unwrap(), "a");
    let several = format!("v2,zzzz v1,AAAA {good}");
    assert_eq!(verified(&headers("a", &at, &several), b"{}").unwrap(), "a");
    let theirs = other.sign("a", now, b"{}");
    for (id, at, signature, body) in [
        ("b", at.as_str(), good.as_str(), "{}"),
        ("a", "1800000001", &good, "{}"),
        ("a", &at, &good, "{} "),
        ("a", &at, &theirs, "{}"),
        ("a", &at, "v1,", "{}"),
        ("a", &at, &good[..good.len() - 4], "{}"),
        ("a", &at, &good.replace("v1", "v2"), "{}"),
    ] {
        let refused = verified(&headers(id, at, signature), body.as_bytes());
        assert_eq!(refused.unwrap_err(), Unsigned::Wrong, "{id} {at} {signature} {body}");
    }
    for (id, at) in [("", at.as_str()), ("a", "soon"), ("a", "+1800000000"), ("a", "01800000000")] {
        assert_eq!(verified(&headers(id, at, &good), b"{}").unwrap_err(), Unsigned::Headers);
    }
    assert_eq!(verified(&HeaderMap::new(), b"{}").unwrap_err(), Unsigned::Headers);
    for (off, expected) in [(300, None), (301, Some(301)), (-301, Some(301)), (-300, None)] {
        let signature = key.sign("a", now + off, b"{}");
        let verified = verified(&headers("a", &(now + off).to_string(), &signature), b"{}");
        assert_eq!(verified.err(), expected.map(|off_s| Unsigned::Stale { off_s }), "{off}");
    }
}
