use std::net::IpAddr;
use std::time::Duration;

use gangline_domain::network::Target;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};

use super::request::{self, Request};
use super::*;
use crate::journal::PassageStep;

#[test]
fn a_request_is_read_in_one_way_or_refused() {
    let connect =
        request::read(b"CONNECT api.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert_eq!(connect, Request::Connect(Target::parse("api.example.com:443").unwrap()));
    let get =
        b"POST http://Example.com:8080/a?b HTTP/1.1\r\nHost: evil\r\nProxy-Authorization: x\r\n\
        Connection: keep-alive\r\nContent-Length: 3\r\nAccept: */*\r\n\r\n";
    let Request::Forward { target, head, body } = request::read(get).unwrap() else { panic!() };
    assert_eq!((target.to_string().as_str(), body), ("example.com:8080", 3));
    let expected = "POST /a?b HTTP/1.1\r\nHost: example.com:8080\r\nContent-Length: 3\r\n\
        Accept: */*\r\nConnection: close\r\n\r\n";
    assert_eq!(head, expected);
    for bad in [
        "GET / HTTP/1.1\r\n\r\n",
        "CONNECT host HTTP/1.1\r\n\r\n",
        "CONNECT a:1 b:2 HTTP/1.1\r\n\r\n",
        "CONNECT a:1\tHTTP/1.1\r\n\r\n",
        "CONNECT user@a.org:443 HTTP/1.1\r\n\r\n",
        "GET https://a.org/ HTTP/1.1\r\n\r\n",
        "GET http://a.org@b.org/ HTTP/1.1\r\n\r\n",
        "GET http://a.org\\@b.org/ HTTP/1.1\r\n\r\n",
        "GET http://a.org HTTP/2\r\n\r\n",
        "GET http://a.org/ HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        "GET http://a.org/ HTTP/1.1\r\nA: b\nB: c\r\n\r\n",
        "GET http://a.org/ HTTP/1.1\r\nA : b\r\n\r\n",
        "GET http://a.org/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET http://a.org/ HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
        "GET http://a.org/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET http://\u{e9}.org/ HTTP/1.1\r\n\r\n",
        "GET http://a.org/ HTTP/1.1\r\n",
    ] {
        assert!(request::read(bad.as_bytes()).is_err(), "{bad:?}");
    }
}

struct World {
    dir: TempDir,
    echo: u16,
}

impl World {
    /// A host on the loopback that says `hello` and then everything that it is told.
    async fn new() -> (Self, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let echo = listener.local_addr().unwrap().port();
        (Self { dir: tempfile::tempdir().unwrap(), echo }, listener)
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("s")
    }

    /// What clients do with the proxy, beside the host, and what the journal was told.
    async fn with<T>(
        &self,
        host: TcpListener,
        (rules, bytes_max): (&[String], ByteSize),
        clients: impl Future<Output = T>,
    ) -> (T, Vec<Passage>) {
        let rules = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        let resolver = Resolver::Fixed(vec!["127.0.0.1".parse::<IpAddr>().unwrap()]);
        let proxy = Proxy::resolving(&self.socket(), rules, bytes_max, (resolver, None)).unwrap();
        let serving = async {
            loop {
                let (mut stream, _) = host.accept().await.unwrap();
                stream.write_all(b"hello ").await.unwrap();
                let (mut from, mut into) = stream.split();
                tokio::io::copy(&mut from, &mut into).await.ok();
            }
        };
        let bounded = tokio::time::timeout(Duration::from_secs(20), clients);
        let work = async {
            tokio::select! {
                done = bounded => done.expect("it ends"),
                never = serving => never,
            }
        };
        let mut passages = vec![];
        let done = proxy.beside(work, |passage| passages.push(passage)).await;
        (done, passages)
    }

    async fn say(&self, request: &str, rest: &[u8]) -> String {
        let mut client = UnixStream::connect(self.socket()).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        client.write_all(rest).await.ok();
        client.shutdown().await.ok();
        let mut answer = vec![];
        client.read_to_end(&mut answer).await.ok();
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn connect(&self, target: &str, rest: &[u8]) -> String {
        self.say(&format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"), rest).await
    }
}

fn steps(passages: &[Passage]) -> Vec<(PassageStep, u64, u64)> {
    passages.iter().map(|it| (it.step, it.sent_bytes, it.received_bytes)).collect()
}

const MUCH: ByteSize = ByteSize::mib(100);

#[tokio::test]
async fn a_listed_address_passes_and_is_told_with_its_bytes() {
    let (world, host) = World::new().await;
    let rules = [format!("127.0.0.1:{}", world.echo)];
    let target = format!("127.0.0.1:{}", world.echo);
    let client = world.connect(&target, b"there");
    let (answer, passages) = world.with(host, (&rules, MUCH), client).await;
    assert_eq!(answer, "HTTP/1.1 200 Connection established\r\n\r\nhello there");
    assert_eq!(steps(&passages), [(PassageStep::Opened, 0, 0), (PassageStep::Closed, 5, 11)]);
    assert_eq!(passages[0].port, world.echo);
    assert!(!world.socket().exists(), "the socket goes with the proxy");
}

#[tokio::test]
async fn plain_http_passes_with_its_body_and_no_further_request() {
    let (world, host) = World::new().await;
    let rules = [format!("127.0.0.1:{}", world.echo)];
    let request =
        format!("POST http://127.0.0.1:{}/x HTTP/1.1\r\nContent-Length: 3\r\n\r\n", world.echo);
    // The host in this test answers what it was told, and ends when it is told nothing more;
    // what lies beyond the body is not passed on.
    let client = async {
        let mut client = UnixStream::connect(world.socket()).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        client.write_all(b"abcGET http://evil.org/ HTTP/1.1\r\n\r\n").await.unwrap();
        let mut answer = vec![0; 512];
        let mut seen = String::new();
        while !seen.ends_with("abc") {
            let n = client.read(&mut answer).await.unwrap();
            seen.push_str(std::str::from_utf8(&answer[..n]).unwrap());
        }
        seen
    };
    let (answer, _) = world.with(host, (&rules, MUCH), client).await;
    let expected = format!(
        "hello POST /x HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 3\r\nConnection: close\
         \r\n\r\nabc",
        world.echo
    );
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn what_is_not_listed_is_denied_and_told() {
    let (world, host) = World::new().await;
    let rules = ["api.example.com".to_owned(), format!("other.org:{}", world.echo)];
    let loopback = format!("127.0.0.1:{}", world.echo);
    let clients = async {
        let mut answers = vec![];
        // The listed names lead to the loopback here.
        for target in [&loopback, "evil.org:443", "api.example.com:443", "api.example.com:80"] {
            answers.push(world.connect(target, b"").await);
        }
        answers
    };
    let (answers, passages) = world.with(host, (&rules, MUCH), clients).await;
    assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 403 ")), "{answers:?}");
    assert!(answers[2].contains("not public"), "{}", answers[2]);
    let told: Vec<_> = passages.iter().map(|it| (it.host.as_str(), it.port, it.step)).collect();
    let denied = PassageStep::Denied;
    assert_eq!(
        told,
        [
            ("127.0.0.1", world.echo, denied),
            ("evil.org", 443, denied),
            ("api.example.com", 443, denied),
            ("api.example.com", 80, denied)
        ]
    );
}

#[tokio::test]
async fn the_bytes_of_an_attempt_are_bounded() {
    let (world, host) = World::new().await;
    let target = format!("127.0.0.1:{}", world.echo);
    let rules = [target.clone()];
    let clients = async {
        let first = world.connect(&target, &vec![b'x'; 900_000]).await;
        let second = world.connect(&target, b"more").await;
        (first.len(), second)
    };
    let ((first, second), passages) = world.with(host, (&rules, ByteSize::mib(1)), clients).await;
    assert!(first < 1_100_000, "{first}");
    assert!(second.starts_with("HTTP/1.1 403 ") && second.contains("used up"), "{second}");
    let last = passages.last().unwrap();
    assert_eq!(last.step, PassageStep::Denied);
    let closed = passages.iter().find(|it| it.step == PassageStep::Closed).unwrap();
    assert!(closed.why.is_some() && closed.sent_bytes + closed.received_bytes >= 1 << 20);
}

#[tokio::test]
async fn nonsense_is_answered_and_a_dead_host_is_told() {
    let (world, host) = World::new().await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = format!("127.0.0.1:{}", gone.local_addr().unwrap().port());
    drop(gone);
    let rules = [dead.clone()];
    let clients = async {
        let nonsense = world.say("\u{16}\u{3}\u{1}\r\n\r\n", b"").await;
        (nonsense, world.connect(&dead, b"").await)
    };
    let ((nonsense, dead), passages) = world.with(host, (&rules, MUCH), clients).await;
    assert!(nonsense.starts_with("HTTP/1.1 400 "), "{nonsense}");
    assert!(dead.starts_with("HTTP/1.1 502 "), "{dead}");
    assert_eq!(steps(&passages), [(PassageStep::Failed, 0, 0)]);
}
