use super::*;

fn allowed(rule: &str, target: &str) -> bool {
    let rule: HostRule = rule.parse().unwrap();
    Target::parse(target).is_ok_and(|target| leave(&[rule], &target) != Leave::None)
}

#[test]
fn a_rule_covers_its_host_in_every_spelling_and_no_other() {
    for target in ["api.example.com:443", "API.Example.COM:443", "api.example.com.:443"] {
        assert!(allowed("api.example.com", target), "{target}");
    }
    for target in [
        "api.example.com:80",
        "example.com:443",
        "x.api.example.com:443",
        "evilapi.example.com:443",
        "api.example.com.evil.org:443",
        "api.example.com@evil.org:443",
        "api.example.com%00.evil.org:443",
        "api.example.com\0.evil.org:443",
        "api.example.com..:443",
        "api.example.com",
        "api.example.com:0443x",
        "api.example.com:70000",
        "аpi.example.com:443",
        "api\u{3002}example.com:443",
    ] {
        assert!(!allowed("api.example.com", target), "{target}");
    }
}

#[test]
fn a_star_covers_what_lies_below_and_nothing_else() {
    for target in ["a.example.com:443", "a.b.example.com:443"] {
        assert!(allowed("*.example.com", target), "{target}");
    }
    for target in ["example.com:443", "badexample.com:443", ".example.com:443", "a.example.com:80"]
    {
        assert!(!allowed("*.example.com", target), "{target}");
    }
    for rule in ["*", "*.com", "*example.com", "a.*.com", "*.127.0.0.1", "*.*.example.com"] {
        assert!(rule.parse::<HostRule>().is_err(), "{rule}");
    }
}

#[test]
fn addresses_are_reached_only_by_a_rule_that_names_them() {
    let loopback = Target::parse("127.0.0.1:8080").unwrap();
    assert_eq!(leave(&["127.0.0.1:8080".parse().unwrap()], &loopback), Leave::ToAddress);
    assert!(allowed("[::1]:8080", "[0:0:0:0:0:0:0:1]:8080"));
    assert!(allowed("127.0.0.1:8080", "[::ffff:127.0.0.1]:8080"));
    for target in ["127.0.0.1:8081", "127.0.0.2:8080", "127.1:8080", "2130706433:8080"] {
        assert!(!allowed("127.0.0.1:8080", target), "{target}");
    }
    for target in ["0x7f.0.0.1:8080", "0177.0.0.1:8080", "0x7f000001:8080", "::1:8080"] {
        assert!(Target::parse(target).is_err(), "{target}");
    }
    let rule: HostRule = "localhost:8080".parse().unwrap();
    assert_eq!(rule.loopback(), Some((IpAddr::V4(Ipv4Addr::LOCALHOST), 8080)));
    assert_eq!("example.com".parse::<HostRule>().unwrap().loopback(), None);
}

#[test]
fn only_public_addresses_are_public() {
    for public in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101"] {
        assert!(is_public(public.parse().unwrap()), "{public}");
    }
    for elsewhere in [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "0.1.2.3",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2001::1",
        "2001:db8::1",
        "100::1",
    ] {
        assert!(!is_public(elsewhere.parse().unwrap()), "{elsewhere}");
    }
}

#[test]
fn the_network_is_said_in_four_ways() {
    let read =
        |json: &str| serde_json::from_str::<Network>(json).map_err(|error| error.to_string());
    assert_eq!(read("true").unwrap().needed, Some(true));
    assert_eq!(read("false").unwrap().needed, Some(false));
    assert_eq!(read("\"open\"").unwrap().mode, Some(NetworkMode::Open));
    let table = read(r#"{"allow":["Example.COM","*.crates.io:443"],"bytes":"1GiB"}"#).unwrap();
    let shown: Vec<String> = table.allow.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["example.com:443", "*.crates.io:443"]);
    assert_eq!(read(&serde_json::to_string(&table).unwrap()).unwrap(), table);
    for bad in ["\"wide-open\"", r#"{"allow":["http://x"]}"#, r#"{"hosts":[]}"#, "3"] {
        assert!(read(bad).is_err(), "{bad}");
    }
}

#[test]
fn what_two_places_say_is_joined() {
    let a = Network { allow: vec!["a.org".parse().unwrap()], ..Network::default() };
    let b = Network {
        mode: Some(NetworkMode::Open),
        allow: vec!["a.org".parse().unwrap(), "b.org".parse().unwrap()],
        ..Network::default()
    };
    let both = a.or(&b);
    assert_eq!((both.mode, both.allow.len()), (Some(NetworkMode::Open), 2));
}
