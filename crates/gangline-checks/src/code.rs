//! Source text without what is not code: comments, and the contents of strings.
//!
//! Light on purpose: it knows how comments and strings begin and end in a family of languages, and
//! nothing of their grammar. What is taken out is blanked, so that places stay what they were.

/// Families of languages with the same comments and strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    Python,
    /// JavaScript and TypeScript.
    Script,
    Go,
    /// Java, Kotlin, C, C++, C#, Swift: comments and strings as in C.
    Curly,
    /// Shell, Ruby, Perl, TOML, YAML, Make: `#` to the end of the line.
    Hash,
}

/// What is left standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Code alone.
    Code,
    /// Code and strings.
    Strings,
}

impl Language {
    /// By the file's name; `None` for what is no source text.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending {
            "rs" => Some(Self::Rust),
            "py" | "pyi" => Some(Self::Python),
            "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" | "vue" | "svelte" => {
                Some(Self::Script)
            }
            "go" => Some(Self::Go),
            "java" | "kt" | "kts" | "scala" | "c" | "h" | "cc" | "cpp" | "hpp" | "cs" | "swift"
            | "dart" | "php" | "groovy" | "gradle" | "css" | "scss" => Some(Self::Curly),
            "sh" | "bash" | "zsh" | "rb" | "pl" | "toml" | "yaml" | "yml" | "mk" | "ex" | "exs" => {
                Some(Self::Hash)
            }
            _other => {
                matches!(name, "Makefile" | "makefile" | "GNUmakefile" | "Justfile" | "justfile")
                    .then_some(Self::Hash)
            }
        }
    }
}

/// `text` with comments blanked, and strings too unless they are kept. Line breaks stay.
pub(crate) fn code(text: &str, language: Language, keep: Keep) -> String {
    let mut reader = Reader { text: text.as_bytes(), at: 0, out: text.as_bytes().to_vec(), keep };
    while reader.at < reader.text.len() {
        reader.step(language);
    }
    // Only whole characters were blanked: what stands between two quotes, or behind a mark.
    String::from_utf8_lossy(&reader.out).into_owned()
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    out: Vec<u8>,
    keep: Keep,
}

impl Reader<'_> {
    fn step(&mut self, language: Language) {
        match language {
            Language::Python if self.python() => {}
            Language::Hash if self.hash() => {}
            Language::Rust if self.rust() => {}
            Language::Script | Language::Go if self.begins("`") => self.string(1, b'`', false),
            Language::Rust | Language::Script | Language::Go | Language::Curly
                if self.comments() => {}
            Language::Script | Language::Go | Language::Curly if self.begins("'") => {
                self.string(1, b'\'', true);
            }
            Language::Rust
            | Language::Python
            | Language::Script
            | Language::Go
            | Language::Curly
            | Language::Hash => {
                if self.begins("\"") {
                    self.string(1, b'"', language != Language::Hash);
                } else {
                    self.at += 1;
                }
            }
        }
    }

    fn begins(&self, mark: &str) -> bool {
        self.text[self.at..].starts_with(mark.as_bytes())
    }

    fn python(&mut self) -> bool {
        for quotes in ["\"\"\"", "'''"] {
            if self.begins(quotes) {
                self.until(3, quotes.as_bytes(), 3, self.keep == Keep::Code);
                return true;
            }
        }
        if self.begins("'") {
            self.string(1, b'\'', true);
            return true;
        }
        self.hash()
    }

    fn hash(&mut self) -> bool {
        // `$#`, `a#b` in a shell are none; a comment begins a line or stands behind a blank.
        let free = self.at == 0 || self.text[self.at - 1].is_ascii_whitespace();
        let starts = self.begins("#") && (free || self.text[self.at - 1].is_ascii_punctuation());
        if starts && !(self.at > 0 && self.text[self.at - 1] == b'$') {
            self.until(1, b"\n", 0, true);
        }
        starts
    }

    fn rust(&mut self) -> bool {
        // A raw string: r"…", r#"…"#.
        if matches!(self.text[self.at], b'r') && !self.in_word() {
            let hashes = self.text[self.at + 1..].iter().take_while(|byte| **byte == b'#').count();
            if self.text.get(self.at + 1 + hashes) == Some(&b'"') {
                let end: Vec<u8> = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
                self.until(2 + hashes, &end, end.len(), self.keep == Keep::Code);
                return true;
            }
        }
        // A character is quoted; a lifetime is not.
        if self.begins("'") {
            let rest = &self.text[self.at + 1..];
            let quoted = match rest.first() {
                Some(b'\\') => true,
                Some(first) => {
                    let width = match first {
                        0x00..=0x7f => 1,
                        0xc0..=0xdf => 2,
                        0xe0..=0xef => 3,
                        _longest => 4,
                    };
                    rest.get(width) == Some(&b'\'')
                }
                None => false,
            };
            if quoted {
                self.string(1, b'\'', true);
            } else {
                self.at += 1;
            }
            return true;
        }
        false
    }

    fn in_word(&self) -> bool {
        self.at > 0
            && (self.text[self.at - 1].is_ascii_alphanumeric() || self.text[self.at - 1] == b'_')
    }

    fn comments(&mut self) -> bool {
        if self.begins("//") {
            self.until(2, b"\n", 0, true);
            return true;
        }
        if self.begins("/*") {
            self.until(2, b"*/", 2, true);
            return true;
        }
        false
    }

    /// Passes a string whose opening has `open` bytes; ends at a line's end where it must.
    fn string(&mut self, open: usize, close: u8, one_line: bool) {
        let start = self.at;
        self.at += open;
        while let Some(byte) = self.text.get(self.at) {
            match *byte {
                b'\\' => self.at += 1,
                b'\n' if one_line && close == b'\'' => break,
                byte if byte == close => break,
                _inside => {}
            }
            self.at += 1;
        }
        let end = self.at.min(self.text.len());
        if self.keep == Keep::Code {
            self.blank(start + open, end);
        }
        self.at = (end + 1).min(self.text.len());
    }

    /// Passes everything up to `close`, of which `kept` bytes are passed as well.
    fn until(&mut self, open: usize, close: &[u8], kept: usize, blank: bool) {
        let (start, from) = (self.at, (self.at + open).min(self.text.len()));
        let found = self.text[from..].windows(close.len()).position(|window| window == close);
        let end = found.map_or(self.text.len(), |at| from + at);
        if blank {
            self.blank(start, end + kept.min(self.text.len() - end));
        }
        self.at = (end + kept).min(self.text.len()).max(start + 1);
    }

    fn blank(&mut self, from: usize, to: usize) {
        for byte in &mut self.out[from..to] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
}

#[cfg(test)]
mod tests;
