use std::fs;

use gangline_git::{BackendKind, Found, read_meta, scan};

use crate::world::{World, write};

#[tokio::test]
async fn a_scan_tells_whole_half_made_gone_and_unknown_apart() {
    let world = World::new().await;
    let folder = world.path().join("worktrees");
    assert!(scan(&folder).unwrap().is_empty(), "no directory yet");
    world.checkout().await;
    fs::create_dir_all(folder.join("x.partial-77")).unwrap();
    fs::create_dir_all(folder.join(".trash/y")).unwrap();
    fs::create_dir(folder.join("stranger")).unwrap();
    fs::create_dir(folder.join("torn")).unwrap();
    write(&folder.join("torn.meta.json"), "{\"version\":");
    let meta = read_meta(&world.worktree()).unwrap().unwrap();
    write(&folder.join("gone.meta.json"), &serde_json_of(&folder));
    let found: Vec<String> = scan(&folder)
        .unwrap()
        .into_iter()
        .map(|found| match found {
            Found::Ready { meta, .. } => format!("ready {} {}", meta.job, meta.base),
            Found::HalfMade { path } => format!("half {}", path.file_name().unwrap().display()),
            Found::Gone { path, .. } => format!("gone {}", path.file_name().unwrap().display()),
            Found::Unknown { path, why } => {
                let why = why.split(':').next().unwrap_or_default();
                format!("unknown {} ({})", path.file_name().unwrap().display(), why.len() > 3)
            }
        })
        .collect();
    let ready = format!("ready shop.APP-1.a1 {}", world.base);
    assert_eq!(
        found,
        [
            "gone gone",
            &ready,
            "unknown stranger (true)",
            "unknown torn (true)",
            "half x.partial-77"
        ]
    );
    assert_eq!(meta.backend, BackendKind::Clone);
}

fn serde_json_of(folder: &std::path::Path) -> String {
    fs::read_to_string(folder.join("shop-APP-1.meta.json")).unwrap()
}

#[tokio::test]
async fn a_registry_of_a_newer_program_is_not_guessed_at() {
    let world = World::new().await;
    world.checkout().await;
    let file = world.path().join("worktrees/shop-APP-1.meta.json");
    let newer = fs::read_to_string(&file).unwrap().replace("\"version\": 1", "\"version\": 2");
    fs::write(&file, newer).unwrap();
    assert!(read_meta(&world.worktree()).unwrap_err().to_string().contains("newer"));
}
