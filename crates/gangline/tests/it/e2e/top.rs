//! `gangline top` on a terminal, with a real daemon and agents that play scripts.

use crate::tmux::Tmux;
use crate::world::{POLICY, World, indented};

const REVIEWED: &str = "[landing]\nreview = \"required\"\n[agents]\ndefault = \"scripted\"\n";
const WAITS: &str = "- write: { path: half.txt, text: half }\n- say: waiting\n- hang: {}\n";

#[test]
fn a_question_is_answered_and_its_ticket_lands() {
    let world = World::ready();
    let steps = "- ask:\n    text: Which separator?\n    options: [dot, comma]\n    answers:\n      comma:\n        \
                 - write: { path: s.txt, text: comma }\n        - commit: Comma\n    otherwise:\n      - give_up: no idea\n";
    let key = world.add("Ask", steps);
    let top = Tmux::top(&world, (80, 24));
    top.until_selected(&[&key, "question", "Which separator?"]);
    top.keys(&["a"]);
    top.until_shown("· dot  · comma");
    top.keys(&["Tab", "Tab"]);
    let asked = top.until_shown("› comma");
    assert!(asked.contains("answer APP-1"), "{asked}");
    top.keys(&["Enter"]);
    top.until("that nothing is left", |screen| screen.contains("there are no tickets"));
    assert_eq!(world.git("show main:s.txt"), "comma");
}

#[test]
fn verified_work_is_read_and_approved_and_lands() {
    let world = World::with_policy(&format!("{POLICY}\n{REVIEWED}"));
    let key =
        world.add("Total", "- write: { path: total.txt, text: \"3.00\\n\" }\n- commit: Sum\n");
    let top = Tmux::top(&world, (80, 24));
    top.until_selected(&[&key, "review"]);
    top.keys(&["d"]);
    top.until_shown("+3.00");
    top.keys(&["q", "Enter"]);
    top.until_shown("CLAIM BESIDE FACT");
    top.keys(&["Escape"]);
    top.until_shown("NEEDS YOU");
    top.keys(&["y"]);
    top.until_shown("of APP-1 land?");
    assert_eq!(world.state(&key), "review", "it was asked first");
    top.keys(&["y"]);
    top.until_shown("there are no tickets");
    assert_eq!(world.git("show main:total.txt"), "3.00");
}

#[test]
fn an_escalated_ticket_is_tried_again_with_a_pasted_hint() {
    let world = World::ready();
    let honest = "- write: { path: s.txt, text: comma }\n- commit: Comma\n";
    let steps = format!(
        "- on:\n    brief_contains: use a comma\n    steps:\n{}    else:\n      - give_up: no idea\n",
        indented(6, honest) + "\n"
    );
    let key = world.add("Separate", &steps);
    world.until(&key, |shown| shown["state"] == "escalated");
    let top = Tmux::top(&world, (80, 24));
    let panel = top.until_selected(&[&key, "escalated"]);
    assert!(panel.contains("r retry") && panel.contains("gave up"), "{panel}");
    top.keys(&["r"]);
    top.until_shown("retry APP-1");
    top.pastes("in prices\nuse a comma");
    top.until_shown("› use a comma");
    top.keys(&["Enter"]);
    top.until_shown("there are no tickets");
    assert_eq!(world.git("show main:s.txt"), "comma");
    assert_eq!(world.json(&["show", &key])["hints"][0]["text"], "in prices\nuse a comma");
}

#[test]
fn an_agent_is_followed_and_stopped_and_its_worktree_opened() {
    let mut world = World::ready();
    world.set("SHELL", "/bin/sh");
    let key = world.add("Wait", WAITS);
    world.until_said(&key, "waiting");
    let top = Tmux::top(&world, (80, 24));
    let board = top.until_selected(&[&key, "scripted", "ago"]);
    assert!(board.contains("nothing needs you"), "{board}");
    top.keys(&["f"]);
    top.until_shown("→ Write half.txt");
    top.keys(&["q", "o"]);
    top.until_shown("exit brings you back");
    top.types("cat half.txt; echo \" of $GANGLINE_TICKET\"\n");
    top.until_shown("half of APP-1");
    top.types("exit\n");
    top.until_selected(&[&key, "scripted"]);
    top.keys(&["s"]);
    top.until_shown("stop APP-1?");
    top.keys(&["n", "s", "y"]);
    top.until_selected(&[&key, "held"]);
    assert_eq!(world.processes_at_work(), Vec::<String>::new());
}

