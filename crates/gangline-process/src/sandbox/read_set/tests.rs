use super::*;

struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    fn with(directories: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in directories {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        Self { dir }
    }

    /// What the search path brings beneath the home, relative to it.
    fn check(&self, search: &[&str], expected: &[&str]) {
        let home = self.dir.path();
        let around = Surroundings {
            path: std::env::join_paths(search.iter().map(|it| home.join(it))).unwrap(),
            home: Some(home.to_owned()),
            ..Surroundings::default()
        };
        let set = read_set(&around);
        let below: Vec<_> = set.iter().filter_map(|path| path.strip_prefix(home).ok()).collect();
        assert_eq!(below, expected.iter().map(Path::new).collect::<Vec<_>>());
    }
}

#[test]
fn known_toolchains_show_whole_and_others_only_their_programs() {
    let home = Home::with(&[
        ".nvm/versions/node/v22/bin",
        ".pyenv/shims",
        ".rustup/toolchains",
        ".local/bin",
        "work/private",
        "bin",
    ]);
    home.check(
        &[".nvm/versions/node/v22/bin", ".pyenv/shims", ".local/bin", "bin"],
        &[".local/bin", ".nvm", ".pyenv", ".rustup", "bin"],
    );
}

#[test]
fn cargo_shows_without_its_credentials() {
    let home = Home::with(&[".cargo/bin", ".cargo/registry", ".ssh"]);
    fs::write(home.dir.path().join(".cargo/credentials.toml"), "token").unwrap();
    fs::write(home.dir.path().join(".cargo/config.toml"), "").unwrap();
    home.check(&[".cargo/bin"], &[".cargo/bin", ".cargo/config.toml", ".cargo/registry"]);
}

#[test]
fn neither_the_home_nor_credentials_are_ever_shown() {
    let home = Home::with(&[".ssh/bin", ".claude/local", ".config/tool/bin", ".aws", "safe"]);
    let link = home.dir.path().join("disguised");
    std::os::unix::fs::symlink(home.dir.path().join(".aws"), link).unwrap();
    home.check(&["", "..", ".ssh/bin", ".claude/local", ".config/tool/bin", "disguised"], &[]);
}

#[test]
fn programs_behind_links_are_shown_one_by_one() {
    let home = Home::with(&[".local/bin", ".local/share/tool/1.0", ".local/share/uv/tools/x"]);
    let at = |name: &str| home.dir.path().join(name);
    for (file, link) in [
        (".local/share/tool/1.0/tool", ".local/bin/tool"),
        (".local/share/uv/tools/x/x", ".local/bin/x"),
    ] {
        fs::write(at(file), "").unwrap();
        std::os::unix::fs::symlink(at(file), at(link)).unwrap();
    }
    home.check(&[".local/bin"], &[".local/bin", ".local/share/tool/1.0/tool", ".local/share/uv"]);
}
