//! Where tests find the real agent programs that the stub talks to.

use std::path::{Path, PathBuf};

/// Names the Claude Code CLI to tests.
pub const CLAUDE_ENV: &str = "GANGLINE_CLAUDE_BIN";
/// Where `cargo xtask setup --for test` installs it, from the workspace's root.
pub const CLAUDE_PATH: &str =
    "target/agents/node_modules/@anthropic-ai/claude-code-linux-x64/claude";

/// The real program is not there. A test that needs it fails with this, and is never skipped:
/// a skipped test proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the Claude Code CLI is not at {}; run `make test` or `cargo xtask setup --for test`, or set \
     {CLAUDE_ENV}",
    path.display()
)]
pub struct NotInstalled {
    /// Where it was looked for.
    pub path: PathBuf,
}

/// The Claude Code CLI for tests of the workspace at `root`.
pub fn real_claude(root: &Path) -> Result<PathBuf, NotInstalled> {
    let path = std::env::var_os(CLAUDE_ENV).map_or_else(|| root.join(CLAUDE_PATH), PathBuf::from);
    if path.is_file() { Ok(path) } else { Err(NotInstalled { path }) }
}
