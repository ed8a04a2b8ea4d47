//! Another agent reads a change before it lands.

use crate::world::{POLICY, World};

/// Divides by zero, unless it was told that it does.
const AUTHOR: &str = "\
- on:
    brief_contains: divides by zero
    steps:
      - write: { path: src/half.txt, text: \"half = price / 2\\n\" }
    else:
      - write: { path: src/half.txt, text: \"half = price / 0\\n\" }
- commit: \"${KEY}: half\"
- say: Done.
";

/// Finds a division by zero where there is one. Its checkout cannot be written to.
const READER: &str = "---
name: reader
kind: scripted
script: |
  steps:
  - run: { argv: [sh, -c, \"! touch stray\"], must_pass: true }
  - on:
      brief_contains: \"+half = price / 0\"
      steps:
        - say: |
            Read.
            ```json
            { \"summary\": \"one bug\", \"findings\": [
              { \"file\": \"src/gone.txt\", \"line\": 9, \"severity\": \"blocking\", \"text\": \"seen in a dream\" },
              { \"file\": \"src/half.txt\", \"line\": 1, \"severity\": \"blocking\", \"text\": \"divides by zero\" } ] }
            ```
      else:
        - say: '{ \"summary\": \"fine\", \"findings\": [] }'
---
";

const MUTE: &str = "---
name: reader
kind: scripted
script: |
  steps:
  - say: Looks good to me!
---
";

fn world(reader: &str, reviewer: &str, limits: &str) -> World {
    let world = World::unborn();
    let policy = format!(
        "{POLICY}\n[agents]\ndefault = \"scripted\"\n[reviewer]\nagents = [\"reader\"]\n{reviewer}\
         [limits]\n{limits}"
    );
    world.write("gangline.toml", policy);
    world.write("test.sh", crate::world::SUITE);
    world.write(".gangline/agents/scripted.md", crate::world::SCRIPTED);
    world.write(".gangline/agents/reader.md", reader);
    world.git("add -A");
    world.git("commit --quiet -m Start");
    world
}

fn review(world: &World) -> serde_json::Value {
    let shown = world.json(&["show", "APP-1"]);
    let checks = shown["report"]["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == "review").cloned().unwrap_or_default()
}

/// Runs of all reviews, each of which has a folder.
fn reviews_begun(world: &World) -> usize {
    let jobs = std::fs::read_dir(world.path("state/jobs")).unwrap();
    let jobs = jobs.map(|job| job.unwrap().path());
    let reviews = jobs.filter(|job| job.to_string_lossy().contains(".APP-1.r"));
    reviews.map(|job| std::fs::read_dir(job).unwrap().count()).sum()
}

#[test]
fn what_a_reviewer_finds_goes_back_to_the_author_and_lands_when_it_is_mended() {
    let world = world(READER, "", "");
    let file = world.ticket("Halve the price", AUTHOR);
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(world.git("show main:src/half.txt"), "half = price / 2");
    let check = review(&world);
    assert_eq!(check["verdict"], "pass", "{check}");
    assert_eq!(check["fact"], "nothing found by reader (scripted, the author's own kind): fine");
    let shown = world.json(&["show", "APP-1"]);
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 2);
    // A finding about a file that is not there blocks nothing; all of them go back at once.
    let brief = world.done(&["brief", "APP-1"]);
    assert!(brief.contains("FAIL review: 1 blocking finding and 1 remark by reader"), "{brief}");
    assert!(brief.contains("src/half.txt:1: divides by zero"), "{brief}");
    assert!(brief.contains("src/gone.txt: (remark) (there is no such file) seen in"), "{brief}");
    let replayed = world.done(&["doctor", "--replay"]);
    assert!(replayed.contains("give the stored rows"), "{replayed}");
}

#[test]
fn a_person_may_land_what_a_reviewer_would_not_and_it_is_not_read_twice() {
    let world = world(READER, "", "tries = 1\n");
    let file = world.ticket("Halve the price", AUTHOR);
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 6, "{}{}", said.out, said.err);
    world.done(&["recheck", "APP-1"]);
    assert_eq!(world.run(&["run", "APP-1"]).code, 7);
    let page = world.done(&["show", "APP-1"]);
    assert!(page.contains("look at this:") && page.contains("divides by zero"), "{page}");
    assert_eq!(reviews_begun(&world), 1);
    world.done(&["approve", "APP-1"]);
    assert_eq!(world.run(&["run", "APP-1"]).code, 0);
}

#[test]
fn an_answer_that_nobody_can_read_is_no_review() {
    let world = world(MUTE, "", "");
    let file = world.ticket("Halve the price", AUTHOR);
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 6, "{}{}", said.out, said.err);
    assert_eq!(reviews_begun(&world), 2);
    let shown = world.json(&["show", "APP-1"]);
    assert_eq!(shown["tries_spent"], 0, "that is no fault of the author");
    let page = world.done(&["show", "APP-1"]);
    assert!(page.contains("it was not reviewed: 2 reviewers gave no answer"), "{page}");
    assert!(page.contains("no JSON object with `findings`"), "{page}");
}

#[test]
fn findings_may_only_be_told() {
    let world = world(READER, "findings = \"note\"\n", "");
    let file = world.ticket("Halve the price", AUTHOR);
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let check = review(&world);
    assert_eq!((&check["verdict"], &check["required"]), (&"fail".into(), &false.into()), "{check}");
    // Nobody who can answer: what is only told does not keep it from landing.
    let world = self::world(MUTE, "findings = \"note\"\n", "");
    let file = world.ticket("Halve the price", AUTHOR);
    assert_eq!(world.run(&["run", "-f", &file]).code, 0);
    assert_eq!(review(&world)["verdict"], "inconclusive");
}

#[test]
fn failures_and_findings_go_back_in_one_batch() {
    let world = world(READER, "after = \"always\"\n", "tries = 1\n");
    let steps =
        AUTHOR.replace("- commit", "- write: { path: test.sh, text: \"exit 1\\n\" }\n- commit");
    let file = world.ticket("Halve the price", &steps);
    let said = world.run(&["run", "-f", &file, "--permit", "test.sh"]);
    assert_eq!(said.code, 6, "{}{}", said.out, said.err);
    let page = world.done(&["show", "APP-1"]);
    assert!(page.contains("divides by zero") && page.contains("test"), "{page}");
}

#[test]
fn a_reviewer_that_is_not_there_is_told_at_once() {
    let world = World::with_policy(&format!(
        "{POLICY}\n[agents]\ndefault = \"scripted\"\n[reviewer]\nagents = [\"nobody\"]\n"
    ));
    let refused = world.refused(&["add", "Halve the price"]);
    assert!(refused.contains("gangline.toml names the agent nobody; there are"), "{refused}");
}
