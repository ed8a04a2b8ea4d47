//! What `doctor` says about the network of an agent kind.

use gangline_agents::hosts;
use gangline_domain::network::NetworkMode;
use gangline_policy::{MachineConfig, SandboxTier};

/// How much a definition of this kind has that says nothing itself, and whether its program obeys
/// a proxy. The second is `false` when nothing of it would start.
pub(super) fn words(machine: &MachineConfig, kind: &str, needs_network: bool) -> (String, bool) {
    let wanted = if needs_network { NetworkMode::Proxy } else { NetworkMode::None };
    let tier = machine.sandbox.tier;
    match (wanted.min(machine.sandbox.network), tier) {
        (NetworkMode::Proxy, Some(SandboxTier::None)) => {
            ("open: there is no sandbox that would keep it to a proxy".to_owned(), true)
        }
        (NetworkMode::Proxy, Some(SandboxTier::Landlock)) => {
            let found = "proxy, to which tier landlock cannot keep it: no such agent starts";
            (found.to_owned(), false)
        }
        (NetworkMode::Proxy, Some(SandboxTier::Bubblewrap) | None) => {
            let hosts = hosts::of_kind(kind).join(", ");
            let obeys = match hosts::obeys_proxy(kind) {
                Some(true) => "its program obeys it",
                Some(false) => "its program does not obey it, and reaches nothing",
                None => "whether its program obeys it was not measured",
            };
            (format!("proxy to {hosts}; {obeys}"), true)
        }
        (mode @ (NetworkMode::None | NetworkMode::Open), _) => (mode.to_string(), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_is_told_as_it_would_be() {
        let mut machine = MachineConfig::default();
        let (found, starts) = words(&machine, "claude", true);
        assert!(starts && found.starts_with("proxy to api.anthropic.com, "), "{found}");
        assert_eq!(words(&machine, "scripted", false).0, "none");
        machine.sandbox.tier = Some(SandboxTier::Landlock);
        assert!(!words(&machine, "claude", true).1);
        machine.sandbox.network = NetworkMode::None;
        assert_eq!(words(&machine, "claude", true), ("none".to_owned(), true));
    }
}
