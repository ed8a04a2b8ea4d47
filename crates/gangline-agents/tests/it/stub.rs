use std::path::Path;
use std::time::Duration;

use gangline_agents::stub::{ModelStub, real_claude};
use gangline_process::Cmd;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn post(stub: &ModelStub, path: &str, body: &Value) -> (String, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", stub.port())).await.unwrap();
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nx-api-key: secret\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let (first, second) = body.split_at(body.len() / 2);
    let chunks =
        format!("{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", first.len(), second.len());
    stream.write_all((head + &chunks).as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

fn request(messages: &Value) -> Value {
    json!({
        "model": "m", "stream": false, "system": "Primary working directory: /w\nmore",
        "tools": [{ "name": "Write" }], "messages": messages,
    })
}

#[tokio::test]
async fn the_step_follows_from_the_tool_results_after_the_prompt() {
    let stub = ModelStub::start().await.unwrap();
    let prompt = json!({ "role": "user", "content": "@@write:a.txt=1@@ @@run:ls@@ @@say:bye@@" });
    let result = json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "t", "content": "ok" }] });
    let earlier = json!({ "role": "user", "content": "@@commit@@" });
    let mut shown = vec![];
    for messages in [
        json!([prompt]),
        json!([earlier, result, prompt, result]),
        json!([prompt, result, result]),
        json!([{ "role": "user", "content": "nothing asked" }]),
    ] {
        let (status, body) = post(&stub, "/v1/messages?beta=true", &request(&messages)).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        shown.push(format!("{status}: {} {}", body["stop_reason"], body["content"][0]["input"]));
    }
    insta::assert_snapshot!(shown.join("\n"), @r#"
    HTTP/1.1 200 Status: "tool_use" {"content":"1","file_path":"/w/a.txt"}
    HTTP/1.1 200 Status: "tool_use" {"command":"ls","description":"Run a command"}
    HTTP/1.1 200 Status: "end_turn" null
    HTTP/1.1 200 Status: "end_turn" null
    "#);
}

#[tokio::test]
async fn answers_are_streamed_as_events() {
    let stub = ModelStub::start().await.unwrap();
    let mut request = request(&json!([{ "role": "user", "content": "@@write:a.txt=1@@" }]));
    request["stream"] = true.into();
    let (_, body) = post(&stub, "/v1/messages", &request).await;
    let names: Vec<&str> = body.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    let expected = [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ];
    assert_eq!(names, expected);
    assert!(body.contains("/w/a.txt"));
}

