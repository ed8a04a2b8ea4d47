use super::*;

fn plan(sandbox: &Sandbox) -> Plan {
    Plan::of(sandbox).unwrap()
}

fn order(plan: &Plan) -> Vec<&str> {
    plan.mounts().map(|(path, _)| path.to_str().unwrap()).collect()
}

#[test]
fn parents_are_mounted_before_their_children() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a/b");
    fs::create_dir_all(&deep).unwrap();
    let plan = plan(&Sandbox::bubblewrap().read_only([deep.clone()]).writable(dir.path()));
    let order = order(&plan);
    let at = |path: &Path| order.iter().position(|it| Path::new(it) == path).unwrap();
    assert!(at(Path::new("/tmp")) < at(dir.path()));
    assert!(at(dir.path()) < at(&deep));
}

#[test]
fn the_stronger_list_wins_at_the_same_path() {
    let dir = tempfile::tempdir().unwrap();
    let both = Sandbox::bubblewrap().read_only([dir.path()]).writable(dir.path());
    let host = dir.path().to_owned();
    assert_eq!(plan(&both).mounts[dir.path()], Mount::Bind { host, writable: true });
    assert_eq!(plan(&both.hide(dir.path())).mounts[dir.path()], Mount::Tmpfs);
}

#[test]
fn only_what_is_named_is_visible() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("in")).unwrap();
    let plan = plan(&Sandbox::bubblewrap().bind(dir.path(), "/inside/tree", false));
    assert_eq!(plan.host_of(Path::new("/inside/tree/in")), Some(dir.path().join("in")));
    assert_eq!(plan.host_of(Path::new("/etc/passwd")), None);
    assert_eq!(plan.host_of(Path::new("/tmp/x")), None);
    for (path, there) in
        [("/inside/tree/in", true), ("/inside", true), ("/tmp", true), ("/", true), ("/usr", false)]
    {
        assert_eq!(plan.has_directory(Path::new(path)), there, "{path}");
    }
}

#[test]
fn links_of_the_system_stay_links() {
    if fs::read_link("/bin").is_ok_and(|target| target == Path::new("usr/bin")) {
        let plan = plan(&Sandbox::bubblewrap().read_only(["/usr", "/bin"]));
        assert_eq!(plan.mounts[Path::new("/bin")], Mount::Symlink { target: "usr/bin".into() });
        assert_eq!(plan.host_of(Path::new("/bin/sh")), Some("/usr/bin/sh".into()));
    }
}

#[test]
fn a_writable_link_shows_under_both_its_names() {
    let dir = tempfile::tempdir().unwrap();
    let (real, link) = (dir.path().join("real"), dir.path().join("link"));
    fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let plan = plan(&Sandbox::bubblewrap().writable(&link));
    assert_eq!(plan.host_of(&link), Some(real.clone()));
    assert!(plan.shows(&real));
}

#[test]
fn private_entries_are_those_not_everybody_may_read() {
    let dir = tempfile::tempdir().unwrap();
    let set = |name: &str, mode| {
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(dir.path().join(name), mode).unwrap();
    };
    for name in ["open", "closed", "deep", "deep/deeper"] {
        fs::create_dir(dir.path().join(name)).unwrap();
    }
    for name in ["public", "private", "open/private", "deep/deeper/private"] {
        fs::write(dir.path().join(name), "").unwrap();
    }
    for name in ["public", "private", "open/private", "deep/deeper/private"] {
        set(name, if name == "public" { 0o644 } else { 0o640 });
    }
    set("closed", 0o750);
    let mut found = private_entries(dir.path(), 2);
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = [
        (dir.path().join("closed"), Mount::Tmpfs),
        (dir.path().join("open/private"), Mount::Null),
        (dir.path().join("private"), Mount::Null),
    ];
    assert_eq!(found, expected);
}
