//! What is found missing, and what is done about it, without touching this machine.

use super::{
    AGENTS, BUBBLEWRAP, CHROMIUM, GIT, GO, NODE, NPM, Need, OPENSSL, PROMTOOL, PYTHON, Purpose,
    Rights, TMUX, missing, package_lines, packages,
};

fn shown(packages: &[&str], has_apt: bool, rights: Rights) -> Result<Vec<String>, String> {
    let lines = package_lines(packages, has_apt, rights)?;
    Ok(lines.iter().map(super::Line::shown).collect())
}

#[test]
fn a_machine_that_has_everything_lacks_nothing() {
    assert_eq!(missing(Purpose::Test, |_| true), []);
}

#[test]
fn a_demo_needs_neither_a_test_runner_nor_an_agent() {
    assert_eq!(missing(Purpose::Demo, |_| false), [GIT, BUBBLEWRAP, PYTHON]);
    let of_installation = missing(Purpose::Install, |_| false);
    assert_eq!(of_installation, [GIT, BUBBLEWRAP, PYTHON, NODE, NPM]);
}

#[test]
fn the_tests_need_the_tools_of_all_ecosystems_and_a_terminal() {
    let missing = missing(Purpose::Test, |need| matches!(need, Need::Agent(_) | Need::Nextest));
    let tools = [
        GIT,
        BUBBLEWRAP,
        PYTHON,
        NODE,
        NPM,
        GO,
        TMUX,
        PROMTOOL,
        OPENSSL,
        CHROMIUM,
        Need::PythonPackages,
    ];
    assert_eq!(missing, tools);
    let names = [
        "git",
        "bubblewrap",
        "python3",
        "nodejs",
        "npm",
        "golang-go",
        "tmux",
        "prometheus",
        "openssl",
        "chromium",
    ];
    assert_eq!(packages(&missing), names);
}

#[test]
fn root_installs_and_a_person_without_rights_is_told_what_to_type() {
    assert_eq!(
        shown(&["bubblewrap", "git"], true, Rights::Root).unwrap().last().unwrap(),
        "apt-get install -y --no-install-recommends bubblewrap git"
    );
    assert_eq!(
        shown(&["git"], true, Rights::Sudo).unwrap(),
        ["sudo -n apt-get update -qq", "sudo -n apt-get install -y --no-install-recommends git"]
    );
    assert_eq!(
        shown(&["bubblewrap"], true, Rights::None).unwrap_err(),
        "missing: bubblewrap. Type: sudo apt-get install -y bubblewrap"
    );
    assert_eq!(
        shown(&["bubblewrap"], false, Rights::Root).unwrap_err(),
        "missing: bubblewrap. Install them with this system's package manager"
    );
}

#[test]
fn one_line_fetches_all_agents_in_pinned_versions() {
    let line = super::agents_line(std::path::Path::new("/r")).shown();
    let (npm, packages) = line.split_once(" /r/target/agents ").unwrap();
    assert!(npm.contains("--ignore-scripts"), "{npm}");
    let pinned = |package: &&str| {
        let (_, version) = package.rsplit_once('@').unwrap_or_default();
        version.starts_with(|c: char| c.is_ascii_digit())
    };
    assert_eq!(packages.split(' ').filter(pinned).count(), AGENTS.len(), "{packages}");
    assert!(!packages.contains('{'), "{packages}");
}
