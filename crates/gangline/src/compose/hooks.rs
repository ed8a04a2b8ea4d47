//! Webhooks and intakes, from the machine's configuration to the server's words.

use std::collections::BTreeMap;

use gangline_domain::secret::Secret;
use gangline_node::read_secret;
use gangline_policy::{IntakeRef, MachineConfig, SecretSource, WebhookRef};
use gangline_server::{Hooks, Intake, Outbound, Signing};

use super::paths::Paths;
use super::trust;
use crate::exit::Exit;
use crate::failure::Failure;

/// Takes them up where they were left; a new webhook begins behind `seq`.
pub(super) fn open(paths: &Paths, machine: &MachineConfig, seq: u64) -> Result<Hooks, Failure> {
    let folder = paths.webhooks();
    Hooks::open(&folder, outbounds(machine), intakes(machine), seq).map_err(|error| {
        let message = format!("what webhooks were told cannot be kept in {}", folder.display());
        Failure::new(Exit::Failed, format!("{message}: {error}")).next("gangline doctor")
    })
}

/// As another configuration has them; a new webhook begins behind `seq`.
pub(super) fn changed(before: &Hooks, paths: &Paths, machine: &MachineConfig, seq: u64) -> Hooks {
    before.changed(&paths.webhooks(), outbounds(machine), intakes(machine), seq)
}

fn outbounds(machine: &MachineConfig) -> BTreeMap<String, Outbound> {
    machine.webhooks.iter().map(|(name, to)| (name.to_string(), outbound(to))).collect()
}

fn intakes(machine: &MachineConfig) -> BTreeMap<String, Intake> {
    machine.intake.iter().map(|(name, from)| (name.to_string(), intake(from))).collect()
}

fn outbound(to: &WebhookRef) -> Outbound {
    let WebhookRef { url, secret: _, events, projects, allow_private } = to.clone();
    Outbound { address: url.0, events, projects, allow_private }
}

fn intake(from: &IntakeRef) -> Intake {
    let IntakeRef { project, secret: _, labels, draft } = from.clone();
    Intake { project, labels, draft }
}

/// The secret of a webhook or an intake, read where it is.
pub(super) async fn secret(machine: &MachineConfig, of: Signing<'_>) -> Result<Secret, String> {
    let source = match of {
        Signing::Webhook(name) => named(&machine.webhooks, name).map(|hook| hook.secret.clone()),
        Signing::Intake(name) => named(&machine.intake, name).map(|intake| intake.secret.clone()),
        Signing::OidcClient => machine.oidc.as_ref().and_then(|oidc| oidc.client_secret.clone()),
        Signing::WorkersKey => trust::shared_key(machine),
        Signing::WorkersKeys => trust::keys_file(machine),
        Signing::Traces(header) => {
            machine.traces.as_ref().and_then(|traces| traces.headers.get(header).cloned())
        }
    };
    let source: &SecretSource = &source.ok_or("config.toml does not have it")?;
    read_secret(source).await.map_err(|error| error.to_string())
}

fn named<'t, N: std::fmt::Display + Ord, T>(
    table: &'t BTreeMap<N, T>,
    name: &str,
) -> Option<&'t T> {
    table.iter().find(|(known, _)| known.to_string() == name).map(|(_, found)| found)
}
