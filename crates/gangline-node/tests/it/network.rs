//! An agent reaches the hosts that are listed for it, and no others.

use gangline_domain::job::{EndKind, Infra};
use gangline_node::journal::{Passage, PassageStep, What};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::control::whats;
use crate::world::{POLICY, World, attempt_of, fence, ticket, without_sandbox};

/// A host that answers every request with `hi`, and its port.
async fn host() -> (tokio::task::JoinHandle<()>, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = vec![];
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else { break };
                head.push(byte);
            }
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
            stream.write_all(answer).await.ok();
        }
    };
    #[expect(clippy::disallowed_methods, reason = "the host outlives nothing but this test")]
    let task = tokio::spawn(serving);
    (task, port)
}

/// Asks for addresses on the web, and appends `STATUS BODY`, or what came instead, to a file.
const ASK: &str = r#"
import sys, urllib.error, urllib.request
for url in sys.argv[2:]:
    try:
        answer = urllib.request.urlopen(url, timeout=10)
        said = f"{answer.status} {answer.read().decode()}"
    except urllib.error.HTTPError as error:
        said = str(error.code)
    except OSError:
        said = "none"
    with open(sys.argv[1], "a") as file:
        file.write(said + ";")
"#;

fn ask(urls: &[String], file: &str) -> String {
    let program = serde_json::to_string(ASK).unwrap();
    let argv = [&["python3".to_owned(), "ask.py".to_owned(), file.to_owned()][..], urls].concat();
    let argv = serde_json::to_string(&argv).unwrap();
    format!("\n  - write: {{ path: ask.py, text: {program} }}\n  - run: {argv}\n  - say: Done.")
}

fn passages(found: &[What]) -> Vec<&Passage> {
    let passages = found.iter().filter_map(|what| match what {
        What::Network { passage } => Some(passage),
        _other => None,
    });
    passages.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn listed_hosts_are_reached_and_others_are_denied_and_told() {
    let (_serving, listed) = host().await;
    let (_other_serving, unlisted) = host().await;
    let policy = format!(
        "{POLICY}\n[network]\nallow = [\"127.0.0.1:{listed}\"]\n\
         [agents.definitions.worker]\nnetwork = \"proxy\"\n"
    );
    let mut world = World::with(&policy, |_config| {}).await;
    let mut ticket = ticket(1, "");
    let file = world.places.output(&ticket.id).join("seen").display().to_string();
    let steps = ask(
        &[
            format!("http://127.0.0.1:{listed}/"),
            format!("http://127.0.0.1:{unlisted}/"),
            "http://example.invalid/".to_owned(),
            "https://example.invalid/".to_owned(),
        ],
        &file,
    );
    ticket = crate::world::ticket(1, &steps);
    let end = world.attempt(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{:?}", end.claim);
    let seen = std::fs::read_to_string(&file).unwrap();
    assert_eq!(seen, "200 hi;none;403;none;");

    let found = whats(&world.job_places(&attempt_of(&mut ticket).job.clone(), fence(10)));
    let told: Vec<String> = passages(&found)
        .iter()
        .map(|it| format!("{:?} {}:{} {}", it.step, it.host, it.port, it.received_bytes > 0))
        .collect();
    let expected = [
        format!("Opened 127.0.0.1:{listed} false"),
        format!("Closed 127.0.0.1:{listed} true"),
        "Denied example.invalid:80 false".to_owned(),
        "Denied example.invalid:443 false".to_owned(),
    ];
    assert_eq!(told, expected);
    let denied = passages(&found)[2];
    assert_eq!(
        (denied.step, denied.why.as_deref()),
        (PassageStep::Denied, Some("no rule allows it"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_without_hosts_of_its_own_reaches_none() {
    let (_serving, port) = host().await;
    let policy = format!("{POLICY}\n[agents.definitions.worker]\nnetwork = true\n");
    let mut world = World::with(&policy, |_config| {}).await;
    let mut ticket = ticket(1, "");
    let file = world.places.output(&ticket.id).join("seen").display().to_string();
    let steps = ask(&[format!("http://127.0.0.1:{port}/")], &file);
    ticket = crate::world::ticket(1, &steps);
    world.attempt(&mut ticket).await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "none;");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_cannot_be_had_starts_nothing() {
    let policy = format!("{POLICY}\n[agents.definitions.worker]\nnetwork = \"proxy\"\n");
    let mut world = World::with(&policy, without_sandbox).await;
    let mut ticket = ticket(1, "  - say: Done.");
    let end = world.attempt(&mut ticket).await;
    let EndKind::Infra(Infra::SetupFailed(why)) = end.how else { panic!("{:?}", end.how) };
    assert!(why.contains("install bubblewrap"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_machine_gives_no_more_than_it_wants() {
    let (_serving, port) = host().await;
    let policy = format!("{POLICY}\n[agents.definitions.worker]\nnetwork = \"open\"\n");
    let ceiling = gangline_domain::network::NetworkMode::Proxy;
    let mut world = World::with(&policy, |config| config.machine.sandbox.network = ceiling).await;
    let mut ticket = ticket(1, "");
    let file = world.places.output(&ticket.id).join("seen").display().to_string();
    let steps = ask(&[format!("http://127.0.0.1:{port}/")], &file);
    ticket = crate::world::ticket(1, &steps);
    let end = world.attempt(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "none;");
}
