//! Whether the daemon follows the configuration that is there.

use gangline_api::doctor::{Finding, Health};
use gangline_api::status::ConfigView;

use super::clock::now;
use super::paths::Paths;
use crate::failure::Failure;
use crate::screen::age;

/// `unread` is why the file cannot be read here, and `followed` what the daemon says of it, when one
/// runs. Nothing to say is well.
pub(super) fn configuration(
    unread: Option<&Failure>,
    followed: Option<&ConfigView>,
    paths: &Paths,
) -> Vec<Finding> {
    let bad = |found: String| {
        Finding::new(Health::Bad, "configuration", found)
            .next(format!("mend {}", paths.machine_config().display()))
    };
    let Some(followed) = followed else {
        return unread.map(|failure| bad(failure.message().to_owned())).into_iter().collect();
    };
    let mut findings = vec![];
    let stays = format!("the daemon follows the one of {} ago", age(followed.since_us, now().0));
    match (&followed.refused, unread) {
        (Some(refused), _) => findings.push(bad(format!("{}\n{stays}", refused.why))),
        // The daemon has not looked yet.
        (None, Some(failure)) => findings.push(bad(format!("{}\n{stays}", failure.message()))),
        (None, None) => {}
    }
    if !followed.restart.is_empty() {
        let found = format!("waits for the daemon's next start: {}", followed.restart.join(", "));
        let finding = Finding::new(Health::Fair, "configuration", found);
        findings.push(finding.next("gangline down && gangline up --detach"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use gangline_api::status::RefusedConfig;

    use super::*;
    use crate::exit::Exit;

    fn told(unread: Option<&str>, followed: Option<&ConfigView>) -> Vec<String> {
        let folder = std::path::Path::new("/state");
        let failure = unread.map(|why| Failure::new(Exit::Failed, why));
        let found = configuration(failure.as_ref(), followed, &Paths::under(folder));
        found.iter().map(|finding| format!("{:?} {}", finding.health, finding.found)).collect()
    }

    #[test]
    fn a_configuration_that_is_not_followed_is_told_with_what_is() {
        let mut followed = ConfigView { since_us: now().0, refused: None, restart: vec![] };
        assert!(told(None, None).is_empty());
        assert!(told(None, Some(&followed)).is_empty());
        assert_eq!(told(Some("c:1:2: odd"), None), ["Bad c:1:2: odd"]);
        let [found] = &*told(Some("c:1:2: odd"), Some(&followed)) else { panic!("not one") };
        assert!(found.starts_with("Bad c:1:2: odd\nthe daemon follows the one of "), "{found}");
        followed.refused = Some(RefusedConfig { at_us: 0, why: "c:3:4: odder".to_owned() });
        followed.restart = vec!["http.listen".to_owned()];
        let found = told(Some("c:1:2: odd"), Some(&followed));
        assert!(found[0].starts_with("Bad c:3:4: odder\nthe daemon follows"), "{found:?}");
        assert_eq!(found[1], "Fair waits for the daemon's next start: http.listen");
    }
}
