//! Servers of tools that the machine declares and the agent's definition, or the policy of it, asks
//! for by name. No repository says what is started.

use std::collections::BTreeSet;
use std::path::Path;

use gangline_agents::driver::{AgentDriver, McpServer, SessionPlan};
use gangline_domain::ids::{AgentName, McpName};
use gangline_policy::Policy;
use gangline_process::Tier;

use crate::job::attempt::worker;
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::worker::Desk;

/// Puts the worker's tools into the plan, and what else is asked for. Gives the desk of the former.
pub(super) fn give(
    job: &Job,
    driver: &dyn AgentDriver,
    asked: (&Policy, &AgentName),
    plan: &mut SessionPlan,
) -> Result<Option<Desk>, Failure> {
    let desk = worker::give(job, driver, plan)?;
    attach(job, driver, asked, plan);
    Ok(desk)
}

/// Puts them into the plan. What is not there is told, and gone without.
fn attach(
    job: &Job,
    driver: &dyn AgentDriver,
    (policy, agent): (&Policy, &AgentName),
    plan: &mut SessionPlan,
) {
    let told = policy.agents.definitions.get(agent).map(|told| &told.mcp);
    let asked: BTreeSet<&McpName> =
        plan.definition.mcp.iter().chain(told.into_iter().flatten()).collect();
    for name in asked.iter().copied() {
        if !driver.takes_mcp() {
            let kind = &plan.definition.kind;
            job.alert(format!(
                "agents of kind {kind} take no MCP servers: it goes without `{name}`"
            ));
            continue;
        }
        let Some(server) = job.spec.machine.mcp.get(name) else {
            job.alert(format!(
                "the machine's config.toml declares no MCP server `{name}` for this project: the \
                 agent goes without"
            ));
            continue;
        };
        let [program, args @ ..] = server.command.as_slice() else { continue };
        plan.mcp.push(McpServer {
            name: name.to_string(),
            command: program.clone(),
            args: args.to_vec(),
            env: server.env.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        });
        if plan.sandbox.tier != Tier::L0 {
            let read = server.read.iter().map(AsRef::as_ref).chain([Path::new(program)]);
            let read = read.filter(|path: &&Path| path.exists());
            let write = server.write.iter().filter(|path| path.exists());
            let sandbox = plan.sandbox.clone().read_only(read);
            plan.sandbox = write.fold(sandbox, gangline_process::Sandbox::writable);
        }
    }
}
