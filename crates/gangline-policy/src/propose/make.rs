use super::{Found, ProposedCheck, Repository};

/// The last resort. What a Makefile runs is not known, so its output may hold no counts.
pub(super) fn find(repository: &Repository<'_>) -> Option<Found> {
    let file = repository.first_of(&["GNUmakefile", "makefile", "Makefile"])?;
    let text = repository.text(file)?;
    let has = |target: &str| {
        text.lines().any(|line| {
            line.split_once(':').is_some_and(|(targets, rest)| {
                !rest.starts_with('=') && targets.split_whitespace().any(|word| word == target)
            })
        })
    };
    let target = ["test", "check"].into_iter().find(|target| has(target))?;
    let mut check = ProposedCheck::active("test", &format!("make {target}"), file);
    check.tests_min = Some(0);
    Some(Found { ecosystem: "make", checks: vec![check], setup: vec![] })
}
