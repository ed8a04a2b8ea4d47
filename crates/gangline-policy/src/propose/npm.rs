use serde_json::Value;

use super::{Found, ProposedCheck, Repository, shell};

const MANIFEST: &str = "package.json";

/// Script names that are looked for, and what the check is called.
const SCRIPTS: [(&[&str], &str); 4] = [
    (&["typecheck", "type-check", "types", "check-types", "tsc"], "typecheck"),
    (&["lint"], "lint"),
    (&["test"], "test"),
    (&["build"], "build"),
];

pub(super) fn find(repository: &Repository<'_>) -> Option<Found> {
    let manifest: Value = serde_json::from_str(&repository.text(MANIFEST)?).ok()?;
    let (program, install) = package_manager(repository);
    let script = |name: &str| {
        let text = manifest.get("scripts").and_then(|scripts| scripts.get(name));
        text.and_then(Value::as_str).is_some_and(is_real)
    };
    let mut checks = Vec::new();
    for (scripts, check) in SCRIPTS {
        let Some(name) = scripts.iter().find(|name| script(name)) else { continue };
        let line = match *name {
            "test" => format!("{program} test"),
            other => format!("{program} run {other}"),
        };
        checks.push(ProposedCheck::active(check, &line, MANIFEST));
    }
    if !checks.iter().any(|check| check.name == "typecheck") && repository.has("tsconfig.json") {
        let line = "npx --no-install tsc --noEmit";
        checks.push(ProposedCheck::commented("typecheck", line, "tsconfig.json"));
    }
    let has_dependencies = ["dependencies", "devDependencies"].iter().any(|key| {
        manifest.get(key).and_then(Value::as_object).is_some_and(|deps| !deps.is_empty())
    });
    let setup = install.filter(|_| has_dependencies).map(shell);
    Some(Found { ecosystem: "npm", checks, setup: setup.into_iter().collect() })
}

/// The program that the lockfile belongs to, and how it installs exactly what is locked.
fn package_manager(repository: &Repository<'_>) -> (&'static str, Option<&'static str>) {
    if repository.first_of(&["package-lock.json", "npm-shrinkwrap.json"]).is_some() {
        ("npm", Some("npm ci"))
    } else if repository.has("pnpm-lock.yaml") {
        ("pnpm", Some("pnpm install --frozen-lockfile"))
    } else if repository.has("yarn.lock") {
        ("yarn", Some("yarn install --frozen-lockfile"))
    } else {
        ("npm", Some("npm install --no-save"))
    }
}

/// `npm init` writes a test script that only fails.
fn is_real(script: &str) -> bool {
    !script.trim().is_empty() && !script.contains("no test specified")
}
