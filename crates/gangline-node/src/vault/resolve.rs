//! From a reference to a value.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_domain::secret::{BadSecret, SECRET_BYTES_MAX, Secret};
use gangline_policy::SecretSource;
use gangline_process::{Cmd, RunError};

/// How long a command may take that prints a secret: somebody may have to unlock a store.
const COMMAND_MAX: Duration = Duration::from_mins(1);

/// What commands that print secrets get of this process's environment: what it takes to talk to
/// the person's agents and stores.
const COMMAND_ENVIRONMENT: [&str; 17] = [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSH_AUTH_SOCK",
    "GNUPGHOME",
    "GPG_AGENT_INFO",
    "GPG_TTY",
    "PASSWORD_STORE_DIR",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
];

/// Why a reference gives no value. Never says anything of a value.
#[derive(Debug, thiserror::Error)]
pub enum Unresolved {
    /// The variable is not there.
    #[error(
        "env://{0} is not set for the daemon; export it and type: gangline down && gangline up \
         --detach"
    )]
    NotSet(String),
    /// The file cannot be read.
    #[error("file://{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The command could not be run.
    #[error("its command {program} could not be run: {source}")]
    NotRun {
        /// The program.
        program: String,
        /// Why.
        #[source]
        source: RunError,
    },
    /// The command did not succeed.
    #[error("its command {program} {how}; type it in a shell to see why")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        how: String,
    },
    /// What was found is no secret.
    #[error("{place}: {source}")]
    Unfit {
        /// Where it is.
        place: String,
        /// Why.
        #[source]
        source: BadSecret,
    },
}

/// The variables that these references name.
pub(crate) fn variables<'s>(sources: impl Iterator<Item = &'s SecretSource>) -> Vec<&'s str> {
    let mut names = vec![];
    for source in sources {
        match source {
            SecretSource::Env(name) => names.push(name.as_str()),
            SecretSource::File(_) => {}
            SecretSource::Command(_) => names.extend(COMMAND_ENVIRONMENT),
        }
    }
    names
}

/// Reads a secret from where it is.
pub(crate) async fn resolve(source: &SecretSource) -> Result<Secret, Unresolved> {
    let bytes = match source {
        SecretSource::Env(name) => {
            let found = std::env::var_os(name).ok_or_else(|| Unresolved::NotSet(name.clone()))?;
            found.into_encoded_bytes()
        }
        SecretSource::File(path) => {
            read(path).map_err(|source| Unresolved::File { path: path.clone(), source })?
        }
        SecretSource::Command(words) => print(words).await?,
    };
    Secret::new(bytes)
        .map_err(|error| Unresolved::Unfit { place: source.to_string(), source: error })
}

/// A plain file, and one byte more than fits.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other("it is not a plain file"));
    }
    let mut bytes = vec![];
    file.take(u64::try_from(SECRET_BYTES_MAX).unwrap_or(u64::MAX) + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

async fn print(words: &[String]) -> Result<Vec<u8>, Unresolved> {
    let program = words.first().cloned().unwrap_or_default();
    let mut cmd = Cmd::new(&program).cwd("/").deadline(COMMAND_MAX);
    cmd = cmd.args(words.iter().skip(1)).env_from_host(&COMMAND_ENVIRONMENT);
    let ran = cmd.cap_bytes(SECRET_BYTES_MAX * 2).output().await;
    let output = ran.map_err(|source| Unresolved::NotRun { program: program.clone(), source })?;
    if output.timed_out {
        let how = format!("took longer than {} s", COMMAND_MAX.as_secs());
        return Err(Unresolved::Failed { program, how });
    }
    if !output.success() {
        let how = format!("ended with {}", output.status);
        return Err(Unresolved::Failed { program, how });
    }
    Ok(output.stdout.bytes().to_vec())
}
