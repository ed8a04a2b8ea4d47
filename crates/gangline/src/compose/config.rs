//! The machine's own configuration.

use std::io;

use gangline_policy::{MachineConfig, SandboxTier};
use gangline_process::{Links, Tier, probe, read_plain_text};

use super::paths::Paths;
use crate::exit::Exit;
use crate::failure::Failure;

/// The largest configuration of a machine, in bytes.
const CONFIG_BYTES_MAX: usize = 1024 * 1024;

/// What the file says; defaults where there is none.
pub(super) fn machine(paths: &Paths) -> Result<MachineConfig, Failure> {
    let path = paths.machine_config();
    let text = match read_plain_text(&path, CONFIG_BYTES_MAX, Links::Followed) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(MachineConfig::default());
        }
        Err(error) => {
            let message = format!("the configuration {} cannot be read: {error}", path.display());
            return Err(Failure::new(Exit::Failed, message).code("bad_config"));
        }
    };
    MachineConfig::parse(&text, &path.display().to_string()).map_err(|error| {
        Failure::new(Exit::Failed, error.to_string())
            .code("bad_config")
            .next(format!("mend {}, then gangline up", path.display()))
    })
}

/// Whether agents run behind a wall here, as far as this machine and its configuration allow.
pub(super) async fn isolates(machine: &MachineConfig) -> bool {
    match (machine.sandbox.tier, machine.sandbox.allow_none) {
        (Some(SandboxTier::None), _) => false,
        (Some(SandboxTier::Bubblewrap | SandboxTier::Landlock), _) | (None, false) => true,
        (None, true) => probe().await.best() != Tier::L0,
    }
}
