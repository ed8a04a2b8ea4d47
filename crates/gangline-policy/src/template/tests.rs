use super::*;

#[test]
fn the_known_templates_are_templates() {
    for text in ["worker-<id>", "<project>-<KEY>", "<KEY>"] {
        assert!(text.parse::<WorktreeTemplate>().is_ok(), "{text}");
    }
    for text in ["gangline/<KEY>-<slug>", "feature/ticket-<id>", "<KEY>/<slug>"] {
        assert!(text.parse::<BranchTemplate>().is_ok(), "{text}");
    }
    for text in ["<KEY>: <subject>", "<subject> (#<id>)", "[<KEY>] <subject>"] {
        assert!(text.parse::<CommitTemplate>().is_ok(), "{text}");
    }
}

#[test]
fn no_template_can_leave_its_place_or_name_two_tickets_alike() {
    let worktree = ["", "../<id>", "a/<id>", ".<id>", "-<id>", "<id", "id>", "<<id>>", "<key>"];
    let branch = ["<slug>", "main", "-<id>", "a..<id>", "/<id>", "<id>/", "<id>.lock", "a b<id>"];
    let commit = ["<KEY>\n<subject>", "  ", "fixed", "<body>"];
    let mut refused = vec![];
    refused.extend(worktree.map(|text| text.parse::<WorktreeTemplate>().unwrap_err().to_string()));
    refused.extend(branch.map(|text| text.parse::<BranchTemplate>().unwrap_err().to_string()));
    refused.extend(commit.map(|text| text.parse::<CommitTemplate>().unwrap_err().to_string()));
    let lines: Vec<String> = refused.iter().map(|text| text.replace('\n', " | ")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    a directory's name has 1 to 100 characters
    a directory's name has only letters, digits, . _ and -, and begins with neither . nor -
    a directory's name has only letters, digits, . _ and -, and begins with neither . nor -
    a directory's name has only letters, digits, . _ and -, and begins with neither . nor -
    a directory's name has only letters, digits, . _ and -, and begins with neither . nor -
    a placeholder is opened with < and closed with > | known are <id>, <project> and <KEY>
    a placeholder is opened with < and closed with > | known are <id>, <project> and <KEY>
    unknown placeholder `<<id>` | known are <id>, <project> and <KEY>
    unknown placeholder `<key>` | known are <id>, <project> and <KEY>
    it names every ticket alike | put <id> or <KEY> into it
    it names every ticket alike | put <id> or <KEY> into it
    it gives no branch name: only letters, digits, . _ - and / are allowed, no part may be empty, and none may begin or end with a dot or end with .lock
    it gives no branch name: only letters, digits, . _ - and / are allowed, no part may be empty, and none may begin or end with a dot or end with .lock
    it gives no branch name: only letters, digits, . _ - and / are allowed, no part may be empty, and none may begin or end with a dot or end with .lock
    it gives no branch name: only letters, digits, . _ - and / are allowed, no part may be empty, and none may begin or end with a dot or end with .lock
    it gives no branch name: only letters, digits, . _ - and / are allowed, no part may be empty, and none may begin or end with a dot or end with .lock
    it gives no branch name: only letters, digits, . _ - and / are allowed, no part may be empty, and none may begin or end with a dot or end with .lock
    a subject is one line of 1 to 200 characters
    a subject is one line of 1 to 200 characters
    it names every ticket alike | put <subject> or <KEY> into it
    unknown placeholder `<body>` | known are <id>, <KEY> and <subject>
    "#);
}
