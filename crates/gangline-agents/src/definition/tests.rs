use super::*;

fn parse(text: &str) -> Result<(Definition, Vec<String>), String> {
    match Definition::parse(text, ".claude/agents/helper.md") {
        Ok((definition, warnings)) => {
            Ok((definition, warnings.iter().map(ToString::to_string).collect()))
        }
        Err(error) => Err(error.to_string()),
    }
}

fn source(file: &str, text: &str) -> Source {
    Source { file: file.to_owned(), text: text.to_owned() }
}

#[test]
fn the_shipped_ticket_worker_has_the_promised_tools() {
    let worker = Definition::ticket_worker();
    assert_eq!(worker.name.as_str(), TICKET_WORKER);
    assert_eq!(worker.kind.as_str(), "claude");
    let tools = ["Read", "Write", "Edit", "Bash", "Glob", "Grep", "TodoWrite"];
    assert_eq!(worker.tools.as_deref(), Some(&tools.map(ToOwned::to_owned)[..]));
    assert!(worker.body.starts_with("You are a ticket worker."));
}

#[test]
fn a_definition_of_claude_code_loads_as_it_is() {
    let (definition, warnings) = parse(
        "---\nname: code-reviewer\ndescription: Reviews code\ntools: Read, Bash(git add, git log), Grep\n\
         model: inherit\npermissionMode: plan\ncolor: blue\nhooks:\n  Stop: []\n---\n\nYou review.\n",
    )
    .unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(definition.name.as_str(), "code-reviewer");
    assert_eq!(definition.kind.as_str(), "claude");
    assert_eq!(definition.tools.unwrap(), ["Read", "Bash(git add, git log)", "Grep"]);
    assert_eq!(definition.model, None);
    assert_eq!(definition.body, "You review.");
    assert_eq!(definition.extra["color"], "blue");
}

#[test]
fn all_keys_are_read() {
    let (definition, warnings) = parse(
        "---\nname: any\nkind: command\nprogram: ./agent.sh\nargs: [--file, '{brief_file}']\nprompt: stdin\n\
         script: |\n  steps:\n  - say: hi\nexit_codes: { 9: quota }\nmax_concurrent: 3\ncapabilities: [gpu]\n\
         skills: [sql, css]\nisolation: bubblewrap\nbudget: { tokens: 9, cost_usd: 2.5 }\n\
         session_timeout_ms: 60000\nstall_timeout_ms: 5000\nnetwork: false\nenv: A_KEY, B_KEY\n\
         system_prompt: replace\nmaxTurns: 7\nresources: { memory: 2GiB, processes: 64 }\ndisallowedTools: [WebFetch]\nshoe_size: 43\n---\n",
    )
    .unwrap();
    assert_eq!(
        warnings,
        [".claude/agents/helper.md:24: `shoe_size` is not known; it is kept and has no effect"]
    );
    assert_eq!(definition.exit_codes[&9], ExitMeaning::Quota);
    assert_eq!(definition.prompt, PromptBy::Stdin);
    assert_eq!(definition.network.needed, Some(false));
    assert!(definition.env.contains("A_KEY") && definition.env.contains("B_KEY"));
    assert_eq!(definition.resources.memory.unwrap().to_string(), "2GiB");
    assert_eq!(
        (definition.skills.join(" "), definition.isolation),
        ("sql css".to_owned(), Some(Isolation::Bubblewrap))
    );
    let budget = Budget { tokens: Some(9), cost_microusd: Some(2_500_000), wall_ms: None };
    assert_eq!(definition.budget, budget);
    assert_eq!(definition.extra["shoe_size"], 43);
    let json = serde_json::to_string(&definition).unwrap();
    assert_eq!(serde_json::from_str::<Definition>(&json).unwrap(), definition);
}

