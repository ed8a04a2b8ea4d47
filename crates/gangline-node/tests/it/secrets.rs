//! Secrets: who gets them, and where they never turn up.

use std::collections::BTreeMap;
use std::path::Path;

use gangline_domain::job::{EndKind, Infra, JobResult};
use gangline_domain::verdict::Verdict;
use gangline_node::NodeConfig;
use gangline_policy::MachineConfig;

use crate::world::{POLICY, World, commit_all, ticket, without_sandbox};

/// A value that stands in need of every escape.
const CANARY: &str = "cnry/7Qm+Zx92\"kLw tR5";
/// A key as the machine's environment would have it: these tests set none, so it is a file's.
const OTHER: &str = "othr-4f9a8b2c7d6e";

const WORKER: &str = "---\nname: worker\ndescription: plays scripts\nkind: scripted\n\
    secrets: [TOKEN=canary, canary, OTHER=other]\n---\nPlay.\n";

/// A world whose machine has two secrets for its repository, and whose worker names them.
async fn world(policy: &str, change: impl FnOnce(&mut NodeConfig)) -> World {
    let world = World::with(policy, |config| {
        let root = config.places.state.parent().unwrap().to_owned();
        for (name, value) in [("canary", CANARY), ("other", OTHER)] {
            std::fs::write(root.join(name), value).unwrap();
        }
        let text = format!(
            "[secrets.canary]\nfrom = \"file://{0}/canary\"\nrepositories = [\"{0}/repo\"]\n\
             [secrets.other]\nfrom = [\"cat\", \"{0}/other\"]\nrepositories = [\"{0}/repo\"]\n",
            root.display()
        );
        config.machine.secrets = MachineConfig::parse(&text, "config.toml").unwrap().secrets;
        change(config);
    });
    let world = world.await;
    std::fs::write(world.repo.join(".gangline/agents/worker.md"), WORKER).unwrap();
    commit_all(&world.repo, "The worker names secrets");
    world
}

/// All files below a folder whose bytes hold one of these, folders that are the agent's own apart.
fn holding(folder: &Path, forms: &[Vec<u8>]) -> Vec<String> {
    let (mut open, mut found) = (vec![folder.to_owned()], vec![]);
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(&at).unwrap().flatten() {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            let tree = at.parent().is_some_and(|above| above == folder.join("worktrees"));
            if kind.is_dir() && !tree {
                open.push(path);
            } else if kind.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                let holds = |form: &Vec<u8>| bytes.windows(form.len()).any(|part| part == form);
                if forms.iter().any(holds) {
                    found.push(path.display().to_string());
                }
            }
        }
    }
    found
}

/// The canary as it is and as a shell's tools print it; and its first half, which nothing cuts off.
fn forms(world: &World) -> Vec<Vec<u8>> {
    let file = world.root.path().join("canary");
    let base64 = shell(&format!("base64 -w0 < {}", file.display()));
    let hex = shell(&format!("od -An -v -tx1 < {} | tr -d ' \\n'", file.display()));
    assert_eq!(hex.len(), CANARY.len() * 2);
    let json = serde_json::to_string(CANARY).unwrap();
    let json = json.trim_matches('"').to_owned();
    let url = "cnry%2F7Qm%2BZx92%22kLw%20tR5".to_owned();
    let all = [CANARY.to_owned(), CANARY[..10].to_owned(), json, url, hex, base64[..26].to_owned()];
    let all = all.into_iter().map(String::into_bytes);
    all.chain([OTHER.as_bytes().to_vec(), OTHER.as_bytes()[5..].to_vec()]).collect()
}

