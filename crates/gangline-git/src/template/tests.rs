use super::*;

fn with_ticket<T>(
    external_ref: Option<&str>,
    title: &str,
    f: impl FnOnce(&NameInput<'_>) -> T,
) -> T {
    let (key, project) = ("APP-12".parse().unwrap(), "shop".parse().unwrap());
    f(&NameInput { key: &key, project: &project, external_ref, title })
}

fn branch(template: &str, external_ref: Option<&str>, title: &str) -> String {
    let template: BranchTemplate = template.parse().unwrap();
    with_ticket(external_ref, title, |input| template.render(input).unwrap().to_string())
}

#[test]
fn templates_give_the_names_that_were_asked_for() {
    let title = "Fix: the Login (again)!";
    assert_eq!(branch("gangline/<KEY>-<slug>", None, title), "gangline/APP-12-fix-the-login-again");
    assert_eq!(branch("feature/ticket-<id>", None, title), "feature/ticket-12");
    assert_eq!(branch("feature/ticket-<id>", Some("#105"), title), "feature/ticket-105");
    assert_eq!(branch("<KEY>/<slug>", None, "größe"), "APP-12/gr-e");
    let worktree = |template: &str| {
        let template: WorktreeTemplate = template.parse().unwrap();
        with_ticket(Some("gh:a/b#7"), title, |input| template.render(input).unwrap().to_string())
    };
    assert_eq!(worktree("worker-<id>"), "worker-gh-a-b-7");
    assert_eq!(worktree("<project>-<KEY>"), "shop-APP-12");
}

#[test]
fn a_slug_is_short_plain_and_never_empty() {
    for title in ["", "-", "äöü", "../..", "\u{1b}", "日本語"] {
        assert_eq!(slug(title), "ticket", "{title:?}");
    }
    let long = slug(&"word ".repeat(50));
    assert!(long.len() <= 40 && !long.ends_with('-'), "{long}");
    assert_eq!(slug("--output=x; $(id)"), "output-x-id");
}

#[test]
fn whatever_a_ticket_is_called_no_name_can_climb_or_be_an_option() {
    for hostile in ["../../etc", "-rf", "a..b", "x.lock", "a/b", "\n", ".git", "@{0}"] {
        let name = branch("<id>-<slug>/<KEY>", Some(hostile), hostile);
        assert!(name.parse::<BranchName>().is_ok() && !name.contains(".."), "{name}");
    }
}

#[test]
fn a_bad_template_is_refused_when_it_is_configured() {
    let branch = |text: &str| text.parse::<BranchTemplate>().unwrap_err().to_string();
    let worktree = |text: &str| text.parse::<WorktreeTemplate>().unwrap_err().to_string();
    let commit = |text: &str| text.parse::<CommitTemplate>().unwrap_err().to_string();
    let all = [
        branch("x/<kind>"),
        branch("x/<KEY"),
        branch("fixed"),
        branch("../<KEY>"),
        branch("-<KEY>"),
        worktree("../<KEY>"),
        worktree(".<KEY>"),
        worktree("a/<KEY>"),
        worktree("<slug>"),
        commit("<KEY>"),
    ];
    insta::assert_snapshot!(all.join("\n"), @"
    `<kind>` is no placeholder; there are <id>, <KEY>, <project>, <slug>
    `<` is not closed in `x/<KEY`
    `fixed` gives every ticket the same name; it needs one of <id>, <KEY>
    `../APP-12` is not a branch name: no part may be empty, or begin or end with a dot
    `-APP-12` is not a branch name: it must not begin with - or refs/, nor be HEAD
    `../APP-12` is not a worktree name: it must begin with a letter or a digit
    `.APP-12` is not a worktree name: it must begin with a letter or a digit
    `a/APP-12` is not a worktree name: only A-Z, a-z, 0-9, . _ and - are allowed
    `<slug>` gives every ticket the same name; it needs one of <id>, <KEY>
    `<KEY>` gives every ticket the same name; it needs one of <subject>
    ");
}

#[test]
fn the_written_form_of_the_commit_template_is_taken_as_it_is() {
    assert_eq!("KEY: subject".parse::<CommitTemplate>(), Ok(CommitTemplate::default()));
    assert_eq!("<KEY>: <subject>".parse::<CommitTemplate>(), Ok(CommitTemplate::default()));
}
