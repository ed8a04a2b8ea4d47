//! Templates for names, with placeholders such as `<KEY>`. They are checked here, where file and
//! line are known; filling them in is the business of whoever makes the name.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// A placeholder that means nothing here.
    #[error("unknown placeholder `<{}>`\nknown are {known}", .name.escape_debug())]
    Placeholder {
        /// As written, without the brackets.
        name: String,
        /// Those that mean something.
        known: &'static str,
    },
    /// A bracket without its other half.
    #[error("a placeholder is opened with < and closed with >\nknown are {known}")]
    Bracket {
        /// Those that mean something.
        known: &'static str,
    },
    /// Two tickets would get the same name.
    #[error("it names every ticket alike\nput {one_of} into it")]
    NotUnique {
        /// The placeholders that would tell tickets apart.
        one_of: &'static str,
    },
    /// Text around the placeholders that no such name can hold.
    #[error("{0}")]
    Text(&'static str),
}

/// What one kind of template allows.
struct Rules {
    known: &'static [&'static str],
    known_shown: &'static str,
    unique: &'static [&'static str],
    unique_shown: &'static str,
    text: fn(&str) -> Result<(), &'static str>,
}

macro_rules! template_type {
    ($(#[$doc:meta])* $name:ident, $rules:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The template, as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadTemplate;
            fn from_str(text: &str) -> Result<Self, BadTemplate> {
                let rules: Rules = $rules;
                rules.check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadTemplate;
            fn try_from(text: String) -> Result<Self, BadTemplate> {
                text.parse()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

template_type!(
    /// How a worktree's directory is called, such as `worker-<id>` or `<project>-<KEY>`.
    WorktreeTemplate,
    Rules {
        known: &["id", "project", "KEY"],
        known_shown: "<id>, <project> and <KEY>",
        unique: &["id", "KEY"],
        unique_shown: "<id> or <KEY>",
        text: directory,
    }
);
template_type!(
    /// How a ticket's branch is called, such as `gangline/<KEY>-<slug>`.
    BranchTemplate,
    Rules {
        known: &["id", "KEY", "slug", "project"],
        known_shown: "<id>, <KEY>, <slug> and <project>",
        unique: &["id", "KEY"],
        unique_shown: "<id> or <KEY>",
        text: branch,
    }
);
template_type!(
    /// The subject line of what lands, such as `<KEY>: <subject>`.
    CommitTemplate,
    Rules {
        known: &["id", "KEY", "subject"],
        known_shown: "<id>, <KEY> and <subject>",
        unique: &["subject", "KEY", "id"],
        unique_shown: "<subject> or <KEY>",
        text: subject,
    }
);

impl Rules {
    fn check(&self, template: &str) -> Result<(), BadTemplate> {
        let mut text = String::new();
        let mut unique = false;
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('<') {
            let bracket = BadTemplate::Bracket { known: self.known_shown };
            let Some((name, behind)) = after.split_once('>') else { return Err(bracket) };
            if before.contains('>') {
                return Err(bracket);
            }
            if !self.known.contains(&name) {
                let name = name.chars().take(40).collect();
                return Err(BadTemplate::Placeholder { name, known: self.known_shown });
            }
            unique |= self.unique.contains(&name);
            text.push_str(before);
            // Any placeholder's value is at least one ordinary character.
            text.push('x');
            rest = behind;
        }
        if rest.contains('>') {
            return Err(BadTemplate::Bracket { known: self.known_shown });
        }
        text.push_str(rest);
        (self.text)(&text).map_err(BadTemplate::Text)?;
        if unique { Ok(()) } else { Err(BadTemplate::NotUnique { one_of: self.unique_shown }) }
    }
}

fn directory(text: &str) -> Result<(), &'static str> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if text.is_empty() || text.len() > 100 {
        return Err("a directory's name has 1 to 100 characters");
    }
    if !text.bytes().all(allowed) || text.starts_with(['.', '-']) {
        return Err("a directory's name has only letters, digits, . _ and -, and begins with \
                    neither . nor -");
    }
    Ok(())
}

fn branch(text: &str) -> Result<(), &'static str> {
    match text.parse::<gangline_domain::ids::BranchName>() {
        Ok(_) => Ok(()),
        Err(_) => {
            Err("it gives no branch name: only letters, digits, . _ - and / are allowed, no \
                       part may be empty, and none may begin or end with a dot or end with .lock")
        }
    }
}

fn subject(text: &str) -> Result<(), &'static str> {
    if text.trim().is_empty() || text.len() > 200 || text.chars().any(char::is_control) {
        return Err("a subject is one line of 1 to 200 characters");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
