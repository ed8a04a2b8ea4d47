//! The agent kinds that exist. A new one is a folder and a line here.

use crate::acp::Acp;
use crate::claude::Claude;
use crate::codex::Codex;
use crate::command::Command;
use crate::driver::AgentDriver;
use crate::external::External;
use crate::gemini::Gemini;
use crate::opencode::Opencode;
use crate::scripted::Scripted;

static DRIVERS: [&dyn AgentDriver; 8] =
    [&Acp, &Claude, &Codex, &Command, &External, &Gemini, &Opencode, &Scripted];

/// No driver of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("agent kind `{kind}` is not known; known are {}", known.join(", "))]
pub struct UnknownKind {
    /// As it was asked for.
    pub kind: String,
    /// All that there are.
    pub known: Vec<&'static str>,
}

/// The driver of this kind.
pub fn driver(kind: &str) -> Result<&'static dyn AgentDriver, UnknownKind> {
    let found = DRIVERS.iter().find(|driver| driver.kind() == kind);
    found.copied().ok_or_else(|| UnknownKind { kind: kind.to_owned(), known: kinds().collect() })
}

/// All kinds, in order.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    DRIVERS.iter().map(|driver| driver.kind())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name_and_in_order() {
        let names: Vec<&str> = kinds().collect();
        assert_eq!(
            names,
            ["acp", "claude", "codex", "command", "external", "gemini", "opencode", "scripted"]
        );
        for name in names {
            assert_eq!(driver(name).map(AgentDriver::kind), Ok(name));
        }
    }

    #[test]
    fn an_unknown_kind_is_refused_with_the_known_ones() {
        let Err(error) = driver("cladue") else { panic!("it was found") };
        let expected = "agent kind `cladue` is not known; known are acp, claude, codex, command, external, gemini, \
                        opencode, scripted";
        assert_eq!(error.to_string(), expected);
    }
}
