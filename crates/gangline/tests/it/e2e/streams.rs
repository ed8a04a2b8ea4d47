//! Streams over HTTP, across the death of the daemon.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::Value;

use super::http::listening;
use crate::world::World;

/// A reader that knows nothing of Gangline but how server-sent events are written.
struct Reader {
    curl: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

/// Id, name and data of a message.
type Message = (String, String, Value);

impl Reader {
    fn of(world: &World, url: &str, headers: &[&str]) -> Self {
        let mut curl = world.other("curl");
        curl.args(["--silent", "--no-buffer", "--max-time", "60"]);
        for header in headers {
            curl.args(["-H", header]);
        }
        let mut curl = curl.arg(url).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(curl.stdout.take().unwrap()).lines();
        Self { curl, lines }
    }

    /// The next message; none when the connection has ended.
    fn next(&mut self) -> Option<Message> {
        let mut message = Message::default();
        for line in self.lines.by_ref().map_while(Result::ok) {
            match line.split_once(": ") {
                Some(("id", id)) => id.clone_into(&mut message.0),
                Some(("event", event)) => event.clone_into(&mut message.1),
                Some(("data", data)) => message.2 = serde_json::from_str(data).unwrap(),
                Some(_) => {}
                None if message.1.is_empty() => {}
                None => return Some(message),
            }
        }
        None
    }

    /// All that is told up to and with the first message that `is_last`.
    fn until(&mut self, is_last: impl Fn(&Message) -> bool) -> Vec<Message> {
        let mut all = vec![];
        while let Some(message) = self.next() {
            let over = is_last(&message);
            all.push(message);
            if over {
                return all;
            }
        }
        panic!("the stream ended with {:?}", all.last());
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.curl.kill().unwrap();
        self.curl.wait().unwrap();
    }
}

fn numbers(messages: &[Message]) -> Vec<u64> {
    let events = messages.iter().filter(|(_, name, _)| name == "event");
    events.map(|(id, ..)| id.parse().unwrap()).collect()
}

#[test]
fn a_reader_resumes_behind_the_death_of_the_daemon_without_a_gap() {
    let (world, address) = listening();
    let secret = world.done(&["token", "add", "watch", "--role", "L0"]);
    let bearer = format!("Authorization: Bearer {}", secret.trim());
    let steps = "- write: { path: a.txt, text: a }\n- commit: \"${KEY}: a\"\n- say: Done.";
    let key = world.add("One", steps);
    let mut reader = Reader::of(&world, &format!("{address}/api/v1/stream?after=0"), &[&bearer]);
    let begin = reader.next().unwrap();
    assert_eq!((&begin.1[..], begin.2.to_string()), ("begin", r#"{"seq":0}"#.to_owned()));
    let mut told = reader.until(|(_, _, data)| data["type"] == "verified");
    world.kill_daemon();
    while let Some(message) = reader.next() {
        told.push(message);
    }
    let last = told.last().unwrap().0.clone();
    let status = world.json(&["up", "--detach"]);
    let address = format!("http://{}", status["http"].as_str().unwrap());
    let from = format!("Last-Event-ID: {last}");
    let mut reader = Reader::of(&world, &format!("{address}/api/v1/stream"), &[&bearer, &from]);
    told.extend(reader.until(|(_, _, data)| data["type"] == "landed"));
    let numbers = numbers(&told);
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "a gap, or a repetition");
    assert_eq!(told.last().unwrap().2["key"], key.as_str());
    world.done(&["down"]);
    let end = reader.until(|(_, name, _)| name == "end").pop().unwrap();
    assert_eq!(end.2["reason"], "closing");
}

#[test]
fn a_journal_is_told_as_it_is_written_and_from_any_line_on() {
    let (world, address) = listening();
    let secret = world.done(&["token", "add", "watch", "--role", "L0"]);
    let bearer = format!("Authorization: Bearer {}", secret.trim());
    // The first try leaves nothing, so that there is a second one.
    let key = world.add("One", "- say: Nothing yet.");
    world.until_said(&key, "Nothing yet.");
    let project = world.json(&["show", &key])["project"].as_str().unwrap().to_owned();
    let url = format!("{address}/api/v1/projects/{project}/tickets/{key}/journal/stream");
    let first = format!("{url}?job={project}.{key}.a1");
    let mut reader = Reader::of(&world, &first, &[&bearer]);
    let said = |(_, name, data): &Message| name == "line" && data["text"] != "";
    reader.until(said);
    world.until(&key, |shown| shown["state"] == "escalated");
    world.done(&["cancel", &key]);
    let mut all = Reader::of(&world, &first, &[&bearer]).until(|(_, name, _)| name == "end");
    assert_eq!(all.pop().unwrap().2["reason"], "finished");
    let jobs: Vec<&str> =
        all.iter().filter(|m| m.1 == "job").map(|m| m.2["job"].as_str().unwrap()).collect();
    assert!(jobs.len() > 1 && jobs[0] == format!("{project}.{key}.a1"), "{jobs:?}");
    let lines: Vec<&Message> = all.iter().filter(|m| m.1 == "line").collect();
    let middle = lines[lines.len() / 2];
    let from = format!("Last-Event-ID: {}", middle.0);
    let mut rest = Reader::of(&world, &url, &[&bearer, &from]).until(|(_, name, _)| name == "end");
    rest.retain(|message| message.1 == "line");
    assert_eq!(rest.iter().collect::<Vec<_>>(), lines[lines.len() / 2 + 1..]);
}
