use serde_json::Value;

use super::*;

/// The names that are promised.
const PROMISED: [&str; 21] = [
    "accept_plan",
    "answer_question",
    "approve_ticket",
    "check_worker_status",
    "delegate_ticket",
    "get_diff",
    "get_evidence",
    "get_issue",
    "get_merge_queue",
    "get_plan",
    "get_ticket",
    "get_worktree_status",
    "list_workers",
    "plan_goal",
    "retry_ticket",
    "search",
    "steer_worker",
    "stop_worker",
    "submit_issue_for_review",
    "update_ticket",
    "wait_for_events",
];

#[test]
fn all_promised_tools_are_there_and_no_other() {
    let mut names: Vec<&str> = all().iter().map(|tool| &*tool.name).collect();
    names.sort_unstable();
    assert_eq!(names, PROMISED);
}

#[test]
fn every_tool_says_what_it_may_do_and_what_it_takes_and_answers() {
    for tool in all() {
        let annotations = tool.annotations.as_ref().unwrap();
        let read = annotations.read_only_hint.unwrap();
        assert!(!(read && annotations.is_destructive()), "{}", tool.name);
        for schema in [&tool.input_schema, tool.output_schema.as_ref().unwrap()] {
            assert_eq!(schema["type"], "object", "{}", tool.name);
            let text = serde_json::to_string(schema).unwrap();
            for word in ["$ref", "\"null\"", "$schema", "$defs"] {
                assert!(!text.contains(word), "{} has {word}: {text}", tool.name);
            }
        }
        assert_eq!(tool.input_schema["additionalProperties"], false, "{}", tool.name);
    }
}

/// What a client has to read before it can call anything stays small.
#[test]
fn the_list_of_all_tools_is_short() {
    let bytes = serde_json::to_string(all()).unwrap().len();
    assert!(bytes < 34 * 1024, "{bytes} bytes");
}

#[test]
fn the_arguments_that_others_write_are_taken_as_they_write_them() {
    let takes = |tool: &str, arguments: Value| -> bool {
        let arguments = arguments.as_object().unwrap();
        match tool {
            "delegate_ticket" => read::<delegate::DelegateTicket>(tool, arguments).is_ok(),
            "get_issue" => read::<issues::GetIssue>(tool, arguments).is_ok(),
            "submit_issue_for_review" => {
                read::<issues::SubmitIssueForReview>(tool, arguments).is_ok()
            }
            _check => read::<workers::CheckWorkerStatus>(tool, arguments).is_ok(),
        }
    };
    let spawn = serde_json::json!({
        "ticketId": "105", "description": "Reject empty input", "ticketPath": "tickets/105",
    });
    assert!(takes("delegate_ticket", spawn));
    assert!(takes("check_worker_status", serde_json::json!({ "workerId": "worker-1" })));
    assert!(takes("get_issue", serde_json::json!({ "issue_id": "TURBOCODE-1" })));
    let submit = serde_json::json!({
        "issue_id": "TURBOCODE-1", "commit_url": "https://github.com/org/repo/commit/abc1234",
    });
    assert!(takes("submit_issue_for_review", submit));
    assert!(!takes("get_issue", serde_json::json!({ "issue_id": "A-1", "colour": "red" })));
}

#[test]
fn what_an_agent_wrote_comes_out_harmless_and_bounded() {
    #[derive(Serialize, JsonSchema)]
    struct Said {
        text: String,
    }
    impl Answer for Said {}
    let text = format!("\u{1b}]0;title\u{7}{}", "x".repeat(shown::TEXT_CHARS_MAX + 7));
    let told = told(&Said { text });
    let document = told.structured_content.unwrap();
    let shown = document["text"].as_str().unwrap();
    assert!(shown.starts_with("xxx") && shown.ends_with("… (7 more characters)"));
    assert_eq!(told.content[0].as_text().unwrap().text, document.to_string());
}
