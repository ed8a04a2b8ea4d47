//! `gangline open`: where a ticket's worktree is.

use clap::Args;

use super::context::Context;
use super::place;
use crate::compose;
use crate::exit::Exit;
use crate::failure::Failure;

/// `gangline open`.
#[derive(Debug, Args)]
#[command(after_help = "Without --editor the path is printed: cd \"$(gangline open APP-12)\"")]
pub(crate) struct Open {
    /// The ticket
    key: String,
    /// Open it in an editor; $VISUAL or $EDITOR unless named
    #[arg(long, short, value_name = "PROGRAM", num_args = 0..=1, default_missing_value = "")]
    editor: Option<String>,
}

impl Open {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let detail = client.ticket(&ticket).await?;
        let Some(path) = detail.worktree else {
            let failure =
                Failure::new(Exit::Conflict, format!("{} has no worktree now", ticket.key));
            return Err(failure
                .code("nothing_to_take_over")
                .next(format!("gangline diff {}", ticket.key))
                .next(format!("gangline show {}", ticket.key)));
        };
        if let Some(editor) = self.editor {
            compose::edit(&editor, &path)?;
        }
        if context.json {
            let told = serde_json::json!({ "path": path, "branch": detail.branch });
            context.out.json(&told)?;
        } else {
            context.out.line(&path)?;
        }
        Ok(Exit::Done)
    }
}