#[test]
fn a_mistake_is_shown_with_file_line_and_column() {
    let errors: Vec<String> = [
        "no front matter",
        "---\nname: x\n",
        "---\nname: Not A Slug\n---\n",
        "---\nkind: 'no kind'\n---\n",
        "---\nname: x\nmax_concurrent: many\n---\n",
        "---\nname: x\n\nkind: command\n---\n",
        "---\nname: x\nprompt: carrier-pigeon\n---\n",
        "---\nname: x\ntools: { a: b }\n---\n",
        "---\nname: x\nmax_concurrent: 0\n---\n",
        "---\nname: [\n---\n",
        "---\nname: x\nname: y\n---\n",
        "---\nname: x\nisolation: faraday\n---\n",
        "---\nname: x\nbudget: { cost_usd: -1 }\n---\n",
        "---\nname: x\nbudget: { money: 1 }\n---\n",
    ]
    .iter()
    .map(|text| parse(text).unwrap_err())
    .collect();
    insta::assert_snapshot!(errors.join("\n"), @"
    .claude/agents/helper.md:1:1: it does not begin with front matter between `---` lines
    .claude/agents/helper.md:1:1: it does not begin with front matter between `---` lines
    .claude/agents/helper.md:2:1: `Not A Slug` is not an agent name: it must begin with a-z or 0-9
    .claude/agents/helper.md:2:1: `no kind` is not an agent kind: only a-z, 0-9 and - are allowed
    .claude/agents/helper.md:3:17: expected a whole number from 0 up
    .claude/agents/helper.md:4:1: kind `command` needs a `program`
    .claude/agents/helper.md:3:9: unknown variant `carrier-pigeon`, expected one of file, stdin, argument
    .claude/agents/helper.md:3:8: invalid type: map, expected a list of names, or names with commas between them
    .claude/agents/helper.md:3:1: `max_concurrent: 0` would never run
    .claude/agents/helper.md:2:7: expected string scalar
    .claude/agents/helper.md:3:1: duplicate mapping key: name not allowed here
    .claude/agents/helper.md:3:12: unknown variant `faraday`, expected one of worktree, landlock, bubblewrap
    .claude/agents/helper.md:3:1: `cost_usd` is from 0 to 1000000000
    .claude/agents/helper.md:3:11: unknown field `money`, expected one of tokens, cost_usd, wall_ms
    ");
}

#[test]
fn a_description_with_colons_is_taken_as_text() {
    let (definition, warnings) = parse(
        "---\nname: x\ndescription: Use it when: a thing's wrong: fix it\nmax_concurrent: 2\n---\nHi\n",
    )
    .unwrap();
    assert_eq!(definition.description, "Use it when: a thing's wrong: fix it");
    assert_eq!(definition.max_concurrent, Some(2));
    assert_eq!(warnings.len(), 1);
    assert!(
        warnings[0].starts_with(".claude/agents/helper.md:3: taken as plain text"),
        "{warnings:?}"
    );
}

#[test]
fn a_file_without_a_name_is_named_by_its_file() {
    let (definition, _) = parse("---\ndescription: d\n---\n").unwrap();
    assert_eq!(definition.name.as_str(), "helper");
}

#[test]
fn later_folders_win_and_the_shipped_one_is_always_there() {
    let claude = vec![
        source("c/a.md", "---\nname: a\ndescription: from claude\n---\n"),
        source("c/b.md", "---\nname: b\ndescription: from claude\n---\n"),
    ];
    let own = vec![source("g/b.md", "---\nname: b\ndescription: own\n---\n")];
    let all = Definitions::load(&[claude, own]).unwrap();
    let names: Vec<&str> = all.names().collect();
    assert_eq!(names[..2], ["a", "b"]);
    assert_eq!((all.file_of("b"), all.file_of(TICKET_WORKER)), (Some("g/b.md"), None));
    assert_eq!(all.get("a").unwrap().description, "from claude");
    assert_eq!(all.get("b").unwrap().description, "own");
    assert!(all.get("c").is_none());
}

#[test]
fn two_files_of_one_folder_cannot_define_the_same_agent() {
    let folder = vec![source("a.md", "---\nname: x\n---\n"), source("b.md", "---\nname: x\n---\n")];
    let error = Definitions::load(&[folder]).unwrap_err();
    assert_eq!(error.to_string(), "b.md: the agent `x` is already defined in a.md");
}

#[test]
fn the_folders_of_a_project_are_read_in_order_and_may_be_absent() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(read_project(root.path()).unwrap(), vec![vec![], vec![]]);
    let folder = root.path().join(".gangline/agents");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in [("b.md", "b"), ("a.md", "a"), ("notes.txt", "no"), ("README.md", "no")] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let read = read_project(root.path()).unwrap();
    assert_eq!(read[0], []);
    let expected = [source(".gangline/agents/a.md", "a"), source(".gangline/agents/b.md", "b")];
    assert_eq!(read[1], expected);
    std::fs::write(folder.join("c.md"), [0xff, 0xfe]).unwrap();
    let error = read_project(root.path()).unwrap_err();
    assert_eq!(error.to_string(), ".gangline/agents/c.md:1:1: it is not UTF-8 text");
}

#[test]
fn seven_definitions_ship_and_each_has_a_job() {
    let shipped: Vec<Definition> = Definition::shipped().collect();
    let names: Vec<&str> = shipped.iter().map(|definition| definition.name.as_str()).collect();
    let expected = [
        "ticket-worker",
        "code-reviewer",
        "test-writer",
        "documentation-writer",
        "conflict-resolver",
        "orchestrator",
        "planner",
    ];
    assert_eq!(names, expected);
    for definition in &shipped {
        assert!(!definition.description.is_empty() && definition.body.len() > 300);
        assert!(definition.extra.is_empty(), "{:?}", definition.extra);
    }
    let able = shipped.iter().filter(|definition| definition.capabilities.contains("tests"));
    let able: Vec<&str> = able.map(|definition| definition.name.as_str()).collect();
    assert_eq!(able, ["test-writer"]);
}

