//! How worktrees, branches and commits are called.
//!
//! | placeholder | stands for |
//! |---|---|
//! | `<id>` | what another system calls the ticket, or else its key's number |
//! | `<KEY>` | the ticket's key, `APP-12` |
//! | `<project>` | the project's name |
//! | `<slug>` | the title in `a-z0-9-`, at most 40 characters |
//! | `<subject>` | the title on one line (commits only) |

use std::fmt;
use std::str::FromStr;

use gangline_domain::ids::{BadName, BranchName, ProjectId, TicketKey};

/// Longest slug, in characters.
const SLUG_MAX: usize = 40;

/// Longest name of a worktree, in characters.
const WORKTREE_NAME_MAX: usize = 100;

/// What names are made of.
#[derive(Debug, Clone, Copy)]
pub struct NameInput<'a> {
    /// The ticket's key.
    pub key: &'a TicketKey,
    /// The project.
    pub project: &'a ProjectId,
    /// What another system calls the ticket.
    pub external_ref: Option<&'a str>,
    /// The ticket's title.
    pub title: &'a str,
}

/// Why a template is none, or does not fit a ticket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A placeholder that does not exist here.
    #[error("`<{name}>` is no placeholder; there are {known}")]
    UnknownPlaceholder {
        /// What stands between the brackets.
        name: String,
        /// Those that exist.
        known: String,
    },
    /// A `<` without `>`.
    #[error("`<` is not closed in `{template}`")]
    NotClosed {
        /// The template.
        template: String,
    },
    /// Two tickets would get the same name.
    #[error("`{template}` gives every ticket the same name; it needs one of {needed}")]
    NotDistinct {
        /// The template.
        template: String,
        /// Placeholders that tell tickets apart.
        needed: &'static str,
    },
    /// The result is no branch.
    #[error(transparent)]
    BadBranch(#[from] BadName),
    /// The result is no name of a directory.
    #[error("`{name}` is not a worktree name: {why}")]
    BadWorktree {
        /// The result.
        name: String,
        /// What is wrong.
        why: &'static str,
    },
}

/// The title in `a-z0-9-`, at most 40 characters, never empty.
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars().map(|c| c.to_ascii_lowercase()) {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(SLUG_MAX);
    match slug.trim_end_matches('-') {
        "" => "ticket".to_owned(),
        slug => slug.to_owned(),
    }
}

/// A directory's name: `[A-Za-z0-9][A-Za-z0-9._-]*`, at most 100 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorktreeName(String);

impl WorktreeName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorktreeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for WorktreeName {
    type Err = TemplateError;
    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let bad =
            |why| Err(TemplateError::BadWorktree { name: text.chars().take(120).collect(), why });
        if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return bad("it must begin with a letter or a digit");
        }
        if text.len() > WORKTREE_NAME_MAX {
            return bad("it is longer than 100 characters");
        }
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')) {
            return bad("only A-Z, a-z, 0-9, . _ and - are allowed");
        }
        // These endings mean something among the worktrees.
        if text.contains("..") || text.contains(".partial-") || text.ends_with(".meta.json") {
            return bad("it must not contain `..` or `.partial-`, nor end with `.meta.json`");
        }
        Ok(Self(text.to_owned()))
    }
}

/// How a ticket's directory is called: `worker-<id>`, `<project>-<KEY>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorktreeTemplate(Template);

impl WorktreeTemplate {
    /// The name for a ticket.
    pub fn render(&self, input: &NameInput<'_>) -> Result<WorktreeName, TemplateError> {
        self.0.render(input).parse()
    }
}

impl FromStr for WorktreeTemplate {
    type Err = TemplateError;
    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let template = Template::parse(text, &NAMES)?;
        template.must_tell_apart(&[Part::Id, Part::Key], "<id>, <KEY>")?;
        Self(template).checked()
    }
}

impl WorktreeTemplate {
    fn checked(self) -> Result<Self, TemplateError> {
        with_sample(|sample| self.render(sample))?;
        Ok(self)
    }
}

/// How a ticket's branch is called: `gangline/<KEY>-<slug>`, `feature/ticket-<id>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchTemplate(Template);

impl BranchTemplate {
    /// The branch for a ticket.
    pub fn render(&self, input: &NameInput<'_>) -> Result<BranchName, TemplateError> {
        Ok(self.0.render(input).parse()?)
    }
}

