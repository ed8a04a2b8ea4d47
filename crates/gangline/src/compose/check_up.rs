//! What this machine and the daemon can and cannot do, one finding each.

use std::path::{Path, PathBuf};

use gangline_api::client::{Client, ClientError};
use gangline_api::doctor::{CheckUp, Finding, Health};
use gangline_api::node::NodeView;
use gangline_api::project::Projects;
use gangline_api::status::Status;
use gangline_api::version::PROGRAM_VERSION;
use gangline_api::webhook::WebhooksView;
use gangline_git::git_version;
use gangline_policy::{LISTEN_DEFAULT, Listen, MachineConfig, SandboxTier};
use gangline_process::{Tier, TierReport, probe};
use gangline_server::OfDaemon;
use gangline_store::{SqliteStore, fold_check};

use super::alive::{jobs_alive, leftovers};
use super::check_config;
use super::check_forges;
use super::check_hooks;
use super::check_issuers;
use super::clock::now;
use super::config;
use super::export::places;
use super::hubs::{self, Gathered, gathered, measured};
use super::paths::Paths;
use super::preflight;
use super::store::{WayBack, is_damage, way_back};
use super::{push, traces};
use crate::screen::age;

/// Free space below which work is going to fail soon, in MiB.
const FREE_MIB_MIN: u64 = 1_024;

/// What is looked at beside everything that costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closer {
    /// Fold all events and compare.
    pub(crate) replay: bool,
    /// Let each agent answer one word.
    pub(crate) live: bool,
}

/// What the daemon says of itself, as far as it does.
struct Said {
    status: Result<Status, ClientError>,
    projects: Option<Projects>,
    webhooks: Option<WebhooksView>,
}

/// Looks at everything, and asks the daemon for what only it knows.
pub(crate) async fn check_up(paths: &Paths, client: &Client, closer: Closer) -> CheckUp {
    let said = Said {
        status: client.status().await,
        projects: client.projects().await.ok(),
        webhooks: client.webhooks().await.ok(),
    };
    looked(paths, said, closer).await
}

/// The same within the daemon, which need not ask itself.
pub(super) async fn check_up_within(paths: &Paths, said: OfDaemon) -> CheckUp {
    let OfDaemon { status, projects, webhooks } = said;
    let said = Said { status: Ok(status), projects: Some(projects), webhooks: Some(webhooks) };
    looked(paths, said, Closer { replay: false, live: false }).await
}

async fn looked(paths: &Paths, said: Said, closer: Closer) -> CheckUp {
    let Said { status, projects, webhooks } = said;
    let mut findings = vec![Finding::new(Health::Good, "gangline", PROGRAM_VERSION), git().await];
    let read = config::machine(paths);
    let followed = status.as_ref().ok().and_then(|status| status.config.as_ref());
    findings.extend(check_config::configuration(read.as_ref().err(), followed, paths));
    let machine = read.unwrap_or_default();
    findings.extend(sandbox(&machine).await);
    findings.extend(preflight::agents(paths, &machine, closer.live).await);
    findings.push(daemon(&status));
    if let Ok(status) = &status {
        findings.extend(of_daemon(status, &machine));
    }
    findings.extend(check_issuers::issuers(&machine).await);
    if let Some(projects) = &projects {
        findings.extend(check_forges::forges(&machine, projects).await);
    }
    findings.extend(check_hooks::intakes(&machine).await);
    if let Some(found) = &webhooks {
        findings.extend(check_hooks::webhooks(&found.webhooks));
    }
    findings.push(disk(paths));
    findings.extend(store(paths, closer.replay, status.is_ok()).await);
    findings.extend(hubs(paths).await);
    findings.extend(jobs(paths, status.is_ok()));
    CheckUp::of(findings)
}

/// What follows from what the daemon says.
fn of_daemon(status: &Status, machine: &MachineConfig) -> Vec<Finding> {
    let mut findings =
        vec![http(status, super::http::wanted(&machine.http).unwrap_or(Listen::Auto))];
    let broken = status.circuits.iter().map(|circuit| {
        Finding::new(Health::Bad, "agent kind", format!("{}: {}", circuit.kind, circuit.why))
            .next(format!("gangline resume --agent-kind {}", circuit.kind))
    });
    findings.extend(broken);
    findings.extend(status.traces.as_ref().map(traces::finding));
    findings.extend(status.push.as_ref().map(push::finding));
    findings.extend(status.nodes.iter().flat_map(short));
    findings.extend(status.nodes.iter().filter(|node| node.draining).map(drained));
    findings
}

async fn git() -> Finding {
    match git_version().await {
        Ok(version) => Finding::new(Health::Good, "git", version.to_string()),
        Err(error) => {
            Finding::new(Health::Bad, "git", error.to_string()).next("install git 2.38 or newer")
        }
    }
}

