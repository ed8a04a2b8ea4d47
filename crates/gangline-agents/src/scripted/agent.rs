//! The program `gangline scripted-agent`: plays a script in the worktree that it starts in.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use gangline_domain::budget::Usage;
use gangline_process::{Links, read_plain_text};

use super::protocol::{BLOCK, How, PROTOCOL_VERSION, Said};
use super::script::{SCRIPT_BYTES_MAX, Script, Signal, Situation, Step, Walk};
use crate::driver::{KEY_ENV, PORT_BASE_ENV, TRY_ENV};
use crate::{brief, fence};

mod acp;
mod args;
mod faults;
mod files;
mod inbox;
mod memory;
mod orphan;
mod programs;
mod worker;

use args::{Asked, Play};
use inbox::Inbox;
use memory::Memory;

/// Characters of a tool's result that are shown.
const DETAIL_CHARS_MAX: usize = 2_000;
/// Exit code for a wrong script or command line.
const WRONG_SCRIPT: u8 = 2;

/// Why the script does not go on.
#[derive(Debug)]
enum Stop {
    /// It came to an end of its own.
    Finished { how: How, text: String, resets_at: Option<i64> },
    /// It exits without a word.
    Exit(i32),
    /// It dies by a signal.
    Signal(Signal),
    /// It was told to end.
    Interrupted,
    /// A step could not be done.
    Failed(String),
}

impl Stop {
    fn at_step(self, count: u32) -> Self {
        if let Self::Failed(message) = self {
            return Self::Failed(format!("step {count}: {message}"));
        }
        self
    }
}

/// The whole program, but for its `main`. `args` are those behind the program's name.
pub fn main(args: &[String]) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return complain(1, &error.to_string()),
    };
    match args::read(args) {
        Err(message) => complain(WRONG_SCRIPT, &message),
        Ok(Asked::Help) => {
            print!("{}", args::HELP);
            ExitCode::SUCCESS
        }
        Ok(Asked::Check(file)) => match read_script(&file, &file.to_string_lossy()) {
            Ok(script) => {
                println!("{}: {} steps", file.display(), script.steps.len());
                ExitCode::SUCCESS
            }
            Err(message) => complain(WRONG_SCRIPT, &message),
        },
        Ok(Asked::Orphan(task)) => match runtime.block_on(orphan::live(&task)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => complain(1, &message),
        },
        Ok(Asked::Play(play)) => runtime.block_on(start(&play)),
    }
}

fn complain(code: u8, message: &str) -> ExitCode {
    eprintln!("gangline scripted-agent: {message}");
    ExitCode::from(code)
}

async fn start(play: &Play) -> ExitCode {
    let mut play = play.clone();
    let path = play.brief.clone().unwrap_or_else(|| PathBuf::from("prompt"));
    let brief = if play.acp {
        // Before anything else runs, hence blocking.
        let Some(brief) = acp::begin(&mut play) else { return ExitCode::SUCCESS };
        brief
    } else {
        match read_text(&path) {
            Ok(brief) => brief,
            Err(message) => return complain(1, &message),
        }
    };
    let (block, rest) = fence::take(&brief, BLOCK);
    let script = match choose(&play, &path, block) {
        Ok(script) => script,
        Err(message) => return complain(WRONG_SCRIPT, &message),
    };
    let memory = match Memory::of(&play) {
        Ok(memory) => memory,
        Err(message) => return complain(1, &message),
    };
    let agent = match Agent::new(memory, rest) {
        Ok(agent) => agent,
        Err(message) => return complain(1, &message),
    };
    agent.play(script).await
}

/// The ticket's own script, else the definition's.
fn choose(play: &Play, brief: &Path, block: Option<fence::Block>) -> Result<Script, String> {
    if let Some(block) = block {
        let file = brief.file_name().unwrap_or_default().to_string_lossy();
        let script = Script::parse(&block.text, &file, block.lines_before);
        return script.map_err(|error| error.to_string());
    }
    match (&play.inline, &play.script) {
        (Some(text), _) => Script::parse(text, "script", 0).map_err(|error| error.to_string()),
        (None, Some(file)) => read_script(file, &file.to_string_lossy()),
        (None, None) => Err(format!(
            "there is no script: neither a ```{BLOCK} block in the brief, nor --script or --inline"
        )),
    }
}

fn read_script(file: &Path, shown: &str) -> Result<Script, String> {
    Script::parse(&read_text(file)?, shown, 0).map_err(|error| error.to_string())
}

fn read_text(file: &Path) -> Result<String, String> {
    let shown = file.display();
    read_plain_text(file, 4 * SCRIPT_BYTES_MAX, Links::Followed)
        .map_err(|error| format!("{shown}: {error}"))
}

