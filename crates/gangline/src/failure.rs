//! Why a command failed, and what to type next.

use std::error::Error;
use std::io::{self, Write as _};

use gangline_api::client::ClientError;
use gangline_api::problem::Problem;
use gangline_mcp::Refusal;
use serde_json::json;

use crate::exit::Exit;
use crate::screen::{Out, Paint, Tone, plain, plain_block};

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure(Box<Told>);

#[derive(Debug)]
struct Told {
    exit: Exit,
    code: Option<String>,
    /// A lowercase fragment, or several lines.
    message: String,
    /// What led to it, nearest first.
    causes: Vec<String>,
    /// Lines of another program or file that explain it.
    excerpt: Vec<String>,
    /// Commands to type, or sentences.
    next: Vec<String>,
    /// The reader of standard output has gone: nothing is to be said.
    silent: bool,
}

impl Failure {
    /// With an exit code and what happened.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self(Box::new(Told {
            exit,
            code: None,
            message: message.into(),
            causes: vec![],
            excerpt: vec![],
            next: vec![],
            silent: false,
        }))
    }

    /// Something that went wrong here, with its causes.
    pub(crate) fn because(exit: Exit, error: &(dyn Error + 'static)) -> Self {
        let mut failure = Self::new(exit, error.to_string());
        failure.0.causes = causes(error);
        failure
    }

    /// With what could not be done in front; what happened becomes its cause.
    pub(crate) fn within(mut self, message: String) -> Self {
        let cause = std::mem::replace(&mut self.0.message, message);
        self.0.causes.insert(0, cause);
        self
    }

    /// With the next command to type.
    pub(crate) fn next(mut self, command: impl Into<String>) -> Self {
        self.0.next.push(command.into());
        self
    }

    /// With a stable code.
    pub(crate) fn code(mut self, code: &str) -> Self {
        self.0.code = Some(code.to_owned());
        self
    }

    /// With lines that explain it.
    pub(crate) fn excerpt(mut self, lines: Vec<String>) -> Self {
        self.0.excerpt = lines;
        self
    }

    /// What happened.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// As those who speak the Model Context Protocol are told it.
    pub(crate) fn refusal(&self) -> Refusal {
        let Told { exit, code, message, causes, excerpt, next, silent: _ } = &*self.0;
        let code = code.as_deref().unwrap_or("failed");
        let parts = [std::slice::from_ref(message), causes, excerpt].concat();
        let refusal = Refusal::new(code, parts.join("\n"));
        let refusal = match next.as_slice() {
            [] => refusal,
            next => refusal.hint(next.join("\n")),
        };
        if *exit == Exit::NoDaemon { refusal.because_away() } else { refusal }
    }

    /// How the program ends.
    pub(crate) fn exit(&self) -> Exit {
        if self.0.silent { Exit::Done } else { self.0.exit }
    }

    /// Says it: to people on standard error, to programs on standard output.
    pub(crate) fn tell(&self, json: bool) {
        if self.0.silent {
            return;
        }
        let told = match json {
            true => Out::stdout().json(&self.0.as_json()),
            false => self.0.print(Paint::for_stderr()),
        };
        // Where the stream does not take it, the exit code says it alone.
        drop(told);
    }
}

impl Told {
    fn print(&self, paint: Paint) -> io::Result<()> {
        let mut stderr = io::stderr().lock();
        self.lines(paint).iter().try_for_each(|line| writeln!(stderr, "{line}"))
    }

    fn as_json(&self) -> serde_json::Value {
        json!({ "error": {
            "code": self.code,
            "message": self.message,
            "causes": self.causes,
            "next": self.next,
            "exit": self.exit.code(),
        }})
    }

    fn lines(&self, paint: Paint) -> Vec<String> {
        let mut message = plain_block(&self.message).into_iter();
        let first = message.next().unwrap_or_default();
        let mut lines = vec![format!("{} {first}", paint.paint(Tone::Bad, "error:"))];
        lines.extend(message.map(|line| format!("  {line}").trim_end().to_owned()));
        let cause = |cause: &String| format!("  because {}", plain(cause));
        lines.extend(self.causes.iter().map(cause));
        lines.extend(self.excerpt.iter().map(|line| format!("  | {}", plain(line))));
        for (at, next) in self.next.iter().enumerate() {
            let label = if at == 0 { " next:" } else { "   or:" };
            let label = paint.paint(Tone::Attention, label);
            lines.push(format!("{label} {}", plain(next)));
        }
        lines
    }
}

/// The messages of all causes that say something new.
fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut said = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !said.iter().any(|said| said.contains(&message)) {
            said.push(message);
        }
        cause = error.source();
    }
    said.split_off(1)
}

/// Results could not be printed.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let mut failure = Self::because(Exit::Failed, &error);
        failure.0.silent = error.kind() == io::ErrorKind::BrokenPipe;
        failure
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let failure = |exit| Self::because(exit, &error);
        match &error {
            ClientError::NoDaemon { .. } => {
                failure(Exit::NoDaemon).code("no_daemon").next("gangline up --detach")
            }
            ClientError::NotYours { .. } | ClientError::NotGangline { .. } => {
                failure(Exit::NoDaemon).code("no_daemon").next("gangline doctor")
            }
            ClientError::PathTooLong { .. } => failure(Exit::NoDaemon)
                .next("set GANGLINE_RUNTIME_DIR to a directory with a shorter path"),
            ClientError::Unreached { .. } => failure(Exit::NoDaemon)
                .code("no_daemon")
                .next("look whether it runs there, and whether --url or GANGLINE_URL is right"),
            ClientError::OtherVersion { .. } => failure(Exit::NoDaemon)
                .code("other_version")
                .next("gangline down && gangline up --detach"),
            ClientError::Broken { .. } | ClientError::TimedOut { .. } => {
                failure(Exit::Outage).code("outage").next("gangline doctor")
            }
            ClientError::Malformed { .. } => {
                failure(Exit::Bug).next("gangline down && gangline up --detach")
            }
            ClientError::Refused(problem) => Self::from(&**problem),
        }
    }
}

impl From<&Problem> for Failure {
    fn from(problem: &Problem) -> Self {
        let exit = match problem.status {
            404 => Exit::NotFound,
            409 => Exit::Conflict,
            500 => Exit::Bug,
            503 | 507 => Exit::Outage,
            _refused => Exit::Failed,
        };
        let mut failure = Self::new(exit, problem.detail.clone()).code(&problem.code);
        failure.0.next.extend(problem.hint.clone());
        failure
    }
}

impl From<Box<Problem>> for Failure {
    fn from(problem: Box<Problem>) -> Self {
        Self::from(&*problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(failure: &Failure) -> String {
        failure.0.lines(Paint::none()).join("\n")
    }

    #[test]
    fn an_error_names_the_next_command() {
        let problem = Problem::new(gangline_api::codes::wrong_state, "shop.APP-1 is open\u{1b}[2J")
            .hint("gangline show APP-1");
        let failure = Failure::from(&problem);
        assert_eq!(failure.exit().code(), 5);
        insta::assert_snapshot!(shown(&failure), @r"
        error: shop.APP-1 is open
         next: gangline show APP-1
        ");
    }

    #[test]
    fn causes_are_told_once() {
        let source = io::Error::other("no space");
        let error = ClientError::Broken { request: "GET /x".into(), source: source.into() };
        insta::assert_snapshot!(shown(&error.into()), @r"
        error: the daemon went away in the middle of GET /x
          because no space
         next: gangline doctor
        ");
    }

    #[test]
    fn a_reader_that_has_gone_is_no_failure() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(failure.exit(), Exit::Done);
    }
}
