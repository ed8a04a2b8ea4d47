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
