//! How much of the network an attempt's agent has, and the proxy that keeps it to that.

use std::net::SocketAddr;
use std::path::PathBuf;

use gangline_agents::driver::AgentDriver;
use gangline_agents::hosts;
use gangline_domain::ids::AgentKind;
use gangline_domain::job::Infra;
use gangline_domain::network::{HostRule, Network, NetworkMode};
use gangline_domain::resources::ByteSize;
use gangline_process::{ProxyWay, Sandbox, Tier};

use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::proxy::{Gateway, Proxy};
use crate::web;

/// Before `--spec`-less arguments of this program that lead to [`gangline_process::shim_main`].
pub const SHIM_SUBCOMMAND: &str = "network-shim";
/// What a variable's name ends in that says where a model is.
const BASE_URL: &str = "_BASE_URL";
/// Bytes that pass for one attempt unless something else is said, in MiB.
const BYTES_MIB_DEFAULT: u32 = 4 * 1024;

/// How much it has: as policy and definition say or the kind needs, and no more than the machine
/// gives. What cannot be had is refused, save that a person who wants no sandbox has none.
pub(super) fn mode(
    job: &Job,
    said: &Network,
    driver: &dyn AgentDriver,
) -> Result<NetworkMode, Failure> {
    let machine = &job.spec.machine;
    let needed = said.needed.unwrap_or_else(|| driver.needs_network());
    let wanted = said.mode.unwrap_or(if needed { NetworkMode::Proxy } else { NetworkMode::None });
    let ceiling = if machine.network { machine.network_max } else { NetworkMode::None };
    let bounded = ceiling < NetworkMode::Open || said.mode.is_some();
    match (wanted.min(ceiling), machine.tier) {
        (NetworkMode::Proxy, Tier::L0) if !bounded => Ok(NetworkMode::Open),
        (NetworkMode::Proxy, tier @ (Tier::L0 | Tier::L1)) => {
            Err(Failure::Infra(Infra::SetupFailed(format!(
                "the agent's network is the proxy, to which only tier bubblewrap can keep it, and \
                 this machine's tier is {tier}: install bubblewrap, or write network = \"open\" \
                 for this agent"
            ))))
        }
        (mode, _) => Ok(mode),
    }
}

/// The sandbox with that much network, and the proxy where there is one.
pub(super) fn arrange(
    job: &Job,
    (mode, said): (NetworkMode, &Network),
    (kind, env, gateway): (&AgentKind, &[(String, String)], Option<Gateway>),
    sandbox: Sandbox,
) -> Result<(Sandbox, Option<Proxy>), Failure> {
    match mode {
        NetworkMode::None => Ok((sandbox.network(false), None)),
        NetworkMode::Open => Ok((sandbox.network(true), None)),
        NetworkMode::Proxy => {
            let rules = rules(job, said, kind, env);
            let socket = job.run.socket().with_extension("net");
            let bytes = said.bytes.unwrap_or(ByteSize::mib(BYTES_MIB_DEFAULT));
            let forward: Vec<SocketAddr> =
                rules.iter().filter_map(HostRule::loopback).map(SocketAddr::from).collect();
            let listed: Vec<String> = rules.iter().map(ToString::to_string).collect();
            job.step(format!("network: proxy to {}", listed.join(", ")));
            let proxy = Proxy::open(&socket, rules, bytes, gateway)?;
            let shim = (own_program()?, vec![SHIM_SUBCOMMAND.to_owned()]);
            Ok((sandbox.proxy(ProxyWay { socket, shim, forward }), Some(proxy)))
        }
    }
}

/// Hosts of the kind, hosts that are listed, and where the environment says that the model is.
/// The environment is the machine's: nothing in it is of the agent.
fn rules(job: &Job, said: &Network, kind: &AgentKind, env: &[(String, String)]) -> Vec<HostRule> {
    let of_kind = hosts::of_kind(kind.as_str()).into_iter();
    let of_kind = of_kind.map(|host| host.parse().expect("BUG: a kind's host is a rule"));
    let mut rules: Vec<HostRule> = of_kind.chain(said.allow.iter().cloned()).collect();
    for (name, value) in env.iter().filter(|(name, _)| name.ends_with(BASE_URL)) {
        match web::target(value) {
            Some(target) => rules.push(HostRule::exactly(target)),
            None => job.alert(format!(
                "{name} is no http:// or https:// address: its host is not \
                                       in the agent's list"
            )),
        }
    }
    rules.sort();
    rules.dedup();
    rules
}

/// This program's file, although it may have been replaced since it was started.
fn own_program() -> Result<PathBuf, Failure> {
    let own =
        std::env::current_exe().map_err(|error| Failure::tool("finding this program", &error))?;
    let shown = own.to_string_lossy();
    Ok(shown.strip_suffix(" (deleted)").map_or_else(|| own.clone(), PathBuf::from))
}
