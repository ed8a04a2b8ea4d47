//! What `doctor` says about forges: of each project that wants its commits checked on one.

use std::path::Path;

use gangline_api::doctor::{Finding, Health};
use gangline_api::project::Projects;
use gangline_node::readable;
use gangline_policy::{MachineConfig, POLICY_BYTES_MAX, POLICY_FILE, Policy};
use gangline_process::{Links, read_plain_text};

/// One finding for each project whose policy, as it lies there, has `[external_ci]`.
pub(super) async fn forges(machine: &MachineConfig, projects: &Projects) -> Vec<Finding> {
    let mut findings = vec![];
    for project in &projects.projects {
        let repository = Path::new(&project.repo);
        findings.extend(of(machine, &project.name, repository).await);
    }
    findings
}

async fn of(machine: &MachineConfig, project: &str, repository: &Path) -> Option<Finding> {
    let file = repository.join(POLICY_FILE);
    let text = read_plain_text(&file, POLICY_BYTES_MAX, Links::Refused).ok()?;
    // A policy that cannot be read is told elsewhere, and by every job.
    let external = Policy::parse(&text, POLICY_FILE).ok()?.external_ci?;
    let name = &external.forge;
    let bad = |found: String, next: String| Finding::new(Health::Bad, "forge", found).next(next);
    let forge = machine.forges.get(name).filter(|forge| forge.is_for(repository));
    let Some(forge) = forge else {
        let found = format!("{project}: wants external CI on {name}, which is not for it here");
        let next = format!(
            "add to config.toml: [forges.{name}] with from = \"env://…\" and repositories = [{:?}]",
            repository.display().to_string()
        );
        return Some(bad(found, next));
    };
    Some(match readable(&forge.from).await {
        Ok(()) => {
            let found = format!("{project}: {} at {name}, with a token", external.repository);
            Finding::new(Health::Good, "forge", found)
        }
        Err(error) => {
            let found = format!("{project}: wants external CI on {name}, and no token is there");
            bad(found, error.to_string())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "[checks.test]\nrun = \"x\"\n[external_ci]\nforge = \"github\"\n\
        repository = \"ann/shop\"\nruns = [\"build\"]\n";

    async fn found(policy: &str, machine: &str) -> Option<String> {
        let root = tempfile::tempdir().unwrap();
        let at = root.path().display().to_string();
        std::fs::write(root.path().join(POLICY_FILE), policy).unwrap();
        std::fs::write(root.path().join("token"), "a-token-of-a-forge").unwrap();
        let machine = MachineConfig::parse(&machine.replace("ROOT", &at), "config.toml").unwrap();
        let finding = of(&machine, "shop", root.path()).await?;
        let told = format!("{:?}: {} | {:?}", finding.health, finding.found, finding.next);
        Some(told.replace(&at, "ROOT"))
    }

    #[tokio::test]
    async fn a_project_that_wants_a_forge_is_told_what_it_lacks() {
        assert_eq!(found("[checks.test]\nrun = \"x\"\n", "").await, None);
        let none = found(POLICY, "").await.unwrap();
        assert!(none.starts_with("Bad: shop: wants external CI on github, which is not"), "{none}");
        assert!(none.contains("[forges.github]"), "{none}");
        let forge = "[forges.github]\nfrom = \"file://ROOT/token\"\nrepositories = [\"ROOT\"]\n";
        let good = found(POLICY, forge).await.unwrap();
        assert_eq!(good, "Good: shop: ann/shop at github, with a token | None");
        let unread = found(POLICY, &forge.replace("/token", "/none")).await.unwrap();
        assert!(
            unread.starts_with("Bad: shop: wants external CI on github, and no token"),
            "{unread}"
        );
        let other = found(POLICY, &forge.replace("[\"ROOT\"]", "[\"/another\"]")).await.unwrap();
        assert!(other.contains("which is not for it here"), "{other}");
    }
}
