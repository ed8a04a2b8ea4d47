//! What builds and tests need to read of a host: the system, and toolchains that live under the
//! home directory, which as a whole is never shown.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

/// Directories of the system. Links such as `/bin -> usr/bin` are kept as links.
const SYSTEM: [&str; 10] =
    ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix/store"];

/// Toolchain managers by their directory under the home: all of it is tools, none of it is
/// secrets. A search directory within one shows the whole.
const TOOLCHAIN_ROOTS: [&str; 24] = [
    ".asdf",
    ".bun",
    ".deno",
    ".dotnet",
    ".fnm",
    ".ghcup",
    ".goenv",
    ".jenv",
    ".local/share/fnm",
    ".local/share/mise",
    ".local/share/pnpm",
    ".local/share/uv",
    ".nodenv",
    ".npm-global",
    ".nvm",
    ".nodebrew",
    ".pyenv",
    ".rbenv",
    ".rustup",
    ".sdkman",
    ".volta",
    "anaconda3",
    "miniconda3",
    "miniforge3",
];

/// What a search directory may never lead to, whatever it is called.
const NEVER: [&str; 14] = [
    ".ssh",
    ".aws",
    ".azure",
    ".claude",
    ".codex",
    ".config",
    ".docker",
    ".gemini",
    ".gnupg",
    ".kube",
    ".mozilla",
    ".password-store",
    ".local/share/keyrings",
    ".local/state",
];

/// Cargo's home holds `credentials.toml` too, so that its parts are named one by one.
const CARGO_PARTS: [&str; 6] = ["bin", "registry", "git", "config.toml", "config", "env"];

/// Paths to read, existing ones only, sorted: `/usr /bin /sbin /lib* /etc /opt` and the roots of
/// toolchains found from this host's environment (`RUSTUP_HOME`, `CARGO_HOME`, and the entries
/// of `path_env`, the `PATH` that programs are to run with).
///
/// Never the whole home directory nor a place of credentials. A search directory under the home
/// that belongs to no known toolchain is shown alone, with the programs that its links lead to.
pub fn system_read_set(path_env: Option<&OsStr>) -> Vec<PathBuf> {
    let variable = |key: &str| std::env::var_os(key).filter(|value| !value.is_empty());
    read_set(&Surroundings {
        path: path_env.map(OsStr::to_owned).unwrap_or_default(),
        home: variable("HOME").map(PathBuf::from),
        cargo_home: variable("CARGO_HOME").map(PathBuf::from),
        rustup_home: variable("RUSTUP_HOME").map(PathBuf::from),
    })
}

/// The parts of the environment that matter.
#[derive(Debug, Default)]
struct Surroundings {
    path: OsString,
    home: Option<PathBuf>,
    cargo_home: Option<PathBuf>,
    rustup_home: Option<PathBuf>,
}

fn read_set(around: &Surroundings) -> Vec<PathBuf> {
    // A home that is the root, as some service accounts have, would make everything a home.
    let home = around.home.as_deref().filter(|home| home.parent().is_some());
    let mut set: BTreeSet<PathBuf> = SYSTEM.iter().map(PathBuf::from).collect();

    let under_home = |name: &str| home.map(|home| home.join(name));
    set.extend(around.rustup_home.clone().or_else(|| under_home(".rustup")));
    if let Some(cargo) = around.cargo_home.clone().or_else(|| under_home(".cargo")) {
        set.extend(CARGO_PARTS.iter().map(|part| cargo.join(part)));
    }
    for directory in std::env::split_paths(&around.path) {
        if directory.is_absolute() {
            set.extend(search_directory(&directory, home));
        }
    }
    let allowed = |path: &PathBuf| path.exists() && home.is_none_or(|home| may_show(path, home));
    set.into_iter().filter(allowed).collect()
}

/// What one entry of the search path brings.
fn search_directory(directory: &Path, home: Option<&Path>) -> Vec<PathBuf> {
    if SYSTEM.iter().any(|system| directory.starts_with(system)) {
        return Vec::new();
    }
    if let Some(root) = home.and_then(|home| toolchain_root(directory, home)) {
        return vec![root];
    }
    let mut shown = vec![directory.to_owned()];
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let links = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
    for target in links.filter_map(|link| fs::canonicalize(link.path()).ok()) {
        let in_system = SYSTEM.iter().any(|system| target.starts_with(system));
        if !in_system && !target.starts_with(directory) {
            shown.push(home.and_then(|home| toolchain_root(&target, home)).unwrap_or(target));
        }
    }
    shown
}

fn toolchain_root(path: &Path, home: &Path) -> Option<PathBuf> {
    TOOLCHAIN_ROOTS.iter().map(|root| home.join(root)).find(|root| path.starts_with(root))
}

/// Neither the home nor above it, nor in a place of credentials, with links followed.
fn may_show(path: &Path, home: &Path) -> bool {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let real_home = fs::canonicalize(home).unwrap_or_else(|_| home.to_owned());
    [(path, home), (real.as_path(), real_home.as_path())].into_iter().all(|(path, home)| {
        let secret = NEVER.iter().any(|name| path.starts_with(home.join(name)));
        !home.starts_with(path) && !secret
    })
}

#[cfg(test)]
mod tests;
