use gangline_agents::registry;
use gangline_policy::Policy;

use super::*;

fn rules(text: &str) -> Permissions {
    let text = format!("checks_waived = \"a test\"\n[permissions]\n{text}");
    Policy::parse(&text, "gangline.toml").unwrap_or_else(|error| panic!("{error}")).permissions
}

fn bash(command: &str) -> Permission {
    Permission { tool: "Bash".to_owned(), detail: command.to_owned(), paths: vec![] }
}

#[test]
fn the_rules_answer_with_their_reason_or_leave_it_to_a_person() {
    let permissions = rules(
        "default = \"ask\"\n[[permissions.rules]]\ntool = \"Bash\"\npattern = \"git push*\"\n\
         then = \"deny\"\nreason = \"landing is the queue's business\"\n\
         [[permissions.rules]]\ntool = \"Bash\"\npattern = \"ls*\"\nthen = \"allow\"\n",
    );
    let now = |given, text: &str, why: &str| Answer::Now {
        given,
        text: text.to_owned(),
        why: why.to_owned(),
    };
    assert_eq!(
        decide(&permissions, &bash("git push")),
        now(false, "deny: landing is the queue's business", "rule Bash git push*")
    );
    assert_eq!(decide(&permissions, &bash("ls -l")), now(true, "allow", "rule Bash ls*"));
    assert_eq!(
        decide(&permissions, &bash("rm x")),
        Answer::Person("May I use Bash? rm x".to_owned())
    );
    let write = Permission {
        tool: "Write".to_owned(),
        detail: String::new(),
        paths: vec!["a.rs".to_owned(), "b.rs".to_owned()],
    };
    assert_eq!(
        decide(&permissions, &write),
        Answer::Person("May I use Write? a.rs b.rs".to_owned())
    );
}

#[test]
fn an_agent_that_cannot_ask_is_not_started_unless_the_rules_say_so() {
    let definition = |kind: &str| {
        let text = format!("---\nname: worker\nkind: {kind}\nprogram: x\n---\n");
        Definition::parse(&text, "worker.md").unwrap().0
    };
    let asked = |permissions: &str, kind: &str| {
        let driver = registry::driver(kind).unwrap();
        must_ask(&rules(permissions), driver, &definition(kind))
    };
    assert_eq!(asked("", "command"), Ok(false));
    assert_eq!(asked("default = \"ask\"", "claude"), Ok(true));
    assert_eq!(asked("default = \"ask\"\ncannot_ask = \"run\"", "command"), Ok(false));
    let Err(Failure::Infra(Infra::SetupFailed(why))) = asked("default = \"deny\"", "command")
    else {
        panic!("it would be started");
    };
    assert!(why.contains("kind `command` cannot ask for leave"), "{why}");
}