async fn sandbox(machine: &MachineConfig) -> Vec<Finding> {
    let report = probe().await;
    let version = report.bwrap_version.as_deref().unwrap_or("of an unknown version");
    let wanted = match machine.sandbox.tier {
        Some(SandboxTier::None) => Tier::L0,
        Some(SandboxTier::Landlock) => Tier::L1,
        None if machine.sandbox.allow_none => report.best(),
        Some(SandboxTier::Bubblewrap) | None => Tier::L2,
    };
    let mut findings = vec![];
    for tier in report.tiers.iter().filter(|tier| tier.tier != Tier::L0) {
        findings.push(tier_finding(tier, tier.tier == wanted, version));
    }
    if machine.sandbox.allow_none {
        let found = "agents and checks may run without one (allow_none = true)";
        findings.push(Finding::new(Health::Fair, "sandbox", found));
    }
    findings
}

fn tier_finding(tier: &TierReport, used: bool, version: &str) -> Finding {
    let name = word(tier.tier);
    if let Some(reason) = &tier.reason {
        let next = match tier.tier {
            Tier::L2 => "apt-get install bubblewrap",
            Tier::L0 | Tier::L1 => "a kernel from 6.2 on with Landlock",
        };
        let health = if used { Health::Bad } else { Health::Fair };
        let found = format!("tier {name} cannot be had: {reason}");
        return Finding::new(health, "sandbox", found).next(next);
    }
    let version = match tier.tier {
        Tier::L2 => format!(" (bubblewrap {version})"),
        Tier::L0 | Tier::L1 => String::new(),
    };
    let used = if used { ", and is used" } else { "" };
    let mut told = vec![format!("tier {name} works{version}{used}")];
    told.extend(tier.gaps.iter().map(ToString::to_string));
    Finding::new(Health::Good, "sandbox", told.join("; "))
}

fn word(tier: Tier) -> &'static str {
    match tier {
        Tier::L0 => "L0 (none)",
        Tier::L1 => "L1 (landlock)",
        Tier::L2 => "L2 (bubblewrap)",
    }
}

/// A path is taken as it is, and a name looked for.
pub(super) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn daemon(status: &Result<Status, ClientError>) -> Finding {
    match status {
        Ok(status) if status.version == PROGRAM_VERSION => {
            let found = format!(
                "process {}, {} projects, {} live tickets",
                status.pid, status.projects, status.tickets_live
            );
            Finding::new(Health::Good, "daemon", found)
        }
        Ok(status) => {
            let found = format!("process {} is gangline {}", status.pid, status.version);
            Finding::new(Health::Fair, "daemon", found)
                .next("gangline down && gangline up --detach")
        }
        Err(ClientError::NoDaemon { .. }) => {
            Finding::new(Health::Fair, "daemon", "none runs").next("gangline up --detach")
        }
        Err(error) => Finding::new(Health::Bad, "daemon", error.to_string())
            .next("gangline down && gangline up --detach"),
    }
}

/// Where browsers and programs find the daemon.
fn http(status: &Status, wanted: Listen) -> Finding {
    match (&status.http, wanted) {
        (Some(address), _) => {
            let found = format!("http://{address}; `gangline dashboard` lets a browser in");
            Finding::new(Health::Good, "http", found)
        }
        (None, Listen::Auto) => {
            let found = format!(
                "not answered: the daemon found {LISTEN_DEFAULT} taken, or was told not to"
            );
            Finding::new(Health::Fair, "http", found)
                .next("choose another `listen` under [http] in config.toml, or \"off\"")
        }
        (None, Listen::Off | Listen::At(_)) => Finding::new(Health::Good, "http", "switched off"),
    }
}

/// What a node runs short of.
fn short(node: &NodeView) -> impl Iterator<Item = Finding> + '_ {
    node.alerts.iter().map(|alert| {
        let found = format!("{} runs short: {}", node.name, alert.text);
        let next = match alert.kind.as_str() {
            "disk" => "make space there",
            _memory => "let fewer agents work at once: `agents_max` under [daemon] in config.toml",
        };
        Finding::new(Health::Fair, "node", found).next(next)
    })
}

/// That nothing new starts on a node.
fn drained(node: &NodeView) -> Finding {
    let found = format!("{} is being drained: nothing new starts on it", node.name);
    Finding::new(Health::Fair, "node", found).next(format!("gangline node resume {}", node.name))
}

/// Free space where the state is kept.
fn disk(paths: &Paths) -> Finding {
    let there = paths.state().ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    match rustix::fs::statvfs(there) {
        Ok(found) => {
            let free_mib = found.f_bavail.saturating_mul(found.f_frsize) / (1024 * 1024);
            let health = if free_mib < FREE_MIB_MIN { Health::Bad } else { Health::Good };
            let free = format!("{free_mib} MiB free at {}", paths.state().display());
            let finding = Finding::new(health, "disk", free);
            if health == Health::Bad { finding.next("make space there") } else { finding }
        }
        Err(error) => Finding::new(Health::Bad, "disk", error.to_string()),
    }
}