#[expect(clippy::disallowed_methods, reason = "a person's own shell")]
fn shell(line: &str) -> String {
    let output = std::process::Command::new("sh").args(["-c", line]).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Prints the secret in all manners, in pieces too, and commits it; its file is named by it.
const LEAKS: &str = r#"
  - run: [sh, -c, "echo $TOKEN; echo $OTHER >&2; cat /secrets/canary; ls -l /secrets"]
  - run: [sh, -c, "printf %s \"$TOKEN\" | base64; printf %s \"$TOKEN\" | od -An -v -tx1 | tr -d ' \n'"]
  - run: [python3, -c, "import os, json, urllib.parse as u; t = os.environ['TOKEN']; print(json.dumps(json.dumps({'a': t})), u.quote(t, ''), u.quote_plus(t))"]
  - run: [sh, -c, "head -c 1900 /dev/zero | tr '\\0' x; printf %s \"$TOKEN\""]
  - run: [sh, -c, "mkdir \"$OTHER\"; touch \"$OTHER/$OTHER\""]
  - run: [sh, -c, "echo \"$TOKEN\" > leaked.txt; git add leaked.txt; git commit -qm \"of $OTHER\""]
  - run: [sh, -c, "git rm -q leaked.txt; git commit -qm gone; echo 3.00 > total.txt; git commit -qam new"]
  - run: [sh, -c, "printf '{\"status\":\"completed\",\"summary\":\"it is %s\"}' $OTHER > $GANGLINE_OUTCOME"]
  - say: Done."#;

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_turns_up_nowhere_and_a_commit_that_held_it_fails() {
    let policy = POLICY.replace("sh test.sh", "cat total.txt /secrets/canary; echo $KEY; exit 0");
    let policy = format!("{policy}secrets = [\"canary\", \"KEY=other\"]\n");
    let mut world = world(&policy, |_config| {}).await;
    let forms = forms(&world);
    let mut ticket = ticket(1, LEAKS);
    let (end, snapshot) = world.worked(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{:?}", end.claim);
    assert_eq!(end.claim.summary, "it is [secret other]");
    assert_eq!(snapshot.dirty_paths, ["[secret other]/[secret other]"]);
    let report = world.verify(&mut ticket, &end, &snapshot).await;
    let check = report.checks.iter().find(|check| check.name == "secrets").unwrap();
    assert_eq!(check.verdict, Verdict::Fail);
    let told = check.lines.join("\n");
    assert!(told.contains("[secret canary] in leaked.txt"), "{told}");
    assert!(told.contains("[secret other] in commit "), "{told}");
    assert!(told.contains("take it out of every commit"), "{told}");
    let test = report.checks.iter().find(|check| check.name == "test").unwrap();
    assert_eq!(test.verdict, Verdict::Pass, "{test:?}");
    let log = &test.evidence.as_ref().unwrap().log_file;
    let logs = holding(&world.places.state, &[b"3.00\n[secret canary][secret other]\n".to_vec()]);
    assert!(logs.iter().any(|path| path.ends_with(log)), "{logs:?}");

    assert_eq!(holding(&world.places.state, &forms), Vec::<String>::new());
    let journals = holding(&world.places.state, &[b"[secret canary]".to_vec()]);
    assert!(journals.iter().any(|path| path.ends_with("journal.jsonl")), "{journals:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_without_them_passes() {
    let mut world = world(POLICY, |_config| {}).await;
    let mut ticket = ticket(
        1,
        r#"
  - run: [sh, -c, "test \"$TOKEN\" = \"$(cat /secrets/canary)\" && ! test -w /secrets/canary"]
  - run: [sh, -c, "! rm -f /secrets/canary && ! touch /secrets/x"]
  - write: { path: total.txt, text: "3.00\n" }
  - commit: "${KEY}: round"
  - say: Done."#,
    );
    let (end, snapshot) = world.worked(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{:?}", end.claim);
    let report = world.verify(&mut ticket, &end, &snapshot).await;
    let facts: BTreeMap<&str, &str> =
        report.checks.iter().map(|check| (check.name.as_str(), check.fact.as_str())).collect();
    assert_eq!(facts["secrets"], "no secret was committed");
    assert_eq!(report.verdict(), Verdict::Pass);
    assert_eq!(holding(&world.places.state, &forms(&world)), Vec::<String>::new());
}

async fn refused(world: &mut World) -> String {
    let mut ticket = ticket(1, "  - say: Done.");
    let end = world.attempt(&mut ticket).await;
    let EndKind::Infra(Infra::SetupFailed(why)) = end.how else { panic!("{:?}", end.how) };
    why
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_without_its_secret_is_not_started() {
    let mut world = world(POLICY, |config| {
        for reference in config.machine.secrets.values_mut() {
            reference.repositories = ["/somewhere/else".into()].into();
        }
    })
    .await;
    let why = refused(&mut world).await;
    assert!(why.contains("[secrets.canary] to config.toml"), "{why}");
    assert!(why.contains(&format!("[{:?}]", world.repo.display().to_string())), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_needs_a_place_in_memory() {
    let mut world = world(POLICY, without_sandbox).await;
    let why = refused(&mut world).await;
    assert!(why.contains("write VARIABLE=canary in the definition"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_that_cannot_know_what_was_given_passes_nothing() {
    let mut world = world(POLICY, |_config| {}).await;
    let steps = "  - write: { path: total.txt, text: \"3\\n\" }\n  - commit: round\n  - say: Done.";
    let mut ticket = ticket(1, steps);
    let (end, snapshot) = world.worked(&mut ticket).await;
    std::fs::remove_file(world.root.path().join("canary")).unwrap();
    crate::world::verifying(&mut ticket, &end, &snapshot);
    let (job, fence) = world.dispatch(&ticket).await;
    let JobResult::Failed(Infra::SetupFailed(why)) = world.end_of(&job, fence).await else {
        panic!("it was verified")
    };
    assert!(why.contains("the secret canary cannot be read: file://"), "{why}");
}
