use super::{Found, ProposedCheck, Repository};

const MANIFEST: &str = "pom.xml";

pub(super) fn find(repository: &Repository<'_>) -> Option<Found> {
    if !repository.has(MANIFEST) {
        return None;
    }
    let program = if repository.has("mvnw") { "./mvnw" } else { "mvn" };
    // Not -q, which would also hide the counts of a passing suite.
    let mut test = ProposedCheck::active("test", &format!("{program} -B test"), MANIFEST);
    // Surefire fetches its provider when the tests are about to run, never before.
    test.network = true;
    Some(Found { ecosystem: "maven", checks: vec![test], setup: vec![] })
}
