//! A terminal of a person's own: the program on it, keys typed, screens read.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(40);
const LOOK: Duration = Duration::from_millis(50);

const CONFIGURATION: &str = "set -g default-terminal screen-256color\nset -g remain-on-exit on\n\
    set -g escape-time 0\nset -g status off\nset -g default-shell /bin/sh\n";

/// A terminal in which a command line runs.
pub(crate) struct Tmux<'a> {
    world: &'a World,
    socket: PathBuf,
}

impl<'a> Tmux<'a> {
    /// Runs a command line of the shell on a terminal of so many columns and rows.
    pub(crate) fn running(world: &'a World, (columns, rows): (u16, u16), line: &str) -> Self {
        let terminal = Self { world, socket: world.path("tmux") };
        let file = world.path("tmux.conf");
        std::fs::write(&file, CONFIGURATION).unwrap();
        let mut tmux = terminal.command();
        tmux.arg("-f").arg(file).args(["new-session", "-d", "-s", "top"]);
        tmux.args(["-x", &columns.to_string(), "-y", &rows.to_string(), line]);
        Self::run(tmux);
        terminal
    }

    /// `gangline top`.
    pub(crate) fn top(world: &'a World, size: (u16, u16)) -> Self {
        Self::running(world, size, &format!("exec {} top", World::program_file()))
    }

    fn command(&self) -> Command {
        let mut tmux = self.world.other("tmux");
        tmux.arg("-u").arg("-S").arg(&self.socket).stdin(Stdio::null());
        tmux
    }

    fn run(mut tmux: Command) -> String {
        let output = tmux.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{tmux:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn told(&self, args: &[&str]) -> String {
        let mut tmux = self.command();
        tmux.args(args);
        Self::run(tmux)
    }

    /// Types keys by their names, such as `Enter`, `C-z` or `a`.
    pub(crate) fn keys(&self, keys: &[&str]) {
        let args: Vec<&str> = ["send-keys", "-t", "top"].iter().chain(keys).copied().collect();
        self.told(&args);
    }

    /// Types a text, letter by letter.
    pub(crate) fn types(&self, text: &str) {
        self.told(&["send-keys", "-t", "top", "-l", text]);
    }

    /// Pastes a text as a terminal does.
    pub(crate) fn pastes(&self, text: &str) {
        self.told(&["set-buffer", text]);
        self.told(&["paste-buffer", "-p", "-t", "top"]);
    }

    /// Changes the size.
    pub(crate) fn resize(&self, (columns, rows): (u16, u16)) {
        let (columns, rows) = (columns.to_string(), rows.to_string());
        self.told(&["resize-window", "-t", "top", "-x", &columns, "-y", &rows]);
    }

    /// What is on the screen.
    pub(crate) fn screen(&self) -> String {
        self.told(&["capture-pane", "-p", "-t", "top"])
    }

    /// The process that the terminal was opened for.
    pub(crate) fn process(&self) -> u32 {
        let pid = self.told(&["display-message", "-p", "-t", "top", "#{pane_pid}"]);
        pid.trim().parse().unwrap()
    }

    /// Waits until the screen is as it should be, and gives it.
    pub(crate) fn until(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if holds(&screen) {
                return screen;
            }
            assert!(begun.elapsed() < PATIENCE, "it never showed {what}:\n{screen}");
            std::thread::sleep(LOOK);
        }
    }

    /// Waits until a text is on the screen.
    pub(crate) fn until_shown(&self, text: &str) -> String {
        self.until(text, |screen| screen.contains(text))
    }

    /// Waits until a row begins with the marker and holds all of these.
    pub(crate) fn until_selected(&self, parts: &[&str]) -> String {
        let is = |line: &str| line.starts_with('▸') && parts.iter().all(|part| line.contains(part));
        self.until(&format!("▸ {parts:?}"), |screen| screen.lines().any(is))
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.world.shown(&self.told(&["capture-pane", "-p", "-t", "top"])));
        }
        let mut tmux = self.command();
        // One that has ended by itself needs no end.
        drop(tmux.arg("kill-server").stderr(Stdio::null()).status());
    }
}
