//! Opening a worktree in a person's editor.

use gangline_process::Cmd;

use crate::exit::Exit;
use crate::failure::Failure;

/// Starts the editor and leaves it running. An empty name means `$VISUAL` or `$EDITOR`.
pub(crate) fn edit(editor: &str, path: &str) -> Result<(), Failure> {
    let line = match editor {
        "" => ["VISUAL", "EDITOR"].into_iter().find_map(|name| std::env::var(name).ok()),
        named => Some(named.to_owned()),
    };
    let Some(line) = line.filter(|line| !line.trim().is_empty()) else {
        return Err(Failure::new(Exit::Failed, "neither VISUAL nor EDITOR is set")
            .next("gangline open KEY --editor code"));
    };
    // Such as `code --wait`: words, never a shell line.
    let mut words = line.split_whitespace();
    let program = words.next().unwrap_or_default();
    let mut command = Cmd::new(program).args(words).arg(path).cwd(path);
    for (name, value) in std::env::vars_os() {
        command = command.env(name, value);
    }
    let log = std::path::Path::new("/dev/null");
    command.spawn_detached(log).map(drop).map_err(|error| {
        Failure::because(Exit::Failed, &error).next("gangline open KEY --editor PROGRAM")
    })
}
