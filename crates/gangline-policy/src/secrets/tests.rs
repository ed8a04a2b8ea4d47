use super::*;
use crate::{MachineConfig, Policy};

fn source(text: &str) -> Result<String, String> {
    let read = text.parse::<SecretSource>();
    read.map(|source| source.to_string()).map_err(|error| first_line(&error.to_string()))
}

#[test]
fn a_place_is_a_variable_a_file_or_a_command() {
    assert_eq!(source("env://NPM_TOKEN").as_deref(), Ok("env://NPM_TOKEN"));
    assert_eq!(source("file:///run/key").as_deref(), Ok("file:///run/key"));
    assert_eq!(source("cmd://pass show npm").as_deref(), Ok("the command sh"));
    for bad in ["file://key", "env://", "cmd:// ", "sk-ant-secret", "https://vault/x"] {
        let why = source(bad).unwrap_err();
        assert!(!why.contains("sk-ant") && !why.is_empty(), "{why}");
    }
    let stored = serde_json::to_string(&"cmd://pass x".parse::<SecretSource>().unwrap()).unwrap();
    assert_eq!(stored, r#"["sh","-c","pass x"]"#);
    assert!(serde_json::from_str::<SecretSource>(&stored).is_ok());
}

#[test]
fn a_secret_says_whose_it_is() {
    let text = "[secrets.npm]\nfrom = [\"pass\", \"show\", \"npm\"]\nrepositories = [\"/tmp\"]\n";
    let config = MachineConfig::parse(text, "config.toml").unwrap();
    let npm = &config.secrets[&"npm".parse().unwrap()];
    assert!(npm.is_for(Path::new("/tmp/../tmp")) && !npm.is_for(Path::new("/var")));
    for (repositories, why) in [("[]", "no repository may have it"), ("[\"shop\"]", "absolute")] {
        let text = format!("[secrets.npm]\nfrom = \"env://X\"\nrepositories = {repositories}\n");
        let error = MachineConfig::parse(&text, "config.toml").unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    let without = MachineConfig::parse("[secrets.npm]\nfrom = \"env://X\"\n", "config.toml");
    assert!(without.unwrap_err().to_string().contains("`secrets.npm.repositories` is missing"));
}

#[test]
fn a_repository_names_no_place() {
    let text = "[checks.test]\nrun = \"true\"\n[secrets.npm]\nfrom = \"env://AWS_SECRET\"\n";
    let error = Policy::parse(text, "gangline.toml").unwrap_err().to_string();
    assert!(error.contains("unknown key `secrets`"), "{error}");
    let text = "[checks.test]\nrun = \"true\"\nsecrets = [\"TOKEN=npm\", \"key\"]\n";
    let policy = Policy::parse(text, "gangline.toml").unwrap();
    assert_eq!(policy.checks[0].secrets.len(), 2);
}
