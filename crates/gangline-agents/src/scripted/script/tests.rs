use super::*;

fn parse(text: &str) -> Result<Script, String> {
    Script::parse(text, "work.yaml", 0).map_err(|error| error.to_string())
}

fn walk(text: &str, situation: Situation) -> Walk {
    Walk::new(parse(text).unwrap(), situation)
}

fn said(walk: &mut Walk) -> Vec<String> {
    let mut said = vec![];
    for step in walk {
        if let Step::Ask(_) = step {
            break;
        }
        let Step::Say(text) = step else { panic!("{step:?}") };
        said.push(text);
    }
    said
}

#[test]
fn every_step_can_be_written() {
    let script = parse(include_str!("../../../fixtures/scripted/every-step.yaml")).unwrap();
    assert_eq!(script.steps.len(), 37);
}

#[test]
fn short_and_long_forms_mean_the_same() {
    let short =
        parse("steps:\n- commit: one\n- run: [a, b]\n- delete: x\n- checkout: main").unwrap();
    let long = parse(
        "steps:\n- commit: { message: one }\n- run: { argv: [a, b] }\n- delete: { path: x }\n\
         - checkout: { branch: main }",
    )
    .unwrap();
    assert_eq!(short, long);
}

#[test]
fn a_mistake_is_shown_with_file_line_and_column() {
    let errors: Vec<String> = [
        "steps:\n  - say: hi\n  - wrtie: { path: a, text: b }\n",
        "steps:\n  - sleep: soon\n",
        "steps:\n  - write: { path: a, txet: b }\n",
        "steps:\n  - on: { try: 1, steps: [ { sleep: -1 } ] }\n",
        "steps:\n  - run: cargo test\n",
        "steps:\n  - commit: { msg: a }\n",
        "steps:\n  - commit: 42\n",
        "steps:\n  - run: []\n",
        "steps: [\n",
        "stepps: []\n",
        "version: 9\nsteps: []\n",
        "steps:\n  - kill_self: HUP\n",
        "",
    ]
    .iter()
    .map(|text| parse(text).unwrap_err())
    .collect();
    insta::assert_snapshot!(errors.join("\n"), @"
    work.yaml:3:5: unknown variant `wrtie`, expected one of say, think, plan, tool, write, append, replace, delete, write_output, leave_dirty, nested_repo, run, stage, commit, checkout, sleep, usage, claim, claim_raw, call, ask, await_steer, raw, flood, hang, fork, daemonise, exit, kill_self, quota, auth_fail, give_up, no_change, on
    work.yaml:2:12: expected a whole number from 0 up
    work.yaml:2:23: unknown field `txet`, expected one of path, text, may_fail
    work.yaml:2:37: expected a whole number from 0 up
    work.yaml:2:10: expected a list such as [cargo, test], because no shell reads it
    work.yaml:2:15: unknown field `msg`, expected one of message, date, all, allow_empty
    work.yaml:2:5: invalid type: integer `42`, expected the step's short form, or its fields
    work.yaml:2:10: expected a list with a program in it
    work.yaml:1:8: unclosed bracket '['
    work.yaml:1:1: unknown field `stepps`, expected one of version, pace_ms, steps
    work.yaml: version 9 is not known; this program speaks version 1
    work.yaml:2:16: unknown variant `HUP`, expected one of KILL, TERM, INT, ABRT, SEGV
    work.yaml:1:1: unexpected end of file
    ");
}

#[test]
fn a_script_inside_a_brief_is_blamed_at_the_brief_s_own_line() {
    let error = Script::parse("steps:\n  - nope: 1\n", "MISSION_BRIEF.md", 10).unwrap_err();
    assert_eq!(error.line, 12);
}

#[test]
fn conditions_choose_the_steps_of_the_situation() {
    let text = "
steps:
- on: { try: 1, steps: [ { say: first } ], else: [ { say: later } ] }
- on: { resumed: true, steps: [ { say: resumed } ] }
- on: { hint_contains: ROUND, steps: [ { say: hinted } ] }
- on: { brief_contains: 0 commits, try: 2, steps: [ { say: told } ] }
- say: end
";
    let situation = Situation { try_no: 1, ..Situation::default() };
    assert_eq!(said(&mut walk(text, situation)), ["first", "end"]);
    let situation = Situation {
        try_no: 2,
        resumed: true,
        hints: "please round up".to_owned(),
        brief: "there were 0 commits".to_owned(),
    };
    assert_eq!(said(&mut walk(text, situation)), ["later", "resumed", "hinted", "told", "end"]);
}

#[test]
fn an_answer_chooses_the_branch_and_the_rest_follows() {
    let text = "
steps:
- ask: { text: Which?, answers: { A: [ { say: a } ] }, otherwise: [ { say: other } ] }
- say: end
";
    for (answer, expected) in [(" a\n", ["a", "end"]), ("b", ["other", "end"])] {
        let mut walk = walk(text, Situation::default());
        assert_eq!(said(&mut walk), Vec::<String>::new());
        walk.answered(answer);
        assert_eq!(said(&mut walk), expected);
    }
}

#[test]
fn a_script_survives_being_written_and_read() {
    let script = parse(include_str!("../../../fixtures/scripted/every-step.yaml")).unwrap();
    let json = serde_json::to_string(&script).unwrap();
    assert_eq!(serde_json::from_str::<Script>(&json).unwrap(), script);
}

/// All steps, as the error about an unknown one lists them.
fn all_steps() -> Vec<String> {
    let error = parse("steps:\n- no_such_step: 1").unwrap_err();
    let (_, list) = error.split_once("expected one of ").unwrap();
    list.split(", ").map(ToOwned::to_owned).collect()
}

#[test]
fn every_step_is_documented_and_has_its_example() {
    let page = include_str!("../../../../../docs/scripted-agent.md");
    let example = include_str!("../../../fixtures/scripted/every-step.yaml");
    for step in all_steps() {
        assert!(page.contains(&format!("| `{step}: ")), "docs/scripted-agent.md lacks `{step}`");
        assert!(example.contains(&format!("\n  - {step}: ")), "every-step.yaml lacks `{step}`");
    }
}

#[test]
fn the_documented_ticket_is_a_script() {
    let page = include_str!("../../../../../docs/scripted-agent.md");
    let (block, _) = crate::fence::take(page, "gangline-script");
    let block = block.unwrap();
    // The page quotes a whole ticket, fences and all.
    let script = Script::parse(&block.text, "docs/scripted-agent.md", block.lines_before).unwrap();
    let mut walk = Walk::new(script, Situation { try_no: 1, ..Situation::default() });
    assert!(!walk.any(|step| matches!(step, Step::Commit(_))), "the first try lies");
}
