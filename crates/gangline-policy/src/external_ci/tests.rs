use super::*;
use crate::{MachineConfig, Policy};

const CHECK: &str = "[checks.test]\nrun = \"x\"\n";

fn policy(text: &str) -> Result<ExternalCi, String> {
    let whole = format!("[external_ci]\n{text}\n{CHECK}");
    let policy = Policy::parse(&whole, "gangline.toml").map_err(|error| error.to_string())?;
    Ok(policy.external_ci.unwrap())
}

#[test]
fn little_has_to_be_said() {
    let least =
        policy("forge = \"github\"\nrepository = \"ann/shop\"\nruns = [\"test\", \"build\"]");
    let least = least.unwrap();
    assert_eq!(least.repository.to_string(), "ann/shop");
    assert_eq!(least.runs, ["build", "test"]);
    assert_eq!(least.accept, [Accepted::Success]);
    assert!(least.required);
    assert_eq!((least.timeout, least.poll), (Period::seconds(1_800), Period::seconds(15)));
    let none = Policy::parse(CHECK, "gangline.toml").unwrap();
    assert_eq!(none.external_ci, None);
}

#[test]
fn what_could_mean_another_place_or_nothing_is_refused() {
    let with = |repository: &str, rest: &str| {
        policy(&format!("forge = \"github\"\nrepository = \"{repository}\"\n{rest}")).unwrap_err()
    };
    for repository in [
        "shop",
        "/shop",
        "../shop",
        "ann/../x",
        "ann/shop/",
        "-ann/shop",
        "a b/c",
        "ann/.git",
        "a/b?c",
    ] {
        let error = with(repository, "runs = [\"x\"]");
        assert!(error.contains("is not a repository's name"), "{repository}: {error}");
    }
    assert!(with("ann/shop", "runs = []").contains("0 runs are named"));
    assert!(with("ann/shop", "runs = [\"\"]").contains("is not a run's name"));
    assert!(
        with("ann/shop", "runs = [\"a\"]\naccept = [\"neutral\"]").contains("nothing could pass")
    );
    assert!(with("ann/shop", "runs = [\"a\"]\npoll = \"1h\"").contains("it is 1s to 10m"));
    assert!(with("ann/shop", "runs = [\"a\"]\napi = \"https://x\"").contains("api"));
}

fn machine(text: &str) -> Result<MachineConfig, String> {
    let whole = format!("[forges.hub]\n{text}\n");
    MachineConfig::parse(&whole, "config.toml").map_err(|error| error.to_string())
}

#[test]
fn a_forge_is_where_the_machine_says() {
    let least = "from = \"env://TOKEN\"\nrepositories = [\"/home/ann/shop\"]";
    let forge = machine(least).unwrap().forges.remove(&"hub".parse().unwrap()).unwrap();
    assert_eq!(forge.api.as_str(), "https://api.github.com");
    assert_eq!(forge.git.as_str(), "https://github.com");
    for api in [
        "http://forge.example/api",
        "ftp://x",
        "https://",
        "https://a b",
        "https://u:p@x/",
        "file:///x",
    ] {
        let error = machine(&format!("{least}\napi = \"{api}\"")).unwrap_err();
        assert!(error.contains("hub.api"), "{api}: {error}");
    }
    for git in ["http://forge.example", "git@x:y", "ssh://x", "/srv/git", "https://u@x"] {
        let error = machine(&format!("{least}\ngit = \"{git}\"")).unwrap_err();
        assert!(error.contains("hub.git"), "{git}: {error}");
    }
    let own = "api = \"http://127.0.0.1:8080/api/v3/\"\ngit = \"file:///srv/git/\"";
    let forge = machine(&format!("{least}\n{own}"))
        .unwrap()
        .forges
        .remove(&"hub".parse().unwrap())
        .unwrap();
    assert_eq!(forge.api.as_str(), "http://127.0.0.1:8080/api/v3");
    assert_eq!(forge.git.as_str(), "file:///srv/git");
}
