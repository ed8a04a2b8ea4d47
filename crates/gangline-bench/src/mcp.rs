//! A call of a cheap tool over standard input and output, beside one of a tool of the same library
//! that only gives back the same answer.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use gangline_process::{Child, Cmd};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout};

use crate::program::{Home, Program, beside, plain_policy};
use crate::samples::{median, ms};
use crate::table::{Bound, Row};

/// Times that both servers are started anew; the median ratio counts. Where the system puts their
/// threads stays for as long as they run.
const ROUNDS: usize = 5;
/// Calls of each in a round, in turn; the median counts.
const CALLS: usize = 500;
/// Calls before the first that counts.
const WARM: usize = 50;
/// How long the servers may run.
const RUN_MAX: Duration = Duration::from_mins(5);
/// How long a server may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// See the module.
pub async fn measure(program: &Program) -> anyhow::Result<Vec<Row>> {
    let home = Home::new(program)?;
    let repo = home.repository("repo", &plain_policy("mcp", "M")).await?;
    home.run(&repo, &["up", "--detach"]).await?;
    let measured = rounds(&home, &repo).await;
    home.run(&repo, &["down", "--jobs"]).await?;
    let mut measured = measured?;
    measured.sort_by(|one, other| ratio(*one).total_cmp(&ratio(*other)));
    let (tool, echo) = measured[ROUNDS / 2];
    Ok(vec![Row {
        name: "check_worker_status over stdio",
        figure: ms(tool),
        floor: format!("echo tool {}", ms(echo)),
        ratio: ratio((tool, echo)),
        bound: Bound::AtMost(2.0),
    }])
}

fn ratio((tool, echo): (Duration, Duration)) -> f64 {
    tool.as_secs_f64() / echo.as_secs_f64()
}

async fn rounds(home: &Home, repo: &Path) -> anyhow::Result<Vec<(Duration, Duration)>> {
    home.run(repo, &["add", "--draft", "--title", "Look at me"]).await?;
    let mut measured = vec![];
    for _round in 0..ROUNDS {
        measured.push(both(home, repo).await?);
    }
    Ok(measured)
}

async fn both(home: &Home, repo: &Path) -> anyhow::Result<(Duration, Duration)> {
    let mut ours = Server::start(home.cmd(repo, &["mcp"])).await?;
    let mut echo = Server::start(Cmd::new(beside("gangline-mcp-echo")?)).await?;
    let which = json!({ "workerId": "M-1" });
    let answer = ours.call("check_worker_status", &which).await?;
    let text = answer["content"][0]["text"].as_str().context("no text")?;
    let same = json!({ "text": text, "document": answer["structuredContent"] });
    let echoed = echo.call("echo", &same).await?;
    ensure!(echoed == answer, "the echo is another answer: {echoed}, not {answer}");
    let (mut tool, mut floor) = (vec![], vec![]);
    for n in 0..WARM + CALLS {
        let began = Instant::now();
        ours.call("check_worker_status", &which).await?;
        let between = Instant::now();
        echo.call("echo", &same).await?;
        if n >= WARM {
            tool.push(between - began);
            floor.push(between.elapsed());
        }
    }
    ours.end().await?;
    echo.end().await?;
    Ok((median(&mut tool), median(&mut floor)))
}

/// A server, and a client that knows no more than one call at a time.
struct Server {
    child: Child,
    to: ChildStdin,
    from: Lines<BufReader<ChildStdout>>,
    asked: u64,
}

impl Server {
    async fn start(cmd: Cmd) -> anyhow::Result<Self> {
        let mut child = cmd.deadline(RUN_MAX).spawn()?;
        let to = child.take_stdin().context("no way to it")?;
        let from = BufReader::new(child.take_stdout().context("no way from it")?).lines();
        let mut server = Self { child, to, from, asked: 0 };
        let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": { "name": "bench", "version": "1" } });
        server.ask("initialize", &hello).await?;
        server.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await?;
        Ok(server)
    }

    async fn call(&mut self, tool: &str, arguments: &Value) -> anyhow::Result<Value> {
        let answer =
            self.ask("tools/call", &json!({ "name": tool, "arguments": arguments })).await?;
        ensure!(answer["isError"] != true, "{tool}: {answer}");
        Ok(answer)
    }

    async fn ask(&mut self, method: &str, params: &Value) -> anyhow::Result<Value> {
        self.asked += 1;
        let id = self.asked;
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send(&request).await?;
        loop {
            let line = self.from.next_line().await?.context("the server ended")?;
            let mut answer: Value = serde_json::from_str(&line)?;
            if answer["id"] == id {
                ensure!(answer.get("error").is_none(), "{method}: {answer}");
                return Ok(answer["result"].take());
            }
        }
    }

    async fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        self.to.write_all(format!("{message}\n").as_bytes()).await?;
        Ok(self.to.flush().await?)
    }

    async fn end(mut self) -> anyhow::Result<()> {
        drop(self.to);
        ensure!(self.child.end(GRACE).await.is_proven(), "a server did not end");
        Ok(())
    }
}
