//! What programs of a job may see: sandboxes and environments.

use std::path::{Path, PathBuf};

use gangline_domain::network::NetworkMode;
use gangline_process::{Sandbox, Tier, system_read_set};

use crate::job::context::Job;

/// What every program gets of the job's own environment.
const ENVIRONMENT: [&str; 6] = ["PATH", "LANG", "LC_ALL", "TZ", "USER", "RUSTUP_HOME"];

/// What is the same in every environment: where things are found, and no colours.
pub(crate) fn environment() -> Vec<(String, String)> {
    let host = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let named = ENVIRONMENT.iter().filter_map(|name| Some(((*name).to_owned(), host(name)?)));
    let mut env: Vec<(String, String)> = named.collect();
    if host("RUSTUP_HOME").is_none()
        && let Some(home) = host("HOME")
        && Path::new(&home).join(".rustup").is_dir()
    {
        // Programs have another HOME, under which the toolchains are not.
        env.push(("RUSTUP_HOME".to_owned(), format!("{home}/.rustup")));
    }
    for (name, value) in [("TERM", "dumb"), ("NO_COLOR", "1"), ("CI", "1")] {
        env.push((name.to_owned(), value.to_owned()));
    }
    env
}

/// Variables that agents may get, as far as they are set here.
pub(crate) fn passed(job: &Job) -> Vec<(String, String)> {
    let names = job.spec.machine.pass.iter();
    names.filter_map(|name| Some((name.clone(), std::env::var(name).ok()?))).collect()
}

/// A sandbox of the machine's tier that sees the system and nothing of ours.
pub(crate) fn sandbox(job: &Job) -> Sandbox {
    let machine = &job.spec.machine;
    let sandbox = match machine.tier {
        Tier::L0 => Sandbox::none(),
        Tier::L1 | Tier::L2 => {
            let path = std::env::var_os("PATH");
            let system = system_read_set(path.as_deref());
            Sandbox::of(machine.tier)
                .read_only(system)
                .read_only(machine.read.iter().filter(|path| path.exists()))
        }
    };
    sandbox.limits(job.watch.limits())
}

/// Whether commands of the policy may have the network. They have the host's own, for a proxy keeps
/// only agents to a list: where the machine gives less than that, they have none.
pub(crate) fn commands_have_network(job: &Job) -> bool {
    let machine = &job.spec.machine;
    machine.network && machine.network_max == NetworkMode::Open
}

/// The hub's objects, which checkouts borrow.
pub(crate) fn borrowed_objects(job: &Job) -> PathBuf {
    job.spec.places.hub(&job.project().id).join("objects")
}