impl FromStr for BranchTemplate {
    type Err = TemplateError;
    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let template = Template::parse(text, &NAMES)?;
        template.must_tell_apart(&[Part::Id, Part::Key], "<id>, <KEY>")?;
        let template = Self(template);
        with_sample(|sample| template.render(sample))?;
        Ok(template)
    }
}

/// How the subject of a landing looks: `<KEY>: <subject>`, also written `KEY: subject`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitTemplate(Template);

impl CommitTemplate {
    /// The subject, on one line, for a ticket.
    pub fn render(&self, input: &NameInput<'_>) -> String {
        self.0.render(input)
    }
}

impl Default for CommitTemplate {
    fn default() -> Self {
        Self(Template(vec![Part::Key, Part::Text(": ".to_owned()), Part::Subject]))
    }
}

impl FromStr for CommitTemplate {
    type Err = TemplateError;
    fn from_str(text: &str) -> Result<Self, TemplateError> {
        if text == "KEY: subject" {
            return Ok(Self::default());
        }
        let template = Template::parse(text, &SUBJECTS)?;
        template.must_tell_apart(&[Part::Subject], "<subject>")?;
        Ok(Self(template))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Id,
    Key,
    Project,
    Slug,
    Subject,
}

const NAMES: [(&str, Part); 4] =
    [("id", Part::Id), ("KEY", Part::Key), ("project", Part::Project), ("slug", Part::Slug)];

const SUBJECTS: [(&str, Part); 5] = [
    ("id", Part::Id),
    ("KEY", Part::Key),
    ("project", Part::Project),
    ("slug", Part::Slug),
    ("subject", Part::Subject),
];

impl Template {
    fn parse(text: &str, known: &[(&str, Part)]) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('<') {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let not_closed = || TemplateError::NotClosed { template: text.to_owned() };
            let (name, behind) = behind.split_once('>').ok_or_else(not_closed)?;
            let part = known.iter().find(|(known, _)| *known == name).map(|(_, part)| part.clone());
            parts.push(part.ok_or_else(|| unknown(name, known))?);
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    fn must_tell_apart(&self, by: &[Part], needed: &'static str) -> Result<(), TemplateError> {
        if self.0.iter().any(|part| by.contains(part)) {
            return Ok(());
        }
        Err(TemplateError::NotDistinct { template: self.to_string(), needed })
    }

    fn render(&self, input: &NameInput<'_>) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Id => id(input),
            Part::Key => input.key.to_string(),
            Part::Project => input.project.to_string(),
            Part::Slug => slug(input.title),
            Part::Subject => subject(input.title),
        };
        self.0.iter().map(text).collect()
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Text(text) => f.write_str(text)?,
                Part::Id => f.write_str("<id>")?,
                Part::Key => f.write_str("<KEY>")?,
                Part::Project => f.write_str("<project>")?,
                Part::Slug => f.write_str("<slug>")?,
                Part::Subject => f.write_str("<subject>")?,
            }
        }
        Ok(())
    }
}

fn unknown(name: &str, known: &[(&str, Part)]) -> TemplateError {
    let known: Vec<String> = known.iter().map(|(name, _)| format!("<{name}>")).collect();
    TemplateError::UnknownPlaceholder { name: name.to_owned(), known: known.join(", ") }
}

/// What another system calls the ticket, in characters that any name may have; or the number.
fn id(input: &NameInput<'_>) -> String {
    let given = input.external_ref.unwrap_or_default();
    let mut id = String::new();
    for c in given.chars().take(SLUG_MAX) {
        if c.is_ascii_alphanumeric() || c == '_' {
            id.push(c);
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    match id.trim_end_matches('-') {
        "" => input.key.number().to_string(),
        id => id.to_owned(),
    }
}

fn subject(title: &str) -> String {
    match crate::printable::printable_line(title, 200) {
        empty if empty.is_empty() => "no title".to_owned(),
        subject => subject,
    }
}

/// Tries a template on a plain ticket, so that a bad one is refused when it is configured.
fn with_sample<T>(
    render: impl FnOnce(&NameInput<'_>) -> Result<T, TemplateError>,
) -> Result<T, TemplateError> {
    let (Ok(key), Ok(project)) = (TicketKey::new("APP", 12), "shop".parse()) else {
        panic!("BUG: the sample ticket has no valid name");
    };
    let title = "A title";
    render(&NameInput { key: &key, project: &project, external_ref: None, title })
}

#[cfg(test)]
mod tests;
