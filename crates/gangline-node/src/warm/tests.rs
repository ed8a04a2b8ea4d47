use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

struct World {
    root: TempDir,
    layers: Layers,
}

impl World {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let layers = Layers::in_folder(root.path().join("warm"));
        Self { root, layers }
    }

    /// A new home with a file in it, or none.
    fn home(&self, name: &str, file: Option<&str>) -> PathBuf {
        let home = self.root.path().join(name);
        std::fs::create_dir_all(&home).unwrap();
        if let Some(file) = file.map(|file| home.join(file)) {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, name).unwrap();
        }
        home
    }

    fn keep(&self, key: &str, home: &Path, paths: &[&str]) -> Kept {
        let paths: Vec<HomePath> = paths.iter().map(|path| path.parse().unwrap()).collect();
        let lock = self.layers.lock().unwrap().expect("nobody else has it");
        self.layers.keep(&lock, key, (home, &paths), 1024 * 1024).unwrap()
    }

    async fn lend(&self, key: &str, home: &Path) -> Result<bool, String> {
        self.layers.lend(key, home, Instant::now() + Duration::from_secs(20)).await
    }
}

fn mode(path: &Path) -> u32 {
    path.symlink_metadata().unwrap().mode() & 0o777
}

#[tokio::test]
async fn a_copy_can_be_written_to_and_the_layer_cannot() {
    let world = World::new();
    let filled = world.home("filled", Some(".cargo/registry/index"));
    std::fs::write(filled.join(".cargo/credentials"), "not named").unwrap();
    std::fs::set_permissions(filled.join(".cargo/registry/index"), Permissions::from_mode(0o755))
        .unwrap();
    let kept = world.keep("k", &filled, &[".cargo/registry/index", ".cargo/registry", ".npm"]);
    assert!(matches!(kept, Kept::Filled(bytes) if bytes > 0), "{kept:?}");
    let layer = world.root.path().join("warm/k");
    assert_eq!(mode(&layer) & 0o222, 0);
    assert_eq!(mode(&layer.join(".cargo/registry/index")), 0o555);

    let home = world.home("lent", None);
    assert_eq!(world.lend("k", &home).await, Ok(true));
    let copy = home.join(".cargo/registry/index");
    assert_eq!((std::fs::read_to_string(&copy).unwrap().as_str(), mode(&copy)), ("filled", 0o755));
    assert!(!home.join(".cargo/credentials").exists(), "only what is named is kept");
    std::fs::write(&copy, "spoilt").unwrap();
    std::fs::write(home.join(".cargo/new"), "more").unwrap();
    let next = world.home("next", None);
    assert_eq!(world.lend("k", &next).await, Ok(true));
    assert_eq!(std::fs::read_to_string(next.join(".cargo/registry/index")).unwrap(), "filled");
    assert!(!next.join(".cargo/new").exists());
    assert_eq!(world.lend("other", &next).await, Ok(false));
}

#[tokio::test]
async fn links_are_copied_and_never_followed() {
    let world = World::new();
    let outside = world.home("outside", Some("secret"));
    let filled = world.home("filled", Some(".npm/file"));
    symlink(&outside, filled.join(".npm/away")).unwrap();
    symlink(&outside, filled.join(".linked")).unwrap();
    symlink(outside.join("secret"), filled.join(".npm/secret")).unwrap();
    let kept = world.keep("k", &filled, &[".npm", ".linked", ".linked/below"]);
    assert!(matches!(kept, Kept::Filled(_)), "{kept:?}");
    let home = world.home("lent", None);
    assert_eq!(world.lend("k", &home).await, Ok(true));
    assert!(home.join(".npm/away").is_symlink() && home.join(".npm/secret").is_symlink());
    assert!(home.join(".linked").symlink_metadata().is_err(), "it is no folder of this home");
    assert_eq!(mode(&outside.join("secret")) & 0o200, 0o200, "what a link leads to is as it was");
}

#[tokio::test]
async fn what_is_not_worth_keeping_is_an_empty_layer() {
    let world = World::new();
    let large = world.home("large", None);
    std::fs::create_dir(large.join(".npm")).unwrap();
    std::fs::write(large.join(".npm/file"), vec![7; 2 * 1024 * 1024]).unwrap();
    assert_eq!(world.keep("large", &large, &[".npm"]), Kept::TooLarge);
    assert_eq!(world.keep("none", &world.home("none", None), &[".npm"]), Kept::Nothing);
    for key in ["large", "none"] {
        assert!(world.layers.has(key), "nobody tries again");
        let home = world.home("lent", None);
        assert_eq!(world.lend(key, &home).await, Ok(true));
        assert_eq!(std::fs::read_dir(home).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_home_that_has_some_of_it_gets_nothing_and_keeps_its_own() {
    let world = World::new();
    let _kept = world.keep("k", &world.home("filled", Some(".npm/file")), &[".npm"]);
    let home = world.home("lent", Some(".npm/own"));
    let why = world.lend("k", &home).await.unwrap_err();
    assert!(why.ends_with(".npm stands there already"), "{why}");
    assert!(home.join(".npm/own").exists() && !home.join(".npm/file").exists());
}

#[tokio::test]
async fn the_layer_that_was_used_longest_ago_goes_first() {
    let world = World::new();
    let fill = |key: &str| world.keep(key, &world.home(key, Some(".npm/file")), &[".npm"]);
    let used = |key: &str, days: u64| {
        let layer = File::open(world.root.path().join("warm").join(key)).unwrap();
        layer.set_modified(SystemTime::now() - Duration::from_hours(days * 24)).unwrap();
    };
    for (key, days) in [("a", 9), ("b", 8), ("c", 7)] {
        let _kept = fill(key);
        used(key, days);
    }
    // What is lent counts as used.
    assert_eq!(world.lend("a", &world.home("lent", None)).await, Ok(true));
    let _kept = fill("d");
    assert_eq!(["a", "b", "c", "d"].map(|key| world.layers.has(key)), [true, false, true, true]);
    used("c", 40);
    std::fs::create_dir(world.root.path().join("warm").join(NEW)).unwrap();
    world.layers.tidy(SystemTime::now()).unwrap();
    assert_eq!(["a", "c", "d"].map(|key| world.layers.has(key)), [true, false, true]);
    assert!(!world.root.path().join("warm").join(NEW).exists());
}

#[test]
fn one_at_a_time_makes_layers() {
    let world = World::new();
    let held = world.layers.lock().unwrap();
    assert!(held.is_some() && world.layers.lock().unwrap().is_none());
    world.layers.tidy(SystemTime::now()).unwrap();
}
