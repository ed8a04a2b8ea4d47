//! A plan for tests of what becomes of one: nothing of it exists.

use std::path::PathBuf;

use gangline_process::{JobMarker, Sandbox};

use super::{SessionPlan, SessionStart};
use crate::definition::Definition;

/// A new session of an agent with this definition.
pub(crate) fn plan(front_matter: &str, body: &str) -> SessionPlan {
    let text = format!("---\nname: worker\n{front_matter}\n---\n{body}");
    SessionPlan {
        brief: String::new(),
        brief_file: PathBuf::from("/b"),
        cwd: PathBuf::from("/w"),
        session: SessionStart::Fresh { id: Some("7f0c".to_owned()) },
        definition: Definition::parse(&text, "worker.md").unwrap().0,
        env: vec![],
        home: PathBuf::from("/h"),
        outcome_file: PathBuf::from("/o"),
        marker: JobMarker::new("m").unwrap(),
        sandbox: Sandbox::none(),
        model: None,
        asks_leave: false,
        mcp: vec![],
    }
}