/// A script being played.
struct Agent {
    cwd: PathBuf,
    inbox: Inbox,
    memory: Memory,
    situation: Situation,
    /// What `${NAME}` stands for.
    variables: BTreeMap<&'static str, String>,
    /// Paths that commits leave alone.
    dirty: Vec<String>,
    /// What was said last.
    said: String,
    spent: Usage,
    tools: u32,
    questions: u32,
}

impl Agent {
    fn new(memory: Memory, brief: String) -> Result<Self, String> {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let hints = brief::hints_in(&brief).to_owned();
        let try_no = variable(TRY_ENV).parse().unwrap_or(1);
        let variables = BTreeMap::from([
            ("KEY", variable(KEY_ENV)),
            ("TRY", try_no.to_string()),
            ("PORT_BASE", variable(PORT_BASE_ENV)),
            ("SESSION", memory.session.clone()),
            ("TURN", memory.turn.to_string()),
            ("HINTS", hints.clone()),
        ]);
        Ok(Self {
            cwd: std::env::current_dir().map_err(|error| error.to_string())?,
            inbox: Inbox::open(),
            situation: Situation { try_no, resumed: memory.resumed, hints, brief },
            variables,
            memory,
            dirty: vec![],
            said: String::new(),
            spent: Usage::default(),
            tools: 0,
            questions: 0,
        })
    }

    async fn play(mut self, script: Script) -> ExitCode {
        let pace = Duration::from_millis(script.pace_ms);
        let session = self.memory.session.clone();
        let (resumed, model) = (self.memory.resumed, "scripted".to_owned());
        say(&Said::Started { version: PROTOCOL_VERSION, session, resumed, model });
        let mut walk = Walk::new(script, self.situation.clone());
        let stop = match self.walk(&mut walk, pace).await {
            Ok(()) => {
                let text = std::mem::take(&mut self.said);
                Stop::Finished { how: How::Completed, text, resets_at: None }
            }
            Err(why) => why,
        };
        let told = matches!(stop, Stop::Finished { .. } | Stop::Interrupted);
        let code = end(stop);
        if told && acp::speaks() {
            self.inbox.closed().await;
        }
        code
    }

    async fn walk(&mut self, walk: &mut Walk, pace: Duration) -> Result<(), Stop> {
        let mut count = 0;
        while let Some(next) = walk.next() {
            count += 1;
            self.inbox.during(tokio::time::sleep(pace)).await?;
            let next = self.filled(next);
            self.step(next, walk).await.map_err(|why| why.at_step(count))?;
        }
        Ok(())
    }

    async fn step(&mut self, step: Step, walk: &mut Walk) -> Result<(), Stop> {
        let finished = |how, text| Err(Stop::Finished { how, text, resets_at: None });
        match step {
            Step::Say(text) => self.message(text),
            Step::Think(text) => say(&Said::Thought { text }),
            Step::Plan(items) => say(&Said::Plan { items: files::plan_items(items) }),
            Step::Tool(tool) => {
                let id = self.tool(&tool.tool, &tool.detail, tool.paths);
                tool_done(id, tool.ok, "");
            }
            Step::Write(file) => self.write(&file, &self.cwd.clone())?,
            Step::Append(file) => self.append(&file)?,
            Step::Replace(replace) => self.replace(&replace)?,
            Step::Delete(path) => self.delete(&path)?,
            Step::WriteOutput(file) => self.write(&file, &files::output_dir()?)?,
            Step::LeaveDirty(file) => {
                self.write(&file, &self.cwd.clone())?;
                self.dirty.push(file.path);
            }
            Step::NestedRepo(path) => self.nested_repo(&path).await?,
            Step::Run(run) => self.run(&run).await?,
            Step::Stage(paths) => self.stage(paths).await?,
            Step::Commit(commit) => self.commit(&commit).await?,
            Step::Checkout(checkout) => self.checkout(&checkout).await?,
            Step::Sleep(ms) => {
                self.inbox.during(tokio::time::sleep(Duration::from_millis(ms))).await?;
            }
            Step::Usage(spent) => self.spend(spent.tokens, spent.cost_microusd),
            Step::Claim(claim) => files::claim(&claim)?,
            Step::ClaimRaw(text) => files::write_claim(&text)?,
            Step::Call(call) => self.call(call).await?,
            Step::Ask(ask) => self.ask(ask.text, ask.options, walk).await?,
            Step::AwaitSteer(wait) => self.await_steer(wait.within_ms).await?,
            Step::Raw(line) => print_line(&line),
            Step::Flood(flood) => faults::flood(&flood),
            Step::Hang(hang) => faults::hang(&hang, &mut self.inbox).await?,
            Step::Fork(orphan) => orphan::start(&orphan, self.cwd.join(&orphan.path), false)?,
            Step::Daemonise(orphan) => orphan::start(&orphan, self.cwd.join(&orphan.path), true)?,
            Step::Exit(code) => return Err(Stop::Exit(code)),
            Step::KillSelf(signal) => return Err(Stop::Signal(signal)),
            Step::Quota(quota) => return Err(faults::quota(quota)),
            Step::AuthFail(text) => return finished(How::AuthFailed, text),
            Step::GiveUp(text) => return finished(How::GaveUp, text),
            Step::NoChange(text) => return finished(How::NoChangeNeeded, text),
            Step::On(_) => panic!("BUG: a walk resolves conditions"),
        }
        Ok(())
    }

