//! The real agent programs that the tests drive against a scripted model.

use std::env;
use std::path::{Path, PathBuf};

/// One of them, as an npm package whose version is pinned: an unpinned install picks an older one
/// on an older node.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Agent {
    /// What messages call it.
    name: &'static str,
    /// Tells tests where it is.
    pub(crate) env: &'static str,
    /// `{system}` is filled in, such as `linux-x64`: most are packaged for each system apart, work
    /// alone, and need no node to run.
    package: &'static str,
    version: &'static str,
    /// Below the package's folder; `{target}` is filled in, such as `x86_64-unknown-linux-musl`.
    program: &'static str,
}

/// All of them.
pub(crate) static AGENTS: [Agent; 9] = [
    Agent {
        name: "the Claude Code CLI",
        env: "GANGLINE_CLAUDE_BIN",
        package: "@anthropic-ai/claude-code-{system}",
        version: "2.1.329",
        program: "claude",
    },
    Agent {
        name: "the Codex CLI",
        env: "GANGLINE_CODEX_BIN",
        package: "@openai/codex",
        version: "0.169.0-{system}",
        program: "vendor/{target}/bin/codex",
    },
    Agent {
        name: "Codex behind the Agent Client Protocol",
        env: "GANGLINE_CODEX_ACP_BIN",
        package: "@zed-industries/codex-acp-{system}",
        version: "0.16.0",
        program: "bin/codex-acp",
    },
    Agent {
        name: "opencode",
        env: "GANGLINE_OPENCODE_BIN",
        package: "opencode-{system}",
        version: "1.18.33",
        program: "bin/opencode",
    },
    Agent {
        name: "the Gemini CLI",
        env: "GANGLINE_GEMINI_BIN",
        package: "@google/gemini-cli",
        version: "0.61.0",
        program: "bundle/gemini.js",
    },
    Agent {
        name: "the memory server of the Model Context Protocol",
        env: "GANGLINE_MCP_MEMORY_BIN",
        package: "@modelcontextprotocol/server-memory",
        version: "2026.8.31",
        program: "dist/index.js",
    },
    Agent {
        name: "the inspector of the Model Context Protocol",
        env: "GANGLINE_MCP_INSPECTOR_BIN",
        package: "@modelcontextprotocol/inspector",
        version: "2.12.0",
        program: "clients/launcher/build/index.js",
    },
    // It vouches for the people of a team, in tests.
    Agent {
        name: "an issuer of OpenID Connect",
        env: "GANGLINE_OIDC_PROVIDER",
        package: "oidc-provider",
        version: "9.13.3",
        program: "lib/index.js",
    },
    // The inspector needs a newer one than most systems bring; `node` on npm is no more than this.
    Agent {
        name: "Node.js 22",
        env: "GANGLINE_NODE_BIN",
        package: "node-{system}",
        version: "22.23.3",
        program: "bin/node",
    },
];

impl Agent {
    /// Its program, installed or not.
    pub(crate) fn path(&self, root: &Path) -> PathBuf {
        self.folder(root).join(filled(self.program))
    }

    /// Whether it is there in the version that is wanted.
    pub(crate) fn is_there(&self, root: &Path) -> bool {
        let manifest = std::fs::read_to_string(self.folder(root).join("package.json"));
        let wanted = format!("\"version\": \"{}\"", filled(self.version));
        self.path(root).is_file() && manifest.is_ok_and(|text| text.contains(&wanted))
    }

    /// What npm is asked for.
    pub(crate) fn wanted(&self) -> String {
        format!("{}@{}", filled(self.package), filled(self.version))
    }

    /// Its name and version, for messages.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.name, self.version.split('-').next().unwrap_or_default())
    }

    fn folder(&self, root: &Path) -> PathBuf {
        folder(root).join("node_modules").join(filled(self.package))
    }
}

/// Where npm puts them.
pub(crate) fn folder(root: &Path) -> PathBuf {
    root.join("target/agents")
}

/// Whether they are published for this machine.
pub(crate) fn exist_here() -> bool {
    ["linux", "macos"].contains(&env::consts::OS)
        && ["x86_64", "aarch64"].contains(&env::consts::ARCH)
}

fn filled(text: &str) -> String {
    let (system, target) = match env::consts::OS {
        "macos" => ("darwin", "apple-darwin"),
        _ => ("linux", "unknown-linux-musl"),
    };
    let machine = if env::consts::ARCH == "x86_64" { "x64" } else { "arm64" };
    let system = format!("{system}-{machine}");
    text.replace("{system}", &system)
        .replace("{target}", &format!("{}-{target}", env::consts::ARCH))
}
