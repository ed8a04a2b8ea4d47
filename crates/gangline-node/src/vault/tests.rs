use super::*;

fn references(text: &str) -> BTreeMap<SecretName, SecretRef> {
    MachineConfig::parse(text, "config.toml").unwrap().secrets
}

fn names(list: &[&str]) -> BTreeSet<SecretName> {
    list.iter().map(|name| name.parse().unwrap()).collect()
}

#[tokio::test]
async fn a_secret_is_read_from_a_file_or_a_command_and_known_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "from-a-file\n").unwrap();
    let text = format!(
        "[secrets.a]\nfrom = \"file://{}\"\nrepositories = [\"/r\"]\n[secrets.b]\n\
         from = [\"printf\", \"from-%s\", \"words\"]\nrepositories = [\"/r\"]\n[secrets.c]\n\
         from = \"cmd://echo from a | tr ' ' -; echo shell\"\nrepositories = [\"/other\"]\n",
        file.display()
    );
    let all = references(&text);
    let vault = Vault::new(references_for(&all, Path::new("/r")), &[]);
    assert!(vault.redactor().is_empty());
    let taken = vault.take(&names(&["a", "b"]), "/r").await.unwrap();
    assert_eq!(taken[&"a".parse().unwrap()].as_variable(), Some("from-a-file"));
    assert_eq!(taken[&"b".parse().unwrap()].bytes(), b"from-words");
    assert_eq!(vault.redactor().text("from-words, from-a-file"), "[secret b], [secret a]");
    let refused = vault.take(&names(&["c"]), "/r").await.unwrap_err().to_string();
    assert!(refused.contains("[secrets.c]") && refused.contains("[\"/r\"]"), "{refused}");
}

#[tokio::test]
async fn what_cannot_be_read_says_where_and_nothing_else() {
    let text = "[secrets.unset]\nfrom = \"env://NOBODY_SETS_THIS\"\nrepositories = [\"/r\"]\n\
        [secrets.gone]\nfrom = \"file:///no/such/file\"\nrepositories = [\"/r\"]\n\
        [secrets.fails]\nfrom = \"cmd://echo half-a-secret; exit 3\"\nrepositories = [\"/r\"]\n\
        [secrets.short]\nfrom = \"cmd://echo word\"\nrepositories = [\"/r\"]\n";
    let vault = Vault::new(references(text), &[]);
    for (name, why) in [
        ("unset", "export it and type: gangline down"),
        ("gone", "file:///no/such/file"),
        ("fails", "ended with exit code 3"),
        ("short", "fewer than 8 bytes"),
    ] {
        let said = vault.take(&names(&[name]), "/r").await.unwrap_err().to_string();
        assert!(said.contains(why) && !said.contains("half-a") && !said.contains("word"), "{said}");
    }
}

#[tokio::test]
async fn a_login_is_kept_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let logins = Logins::at(folder.path().join("logins"));
    let kind: gangline_domain::ids::AgentKind = "claude".parse().unwrap();
    assert_eq!(logins.of_kind("claude").await.unwrap(), None);
    let held = Held::Value("sk-ant-hush".to_owned());
    let login = Login { version: LOGIN_VERSION, variable: "ANTHROPIC_API_KEY".to_owned(), held };
    logins.write(&kind, &login).unwrap();
    assert!(!format!("{login:?}").contains("hush"));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(logins.folder()), 0o700);
    assert_eq!(mode(&logins.folder().join("claude.json")), 0o600);
    let (variable, secret) = logins.of_kind("claude").await.unwrap().unwrap();
    assert_eq!((variable.as_str(), secret.bytes()), ("ANTHROPIC_API_KEY", &b"sk-ant-hush"[..]));
    assert_eq!(logins.kinds(), ["claude"]);
    assert!(logins.forget(&kind).unwrap() && !logins.forget(&kind).unwrap());
}

#[test]
fn given_names_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let places = Places { state: folder.path().to_owned(), runtime: folder.path().join("run") };
    let ticket = "shop.APP-1".parse().unwrap();
    remember_given(&places, &ticket, &names(&["a"])).unwrap();
    remember_given(&places, &ticket, &names(&["b"])).unwrap();
    remember_given(&places, &"shop.APP-2".parse().unwrap(), &names(&["c"])).unwrap();
    assert_eq!(given_to(&places, &ticket).unwrap(), names(&["a", "b"]));
    assert_eq!(given_in(&places, &"shop".parse().unwrap()).unwrap(), names(&["a", "b", "c"]));
    assert_eq!(given_in(&places, &"other".parse().unwrap()).unwrap(), names(&[]));
}

#[test]
fn keys_are_told_from_other_variables() {
    assert!(is_key("ANTHROPIC_API_KEY") && is_key("CLAUDE_CODE_OAUTH_TOKEN"));
    assert!(!is_key("ANTHROPIC_BASE_URL") && !is_key("NODE_ENV"));
}