    fn message(&mut self, text: String) {
        self.said.clone_from(&text);
        say(&Said::Message { text });
    }

    fn tool(&mut self, tool: &str, detail: &str, paths: Vec<String>) -> String {
        self.tools += 1;
        let id = format!("t{}", self.tools);
        let (tool, detail) = (tool.to_owned(), detail.to_owned());
        say(&Said::ToolStarted { id: id.clone(), tool, detail, paths });
        id
    }

    /// Reports a finished tool, and ends the script when it failed and must not.
    fn tool_result(id: String, done: Result<(), String>, may_fail: bool) -> Result<(), Stop> {
        let message = done.as_ref().err().cloned().unwrap_or_default();
        tool_done(id, done.is_ok(), &message);
        match done {
            Err(message) if !may_fail => Err(Stop::Failed(message)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn spend(&mut self, tokens: u64, cost_microusd: u64) {
        self.spent = self.spent.plus(Usage { tokens, cost_microusd, wall_ms: 0 });
        let Usage { tokens, cost_microusd, .. } = self.spent;
        say(&Said::Usage { tokens, cost_microusd });
    }

    async fn ask(
        &mut self,
        text: String,
        options: Vec<String>,
        walk: &mut Walk,
    ) -> Result<(), Stop> {
        self.questions += 1;
        let id = format!("q{}", self.questions);
        say(&Said::Question { id: id.clone(), text, options });
        let answer = self.inbox.answer(&id).await?;
        walk.answered(&answer);
        self.variables.insert("ANSWER", answer);
        Ok(())
    }

    async fn await_steer(&mut self, within_ms: u64) -> Result<(), Stop> {
        if let Some(text) = self.inbox.steering(Duration::from_millis(within_ms)).await? {
            self.message(format!("I am told: {text}"));
            self.variables.insert("STEER", text);
        }
        Ok(())
    }

    /// The step with all `${NAME}` filled in; names that are not known stay as they are.
    fn filled(&self, step: Step) -> Step {
        let mut json = serde_json::to_value(&step).expect("BUG: a step does not serialise");
        if self.fill(&mut json) { serde_json::from_value(json).unwrap_or(step) } else { step }
    }

    fn fill(&self, value: &mut serde_json::Value) -> bool {
        match value {
            serde_json::Value::String(text) if text.contains("${") => {
                for (name, value) in &self.variables {
                    *text = text.replace(&format!("${{{name}}}"), value);
                }
                true
            }
            serde_json::Value::Array(values) => {
                values.iter_mut().fold(false, |filled, value| self.fill(value) | filled)
            }
            serde_json::Value::Object(values) => {
                values.values_mut().fold(false, |filled, value| self.fill(value) | filled)
            }
            serde_json::Value::String(_)
            | serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::Number(_) => false,
        }
    }
}

fn end(stop: Stop) -> ExitCode {
    match stop {
        Stop::Finished { how, text, resets_at } => {
            say(&Said::Finished { how, text, resets_at });
            exit_code(how.exit_code())
        }
        Stop::Interrupted => {
            let how = How::Interrupted;
            say(&Said::Finished { how, text: String::new(), resets_at: None });
            exit_code(how.exit_code())
        }
        Stop::Exit(code) => exit_code(code),
        Stop::Signal(signal) => {
            faults::die(signal);
            complain(1, "the signal did not end me")
        }
        Stop::Failed(message) => complain(1, &message),
    }
}

fn exit_code(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code.rem_euclid(256)).unwrap_or(u8::MAX))
}

fn say(said: &Said) {
    if acp::say(said) {
        return;
    }
    print_line(&serde_json::to_string(said).expect("BUG: plain data does not serialise"));
}

fn tool_done(id: String, ok: bool, detail: &str) {
    let skipped = detail.chars().count().saturating_sub(DETAIL_CHARS_MAX);
    let detail = detail.chars().skip(skipped).collect();
    say(&Said::ToolFinished { id, ok, detail });
}

/// Writes a line at once. When nobody reads any more there is nobody to tell.
fn print_line(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush()));
}
