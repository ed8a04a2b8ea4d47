use super::*;

fn of(prompt: &str) -> Scenario {
    Scenario::in_prompt(prompt).unwrap().expect("a scenario")
}

#[test]
fn marks_are_played_in_their_order() {
    let scenario = of(
        "do @@write:a/b.txt=x=1@@ and @@run:ls @@\nthen @@commit@@ @@err529:2@@ @@err401@@ @@sleep:5@@ @@hang@@ @@quota:7@@ @@say:bye@@ a@@b",
    );
    insta::assert_debug_snapshot!(scenario, @r#"
    Scenario {
        calls: [
            Write {
                write: Written {
                    path: "a/b.txt",
                    text: "x=1",
                },
            },
            Run {
                run: "ls ",
            },
            Write {
                write: Written {
                    path: "hello.txt",
                    text: "hello\n",
                },
            },
            Commit {
                commit: "Add hello.txt",
            },
        ],
        first: None,
        last: Some(
            "bye",
        ),
        faults: [
            Error {
                status: 529,
                times: Some(
                    2,
                ),
            },
            Error {
                status: 401,
                times: None,
            },
            SleepMs(
                5,
            ),
            Hang,
            Quota {
                resets_at: 7,
            },
        ],
        when: [],
    }
    "#);
}

#[test]
fn a_prompt_without_a_scenario_has_none() {
    assert_eq!(Scenario::in_prompt("just text, me@@you").unwrap(), None);
    assert!(matches!(Scenario::in_prompt("@@dance@@"), Err(ScenarioError::Mark(_))));
    assert!(matches!(Scenario::in_prompt("```model-stub\n{]\n```"), Err(ScenarioError::Block(_))));
}

#[test]
fn a_block_is_played_and_another_one_with_a_hint() {
    let block = r#"```model-stub
{ "calls": [ { "run": "false" } ], "final": "no",
  "when": [ { "contains": "Half Up", "calls": [ { "commit": "it's" } ], "final": "yes" } ] }
```"#;
    let plain = of(&format!("Ticket\n{block}\n"));
    assert_eq!((plain.calls.len(), plain.last.as_deref()), (1, Some("no")));
    let hinted = of(&format!("Ticket\n{block}\nround half up\n"));
    assert_eq!(hinted.last.as_deref(), Some("yes"));
    assert_eq!(hinted.calls, [Call::Commit { commit: "it's".to_owned() }]);
}
