//! From a definition to the program's arguments.

use crate::command::protocol::CommandProtocol;
use crate::definition::{Definition, PromptBy};
use crate::driver::{AgentDriver, LaunchError, Session, SessionPlan, SessionStart};
use crate::launch::Launch;
use crate::session::LineSession;

/// What arguments may contain, to be filled in: the brief's file, the brief itself, the
/// worktree, the outcome file, and the model (empty where none is set).
pub const PLACEHOLDERS: [&str; 5] = ["{brief_file}", "{brief}", "{cwd}", "{outcome}", "{model}"];

/// Bytes of a brief that may be an argument; the system allows 128 KiB for one.
const ARGUMENT_BYTES_MAX: usize = 120 * 1024;

/// The driver of kind `command`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Command;

impl AgentDriver for Command {
    fn kind(&self) -> &'static str {
        "command"
    }

    fn launch(&self, plan: &SessionPlan) -> Result<Box<dyn Session>, LaunchError> {
        let definition = &plan.definition;
        let lacks = |what: &str| LaunchError::Definition {
            agent: definition.name.to_string(),
            what: what.to_owned(),
        };
        if let SessionStart::Resume { .. } = plan.session {
            return Err(LaunchError::NotResumable { kind: self.kind() });
        }
        let program = definition.program.clone().ok_or_else(|| lacks("it names no `program`"))?;
        let args = arguments(plan);
        if args.iter().any(|arg| arg.len() > ARGUMENT_BYTES_MAX) {
            return Err(lacks("the brief is too long for an argument; use `prompt: file`"));
        }
        let child = Launch { program, args, defaults: &[], env: vec![] }.start(plan)?;
        let input: &[u8] = match definition.prompt {
            PromptBy::Stdin => plan.brief.as_bytes(),
            PromptBy::File | PromptBy::Argument => &[],
        };
        let protocol = CommandProtocol::new(definition.exit_codes.clone());
        Ok(Box::new(LineSession::new(child, protocol, input)))
    }

    fn program(&self, definition: &Definition) -> String {
        definition.program.clone().unwrap_or_default()
    }

    fn needs_network(&self) -> bool {
        false
    }

    fn resumable(&self) -> bool {
        false
    }

    fn can_ask(&self, _: &Definition) -> bool {
        false
    }
}

/// The definition's arguments, filled in. A brief that no argument mentions comes last.
fn arguments(plan: &SessionPlan) -> Vec<String> {
    let definition = &plan.definition;
    let wanted = match definition.prompt {
        PromptBy::File => Some("{brief_file}"),
        PromptBy::Argument => Some("{brief}"),
        PromptBy::Stdin => None,
    };
    let mut args = definition.args.clone();
    if let Some(wanted) = wanted
        && !args.iter().any(|arg| arg.contains(wanted))
    {
        args.push(wanted.to_owned());
    }
    args.iter().map(|arg| fill(arg, plan)).collect()
}

/// One pass, so that a placeholder inside the brief stays what it is: text.
fn fill(arg: &str, plan: &SessionPlan) -> String {
    let mut filled = String::new();
    let mut rest = arg;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let named = PLACEHOLDERS.iter().find(|name| rest.starts_with(**name));
        let Some(name) = named else {
            filled.push('{');
            rest = &rest[1..];
            continue;
        };
        filled.push_str(&value(name, plan));
        rest = &rest[name.len()..];
    }
    filled + rest
}

fn value(placeholder: &str, plan: &SessionPlan) -> String {
    let model = plan.model.as_ref().or(plan.definition.model.as_ref());
    match placeholder {
        "{brief_file}" => plan.brief_file.to_string_lossy().into_owned(),
        "{brief}" => plan.brief.clone(),
        "{cwd}" => plan.cwd.to_string_lossy().into_owned(),
        "{outcome}" => plan.outcome_file.to_string_lossy().into_owned(),
        _ => model.cloned().unwrap_or_default(),
    }
}