#[test]
fn a_projects_own_definition_is_found_by_its_name_whatever_its_file_is_called() {
    let text = |name: &str| format!("---\nname: {name}\nkind: scripted\n---\n{name}\n");
    let ours = source(".gangline/agents/ours.md", &text("ticket-worker"));
    let theirs = source(".claude/agents/ticket-worker.md", &text("other"));
    let folders = [vec![theirs], vec![ours.clone()]];
    let own = Definitions::own(&folders, "ticket-worker").unwrap().unwrap();
    assert_eq!((own.kind.as_str(), own.body.as_str()), ("scripted", "ticket-worker"));
    assert_eq!(Definitions::own(&folders, "code-reviewer").unwrap(), None);
    let twice = source(".gangline/agents/ticket-worker.md", &text("ticket-worker"));
    let error = Definitions::own(&[vec![ours.clone(), twice]], "ticket-worker").unwrap_err();
    assert_eq!(
        error.to_string(),
        ".gangline/agents/ticket-worker.md: the agent `ticket-worker` is already defined in \
         .gangline/agents/ours.md"
    );
    let broken = source(".gangline/agents/broken.md", "---\nkind: [\n---\n");
    let folders = [vec![], vec![broken, ours]];
    assert!(Definitions::own(&folders, "ticket-worker").unwrap().is_some());
    assert_eq!(Definitions::own(&folders, "code-reviewer").unwrap(), None);
    let theirs = source(".gangline/agents/x.md", "---\nname: ticket-worker\nkind: [\n---\n");
    let error = Definitions::own(&[vec![theirs]], "ticket-worker").unwrap_err().to_string();
    assert!(error.starts_with(".gangline/agents/x.md:3:"), "{error}");
}

const POOL: &str = "\
subagents:
  - id: backend-1
    specialization: backend
    max_concurrent_issues: 2
    capabilities:
      - python
      - fastapi
      - database
  - id: testing-1
    specialization: testing
    max_concurrent_issues: 3
    capabilities:
      - pytest
    mood: good
";

#[test]
fn a_pool_becomes_definitions_and_its_limits_win() {
    let Imported { definitions, warnings } = import_pool(POOL, "pool.yaml").unwrap();
    assert_eq!(
        warnings,
        [
            "pool.yaml: agent testing-1: 3 at once are more than the usual 2: the pool's own number counts",
            "pool.yaml: agent testing-1: not known, and left out: mood",
        ]
    );
    let files: Vec<&str> = definitions.iter().map(|source| source.file.as_str()).collect();
    assert_eq!(files, ["backend-1.md", "testing-1.md"]);
    let (backend, noticed) = Definition::parse(&definitions[0].text, "backend-1.md").unwrap();
    assert_eq!(noticed, []);
    assert_eq!((backend.max_concurrent, backend.kind.as_str()), (Some(2), "claude"));
    let capabilities: Vec<&str> = backend.capabilities.iter().map(String::as_str).collect();
    assert_eq!(capabilities, ["backend", "database", "fastapi", "python"]);
    assert_eq!(backend.skills, ["python", "fastapi", "database"]);
    assert!(backend.body.starts_with("You are a ticket worker."));
}

#[test]
fn a_pool_that_cannot_be_meant_is_refused_whole() {
    let errors: Vec<String> = [
        "subagents: []",
        "agents: []",
        "subagents: [ { id: Back End } ]",
        "subagents: [ { id: a }, { id: a } ]",
        "subagents: [ { id: a, max_concurrent_issues: 0 } ]",
        "subagents: [ { id: a, max_concurrent_issues: many } ]",
        "subagents: [ { id: a, kind: command } ]",
    ]
    .iter()
    .map(|text| import_pool(text, "pool.yaml").unwrap_err().to_string())
    .collect();
    insta::assert_snapshot!(errors.join("\n"), @"
    pool.yaml: 0 agents; a pool has from 1 to 200
    pool.yaml:1:1: missing field `subagents`
    pool.yaml: agent Back End: `Back End` is not an agent name: it must begin with a-z or 0-9
    pool.yaml: agent a: it stands there twice
    pool.yaml: agent a: max_concurrent_issues is 0, not 1 to 128
    pool.yaml:1:46: expected a whole number from 0 up
    pool.yaml: agent a: a.md:4:1: kind `command` needs a `program`
    ");
    let sly = r#"subagents: [ { id: a, model: "x\nprogram: evil" } ]"#;
    let imported = import_pool(sly, "pool.yaml").unwrap();
    let (definition, _) = Definition::parse(&imported.definitions[0].text, "a.md").unwrap();
    let model = Some("x\nprogram: evil".to_owned());
    assert_eq!((definition.model, definition.program), (model, None));
}
