//! A team signs in by a real issuer, npm's `oidc-provider`, step by step as a browser goes: what a browser
//! would not do is done here, too. In a real browser it is done by the dashboard's own tests.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use gangline_agents::stub::{NODE, OIDC_PROVIDER, real_agent};
use gangline_bench::program::{Home, Program, plain_policy};
use gangline_bench::soak::nothing_runs;
use gangline_process::{Child, Cmd};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::world::root;

/// How long the issuer may run, and take to end.
const RUN_MAX: Duration = Duration::from_mins(5);
const GRACE: Duration = Duration::from_secs(5);
/// Pages that lead on before a sign-in is given up.
const PAGES_MAX: usize = 20;

/// An answer: its status, its head, and its body.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn headers(&self, wanted: &str) -> impl Iterator<Item = &str> {
        let pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs.filter(move |(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }

    /// The code of a refusal.
    fn code(&self) -> String {
        let problem: Value = serde_json::from_str(&self.body).unwrap_or_default();
        format!("{} {}", self.status, problem["code"].as_str().unwrap_or_default())
    }
}

async fn ask(method: &str, url: &str, headers: &str, body: &str) -> Answer {
    let (authority, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{headers}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![];
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{url}: {answer}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// A browser: what each site has it keep, by the site's address.
#[derive(Default)]
struct Browser(BTreeMap<String, BTreeMap<String, String>>);

impl Browser {
    async fn go(&mut self, method: &str, url: &str, body: &str) -> Answer {
        let site: String = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let kept = self.0.entry(site).or_default();
        let pairs: Vec<String> =
            kept.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = ask(method, url, &format!("Cookie: {}\r\n", pairs.join("; ")), body).await;
        for cookie in answer.headers("set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            kept.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    /// Signs in at the issuer as somebody: the address that it sends the browser back to.
    async fn sign_in(&mut self, daemon: &str, name: &str) -> String {
        let begun = self.go("GET", &format!("{daemon}/login/oidc"), "").await;
        let mut url = begun.headers("location").next().unwrap().to_owned();
        let issuer: String = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        for _ in 0..PAGES_MAX {
            if url.starts_with(daemon) {
                return url;
            }
            let page = self.go("GET", &url, "").await;
            let answer = match page.status {
                // The pages of a form say which they are.
                200 if page.body.contains("value=\"login\"") => {
                    self.go("POST", &url, &format!("prompt=login&login={name}&password=x")).await
                }
                200 => self.go("POST", &url, "prompt=consent").await,
                _moved => page,
            };
            let location = answer.headers("location").next();
            let location = location.unwrap_or_else(|| panic!("{url}: {}", answer.body));
            url = match location.starts_with('/') {
                true => format!("{issuer}{location}"),
                false => location.to_owned(),
            };
        }
        panic!("it leads nowhere: {url}");
    }

    /// What the daemon keeps here for it.
    fn session(&self, daemon: &str) -> Option<&str> {
        self.0.get(daemon)?.get("gangline").map(String::as_str)
    }
}

/// A daemon, and the issuer that it believes.
struct Team {
    home: Home,
    repo: PathBuf,
    daemon: String,
    issuer: String,
    process: Child,
}

impl Team {
    async fn new() -> Self {
        // A port that nobody has at this moment: the issuer has to know it before the daemon listens.
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let daemon = format!("http://{free}");
        let installed =
            |agent| real_agent(&root(), agent).unwrap_or_else(|error| panic!("{error}"));
        let cmd = Cmd::new(installed(&NODE))
            .arg(root().join("web/e2e/world/issuer.mjs"))
            .args(["0".to_owned(), format!("{daemon}/login/oidc/callback")])
            .env("GANGLINE_OIDC_PROVIDER", installed(&OIDC_PROVIDER).canonicalize().unwrap())
            .env_from_host(&["PATH"]);
        let mut process = cmd.deadline(RUN_MAX).spawn().unwrap();
        let mut lines = BufReader::new(process.take_stdout().unwrap()).lines();
        let issuer = loop {
            let line = lines.next_line().await.unwrap().expect("the issuer did not start");
            if let Some(issuer) = line.strip_prefix("issuer ") {
                break issuer.to_owned();
            }
        };
        let home = Home::new(&Program::find().unwrap()).unwrap();
        let home = home.with("GANGLINE_LISTEN", &free.to_string());
        let home = home.with("TEAM_SECRET", "a secret: of gangline + others");
        let config = format!(
            "[oidc]\nissuer = {issuer:?}\nclient_id = \"gangline\"\n\
             client_secret = \"env://TEAM_SECRET\"\napi_audiences = [\"gangline-api\"]\n\
             [oidc.roles]\nL3 = {{ groups = [\"admins\"] }}\nL1 = {{ groups = [\"engineers\"] }}\n\
             [seed_api]\nauth = \"jwt\"\n\
             [seed_api.jwt]\nissuer = {issuer:?}\naudience = \"gangline-api\"\n"
        );
        std::fs::write(home.path("config/config.toml"), config).unwrap();
        let repo = home.repository("repo", &plain_policy("shop", "APP")).await.unwrap();
        home.run(&repo, &["up", "--detach"]).await.unwrap();
        home.run(&repo, &["project", "add"]).await.unwrap();
        Self { home, repo, daemon, issuer, process }
    }

    /// Asks the daemon for who this is.
    async fn me(&self, header: &str) -> Answer {
        ask("GET", &format!("{}/api/v1/me", self.daemon), header, "").await
    }

    /// A token of access for a program.
    async fn token(&self) -> String {
        let robot = "Authorization: Basic cm9ib3Q6YStzZWNyZXQrb2YrdGhlK3JvYm90\r\n";
        let url = format!("{}/token", self.issuer);
        let answer = ask("POST", &url, robot, "grant_type=client_credentials").await;
        let begin = answer.body.find('{').unwrap();
        let end = answer.body.rfind('}').unwrap();
        let given: Value = serde_json::from_str(&answer.body[begin..=end]).unwrap();
        given["access_token"].as_str().unwrap().to_owned()
    }

    async fn end(mut self) {
        self.home.run(&self.repo, &["down", "--jobs"]).await.unwrap();
        let _ended = self.process.end(GRACE).await;
        nothing_runs(&self.home).await.unwrap();
    }
}

#[tokio::test]
async fn a_team_signs_in_by_its_issuer_each_with_a_role_of_their_own() {
    let team = Team::new().await;
    let mut bob = Browser::default();
    let back = bob.sign_in(&team.daemon, "bob").await;
    // Whoever else has the address, has nothing: neither with a sign-in of their own, nor without.
    let mut mallory = Browser::default();
    assert_eq!(mallory.go("GET", &back, "").await.code(), "401 sign_in_failed");
    let begun = mallory.go("GET", &format!("{}/login/oidc", team.daemon), "").await;
    assert_eq!(begun.status, 303);
    assert_eq!(mallory.go("GET", &back, "").await.code(), "401 sign_in_failed");
    assert_eq!(mallory.session(&team.daemon), None);
    let arrived = bob.go("GET", &back, "").await;
    assert_eq!(arrived.status, 303, "{}", arrived.body);
    let cookie = format!("Cookie: gangline={}\r\n", bob.session(&team.daemon).unwrap());
    let me = team.me(&cookie).await.body;
    assert!(me.contains(r#""name":"bob@example.org","role":"L1""#), "{me}");
    // A code is worth something once.
    assert_eq!(bob.go("GET", &back, "").await.code(), "401 sign_in_failed");
    let page = format!("{cookie}Origin: {}\r\n", team.daemon);
    let hold = format!("{}/api/v1/projects/shop/pause", team.daemon);
    assert_eq!(ask("POST", &hold, &page, "").await.code(), "403 forbidden");
    let mut ann = Browser::default();
    let back = ann.sign_in(&team.daemon, "ann").await;
    assert_eq!(ann.go("GET", &back, "").await.status, 303);
    let cookie = format!("Cookie: gangline={}\r\n", ann.session(&team.daemon).unwrap());
    let page = format!("{cookie}Origin: {}\r\n", team.daemon);
    assert_eq!(ask("POST", &hold, &page, "").await.status, 200);
    let told = team.home.json(&team.repo, &["token", "list"]).await.unwrap();
    let told = told.to_string();
    for name in ["ann@example.org", "bob@example.org"] {
        assert!(told.contains(name), "{told}");
    }
    let mut eve = Browser::default();
    let back = eve.sign_in(&team.daemon, "eve").await;
    assert_eq!(eve.go("GET", &back, "").await.code(), "403 no_role");
    assert_eq!(eve.session(&team.daemon), None);
    team.end().await;
}

#[tokio::test]
async fn a_program_comes_in_with_the_issuers_token_and_with_nothing_like_it() {
    let team = Team::new().await;
    let token = team.token().await;
    let with = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let me = team.me(&with(&token)).await;
    assert!(me.body.contains(r#""name":"robot","role":"L1""#), "{}", me.body);
    let workers = format!("{}/api/workers", team.daemon);
    assert_eq!(ask("GET", &workers, &with(&token), "").await.status, 200);
    assert_eq!(ask("GET", &workers, "", "").await.code(), "401 unauthorized");
    let parts: Vec<&str> = token.split('.').collect();
    let none = "eyJhbGciOiJub25lIn0";
    for forged in [
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], parts[1]),
        format!("{}.{}.{}", parts[0], parts[0], parts[2]),
    ] {
        assert_eq!(team.me(&with(&forged)).await.code(), "401 unauthorized", "{forged}");
        assert_eq!(ask("GET", &workers, &with(&forged), "").await.code(), "401 unauthorized");
    }
    team.end().await;
}
