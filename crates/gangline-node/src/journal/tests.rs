use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use gangline_domain::budget::Usage;
use gangline_domain::ids::{Fence, JobId, Timestamp};
use tempfile::TempDir;

use super::*;

/// More than any test writes.
const ROOM: u64 = 32 * 1024 * 1024;

fn world() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    (folder, path)
}

fn line_of(n: u64, at: Timestamp, what: &What) -> Vec<u8> {
    let mut line = vec![];
    line::encode(n, at, what, &mut line);
    line
}

fn says(text: &str) -> What {
    What::Message { text: text.to_owned() }
}

fn items(path: &Path, from: u64) -> Vec<Item> {
    let mut reader = Reader::follow(path, from).unwrap();
    std::iter::from_fn(|| reader.next().unwrap()).collect()
}

fn entries(path: &Path) -> Vec<(u64, What)> {
    let entry = |item| match item {
        Item::Entry(entry) => Some((entry.n, entry.what)),
        Item::Broken { .. } => None,
    };
    items(path, 0).into_iter().filter_map(entry).collect()
}

#[test]
fn what_is_written_is_read_in_order() {
    let (_folder, path) = world();
    let mut writer = Writer::open(&path, ROOM).unwrap();
    writer.put(says("one")).unwrap();
    writer.put(What::Step { text: "two\nlines \"quoted\"".to_owned() }).unwrap();
    let read = entries(&path);
    assert_eq!(
        read,
        [(1, says("one")), (2, What::Step { text: "two\nlines \"quoted\"".to_owned() })]
    );
}

#[test]
fn lines_that_are_held_back_are_written_together_and_never_behind_what_is_reported() {
    let (_folder, path) = world();
    let mut writer = Writer::open(&path, ROOM).unwrap();
    writer.hold();
    writer.put(says("one")).unwrap();
    assert_eq!(entries(&path), []);
    let closed = What::Closed { result: JobEnded("ended".to_owned()), dropped: 0 };
    writer.put(closed.clone()).unwrap();
    assert_eq!(entries(&path), [(1, says("one")), (2, closed)]);
    writer.put(says("three")).unwrap();
    writer.let_go().unwrap();
    assert_eq!(entries(&path).len(), 3);
    writer.put(says("four")).unwrap();
    assert_eq!(entries(&path).len(), 4);

    writer.hold();
    let long = says(&"x".repeat(5_000));
    let mut put = 4;
    while entries(&path).len() == 4 {
        writer.put(long.clone()).unwrap();
        put += 1;
        assert!(put < 100, "nothing is ever written");
    }
    assert_eq!(entries(&path).len(), put);
}

#[test]
fn a_line_is_json_with_its_checksum() {
    let line = line_of(7, Timestamp(1_000), &says("hello"));
    insta::assert_snapshot!(String::from_utf8(line).unwrap(), @r#"{"n":7,"at_us":1000,"kind":"message","text":"hello","crc":"97c34cf0"}"#);
}

#[test]
fn a_torn_last_line_is_cut_off_and_told() {
    let (_folder, path) = world();
    Writer::open(&path, ROOM).unwrap().put(says("whole")).unwrap();
    let whole = fs::read(&path).unwrap();
    for torn in 1..whole.len() {
        fs::write(&path, [&whole[..], &whole[..torn]].concat()).unwrap();
        let mut writer = Writer::open(&path, ROOM).unwrap();
        writer.put(says("next")).unwrap();
        let told = What::Repaired { bytes: torn as u64 };
        assert_eq!(entries(&path), [(1, says("whole")), (2, told), (3, says("next"))], "{torn}");
        assert!(items(&path, 0).iter().all(|item| matches!(item, Item::Entry(_))));
    }
}

#[test]
fn every_single_changed_byte_is_noticed_and_the_rest_still_read() {
    let (_folder, path) = world();
    let mut writer = Writer::open(&path, ROOM).unwrap();
    for text in ["first", "second", "third"] {
        writer.put(says(text)).unwrap();
    }
    let good = fs::read(&path).unwrap();
    let first = good.iter().position(|byte| *byte == b'\n').unwrap();
    for at in first + 1..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x08;
        fs::write(&path, &bad).unwrap();
        let broken = items(&path, 0).iter().filter(|i| matches!(i, Item::Broken { .. })).count();
        let read = entries(&path);
        assert_eq!(read[0], (1, says("first")), "{at}");
        // An end of line that is none any more takes the next line along.
        assert!(broken >= 1 || read.len() == 2, "byte {at} was changed unnoticed: {read:?}");
    }
}

