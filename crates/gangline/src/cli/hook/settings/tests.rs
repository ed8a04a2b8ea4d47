use super::*;

const COMMAND: &str = "gangline hook task";

fn new(text: &str) -> String {
    let Ok(Merged::New(new)) = merged(text, COMMAND) else { panic!("{:?}", merged(text, COMMAND)) };
    assert_eq!(merged(&new, COMMAND), Ok(Merged::There), "{new}");
    let other = "gangline hook task --agent tester";
    assert_eq!(merged(&new, other), Ok(Merged::Other(COMMAND.to_owned())), "{new}");
    new
}

#[test]
fn a_file_that_is_not_there_begins_with_the_hook() {
    assert_eq!(new(""), new(" \n"));
    insta::assert_snapshot!(new(""), @r#"
    {
      "hooks": {
        "PreToolUse": [
          {
            "matcher": "Task|Agent",
            "hooks": [
              {
                "type": "command",
                "command": "gangline hook task",
                "timeout": 60
              }
            ]
          }
        ]
      }
    }
    "#);
}

#[test]
fn what_is_there_stays_as_it_is_to_the_byte() {
    insta::assert_snapshot!(new("{}"), @r#"
    {
      "hooks": {
        "PreToolUse": [
          {
            "matcher": "Task|Agent",
            "hooks": [
              {
                "type": "command",
                "command": "gangline hook task",
                "timeout": 60
              }
            ]
          }
        ]
      }
    }
    "#);
    insta::assert_snapshot!(new("{\n\t\"z\": 1.50,\n\t\"a\":   [1,2]\n}\n"), @r#"
    {
    	"z": 1.50,
    	"a":   [1,2],
    	"hooks": {
    		"PreToolUse": [
    			{
    				"matcher": "Task|Agent",
    				"hooks": [
    					{
    						"type": "command",
    						"command": "gangline hook task",
    						"timeout": 60
    					}
    				]
    			}
    		]
    	}
    }
    "#);
    insta::assert_snapshot!(new("{\n    \"hooks\": {},\n    \"model\": \"opus\"\n}\n"), @r#"
    {
        "hooks": {
            "PreToolUse": [
                {
                    "matcher": "Task|Agent",
                    "hooks": [
                        {
                            "type": "command",
                            "command": "gangline hook task",
                            "timeout": 60
                        }
                    ]
                }
            ]
        },
        "model": "opus"
    }
    "#);
    let bash = "{\n  \"hooks\": {\n    \"PreToolUse\": [\n      { \"matcher\": \"Bash\", \"hooks\": \
                [ { \"type\": \"command\", \"command\": \"guard\" } ] }\n    ],\n    \"Stop\": []\n  }\n}\n";
    let with = new(bash);
    insta::assert_snapshot!(with, @r#"
    {
      "hooks": {
        "PreToolUse": [
          { "matcher": "Bash", "hooks": [ { "type": "command", "command": "guard" } ] },
          {
            "matcher": "Task|Agent",
            "hooks": [
              {
                "type": "command",
                "command": "gangline hook task",
                "timeout": 60
              }
            ]
          }
        ],
        "Stop": []
      }
    }
    "#);
    // Taking out what was put in gives what was there.
    let (before, after) = bash.split_once("\n    ],").unwrap();
    assert!(with.starts_with(before) && with.ends_with(&format!("\n    ],{after}")), "{with}");
    insta::assert_snapshot!(new(r#"{"hooks":{"PreToolUse":[]},"hooks":{"Stop":[]}}"#), @r#"
    {"hooks":{"PreToolUse":[]},"hooks":{"Stop":[],
      "PreToolUse": [
        {
          "matcher": "Task|Agent",
          "hooks": [
            {
              "type": "command",
              "command": "gangline hook task",
              "timeout": 60
            }
          ]
        }
      ]
    }}
    "#);
}

#[test]
fn what_is_no_settings_file_is_refused_with_its_line() {
    let refused = |text: &str| merged(text, COMMAND).unwrap_err();
    let cases = [
        "{\n  \"model\": \"opus\",\n  // mine\n}\n",
        "{\n  \"model\": \"opus\"\n",
        "\n[]",
        "{\n  \"hooks\":\n  []\n}",
        "{\n  \"hooks\": {\n    \"PreToolUse\": {} } }",
        "{} {}",
    ];
    let told = cases.map(|text| {
        let Malformed { line, message, .. } = refused(text);
        format!("{line}: {message}")
    });
    insta::assert_snapshot!(told.join("\n"), @"
    3: key must be a string
    3: EOF while parsing an object
    2: it is not an object
    3: `hooks` is not an object
    3: `hooks.PreToolUse` is not a list
    1: trailing characters
    ");
}
