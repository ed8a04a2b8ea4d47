//! A command of the policy: a shell line, or an argument vector.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

/// Bytes that a shell line or one argument may have.
const COMMAND_BYTES_MAX: usize = 16 * 1024;
/// Arguments that a vector may have.
const ARGUMENTS_MAX: usize = 256;

/// What a person committed to be run, inside the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandLine {
    /// Given to `sh -c`.
    Shell(String),
    /// Run as it stands; never empty.
    Argv(Vec<String>),
}

/// Why a value is not a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCommand {
    /// Nothing to run.
    #[error("the command is empty\nwrite it like \"cargo test\" or [\"cargo\", \"test\"]")]
    Empty,
    /// A byte that no argument can hold.
    #[error("the command holds a NUL character")]
    Nul,
    /// Too much of it.
    #[error(
        "the command is too long\nput it into a script: at most {ARGUMENTS_MAX} arguments of \
         {COMMAND_BYTES_MAX} bytes"
    )]
    TooLong,
}

impl CommandLine {
    /// A shell line.
    pub fn shell(line: impl Into<String>) -> Result<Self, BadCommand> {
        let line = line.into();
        if line.trim().is_empty() {
            return Err(BadCommand::Empty);
        }
        checked(&line)?;
        Ok(Self::Shell(line))
    }

    /// An argument vector; the first is the program.
    pub fn argv(arguments: Vec<String>) -> Result<Self, BadCommand> {
        if arguments.first().is_none_or(|program| program.trim().is_empty()) {
            return Err(BadCommand::Empty);
        }
        if arguments.len() > ARGUMENTS_MAX {
            return Err(BadCommand::TooLong);
        }
        arguments.iter().try_for_each(|argument| checked(argument))?;
        Ok(Self::Argv(arguments))
    }
}

fn checked(text: &str) -> Result<(), BadCommand> {
    if text.contains('\0') {
        return Err(BadCommand::Nul);
    }
    if text.len() > COMMAND_BYTES_MAX {
        return Err(BadCommand::TooLong);
    }
    Ok(())
}

/// As a person would type it in a shell. For reading, never for running.
impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shell(line) => f.write_str(line.trim()),
            Self::Argv(arguments) => {
                let quoted: Vec<String> = arguments.iter().map(|one| quoted(one)).collect();
                f.write_str(&quoted.join(" "))
            }
        }
    }
}

fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

impl<'de> Deserialize<'de> for CommandLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LineOrList;
        impl<'de> Visitor<'de> for LineOrList {
            type Value = CommandLine;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a shell line or a list of arguments")
            }
            fn visit_str<E: de::Error>(self, line: &str) -> Result<CommandLine, E> {
                CommandLine::shell(line).map_err(E::custom)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<CommandLine, A::Error> {
                let mut arguments = Vec::new();
                while let Some(argument) = seq.next_element::<String>()? {
                    arguments.push(argument);
                }
                CommandLine::argv(arguments).map_err(de::Error::custom)
            }
        }
        deserializer.deserialize_any(LineOrList)
    }
}

#[cfg(test)]
mod tests;
