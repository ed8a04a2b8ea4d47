//! Agent definitions: what a repository has, and pools that become some.

use crate::world::{POLICY, World};

const POOL: &str = "\
subagents:
  - id: backend-1
    specialization: backend
    max_concurrent_issues: 4
    capabilities: [python, database]
  - id: web-1
    specialization: web
    max_concurrent_issues: 1
    capabilities: [typescript]
";

#[test]
fn definitions_are_listed_with_what_they_are_and_where_they_stand() {
    let world = World::with_policy(&format!(
        "{POLICY}\n[agents]\ndefault = \"scripted\"\n[agents.definitions.scripted]\nmax_concurrent = 7\n"
    ));
    let listed = world.json(&["agents", "list"]);
    let agents = listed["agents"].as_array().unwrap();
    let names: Vec<&str> = agents.iter().map(|agent| agent["name"].as_str().unwrap()).collect();
    let shipped =
        ["code-reviewer", "conflict-resolver", "documentation-writer", "orchestrator", "planner"];
    assert_eq!(names[..5], shipped);
    let scripted = &agents[5];
    assert_eq!((&scripted["max_concurrent"], &scripted["default"]), (&7.into(), &true.into()));
    assert_eq!(scripted["file"], ".gangline/agents/scripted.md");
    let shown = world.done(&["agents", "list", "--capability", "tests"]);
    assert!(shown.contains("test-writer") && shown.contains("shipped"), "{shown}");
    assert!(!shown.contains("code-reviewer"), "{shown}");
}

#[test]
fn a_pool_is_imported_whole_once_and_over_nothing() {
    let world = World::ready();
    let file = world.path("pool.yaml").display().to_string();
    std::fs::write(&file, POOL).unwrap();
    let said = world.done(&["agents", "import", "--dry-run", &file]);
    assert!(said.contains("would write .gangline/agents/backend-1.md"), "{said}");
    assert!(!world.repo.join(".gangline/agents/backend-1.md").exists());
    let said = world.done(&["agents", "import", &file]);
    assert!(said.contains("warning: ") && said.contains("4 at once are more than"), "{said}");
    assert!(world.done(&["agents", "import", &file]).contains("unchanged"));
    let agents = world.json(&["agents", "list", "--capability", "python"]);
    assert_eq!(agents["agents"][0]["name"], "backend-1");
    assert_eq!(agents["agents"][0]["max_concurrent"], 4);
    std::fs::write(&file, POOL.replace("backend\n", "server\n")).unwrap();
    let refused = world.refused(&["agents", "import", &file]);
    assert!(refused.starts_with("exit 5"), "{refused}");
    std::fs::write(&file, "subagents: [ { id: x }, { id: X } ]").unwrap();
    assert!(world.refused(&["agents", "import", &file]).contains("agent X"));
    assert!(!world.repo.join(".gangline/agents/x.md").exists(), "half of it was imported");
}

#[test]
fn tickets_choose_their_agent_by_label_or_capability() {
    let world = World::ready();
    let python = "---\nname: snake\nkind: scripted\ncapabilities: [python, sql]\n---\n";
    world.write(".gangline/agents/snake.md", python);
    world.git("add -A");
    world.git("commit --quiet -m Snake");
    let agent = |args: &[&str]| {
        let args: Vec<&str> = ["add", "--draft", "T"].iter().chain(args).copied().collect();
        world.json(&args)["agent"].as_str().unwrap().to_owned()
    };
    assert_eq!(agent(&["--capability", "python,sql"]), "snake");
    assert_eq!(agent(&["--label", "urgent,agent:snake"]), "snake");
    assert_eq!(agent(&["--label", "urgent"]), "scripted");
    // What nobody can do waits, visibly: a definition that can may yet be committed.
    world.done(&["add", "T", "--capability", "cobol"]);
    let shown = world.json(&["show", "APP-4"]);
    assert!(shown["wait"]["text"].as_str().unwrap().contains("cobol"), "{shown}");
    let refused = world.refused(&["add", "--draft", "T", "--label", "agent:nobody"]);
    assert!(refused.contains("nobody"), "{refused}");
}

#[test]
fn limits_that_a_kind_does_not_apply_are_told_wherever_the_agent_is_chosen() {
    let world = World::ready();
    let limited = "---\nname: limited\nkind: scripted\ntools: Read\nmaxTurns: 3\n---\n";
    world.write(".gangline/agents/limited.md", limited);
    world.git("add -A");
    world.git("commit --quiet -m Limited");
    let told = "agent limited: kind scripted does not apply `tools` and `maxTurns`";
    let listed = world.json(&["agents", "list"]);
    let warnings = listed["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|warning| warning.as_str().unwrap().starts_with(told)), "{listed}");
    assert!(world.done(&["agents", "list"]).contains(told));
    let added = world.done(&["add", "--draft", "T", "--agent", "limited"]);
    assert!(added.contains(told), "{added}");
    assert!(!world.done(&["add", "--draft", "T"]).contains("does not apply"));
    world.done(&["start", "APP-1"]);
    world.until_said("APP-1", told);
}
