//! What the daemon says of its machine is what the command line finds beside it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

use crate::world::World;

const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

/// `GET /api/v1/doctor`, over the daemon's socket.
fn asked(world: &World) -> Value {
    let socket = world.path("run/gangline.sock").display().to_string();
    let mut curl = world.other("curl");
    curl.args(["--silent", "--show-error", "--fail-with-body", "--max-time", "60"]);
    curl.args(["--unix-socket", &socket, "http://gangline/api/v1/doctor"]);
    let output = curl.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    // As what the program prints is shown.
    serde_json::from_str(&world.shown(&said)).expect(&said)
}

/// All findings but those of what goes on by itself meanwhile: free space, and what the daemon keeps.
fn findings(told: &Value) -> Vec<&Value> {
    let goes_on = ["disk", "backup", "hub"];
    let all = told["findings"].as_array().expect("findings").iter();
    all.filter(|finding| !goes_on.contains(&finding["what"].as_str().unwrap())).collect()
}

/// The finding about the issuer.
fn issuer(told: &Value) -> &Value {
    let mut all = told["findings"].as_array().unwrap().iter();
    all.find(|finding| finding["what"] == "oidc").unwrap_or_else(|| panic!("{told:#}"))
}

#[test]
fn the_daemon_and_the_command_line_find_the_same() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = format!("http://{}", listener.local_addr().unwrap());
    let world = World::ready();
    let config = format!(
        "[oidc]\nissuer = \"{name}\"\nclient_id = \"gangline\"\n[oidc.roles]\nL1 = {{ groups = [\"a\"] }}\n"
    );
    std::fs::write(world.path("config/config.toml"), config).unwrap();
    world.done(&["up", "--detach"]);
    let serving = std::thread::spawn({
        let (listener, name) = (listener.try_clone().unwrap(), name.clone());
        move || serve(&listener, &name)
    });
    let (daemon, beside) = (asked(&world), world.json(&["doctor"]));
    assert_eq!(findings(&daemon), findings(&beside));
    let looked_at = ["gangline", "git", "sandbox", "daemon", "oidc", "store", "jobs"];
    for what in looked_at {
        assert!(findings(&daemon).iter().any(|finding| finding["what"] == what), "{daemon:#}");
    }
    assert_eq!(daemon["healthy"], beside["healthy"]);
    for told in [&daemon, &beside] {
        let found = format!("{name} names itself so, and its keys can be read");
        assert_eq!(*issuer(told), json!({ "health": "good", "what": "oidc", "found": found }));
    }
    end(&listener);
    serving.join().unwrap();

    // It calls itself something else.
    let serving = std::thread::spawn({
        let listener = listener.try_clone().unwrap();
        move || serve(&listener, "https://login.example.org")
    });
    let (daemon, beside) = (asked(&world), world.json(&["doctor"]));
    assert_eq!((issuer(&daemon), &daemon["healthy"]), (issuer(&beside), &false.into()));
    let bad = issuer(&daemon);
    let found = bad["found"].as_str().unwrap();
    assert!(found.ends_with("it is that of another issuer, `https://login.example.org`"), "{bad}");
    let next = bad["next"].as_str().unwrap();
    let remedy = format!("look at {name}/.well-known/openid-configuration from here");
    assert!(next.starts_with(&remedy), "{bad}");
    end(&listener);
    serving.join().unwrap();
}

/// Answers as an issuer of this name, until it is asked for `/end`.
fn serve(listener: &TcpListener, name: &str) {
    for stream in listener.incoming() {
        let stream = stream.unwrap();
        let mut request = BufReader::new(stream.try_clone().unwrap()).lines();
        let first = request.next().unwrap().unwrap();
        while request.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let at = listener.local_addr().unwrap();
        let body = match first.split(' ').nth(1).unwrap() {
            "/end" => return,
            "/keys" => KEYS.to_owned(),
            _document => {
                json!({ "issuer": name, "jwks_uri": format!("http://{at}/keys") }).to_string()
            }
        };
        answer(stream, &body);
    }
}

fn answer(mut stream: TcpStream, body: &str) {
    let head = format!("content-type: application/json\r\ncontent-length: {}", body.len());
    write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\nconnection: close\r\n\r\n{body}").unwrap();
}

fn end(listener: &TcpListener) {
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    write!(stream, "GET /end HTTP/1.1\r\n\r\n").unwrap();
}
