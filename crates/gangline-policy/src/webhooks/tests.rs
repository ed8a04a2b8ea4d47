use super::*;
use crate::MachineConfig;

fn url(text: &str) -> String {
    match text.parse::<HookUrl>() {
        Ok(url) => url.to_string(),
        Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

#[test]
fn an_address_has_one_form() {
    for (given, expected) in [
        ("https://hooks.example.org/a?b=c", "https://hooks.example.org:443/a?b=c"),
        ("HTTPS://Hooks.Example.org", "https://hooks.example.org:443/"),
        ("https://hooks.example.org?b=c", "https://hooks.example.org:443/?b=c"),
        ("http://[::1]:9/x", "http://[::1]:9/x"),
        ("http://[::ffff:10.0.0.1]/x", "http://10.0.0.1:80/x"),
    ] {
        assert_eq!(url(given), expected);
    }
    for bad in [
        "hooks.example.org",
        "ftp://hooks.example.org",
        "file:///etc/passwd",
        "https://ann@hooks.example.org/",
        "https://hooks.example.org\\@127.0.0.1/",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/a\r\nX: y",
        "https://hooks.example.org/#a",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https:///a",
    ] {
        assert!(bad.parse::<HookUrl>().is_err(), "{bad} is {}", url(bad));
    }
    let long = format!("https://hooks.example.org/{}", "a".repeat(500));
    assert_eq!(url(&long), "it has more than 500 bytes");
}

#[test]
fn hooks_are_read_and_slips_told() {
    let text = r#"
        [webhooks.board]
        url = "https://hooks.example.org/gangline"
        secret = "env://BOARD_SECRET"
        events = ["landed", "escalated"]
        projects = ["shop"]
        [webhooks.local]
        url = "http://127.0.0.1:9000/"
        secret = "file:///etc/gangline/hook"
        allow_private = true
        [intake.tracker]
        project = "shop"
        secret = "env://TRACKER_SECRET"
        labels = ["tracker"]
        [intake.trusted]
        project = "shop"
        secret = ["pass", "show", "hook"]
        draft = false
    "#;
    let config = MachineConfig::parse(text, "config.toml").unwrap();
    let board = &config.webhooks[&"board".parse().unwrap()];
    assert_eq!(board.events, ["escalated", "landed"].into());
    assert!(!board.allow_private && config.webhooks[&"local".parse().unwrap()].allow_private);
    let drafts: Vec<bool> = config.intake.values().map(|intake| intake.draft).collect();
    assert_eq!(drafts, [true, false]);
}

#[test]
fn what_would_not_work_is_refused_before_it_is_needed() {
    let refused = |text: &str| {
        let error = MachineConfig::parse(text, "config.toml").unwrap_err().to_string();
        let help = error.lines().find(|line| line.contains("help:")).unwrap_or_default();
        format!("{}{help}", error.lines().next().unwrap_or_default())
    };
    let hook = |lines: &str| format!("[webhooks.a]\nsecret = \"env://S\"\n{lines}\n");
    let told = [
        hook("url = \"http://hooks.example.org/\""),
        hook("url = \"https://hooks.example.org/\"\nevents = [\"merged\"]"),
        hook("url = \"https://hooks.example.org/\"\nevent = []"),
        "[webhooks.a]\nurl = \"https://a.example\"\nsecret = \"whsec_abc\"\n".to_owned(),
        "[intake.\"A b\"]\nproject = \"shop\"\nsecret = \"env://S\"\n".to_owned(),
    ]
    .map(|text| refused(&text));
    insta::assert_snapshot!(told.join("\n"), @r#"
    config.toml:1:2: `webhooks`: `webhooks.a.url` is plain http  help: write https, or for a private network add allow_private = true
    config.toml:1:2: `webhooks`: `merged` is no type of event  help: docs/http.md lists them, such as "landed"
    config.toml:4:1: unknown key `event`  help: did you mean `events`?
    config.toml:3:10: `webhooks.a.secret`: a secret's place begins with env://, file:// or cmd://  help: write env://NAME, file:///path, cmd://shell line, or a list of words
    config.toml:1:9: `intake.A b`: `A b` is not a name for a hook: it must begin with a-z or 0-9
    "#);
}