#[test]
fn a_reader_waits_for_the_end_of_a_line_and_goes_on_at_its_byte() {
    let (_folder, path) = world();
    let mut reader = Reader::follow(&path, 0).unwrap();
    assert_eq!(reader.next().unwrap(), None, "no journal yet");
    let line = line_of(1, Timestamp(5), &says("slowly"));
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(&line[..10]).unwrap();
    assert_eq!(reader.next().unwrap(), None);
    file.write_all(&line[10..]).unwrap();
    assert!(matches!(reader.next().unwrap(), Some(Item::Entry(_))));
    assert_eq!(reader.offset(), line.len() as u64);
    file.write_all(&line_of(2, Timestamp(6), &says("later"))).unwrap();
    let later = items(&path, reader.offset());
    assert!(matches!(&later[..], [Item::Entry(entry)] if entry.n == 2), "{later:?}");
}

#[test]
fn a_line_without_end_is_not_kept_in_memory_and_what_follows_is_read() {
    let (_folder, path) = world();
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(&vec![b'x'; 3 * LINE_BYTES_MAX]).unwrap();
    file.write_all(b"\n").unwrap();
    file.write_all(&line_of(9, Timestamp(6), &says("after"))).unwrap();
    let read = items(&path, 0);
    let [Item::Broken { offset: 0, bytes, why }, Item::Entry(entry)] = &read[..] else {
        panic!("{read:?}")
    };
    assert_eq!((*bytes, why.as_str()), (3 * LINE_BYTES_MAX as u64 + 1, "it is too long"));
    assert_eq!(entry.n, 9);
}

#[test]
fn a_kind_of_a_later_program_is_passed_on_as_unknown() {
    let body = r#"{"n":1,"at_us":2,"kind":"telepathy","strength":9}"#;
    let crc = crc32fast::hash(body.as_bytes());
    let line = format!("{},\"crc\":\"{crc:08x}\"}}", body.trim_end_matches('}'));
    assert_eq!(line::decode(line.as_bytes()).unwrap().what, What::Unknown);
}

#[test]
fn chatter_stops_at_the_bound_and_what_matters_goes_on() {
    let (_folder, path) = world();
    let mut writer = Writer::open(&path, 10_000).unwrap();
    for _ in 0..1_000 {
        writer.put(says(&"flood ".repeat(20))).unwrap();
    }
    writer.put(What::Step { text: "still here".to_owned() }).unwrap();
    assert!(fs::metadata(&path).unwrap().len() < 11_000);
    assert!(writer.dropped() > 900);
    let read = entries(&path);
    let capped = read.iter().filter(|(_, what)| matches!(what, What::Capped { .. })).count();
    assert_eq!(capped, 1);
    assert_eq!(read.last().unwrap().1, What::Step { text: "still here".to_owned() });
}

#[test]
fn a_huge_message_is_shortened() {
    let (_folder, path) = world();
    Writer::open(&path, ROOM).unwrap().put(says(&"ä".repeat(1_000_000))).unwrap();
    assert!(fs::metadata(&path).unwrap().len() < LINE_BYTES_MAX as u64 / 2);
    assert_eq!(entries(&path).len(), 1);
}

#[test]
fn a_hundred_thousand_lines_are_followed_in_seconds() {
    let (_folder, path) = world();
    let mut file = std::io::BufWriter::new(fs::File::create(&path).unwrap());
    for n in 1..=100_000_u64 {
        let what = says("a line of an agent that has much to say about what it is doing");
        file.write_all(&line_of(n, Timestamp(6), &what)).unwrap();
    }
    file.flush().unwrap();
    let started = Instant::now();
    assert_eq!(items(&path, 0).len(), 100_000);
    let took = started.elapsed();
    assert!(took.as_secs() < 10, "{took:?}");
}

fn run_dir(root: &Path) -> PathBuf {
    let job: JobId = "shop.APP-12.a1".parse().unwrap();
    let dir = root.join("jobs").join(job.to_string()).join("1-2");
    fs::create_dir_all(&dir).unwrap();
    let mut writer = Writer::open(&dir.join("journal.jsonl"), ROOM).unwrap();
    let tool = |id: &str, tool: &str, paths: &[&str]| What::ToolStarted {
        id: id.to_owned(),
        tool: tool.to_owned(),
        detail: "line one".to_owned(),
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
    };
    let done = |id: &str, ok| What::ToolFinished { id: id.to_owned(), ok, detail: String::new() };
    let opened = What::Opened {
        job,
        fence: Fence { epoch: 1, n: 2 },
        agent: Some("ticket-worker".parse().unwrap()),
        program: "0.1.0".to_owned(),
    };
    for what in [
        opened,
        tool("1", "Read", &["src/lib.rs"]),
        tool("2", "Bash", &[]),
        done("1", true),
        done("2", false),
        tool("3", "Write", &["a.txt"]),
    ] {
        writer.put(what).unwrap();
    }
    dir
}

