//! Where everything of this user's is.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::exit::Exit;
use crate::failure::Failure;

/// Three directories, each absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paths {
    /// What a person writes.
    config: PathBuf,
    /// What must not be lost.
    state: PathBuf,
    /// What a restart of the machine may take away.
    runtime: PathBuf,
}

impl Paths {
    /// From `GANGLINE_CONFIG_DIR`, `GANGLINE_STATE_DIR` and `GANGLINE_RUNTIME_DIR`, else by the XDG
    /// base directory specification.
    pub(crate) fn from_env() -> Result<Self, Failure> {
        Self::new(&|name| std::env::var_os(name), rustix::process::getuid().as_raw())
    }

    /// All three below one folder, for a daemon that is nobody else's.
    pub(crate) fn under(folder: &Path) -> Self {
        Self {
            config: folder.join("config"),
            state: folder.join("state"),
            runtime: folder.join("run"),
        }
    }

    /// The variables that lead another process to the same places.
    pub(crate) fn as_env(&self) -> [(&'static str, &Path); 3] {
        [
            ("GANGLINE_CONFIG_DIR", &self.config),
            ("GANGLINE_STATE_DIR", &self.state),
            ("GANGLINE_RUNTIME_DIR", &self.runtime),
        ]
    }

    fn new(env: &dyn Fn(&str) -> Option<OsString>, uid: u32) -> Result<Self, Failure> {
        let home = || {
            let home = env("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
            home.ok_or_else(|| {
                Failure::new(Exit::Failed, "HOME is not set to an absolute path")
                    .next("set HOME, or GANGLINE_STATE_DIR and GANGLINE_CONFIG_DIR")
            })
        };
        // The specification wants relative paths ignored; our own variables are meant.
        let xdg = |name| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let own = |name: &str| match env(name).filter(|path| !path.is_empty()) {
            None => Ok(None),
            Some(path) if Path::new(&path).is_absolute() => Ok(Some(PathBuf::from(path))),
            Some(path) => {
                let path = path.to_string_lossy().into_owned();
                Err(Failure::new(Exit::Failed, format!("{name} is not an absolute path: {path}"))
                    .next(format!("export {name}=\"$PWD/{path}\"")))
            }
        };
        let config = match (own("GANGLINE_CONFIG_DIR")?, xdg("XDG_CONFIG_HOME")) {
            (Some(own), _) => own,
            (None, Some(xdg)) => xdg.join("gangline"),
            (None, None) => home()?.join(".config/gangline"),
        };
        let state = match (own("GANGLINE_STATE_DIR")?, xdg("XDG_STATE_HOME")) {
            (Some(own), _) => own,
            (None, Some(xdg)) => xdg.join("gangline"),
            (None, None) => home()?.join(".local/state/gangline"),
        };
        let runtime = match (own("GANGLINE_RUNTIME_DIR")?, xdg("XDG_RUNTIME_DIR")) {
            (Some(own), _) => own,
            (None, Some(xdg)) => xdg.join("gangline"),
            (None, None) => PathBuf::from(format!("/tmp/gangline-{uid}")),
        };
        Ok(Self { config, state, runtime })
    }

    /// The state directory.
    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    /// The runtime directory.
    pub(crate) fn runtime(&self) -> &Path {
        &self.runtime
    }

    /// The daemon's socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.runtime.join("gangline.sock")
    }

    /// The store.
    pub(crate) fn database(&self) -> PathBuf {
        self.state.join("gangline.db")
    }

    /// Held by the daemon as long as it has the store open.
    pub(crate) fn database_lock(&self) -> PathBuf {
        self.state.join("gangline.db.lock")
    }

    /// What a detached daemon tells.
    pub(crate) fn log(&self) -> PathBuf {
        self.state.join("daemon.log")
    }

    /// What webhooks were told.
    pub(crate) fn webhooks(&self) -> PathBuf {
        self.state.join("webhooks")
    }

    /// How far traces were handed over.
    pub(crate) fn traces(&self) -> PathBuf {
        self.state.join("traces")
    }

    /// Who is told by push messages.
    pub(crate) fn push(&self) -> PathBuf {
        self.state.join("push")
    }

    /// The machine's configuration.
    pub(crate) fn machine_config(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The log-ins of agent kinds.
    pub(crate) fn logins(&self) -> PathBuf {
        self.config.join("logins")
    }

    /// Makes what the daemon needs: directories that are this user's alone.
    pub(crate) fn make(&self) -> Result<(), Failure> {
        for directory in [&self.state, &self.runtime] {
            make_private(directory).map_err(|error| {
                let message = format!("the directory {} cannot be used", directory.display());
                let failure = Failure::because(Exit::Failed, &Unusable { message, source: error });
                failure
                    .next("set GANGLINE_STATE_DIR and GANGLINE_RUNTIME_DIR to directories of yours")
            })?;
        }
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Unusable {
    message: String,
    #[source]
    source: io::Error,
}

/// A directory of mode 0700 that belongs to us. In a shared place such as `/tmp` somebody else
/// may have made it first, which must not be used.
fn make_private(directory: &Path) -> io::Result<()> {
    if let Some(parent) = directory.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made?,
    }
    let found = std::fs::symlink_metadata(directory)?;
    if found.is_symlink() {
        return make_private(&directory.canonicalize()?);
    }
    if !found.is_dir() {
        return Err(io::Error::other("it is no directory"));
    }
    if found.uid() != rustix::process::getuid().as_raw() {
        return Err(io::Error::other("it belongs to somebody else"));
    }
    if found.mode() & 0o077 != 0 {
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(env: &[(&str, &str)]) -> Result<[String; 3], Exit> {
        let env = |name: &str| {
            env.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        };
        let paths = Paths::new(&env, 1000).map_err(|failure| failure.exit())?;
        Ok([paths.config, paths.state, paths.runtime].map(|path| path.display().to_string()))
    }

    #[test]
    fn our_own_variables_come_before_the_specification_and_that_before_home() {
        assert_eq!(
            paths(&[("HOME", "/home/ann")]).unwrap(),
            ["/home/ann/.config/gangline", "/home/ann/.local/state/gangline", "/tmp/gangline-1000"]
        );
        let xdg = [
            ("HOME", "/home/ann"),
            ("XDG_CONFIG_HOME", "/c"),
            ("XDG_STATE_HOME", "relative is ignored"),
            ("XDG_RUNTIME_DIR", "/run/user/1000"),
            ("GANGLINE_STATE_DIR", "/s"),
        ];
        assert_eq!(paths(&xdg).unwrap(), ["/c/gangline", "/s", "/run/user/1000/gangline"]);
        assert_eq!(paths(&[]), Err(Exit::Failed));
        assert_eq!(paths(&[("HOME", "/h"), ("GANGLINE_STATE_DIR", "s")]), Err(Exit::Failed));
    }

    #[test]
    fn a_directory_that_others_can_read_is_closed() {
        let dir = tempfile::tempdir().unwrap();
        let open = dir.path().join("a/b");
        std::fs::create_dir_all(&open).unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o755)).unwrap();
        make_private(&open).unwrap();
        assert_eq!(std::fs::metadata(&open).unwrap().mode() & 0o777, 0o700);
        std::fs::write(dir.path().join("file"), "").unwrap();
        assert!(make_private(&dir.path().join("file")).is_err());
    }
}
