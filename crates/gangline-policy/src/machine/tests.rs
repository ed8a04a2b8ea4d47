use super::*;

fn refused(text: &str) -> String {
    MachineConfig::parse(text, "config.toml").unwrap_err().to_string()
}

#[test]
fn an_empty_file_means_the_defaults() {
    let config = MachineConfig::parse("", "config.toml").unwrap();
    assert_eq!(config, MachineConfig::default());
    assert!(config.sandbox.network == NetworkMode::Open && !config.sandbox.allow_none);
    assert_eq!((config.daemon.ballast_mib, config.daemon.agents_max), (8, 12));
    assert_eq!(config.daemon.backups_max, 7);
    assert!(config.pass.0.iter().any(|name| name.as_str() == "ANTHROPIC_API_KEY"));
}

#[test]
fn every_key_is_read() {
    let text = r#"
        [sandbox]
        tier = "none"
        allow_none = true
        read = ["/opt/tools"]
        network = false
        [agents.programs]
        claude = "/opt/claude"
        [env]
        pass = ["MODEL_KEY"]
        [daemon]
        log = "debug"
        log_format = "json"
        log_mib = 2
        ballast_mib = 16
        agents_max = 3
        backups_max = 30
        journal_mib = 64
        disk_alert = "10GiB"
        memory_alert = "900MiB"
    "#;
    let config = MachineConfig::parse(text, "config.toml").unwrap();
    let claude = "claude".parse().unwrap();
    assert_eq!(config.sandbox.tier, Some(SandboxTier::None));
    assert_eq!(config.sandbox.read, [PathBuf::from("/opt/tools")]);
    assert_eq!(config.sandbox.network, NetworkMode::None);
    assert_eq!(config.programs[&claude], PathBuf::from("/opt/claude"));
    assert_eq!(config.pass.0.len(), 1);
    let daemon = Daemon {
        log: LogLevel::Debug,
        log_format: LogFormat::Json,
        log_mib: 2,
        ballast_mib: 16,
        agents_max: 3,
        backups_max: 30,
        journal_mib: 64,
        disk_alert: ByteSize::mib(10 * 1024),
        memory_alert: ByteSize::mib(900),
    };
    assert_eq!(config.daemon, daemon);
}

#[test]
fn what_is_no_size_is_told_with_its_place() {
    insta::assert_snapshot!(refused("[daemon]\ndisk_alert = \"2\"\n"), @r#"
    config.toml:2:14: `daemon.disk_alert`: `2` is not a size: it has no unit
      |
    2 | disk_alert = "2"
      |              ^^^
      help: write a number and a unit, such as 512MiB or 8GiB
    "#);
    insta::assert_snapshot!(refused("[daemon]\nmemory_alert = 512\n"), @r#"
    config.toml:2:16: `daemon.memory_alert`: expected a size in quotes, such as "8GiB", found integer `512`
      |
    2 | memory_alert = 512
      |                ^^^
    "#);
}

#[test]
fn no_sandbox_is_an_explicit_choice() {
    insta::assert_snapshot!(refused("[sandbox]\ntier = \"none\"\n"), @r#"
    config.toml:2:8: tier "none" lets agents and checks write wherever you can
      |
    2 | tier = "none"
      |        ^^^^^^
      help: if that is what you want, add allow_none = true under [sandbox]
    "#);
}

#[test]
fn a_path_is_absolute() {
    insta::assert_snapshot!(refused("[agents.programs]\nclaude = \"~/bin/claude\"\n"), @r#"
    config.toml:2:10: `agents.programs.claude`: `~/bin/claude` is not an absolute path
      |
    2 | claude = "~/bin/claude"
      |          ^^^^^^^^^^^^^^
      help: begin it with /
    "#);
}

#[test]
fn what_is_the_machines_is_not_the_projects() {
    insta::assert_snapshot!(refused("[sandbx]\ntier = \"bubblewrap\"\n"), @r#"
    config.toml:1:2: unknown key `sandbx`
      |
    1 | [sandbx]
      |  ^^^^^^
      help: did you mean `sandbox`?
    "#);
}

#[test]
fn a_variable_of_our_own_cannot_be_passed() {
    insta::assert_snapshot!(refused("[env]\npass = [\"GANGLINE_JOB\"]\n"), @r#"
    config.toml:2:8: `env.pass[0]`: `GANGLINE_JOB` is not the name of an environment variable: names with GANGLINE_ are set by Gangline
      |
    2 | pass = ["GANGLINE_JOB"]
      |        ^^^^^^^^^^^^^^^^
    "#);
}