/// The store, read beside the daemon, and its backups.
async fn store(paths: &Paths, replay: bool, daemon_runs: bool) -> Vec<Finding> {
    if !paths.database().exists() {
        return vec![Finding::new(Health::Good, "store", "there is none yet")];
    }
    let way_back = way_back(paths).await;
    let backup = backup(&way_back, daemon_runs);
    let damaged = |found: String| {
        let finding = Finding::new(Health::Bad, "store", found);
        way_back.commands().into_iter().fold(finding, Finding::next)
    };
    let store = match SqliteStore::open_read_only(&paths.database()).await {
        Ok(store) => store,
        Err(error) if is_damage(&error) => return vec![damaged(error.to_string()), backup],
        Err(error) => {
            let finding = Finding::new(Health::Bad, "store", error.to_string());
            return vec![finding.next(error.hint()), backup];
        }
    };
    let mut findings = vec![match store.integrity_check().await {
        Ok(wrong) if wrong.is_empty() => {
            Finding::new(Health::Good, "store", format!("{} is sound", store.path().display()))
        }
        Ok(wrong) => damaged(wrong.join("; ")),
        Err(error) => Finding::new(Health::Bad, "store", error.to_string()),
    }];
    findings.push(backup);
    if replay {
        findings.push(match fold_check(&store).await {
            Ok(report) => match report.difference {
                None => Finding::new(
                    Health::Good,
                    "replay",
                    format!(
                        "{} events give the stored rows: {} live and {} closed tickets",
                        report.events, report.live, report.closed
                    ),
                ),
                Some(difference) => Finding::new(Health::Bad, "replay", difference.to_string()),
            },
            Err(error) => Finding::new(Health::Bad, "replay", error.to_string()),
        });
    }
    findings
}

/// The newest backup of the store that is whole.
fn backup(way_back: &WayBack, daemon_runs: bool) -> Finding {
    let Some((backup, seq)) = &way_back.newest else {
        let finding = Finding::new(Health::Fair, "backup", way_back.none_is_whole());
        return if daemon_runs { finding } else { finding.next("gangline up --detach") };
    };
    let (age, is_old) = (way_back.age_of(backup), way_back.is_old(backup));
    let found = format!("{age} old, as of event {seq}: {}", backup.path.display());
    // Without a daemon nothing is written, and so nothing needs to be backed up.
    let health = if is_old && daemon_runs { Health::Fair } else { Health::Good };
    Finding::new(health, "backup", found)
}

/// What has gathered in the hubs, and when it was last packed.
async fn hubs(paths: &Paths) -> Vec<Finding> {
    let mut findings = vec![];
    for (project, path) in hubs::found(&places(paths)) {
        let Some((_, size)) = measured(path).await else { continue };
        let packed = match size.packed_at_us {
            Some(at) => format!("packed {} ago", age(at, now().0)),
            None => "never packed anew".to_owned(),
        };
        let mib = size.pack_bytes.div_ceil(1024 * 1024);
        let found = format!(
            "{project}: {} loose objects, {} packs of {mib} MiB, {packed}",
            size.loose, size.packs
        );
        // The daemon does it by itself; if it has not for so long, its log tells why.
        let (health, next) = match gathered(&size) {
            Gathered::Little | Gathered::Much => (Health::Good, None),
            Gathered::TooMuch => (Health::Fair, Some(format!("less {}", paths.log().display()))),
        };
        findings.push(Finding { next, ..Finding::new(health, "hub", found) });
    }
    findings
}

/// Jobs that run, and processes that ought not to.
fn jobs(paths: &Paths, daemon_runs: bool) -> Vec<Finding> {
    let places = places(paths);
    let mut findings = vec![match (jobs_alive(&places), daemon_runs) {
        (0, _) => Finding::new(Health::Good, "jobs", "none runs"),
        (n, true) => Finding::new(Health::Good, "jobs", format!("{n} run")),
        (n, false) => {
            let found = format!("{n} run without a daemon; the next one goes on with them");
            Finding::new(Health::Fair, "jobs", found).next("gangline up --detach")
        }
    }];
    // A daemon ends these itself, as soon as it sees that their job is gone.
    let left: Vec<String> = leftovers(&places).iter().map(ToString::to_string).collect();
    if !left.is_empty() && !daemon_runs {
        let found = format!("left over by jobs that died: {}", left.join(", "));
        findings.push(Finding::new(Health::Bad, "processes", found).next("gangline up --detach"));
    }
    findings
}