#[test]
fn a_ticket_is_taken_over_in_a_shell_and_handed_back() {
    let mut world = World::ready();
    world.set("SHELL", "/bin/sh");
    let key = world.add("Half of it", "- give_up: it is too hard\n");
    world.until(&key, |shown| shown["state"] == "escalated");
    let top = Tmux::top(&world, (80, 24));
    top.until_selected(&[&key, "escalated"]);
    top.keys(&["t"]);
    top.until_shown("APP-1 is yours");
    top.types(
        "printf other > other.txt; git add -A; git -c user.name=Ann -c user.email=ann@example.org \
         commit -qm Other; exit\n",
    );
    top.until_shown("is APP-1 to be verified? [y/N]");
    top.types("y\n");
    top.until_shown("there are no tickets");
    assert_eq!(world.git("show main:other.txt"), "other");
}

#[test]
fn a_screen_may_be_resized_and_the_daemon_may_die() {
    let world = World::ready();
    let key = world.add("Wait", WAITS);
    world.until_said(&key, "waiting");
    let top = Tmux::top(&world, (120, 40));
    top.until_shown("LATEST");
    for size in [(80, 24), (40, 10), (120, 40), (80, 24)] {
        top.resize(size);
        top.until("all of its columns", |screen| {
            let lines: Vec<&str> = screen.lines().collect();
            let last = lines.iter().rposition(|line| !line.is_empty());
            last == Some(usize::from(size.1) - 1)
                && lines[0].starts_with("gangline · shop")
                && lines[usize::from(size.1) - 1].contains("q quit")
        });
    }
    world.kill_daemon();
    top.until_shown("daemon away for");
    top.keys(&["s", "y"]);
    top.until_shown("no daemon answers at");
    let other = world.add("Two", "- ask: { text: \"Which one?\", otherwise: [] }\n");
    let back = top.until_shown("Which one?");
    assert!(!back.contains("daemon away"), "{back}");
    let first = back.lines().next().unwrap_or_default();
    assert!(first.contains("1 needs you · 1 at work"), "{back}");
    top.until_selected(&[&key]);
    assert_eq!(world.json(&["show", &other])["state"], "working");
}

#[test]
fn the_terminal_is_given_back_whatever_happens() {
    let mut world = World::ready();
    world.done(&["up", "--detach"]);
    world.set("PS1", "prompt> ");
    world.set("GANGLINE", World::program_file());
    let top = Tmux::running(&world, (80, 24), "exec bash --norc --noprofile");
    top.until_shown("prompt>");
    let given_back = |how: &str| {
        // What is typed earlier is the program's.
        top.until("a prompt", |screen| screen.trim_end().ends_with("prompt>"));
        top.types(&format!(
            "clear; stty -a | grep -ow -e '-*echo' -e '-*icanon' | xargs; echo {how}-$((1+1))\n"
        ));
        let screen = top.until_shown(&format!("{how}-2"));
        assert!(screen.contains("icanon echo"), "{screen}");
        assert!(!screen.contains("NEEDS YOU"), "{screen}");
    };
    let shown = || {
        top.types("clear; \"$GANGLINE\" top\n");
        top.until_shown("NEEDS YOU");
    };
    let process = || {
        let children =
            std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", top.process()));
        children.unwrap().split_whitespace().next().unwrap().parse::<u32>().unwrap()
    };
    shown();
    top.keys(&["q"]);
    given_back("quit");
    for signal in ["TERM", "INT"] {
        shown();
        let status =
            world.other("kill").arg(format!("-{signal}")).arg(process().to_string()).status();
        assert!(status.unwrap().success());
        given_back(signal);
    }
    shown();
    top.keys(&["C-z"]);
    top.until_shown("Stopped");
    given_back("stopped");
    top.types("fg\n");
    top.until_shown("NEEDS YOU");
    let status = world.other("kill").arg("-TSTP").arg(process().to_string()).status();
    assert!(status.unwrap().success());
    top.until_shown("Stopped");
    given_back("stopped-by-a-signal");
    top.types("fg\n");
    top.until_shown("NEEDS YOU");
    top.keys(&["q"]);
    given_back("end");
}

#[test]
fn without_a_terminal_there_is_a_frame_or_an_error_that_helps() {
    let world = World::ready();
    insta::assert_snapshot!(world.refused(&["top"]), @r"
    exit 1
    error: gangline top needs a terminal, and this is none
     next: gangline list
       or: gangline top --once
    ");
    assert!(world.refused(&["top", "--once"]).starts_with("exit 3\n"), "no daemon is started");
    world.done(&["up", "--detach"]);
    let key = world.add("Wait", WAITS);
    world.until_said(&key, "waiting");
    let frame = world.done(&["top", "--once", "--project", "shop"]);
    assert!(frame.starts_with("gangline · shop"), "{frame}");
    assert!(frame.contains("nothing needs you") && frame.contains("▸ APP-1"), "{frame}");
    assert!(!frame.contains('\u{1b}'), "{frame}");
    assert_eq!(world.json(&["top"])["tickets"][0]["key"], "APP-1");
    assert!(world.refused(&["top", "--once", "--project", "other"]).starts_with("exit 4\n"));
}