#[test]
fn people_read_what_an_agent_does() {
    let root = tempfile::tempdir().unwrap();
    let dir = run_dir(root.path());
    let label = label(&"ticket-worker".parse().unwrap(), &"APP-1".parse().unwrap());
    let lines = items(&dir.join("journal.jsonl"), 0).into_iter().filter_map(|item| match item {
        Item::Entry(entry) => human_line(&entry, &label),
        Item::Broken { .. } => None,
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r"
    [TICKET-WORKER-1] · ticket-worker begins shop.APP-12.a1
    [TICKET-WORKER-1] → Read src/lib.rs
    [TICKET-WORKER-1] → Bash line one
    [TICKET-WORKER-1] ✗
    [TICKET-WORKER-1] → Write a.txt
    ");
}

#[test]
fn people_are_shown_no_control_characters() {
    let what = says("a\x1b[31mred\r\n\x07 bell\u{9b}31m");
    let entry = Entry { n: 1, at: Timestamp(1), what };
    let line = human_line(&entry, "A-1").unwrap();
    assert_eq!(line, "[A-1] “a [31mred bell 31m”");
}

#[test]
fn tool_calls_are_exported_with_their_ends() {
    let root = tempfile::tempdir().unwrap();
    let dir = run_dir(root.path());
    let exported = export(&[dir], root.path()).unwrap();
    assert_eq!(exported.calls, 3);
    let file = root.path().join("agent-workspace/sessions/session-shop.APP-12.a1/tool_calls.jsonl");
    assert_eq!(exported.files, std::slice::from_ref(&file));
    let text = fs::read_to_string(file).unwrap();
    let calls: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seen = |n: usize| {
        let call = &calls[n];
        (call["agent"].as_str().unwrap(), call["tool"].as_str().unwrap(), call["ok"].as_bool())
    };
    assert_eq!(seen(0), ("TICKET-WORKER-12", "Read", Some(true)));
    assert_eq!(seen(1), ("TICKET-WORKER-12", "Bash", Some(false)));
    assert_eq!(seen(2), ("TICKET-WORKER-12", "Write", None));
    assert!(calls[0]["duration_ms"].is_u64() && calls[2]["duration_ms"].is_null());
}

#[test]
fn what_a_job_writes_of_its_own_accord_is_no_sign_of_its_agent() {
    let (_folder, path) = world();
    let mut writer = Writer::open(&path, ROOM).unwrap();
    let before = writer.last_at();
    while crate::clock::now() <= before {
        std::hint::spin_loop();
    }
    writer.put(What::Usage { usage: Usage::default() }).unwrap();
    writer.put(What::Alert { text: "look".to_owned() }).unwrap();
    assert_eq!(writer.last_at(), before);
    writer.put(What::Step { text: "on".to_owned() }).unwrap();
    assert!(writer.last_at() > before);
}

/// Long texts are written by other means than all else.
#[test]
fn a_long_text_is_written_as_any_json_is() {
    let odd: String = (0..0x2100).filter_map(char::from_u32).collect();
    let texts = ["", "\"", "\\", "a\"\n\r\t\u{8}\u{c}\u{1b}[0m\u{7f}", "ä🎉\u{2028}", &odd];
    for text in texts.into_iter().map(str::to_owned).chain((1..130).map(|n| "x".repeat(n) + "\"")) {
        for what in [
            What::Message { text: text.clone() },
            What::Thought { text: text.clone() },
            What::Raw { line: text.clone() },
        ] {
            let line = line_of(7, Timestamp(5), &what);
            let line = line.strip_suffix(b"\n").unwrap();
            assert_eq!(line::decode(line).unwrap().what, what, "{text:?}");
            let plain = serde_json::to_value(&what).unwrap();
            let read: serde_json::Value = serde_json::from_slice(line).unwrap();
            assert!(plain.as_object().unwrap().iter().all(|(key, value)| read[key] == *value));
        }
    }
}
