//! The program's configuration, which is written anew for every session into a folder of the
//! attempt's home.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::driver::{McpServer, SessionPlan};
use crate::launch::planned;

/// The provider's key, by the first of these that the plan has.
const KEYS: [&str; 2] = ["OPENAI_API_KEY", "CODEX_API_KEY"];
/// Where the provider is, where the plan says.
const BASE_URL: &str = "OPENAI_BASE_URL";
const BASE_URL_DEFAULT: &str = "https://api.openai.com/v1";
/// What an earlier session of the agent may have left to loosen its own rules.
const LEFT: [&str; 3] = ["config.toml", "hooks.json", "rules"];

/// How long a server of tools may take to be ready: the program's own ten seconds are little on a
/// busy machine.
const SERVER_START_S_MAX: u32 = 60;
/// How long a tool may take: the program's own minute is over before a person has read what is
/// asked. The attempt has bounds of its own for that.
const TOOL_S_MAX: u32 = 24 * 60 * 60;

/// The folder below the attempt's home.
pub(super) fn folder(home: &Path) -> PathBuf {
    home.join(".codex")
}

/// Writes it. The home was the agent's in an earlier session, whose links are not followed.
pub(super) fn write(plan: &SessionPlan, can_ask: bool) -> io::Result<()> {
    let folder = folder(&plan.home);
    match fs::symlink_metadata(&folder) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => fs::remove_file(&folder)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    for name in LEFT {
        remove(&folder.join(name))?;
    }
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(folder.join(LEFT[0]));
    file?.write_all(text(plan, can_ask).as_bytes())
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    let gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    removed.or_else(|error| if gone(&error) { Ok(()) } else { Err(error) })
}

/// The text, in TOML.
pub(super) fn text(plan: &SessionPlan, can_ask: bool) -> String {
    let key = KEYS.into_iter().find(|name| planned(plan, name).is_some()).unwrap_or(KEYS[0]);
    let url = planned(plan, BASE_URL).unwrap_or(BASE_URL_DEFAULT);
    let model = plan.model.as_ref().or(plan.definition.model.as_ref());
    let model = model.map_or_else(String::new, |model| format!("model = {}\n", quoted(model)));
    let cwd = plan.cwd.to_string_lossy();
    let servers: String = plan.mcp.iter().map(server).collect();
    format!(
        r#"{model}model_provider = "gangline"
approval_policy = "never"
# Something else confines it: the sandbox that it runs in, or a person's explicit word.
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
suppress_unstable_features_warning = true
web_search = "disabled"

[model_providers.gangline]
name = "gangline"
base_url = {url}
env_key = "{key}"
wire_api = "responses"

[analytics]
enabled = false

[features]
apps = false
default_mode_request_user_input = {can_ask}
goals = false
plugins = false
skill_mcp_dependency_install = false
# A refused connection would be tried again for ever.
unbounded_connection_retries = false

[shell_environment_policy]
exclude = ["{key}"]

# Neither settings, tools nor rules from the worktree: an agent could have written them.
[projects.{cwd}]
trust_level = "untrusted"
{servers}"#,
        url = quoted(url.trim_end_matches('/')),
        cwd = quoted(&cwd),
    )
}

fn server(server: &McpServer) -> String {
    let args: Vec<String> = server.args.iter().map(|arg| quoted(arg)).collect();
    let env =
        server.env.iter().map(|(name, value)| format!("{} = {}", quoted(name), quoted(value)));
    let env = env.collect::<Vec<_>>().join(", ");
    format!(
        "\n[mcp_servers.{}]\ncommand = {}\nargs = [{}]\nenv = {{ {env} }}\n\
         startup_timeout_sec = {SERVER_START_S_MAX}\ntool_timeout_sec = {TOOL_S_MAX}\n",
        quoted(&server.name),
        quoted(&server.command),
        args.join(", "),
    )
}

/// As TOML's basic string, which escapes as JSON does, and one character more.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}
