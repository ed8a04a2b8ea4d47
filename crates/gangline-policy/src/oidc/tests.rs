use super::*;
use crate::MachineConfig;
use crate::http::SeedAuth;

const OIDC: &str = r#"
    [oidc]
    issuer = "https://login.example.org/realms/team"
    client_id = "gangline"
    client_secret = "env://OIDC_SECRET"
    origin = "https://gangline.example.org"
    session = "8h"
    api_audiences = ["gangline-api"]
    [oidc.roles]
    L3 = { emails = ["Ann@Example.org"] }
    L1 = { groups = ["Engineers"] }
    [oidc.only]
    domains = ["Example.org"]
"#;

fn oidc(text: &str) -> Box<OidcPolicy> {
    MachineConfig::parse(text, "config.toml").unwrap().oidc.unwrap()
}

fn refused(text: &str) -> String {
    let error = MachineConfig::parse(text, "config.toml").unwrap_err().to_string();
    let help = error.lines().find(|line| line.contains("help:")).unwrap_or_default();
    format!("{}{help}", error.lines().next().unwrap_or_default())
}

#[test]
fn an_issuer_is_read() {
    let read = oidc(OIDC);
    assert_eq!(read.issuer.name, "https://login.example.org/realms/team");
    assert_eq!(read.label, "login.example.org");
    assert_eq!(read.scopes, ["openid", "email", "profile"]);
    assert_eq!(read.session.ms(), 8 * 3_600_000);
    // Addresses are compared in small letters, groups as they are.
    assert_eq!(read.roles[&Role::Admin].emails, ["ann@example.org".to_owned()].into());
    assert_eq!(read.roles[&Role::Operator].groups, ["Engineers".to_owned()].into());
    assert_eq!(read.only.domains, ["example.org".to_owned()].into());
    assert!(!read.unverified_emails && read.groups_claim == "groups");
    assert!(MachineConfig::parse("", "config.toml").unwrap().oidc.is_none());
}

#[test]
fn an_issuer_without_tls_is_on_this_machine() {
    for (issuer, is_one) in [
        ("http://127.0.0.1:4000", true),
        ("http://localhost:4000/team", true),
        ("http://[::1]:4000/", true),
        ("http://login.example.org", false),
        ("http://10.0.0.1/", false),
        ("https://10.0.0.1/", true),
        ("login.example.org", false),
        ("https://login.example.org/?a=b", false),
        ("https://login.example.org/#a", false),
        ("https://ann@login.example.org/", false),
        ("file:///etc/passwd", false),
    ] {
        let text = OIDC.replace("https://login.example.org/realms/team", issuer);
        assert_eq!(MachineConfig::parse(&text, "c").is_ok(), is_one, "{issuer}");
    }
}

#[test]
fn what_would_let_nobody_in_or_anybody_is_told() {
    let base = "[oidc]\nissuer = \"https://a.example\"\nclient_id = \"g\"\n";
    let roles = "[oidc.roles]\nL1 = { groups = [\"a\"] }\n";
    let told = [
        format!("{base}[oidc.roles]\n"),
        format!("{base}[oidc.roles]\nL1 = {{}}\n"),
        format!("{base}[oidc.roles]\nL4 = {{ groups = [\"a\"] }}\n"),
        format!("{base}[oidc.roles]\nL1 = {{ group = [\"a\"] }}\n"),
        format!("{base}scopes = [\"email\"]\n{roles}"),
        format!("{base}client_secret = \"hunter2hunter2\"\n{roles}"),
        "[seed_api]\nauth = \"jwt\"\n".to_owned(),
        "[seed_api]\nauth = \"jwt\"\n[seed_api.jwt]\naudience = \"a\"\n".to_owned(),
        "[seed_api]\nauth = \"jwt\"\n[seed_api.jwt]\nissuer = \"https://a.example\"\n".to_owned(),
        "[seed_api.jwt]\nkeys = \"https://a.example\"\nkey = \"env://A\"\naudience = \"a\"\n"
            .to_owned(),
        "[seed_api.jwt]\nkeys = \"http://a.example\"\naudience = \"a\"\n".to_owned(),
    ]
    .map(|text| refused(&text));
    insta::assert_snapshot!(told.join("\n"), @r#"
    config.toml:1:1: `oidc`: nobody has a role  help: write L1 = { emails = ["ann@example.org"] } under [oidc.roles]
    config.toml:1:1: `oidc`: nobody has a role  help: write L1 = { emails = ["ann@example.org"] } under [oidc.roles]
    config.toml:5:1: `oidc.roles.?`: `L4` is not one of its values  help: did you mean `L0`?
    config.toml:5:8: unknown key `group`  help: did you mean `groups`?
    config.toml:1:1: `oidc`: `scopes` has no "openid", or one that is no word  help: write ["openid", "email"]
    config.toml:4:17: `oidc.client_secret`: a secret's place begins with env://, file:// or cmd://  help: write env://NAME, file:///path, cmd://shell line, or a list of words
    config.toml:1:1: nothing says how JWTs are judged  help: say it under [seed_api.jwt], as docs/workers-api.md does
    config.toml:3:1: `seed_api.jwt`: nothing says by which keys JWTs are judged  help: write `issuer`, `keys` or `key`
    config.toml:3:1: `seed_api.jwt`: `audience` is missing  help: write for whom the tokens are, such as "gangline"
    config.toml:1:1: `seed_api.jwt`: both `keys` and `key`  help: leave one out
    config.toml:1:1: `seed_api.jwt`: it is plain http, and not on this machine  help: write https://HOST/PATH
    "#);
}

#[test]
fn the_keys_of_the_workers_api_are_an_issuers_a_set_or_a_secret() {
    let jwt = |lines: &str| {
        let text = format!("[seed_api]\nauth = \"jwt\"\n[seed_api.jwt]\n{lines}\n");
        let seed = MachineConfig::parse(&text, "config.toml").unwrap().seed_api;
        assert_eq!(seed.auth, SeedAuth::Jwt);
        seed.jwt.unwrap()
    };
    let issued = jwt("issuer = \"https://a.example\"\naudience = \"workers\"");
    assert!(matches!(issued.keys, JwtKeys::Issuer(_)) && issued.audience.is_some());
    let set = jwt("keys = \"https://a.example/keys\"\naudience = \"workers\"");
    assert!(matches!(set.keys, JwtKeys::Address(_)) && set.issuer.is_none());
    let file = jwt("keys = \"file:///etc/gangline/keys.json\"\naudience = \"workers\"");
    assert!(matches!(file.keys, JwtKeys::File(_)));
    // A name is enough for whoever has the secret.
    let shared = jwt("key = \"file:///etc/gangline/key\"\nissuer = \"orchestrator\"");
    assert!(matches!(shared.keys, JwtKeys::Shared(_)) && shared.audience.is_none());
}
