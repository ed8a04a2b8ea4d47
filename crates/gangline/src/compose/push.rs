//! Push messages, from the machine's configuration to the server's words, and what `doctor` says of them.

use std::sync::Arc;

use gangline_api::doctor::{Finding, Health};
use gangline_api::push::PushTrouble;
use gangline_policy::{MachineConfig, PushPolicy};
use gangline_server::{Push, PushReach};

use super::now;
use super::paths::Paths;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::age;

/// Goes on where it was left, unless it is switched off; without a device it begins behind `seq`.
pub(super) fn open(
    paths: &Paths,
    machine: &MachineConfig,
    seq: u64,
) -> Result<Option<Arc<Push>>, Failure> {
    if !machine.push.enabled {
        return Ok(None);
    }
    let folder = paths.push();
    Push::open(&folder, reach(&machine.push), seq).map(Some).map_err(|error| {
        let message =
            format!("who is told by push messages cannot be kept in {}", folder.display());
        Failure::new(Exit::Failed, format!("{message}: {error}")).next("gangline doctor")
    })
}

/// As another configuration has it.
pub(super) fn changed(
    before: Option<&Arc<Push>>,
    paths: &Paths,
    machine: &MachineConfig,
    seq: u64,
) -> Option<Arc<Push>> {
    if let Some(before) = before
        && machine.push.enabled
    {
        return Some(before.changed(reach(&machine.push)));
    }
    open(paths, machine, seq).unwrap_or_else(|failure| {
        tracing::error!("{}", failure.message());
        None
    })
}

fn reach(policy: &PushPolicy) -> PushReach {
    PushReach { contact: policy.contact.to_string(), allow_private: policy.allow_private }
}

/// What `doctor` says, when something is wrong.
pub(super) fn finding(trouble: &PushTrouble) -> Finding {
    let PushTrouble { devices, failing_since_us, error } = trouble;
    let since = age(*failing_since_us, now().0);
    let devices = if *devices == 1 { "a device".to_owned() } else { format!("{devices} devices") };
    let found = format!("{devices} could not be told for {since}: {error}");
    Finding::new(Health::Fair, "push", found).next(
        "look whether this machine reaches the internet, or remove the device in the dashboard",
    )
}
