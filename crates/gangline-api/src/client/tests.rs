use std::os::unix::net::UnixListener;
use std::path::Path;

use super::*;
use crate::ticket::TicketView;

/// A daemon that knows one answer.
struct Canned {
    _dir: tempfile::TempDir,
    socket: PathBuf,
    asked: std::thread::JoinHandle<String>,
}

impl Canned {
    fn answering(answer: &'static str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("s");
        let listener = UnixListener::bind(&socket).unwrap();
        let asked = std::thread::spawn(move || {
            use std::io::{Read as _, Write as _};
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") {
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(head).unwrap()
        });
        Self { _dir: dir, socket, asked }
    }

    fn client(&self) -> Client {
        Client::new(&self.socket, "Zoë B").with_timeout(Duration::from_secs(5))
    }
}

const TICKETS: &str =
    "HTTP/1.1 200 OK\r\ngangline-api: 1\r\ncontent-length: 14\r\n\r\n{\"tickets\":[]}";

#[tokio::test]
async fn a_request_names_its_person_and_escapes_what_it_carries() {
    let daemon = Canned::answering(TICKETS);
    let query =
        TicketsQuery { label: Some("a b&c".into()), closed: true, ..TicketsQuery::default() };
    let tickets = daemon.client().tickets(&query).await.unwrap();
    assert_eq!(tickets.tickets, Vec::<TicketView>::new());
    insta::assert_snapshot!(daemon.asked.join().unwrap().replace('\r', ""), @r"
    GET /api/v1/tickets?closed=true&label=a%20b%26c HTTP/1.1
    host: gangline
    gangline-person: Zo%C3%AB%20B
    ");
}

#[tokio::test]
async fn a_key_cannot_leave_its_place_in_the_path() {
    let daemon = Canned::answering(TICKETS);
    let ticket = TicketRef { project: "../x".into(), key: "A/../../y?z".into() };
    drop(daemon.client().wish(&ticket, Verb::TakeOver).await);
    let asked = daemon.asked.join().unwrap();
    let line = asked.lines().next().unwrap();
    assert_eq!(
        line,
        "POST /api/v1/projects/%2E%2E%2Fx/tickets/A%2F%2E%2E%2F%2E%2E%2Fy%3Fz/take-over HTTP/1.1"
    );
}

#[tokio::test]
async fn a_refusal_comes_with_its_code() {
    let daemon = Canned::answering(
        "HTTP/1.1 409 Conflict\r\ngangline-api: 1\r\nconnection: close\r\n\r\n\
         {\"type\":\"t\",\"title\":\"x\",\"status\":409,\"code\":\"is_landing\",\"detail\":\"no\"}",
    );
    let refused = daemon.client().status().await.unwrap_err();
    assert!(matches!(refused, ClientError::Refused(problem) if problem.code == "is_landing"));
}

#[tokio::test]
async fn another_version_of_the_wire_is_told_apart() {
    let daemon = Canned::answering(
        "HTTP/1.1 200 OK\r\ngangline-api: 7\r\ngangline-version: 9.1.0\r\ncontent-length: 2\r\n\r\n{}",
    );
    insta::assert_snapshot!(
        daemon.client().status().await.unwrap_err(),
        @"the daemon is gangline 9.1.0 and speaks API version 7; this is gangline 0.1.0 and speaks 1"
    );
}

#[tokio::test]
async fn a_daemon_of_any_version_can_be_ended() {
    let daemon = Canned::answering(
        "HTTP/1.1 200 OK\r\ngangline-api: 7\r\ncontent-length: 18\r\n\r\n{\"pid\":3,\"jobs\":2}",
    );
    let ended = daemon.client().shutdown(Shutdown::default()).await.unwrap();
    assert_eq!((ended.pid, ended.jobs), (3, 2));
}

#[tokio::test]
async fn what_is_no_daemon_of_ours_is_told_apart() {
    let other = Canned::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    let error = other.client().status().await.unwrap_err();
    assert!(matches!(error, ClientError::NotGangline { .. }), "{error:?}");
}

#[tokio::test]
async fn nobody_there_and_a_stale_socket_are_both_no_daemon() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("s");
    let client = Client::new(&socket, "me");
    let absent = client.status().await.unwrap_err();
    assert!(matches!(absent, ClientError::NoDaemon { .. }), "{absent:?}");
    drop(UnixListener::bind(&socket).unwrap());
    let stale = client.status().await.unwrap_err();
    assert!(matches!(stale, ClientError::NoDaemon { .. }), "{stale:?}");
}

#[tokio::test]
async fn a_silent_daemon_is_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("s");
    let _listener = UnixListener::bind(&socket).unwrap();
    let client = Client::new(&socket, "me").with_timeout(Duration::from_millis(50));
    let error = client.status().await.unwrap_err();
    insta::assert_snapshot!(error, @"the daemon did not answer GET /api/v1/status within 50 ms");
}

#[tokio::test]
async fn a_daemon_that_dies_in_the_middle_is_told() {
    let daemon =
        Canned::answering("HTTP/1.1 200 OK\r\ngangline-api: 1\r\ncontent-length: 99\r\n\r\n{");
    let error = daemon.client().status().await.unwrap_err();
    assert!(matches!(error, ClientError::Broken { .. }), "{error:?}");
}

/// A daemon that answers `each` request of a connection, and closes the connection when it has
/// none left: as many requests as there were come back, by connection.
fn keeping(socket: &Path, each: &'static [usize]) -> std::thread::JoinHandle<Vec<Vec<String>>> {
    use std::io::{BufRead as _, BufReader, Write as _};
    let listener = UnixListener::bind(socket).unwrap();
    std::thread::spawn(move || {
        let mut asked = vec![];
        for answers in each {
            let (stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let mut of_this = vec![];
            while of_this.len() < *answers {
                let Some(Ok(first)) = lines.next() else { break };
                for line in lines.by_ref() {
                    if line.unwrap().is_empty() {
                        break;
                    }
                }
                of_this.push(first);
                (&stream).write_all(TICKETS.as_bytes()).unwrap();
            }
            asked.push(of_this);
        }
        asked
    })
}

const GET: &str = "GET /api/v1/tickets?closed=false HTTP/1.1";

#[tokio::test]
async fn a_connection_is_used_again_until_the_daemon_closes_it() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("s");
    let daemon = keeping(&socket, &[3, 2]);
    let client = Client::new(&socket, "me").with_timeout(Duration::from_secs(5));
    for _ in 0..5 {
        client.clone().tickets(&TicketsQuery::default()).await.unwrap();
    }
    assert_eq!(daemon.join().unwrap(), [vec![GET; 3], vec![GET; 2]]);
}

#[tokio::test]
async fn what_may_not_be_asked_twice_has_a_connection_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("s");
    let daemon = keeping(&socket, &[1, 1]);
    let client = Client::new(&socket, "me").with_timeout(Duration::from_secs(5));
    client.tickets(&TicketsQuery::default()).await.unwrap();
    let ticket = TicketRef { project: "p".into(), key: "A-1".into() };
    // Not an answer to this, but one.
    let answer = client.wish(&ticket, Verb::Hold).await.unwrap_err();
    assert!(matches!(answer, ClientError::Malformed { .. }), "{answer:?}");
    let post = "POST /api/v1/projects/p/tickets/A-1/hold HTTP/1.1";
    assert_eq!(daemon.join().unwrap(), [vec![GET], vec![post]]);
}
