//! The machine's own configuration.

use std::io;

use gangline_policy::MachineConfig;

use super::paths::Paths;
use crate::exit::Exit;
use crate::failure::Failure;

/// What the file says; defaults where there is none.
pub(super) fn machine(paths: &Paths) -> Result<MachineConfig, Failure> {
    let path = paths.machine_config();
    let text = match std::fs::read_to_string(&path) {
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