/// One request for each protocol: the same prompt, then the same with the tool's result.
fn conversations() -> [(&'static str, [Value; 2]); 3] {
    let prompt = "<cwd>/w</cwd> @@run:ls@@ @@say:bye@@";
    let asked = json!({ "role": "user", "content": [{ "type": "input_text", "text": prompt }] });
    let called = json!({ "type": "function_call_output", "call_id": "c", "output": "ok" });
    let responses = |input: &Value| json!({ "model": "m", "stream": true, "input": input, "tools": [{ "type": "function", "name": "exec_command" }] });
    let chat = |messages: &Value| {
        let tool = json!({ "type": "function", "function": { "name": "bash" } });
        json!({ "model": "m", "stream": true, "messages": messages, "tools": [tool] })
    };
    let said = json!({ "role": "user", "content": prompt });
    let result = json!({ "role": "tool", "tool_call_id": "c", "content": "ok" });
    let gemini = |contents: &Value| {
        let declared = json!([{ "functionDeclarations": [{ "name": "run_shell_command" }] }]);
        json!({ "contents": contents, "tools": declared })
    };
    let part = json!({ "role": "user", "parts": [{ "text": prompt }] });
    let answered = json!({ "role": "user", "parts": [{ "functionResponse": { "name": "x" } }] });
    [
        ("/v1/responses", [responses(&json!([asked])), responses(&json!([asked, called]))]),
        ("/v1/chat/completions", [chat(&json!([said])), chat(&json!([said, result]))]),
        (
            "/v1beta/models/gemini-pro:streamGenerateContent?alt=sse",
            [gemini(&json!([part])), gemini(&json!([part, answered]))],
        ),
    ]
}

#[tokio::test]
async fn every_protocol_plays_the_same_scenario_with_the_tools_that_are_offered() {
    let stub = ModelStub::start().await.unwrap();
    let mut shown = vec![];
    for (path, requests) in conversations() {
        for request in requests {
            let (_, body) = post(&stub, path, &request).await;
            let data: Vec<&str> =
                body.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
            let telling = data.iter().find(|data| data.contains("ls\\\"") || data.contains("bye"));
            shown.push(format!("{} events: {}", data.len(), telling.or(data.first()).unwrap()));
        }
    }
    insta::assert_snapshot!(shown.join("\n"), @r#"
    4 events: {"item":{"arguments":"{\"cmd\":\"ls\"}","call_id":"call_stub0001","id":"fc_stub0001","name":"exec_command","status":"in_progress","type":"function_call"},"output_index":0,"sequence_number":1,"type":"response.output_item.added"}
    5 events: {"content_index":0,"delta":"bye","item_id":"msg_stub0002","output_index":0,"sequence_number":2,"type":"response.output_text.delta"}
    4 events: {"choices":[{"delta":{"content":null,"role":"assistant","tool_calls":[{"function":{"arguments":"{\"command\":\"ls\",\"description\":\"Run a command\"}","name":"bash"},"id":"call_stub0001","index":0,"type":"function"}]},"finish_reason":null,"index":0}],"created":1700000000,"id":"chatcmpl-stub0001","model":"m","object":"chat.completion.chunk"}
    4 events: {"choices":[{"delta":{"content":"bye","role":"assistant"},"finish_reason":null,"index":0}],"created":1700000000,"id":"chatcmpl-stub0002","model":"m","object":"chat.completion.chunk"}
    1 events: {"candidates":[{"content":{"parts":[{"functionCall":{"args":{"command":"ls","description":"Run a command"},"id":"stub0001","name":"run_shell_command"}}],"role":"model"},"finishReason":"STOP","index":0}],"modelVersion":"gemini-pro","responseId":"stub0001","usageMetadata":{"candidatesTokenCount":20,"promptTokenCount":100,"totalTokenCount":120}}
    1 events: {"candidates":[{"content":{"parts":[{"text":"bye"}],"role":"model"},"finishReason":"STOP","index":0}],"modelVersion":"gemini-pro","responseId":"stub0002","usageMetadata":{"candidatesTokenCount":20,"promptTokenCount":100,"totalTokenCount":120}}
    "#);
    let (_, chat) = post(&stub, "/v1/chat/completions", &conversations()[1].1[0]).await;
    assert!(chat.ends_with("data: [DONE]\n\n"), "{chat}");
}

#[tokio::test]
async fn every_protocol_has_errors_of_its_own() {
    let stub = ModelStub::start().await.unwrap();
    let mut shown = vec![];
    for (path, [request, _]) in conversations() {
        for fault in ["@@err529@@", "@@err401@@", "@@quota:1800000000@@"] {
            let request = request.to_string().replace("@@run:ls@@", fault);
            let (status, body) = post(&stub, path, &serde_json::from_str(&request).unwrap()).await;
            shown.push(format!("{status} {body}").replace("HTTP/1.1 ", ""));
        }
    }
    insta::assert_snapshot!(shown.join("\n"), @r#"
    529 Status {"error":{"code":"server_is_overloaded","message":"The server is currently overloaded.","param":null,"type":"server_error"}}
    401 Status {"error":{"code":"invalid_api_key","message":"Incorrect API key provided.","param":null,"type":"invalid_request_error"}}
    429 Status {"error":{"message":"The usage limit has been reached","plan_type":"plus","resets_at":1800000000,"type":"usage_limit_reached"}}
    529 Status {"error":{"code":"server_is_overloaded","message":"The server is currently overloaded.","param":null,"type":"server_error"}}
    401 Status {"error":{"code":"invalid_api_key","message":"Incorrect API key provided.","param":null,"type":"invalid_request_error"}}
    429 Status {"error":{"message":"The usage limit has been reached","plan_type":"plus","resets_at":1800000000,"type":"usage_limit_reached"}}
    529 Status {"error":{"code":529,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}
    401 Status {"error":{"code":401,"message":"API key not valid. Please pass a valid API key.","status":"UNAUTHENTICATED"}}
    429 Status {"error":{"code":429,"message":"You exceeded your current quota. The limit resets at 1800000000.","status":"RESOURCE_EXHAUSTED"}}
    "#);
}

#[tokio::test]
async fn errors_come_as_often_as_they_are_asked_for() {
    let stub = ModelStub::start().await.unwrap();
    let ask = async |prompt: &str| {
        let messages = json!([{ "role": "user", "content": prompt }]);
        post(&stub, "/v1/messages", &request(&messages)).await.0
    };
    let mut answers = vec![];
    for prompt in
        ["@@err529:2@@", "@@err529:2@@", "@@err529:2@@", "@@err401@@", "@@err401@@", "@@dance@@"]
    {
        answers.push(ask(prompt).await.replace(" Status", ""));
    }
    assert_eq!(answers.join(" ").replace("HTTP/1.1 ", ""), "529 529 200 401 401 400");
    let seen = stub.seen();
    assert_eq!(seen.len(), 6);
    assert_eq!(seen[0].credential.as_deref(), Some("secret"));
    assert_eq!(post(&stub, "/v1/other", &json!({})).await.0, "HTTP/1.1 404 Status");
}

#[tokio::test]
async fn as_a_program_it_says_its_port_first() {
    let mut child = Cmd::new(env!("CARGO_BIN_EXE_gangline-model-stub")).spawn().unwrap();
    let mut stdout = child.take_stdout().unwrap();
    let mut line = String::new();
    let reading = async {
        while !line.ends_with('\n') {
            line.push(char::from(stdout.read_u8().await.unwrap()));
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reading).await.unwrap();
    let port: u16 = line.trim().parse().unwrap();
    TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    assert!(child.end(Duration::from_millis(200)).await.is_proven());
}

#[test]
fn a_missing_program_of_an_agent_fails_with_what_to_do() {
    if std::env::var_os("GANGLINE_CLAUDE_BIN").is_none() {
        let error = real_claude(Path::new("/nowhere")).unwrap_err().to_string();
        assert!(error.contains("run `make test` or `cargo xtask setup --for test`"), "{error}");
    }
}
