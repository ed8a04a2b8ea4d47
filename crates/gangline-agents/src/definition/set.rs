//! All definitions of a project, in their order of precedence.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use gangline_process::{Links, read_plain_text};

use super::{DEFINITION_BYTES_MAX, Definition, Located, Warning};

/// Definition files that one folder may hold.
const FILES_MAX: usize = 500;
/// Where definitions are looked for, below the project's root; later ones win.
pub const FOLDERS: [&str; 2] = [".claude/agents", ".gangline/agents"];

/// One definition file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its path, as errors shall show it.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// The definitions that apply, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definitions {
    by_name: BTreeMap<String, Definition>,
    /// The file of each that is not shipped.
    files: BTreeMap<String, String>,
    /// What was noticed on the way.
    pub warnings: Vec<Warning>,
}

/// Why definitions do not load.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file is not a definition.
    #[error(transparent)]
    File(#[from] Located),
    /// Two files of one folder define the same agent.
    #[error("{second}: the agent `{name}` is already defined in {first}")]
    Twice {
        /// The agent.
        name: String,
        /// The file that was read first.
        first: String,
        /// The other one.
        second: String,
    },
    /// A folder or file could not be read.
    #[error("{path} cannot be read")]
    Io {
        /// What was read.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// More files than can be meant.
    #[error("{path} holds more than {FILES_MAX} definitions")]
    TooMany {
        /// The folder.
        path: PathBuf,
    },
}

impl Definitions {
    /// The shipped definitions, overridden by each of `folders` in turn.
    pub fn load(folders: &[Vec<Source>]) -> Result<Self, LoadError> {
        let shipped = Definition::shipped().map(|shipped| (shipped.name.to_string(), shipped));
        let mut by_name: BTreeMap<String, Definition> = shipped.collect();
        let mut files = BTreeMap::new();
        let mut warnings = vec![];
        for folder in folders {
            let mut seen: BTreeMap<String, &str> = BTreeMap::new();
            for source in folder {
                let (definition, mut noticed) = Definition::parse(&source.text, &source.file)?;
                warnings.append(&mut noticed);
                let name = definition.name.to_string();
                if let Some(first) = seen.insert(name.clone(), &source.file) {
                    let (first, second) = (first.to_owned(), source.file.clone());
                    return Err(LoadError::Twice { name, first, second });
                }
                files.insert(name.clone(), source.file.clone());
                by_name.insert(name, definition);
            }
        }
        Ok(Self { by_name, files, warnings })
    }

    /// The project's own definition of this name, whatever its file is called. A file that cannot
    /// be read stands in the way only where it might be the one.
    pub fn own(folders: &[Vec<Source>], name: &str) -> Result<Option<Definition>, LoadError> {
        let mut own = None;
        let mut unread = None;
        for folder in folders {
            let mut first: Option<&str> = None;
            for source in folder {
                let definition = match Definition::parse(&source.text, &source.file) {
                    Ok((definition, _)) => definition,
                    Err(located) => {
                        let named = source.file.ends_with(&format!("/{name}.md"));
                        if named || source.text.contains(name) {
                            unread.get_or_insert(located);
                        }
                        continue;
                    }
                };
                if definition.name.as_str() != name {
                    continue;
                }
                if let Some(first) = first.replace(&source.file) {
                    let (first, second) = (first.to_owned(), source.file.clone());
                    return Err(LoadError::Twice { name: name.to_owned(), first, second });
                }
                own = Some(definition);
            }
        }
        match (own, unread) {
            (None, Some(located)) => Err(located.into()),
            (own, _) => Ok(own),
        }
    }

    /// The definition of this name.
    pub fn get(&self, name: &str) -> Option<&Definition> {
        self.by_name.get(name)
    }

    /// The file in which the definition of this name stands; `None` for those that ship with
    /// Gangline.
    pub fn file_of(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.by_name.values()
    }

    /// Their names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

/// Reads the definition files of `.claude/agents` and `.gangline/agents` below `root`; a folder that does not exist is
/// empty. Blocks. For a project whose files an agent may have changed, the caller reads them
/// from the base commit instead and calls [`Definitions::load`].
pub fn read_project(root: &Path) -> Result<Vec<Vec<Source>>, LoadError> {
    FOLDERS.iter().map(|folder| read_folder(root, folder)).collect()
}

fn read_folder(root: &Path, folder: &str) -> Result<Vec<Source>, LoadError> {
    let path = root.join(folder);
    let failed = |path: &Path, source| LoadError::Io { path: path.to_owned(), source };
    let entries = match std::fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(failed(&path, error)),
    };
    let mut names = vec![];
    for entry in entries {
        let name = entry.map_err(|error| failed(&path, error))?.file_name();
        if let Some(name) = name.to_str().filter(|name| is_definition_name(name)) {
            names.push(name.to_owned());
        }
        if names.len() > FILES_MAX {
            return Err(LoadError::TooMany { path });
        }
    }
    names.sort();
    names.iter().map(|name| read_file(&path.join(name), &format!("{folder}/{name}"))).collect()
}

/// Whether a path is that of a definition file: of Markdown, right in one of [`FOLDERS`], and not
/// about the folder itself.
pub fn is_definition(path: &str) -> bool {
    let in_folder = |folder: &str| path.strip_prefix(folder)?.strip_prefix('/');
    FOLDERS.iter().filter_map(|folder| in_folder(folder)).any(is_definition_name)
}

fn is_definition_name(name: &str) -> bool {
    let markdown = Path::new(name).extension().is_some_and(|ending| ending == "md");
    markdown && name != "README.md" && !name.contains('/')
}

fn read_file(path: &Path, shown: &str) -> Result<Source, LoadError> {
    // An agent may have landed whatever lies there.
    match read_plain_text(path, DEFINITION_BYTES_MAX, Links::Refused) {
        Ok(text) => Ok(Source { file: shown.to_owned(), text }),
        Err(error) if error.raw_os_error().is_none() => {
            let (file, message) = (shown.to_owned(), error.to_string());
            Err(Located { file, line: 1, column: 1, message }.into())
        }
        Err(source) => Err(LoadError::Io { path: path.to_owned(), source }),
    }
}
