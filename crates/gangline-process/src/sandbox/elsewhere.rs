//! Systems without Landlock: the tier is refused.

use std::io;
use std::process::Command;

use super::spec::{SandboxError, Tier};
use crate::cmd::Cmd;
use crate::spawn::SpawnError;

/// There is none.
#[derive(Debug)]
pub(crate) enum Wall {}

impl Wall {
    pub(crate) fn raise(&self) -> io::Result<()> {
        match *self {}
    }
}

pub(crate) fn walled(_cmd: &Cmd) -> Result<(Command, Wall), SpawnError> {
    Err(SandboxError::Unsupported { tier: Tier::L1 }.into())
}

pub(super) fn in_namespaces() -> Result<&'static [u8], SandboxError> {
    Err(SandboxError::Unsupported { tier: Tier::L2 })
}

pub(super) fn gaps() -> Vec<&'static str> {
    vec![]
}
