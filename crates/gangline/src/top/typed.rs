//! What a terminal sends, as keys and pasted text.
//!
//! The bytes are read here, and not by a library that waits for the rest of a sequence: over a slow
//! line a sequence arrives in parts, and a part alone must neither be mistaken nor stop the screen.

/// Bytes of one paste that are kept.
const PASTE_BYTES_MAX: usize = 64 * 1024;
/// Bytes that an escape sequence may have.
const SEQUENCE_BYTES_MAX: usize = 64;
const PASTE_END: &[u8] = b"\x1b[201~";

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Typed {
    /// A key.
    Key(Key),
    /// Text that was pasted at once. Not safe for a terminal yet.
    Paste(String),
}

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A letter or another visible character.
    Char(char),
    /// With Ctrl.
    Ctrl(char),
    Enter,
    /// Ctrl-J or Alt-Enter: a line break in a text.
    NewLine,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

/// Reads a terminal's bytes.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    pending: Vec<u8>,
    paste: Option<Vec<u8>>,
}

/// What stands at the beginning of the pending bytes.
enum Found {
    /// So many bytes that come to this.
    Whole(usize, Option<Key>),
    /// A paste begins behind so many bytes.
    Paste(usize),
    /// There may be more to come.
    Part,
}

impl Decoder {
    /// Whether something is pending that a moment's silence would decide.
    pub(super) fn is_undecided(&self) -> bool {
        self.paste.is_none() && !self.pending.is_empty()
    }

    /// What these bytes come to, with those that were pending.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Vec<Typed> {
        self.pending.extend_from_slice(bytes);
        self.decode(false)
    }

    /// Nothing followed: a lone escape was the key of that name.
    pub(super) fn silence(&mut self) -> Vec<Typed> {
        self.decode(true)
    }

    fn decode(&mut self, whole: bool) -> Vec<Typed> {
        let mut typed = vec![];
        loop {
            if self.paste.is_some() {
                match self.pasted() {
                    Some(text) => typed.push(Typed::Paste(text)),
                    None => return typed,
                }
            }
            if self.pending.is_empty() {
                return typed;
            }
            match found(&self.pending, whole) {
                Found::Whole(bytes, key) => {
                    self.pending.drain(..bytes);
                    typed.extend(key.map(Typed::Key));
                }
                Found::Paste(bytes) => {
                    self.pending.drain(..bytes);
                    self.paste = Some(vec![]);
                }
                Found::Part => return typed,
            }
        }
    }

    /// The whole paste, once its end is there.
    fn pasted(&mut self) -> Option<String> {
        let kept = self.paste.as_mut()?;
        let end = self.pending.windows(PASTE_END.len()).position(|bytes| bytes == PASTE_END);
        // The end may stand there in part.
        let ready = end.unwrap_or(self.pending.len().saturating_sub(PASTE_END.len() - 1));
        let room = PASTE_BYTES_MAX.saturating_sub(kept.len());
        kept.extend(self.pending.drain(..ready).take(room));
        end?;
        self.pending.drain(..PASTE_END.len());
        let kept = self.paste.take().unwrap_or_default();
        Some(String::from_utf8_lossy(&kept).replace("\r\n", "\n").replace('\r', "\n"))
    }
}

fn found(bytes: &[u8], whole: bool) -> Found {
    match bytes {
        [0x1b, b'[', rest @ ..] => control(rest, whole),
        [0x1b, b'O', letter, ..] => Found::Whole(3, arrow(*letter)),
        [0x1b, b'\r', ..] => Found::Whole(2, Some(Key::NewLine)),
        [0x1b] | [0x1b, b'O'] if !whole => Found::Part,
        [0x1b, ..] => Found::Whole(1, Some(Key::Esc)),
        [b'\r', ..] => Found::Whole(1, Some(Key::Enter)),
        [b'\n', ..] => Found::Whole(1, Some(Key::NewLine)),
        [b'\t', ..] => Found::Whole(1, Some(Key::Tab)),
        [0x7f | 0x08, ..] => Found::Whole(1, Some(Key::Backspace)),
        [byte @ 1..0x1b, ..] => Found::Whole(1, Some(Key::Ctrl(char::from(byte + b'a' - 1)))),
        [0..0x20, ..] => Found::Whole(1, None),
        _text => character(bytes, whole),
    }
}

/// A control sequence behind its introducer: parameters, then one final byte.
fn control(rest: &[u8], whole: bool) -> Found {
    let Some(end) = rest.iter().position(|byte| (0x40..=0x7e).contains(byte)) else {
        return match whole || rest.len() > SEQUENCE_BYTES_MAX {
            true => Found::Whole(rest.len() + 2, None),
            false => Found::Part,
        };
    };
    let parameters = rest[..end].split(|byte| *byte == b';').next().unwrap_or_default();
    let key = match (rest[end], parameters) {
        (b'~', b"200") => return Found::Paste(end + 3),
        (b'~', b"1" | b"7") => Some(Key::Home),
        (b'~', b"4" | b"8") => Some(Key::End),
        (b'~', b"3") => Some(Key::Delete),
        (b'~', b"5") => Some(Key::PageUp),
        (b'~', b"6") => Some(Key::PageDown),
        (b'Z', _) => Some(Key::BackTab),
        (letter, _) => arrow(letter),
    };
    Found::Whole(end + 3, key)
}

fn arrow(letter: u8) -> Option<Key> {
    match letter {
        b'A' => Some(Key::Up),
        b'B' => Some(Key::Down),
        b'C' => Some(Key::Right),
        b'D' => Some(Key::Left),
        b'H' => Some(Key::Home),
        b'F' => Some(Key::End),
        _unknown => None,
    }
}

/// One character of UTF-8; a byte that is none is passed over.
fn character(bytes: &[u8], whole: bool) -> Found {
    let length = match bytes[0] {
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf8 => 4,
        _ascii_or_broken => 1,
    };
    if bytes.len() < length && !whole {
        return Found::Part;
    }
    let text = bytes.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    match text.and_then(|text| text.chars().next()) {
        Some(c) => Found::Whole(length, Some(Key::Char(c)).filter(|_| !c.is_control())),
        None => Found::Whole(1, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(typed: &[Typed]) -> Vec<Key> {
        let key = |typed: &Typed| match typed {
            Typed::Key(key) => *key,
            Typed::Paste(text) => panic!("pasted {text}"),
        };
        typed.iter().map(key).collect()
    }

    #[test]
    fn keys_are_told_apart() {
        for (bytes, wanted) in [
            (&b"a"[..], vec![Key::Char('a')]),
            ("Zoë日".as_bytes(), "Zoë日".chars().map(Key::Char).collect()),
            (
                b"\r\n\t\x7f\x08",
                vec![Key::Enter, Key::NewLine, Key::Tab, Key::Backspace, Key::Backspace],
            ),
            (b"\x1b[A\x1b[1;5B\x1bOC\x1b[D", vec![Key::Up, Key::Down, Key::Right, Key::Left]),
            (
                b"\x1b[5~\x1b[6~\x1b[H\x1b[4~\x1b[3~\x1b[Z",
                vec![Key::PageUp, Key::PageDown, Key::Home, Key::End, Key::Delete, Key::BackTab],
            ),
            (b"\x03\x1a\x0c", vec![Key::Ctrl('c'), Key::Ctrl('z'), Key::Ctrl('l')]),
            (b"\x1b\r\x1bq", vec![Key::NewLine, Key::Esc, Key::Char('q')]),
            (b"\x1b[?1;2c\x1b[99~\x00\xff\xc3(x", vec![Key::Char('('), Key::Char('x')]),
        ] {
            assert_eq!(keys(&Decoder::default().read(bytes)), wanted, "{bytes:?}");
        }
    }

    #[test]
    fn a_sequence_in_parts_is_the_same_key() {
        for bytes in [&b"\x1b[1;5A"[..], "日".as_bytes(), b"\x1bOA"] {
            let together = Decoder::default().read(bytes);
            let mut decoder = Decoder::default();
            let apart: Vec<Typed> = bytes.iter().flat_map(|byte| decoder.read(&[*byte])).collect();
            assert_eq!((apart, decoder.is_undecided()), (together, false));
        }
    }

    #[test]
    fn a_lone_escape_is_a_key_once_nothing_follows() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.read(b"\x1b"), []);
        assert!(decoder.is_undecided());
        assert_eq!(keys(&decoder.silence()), [Key::Esc]);
        assert_eq!(decoder.read(b"\x1b["), []);
        assert_eq!(decoder.silence(), []);
        assert_eq!(keys(&decoder.read(b"q")), [Key::Char('q')]);
    }

    #[test]
    fn a_paste_is_one_text_however_it_arrives() {
        let bytes = b"x\x1b[200~one\r\ntwo\rq\x1b[A\x1b[201~y";
        let wanted = vec![
            Typed::Key(Key::Char('x')),
            Typed::Paste("one\ntwo\nq\x1b[A".into()),
            Typed::Key(Key::Char('y')),
        ];
        assert_eq!(Decoder::default().read(bytes), wanted);
        let mut decoder = Decoder::default();
        let apart: Vec<Typed> = bytes.iter().flat_map(|byte| decoder.read(&[*byte])).collect();
        assert_eq!(apart, wanted);
    }

    #[test]
    fn a_paste_has_a_bound() {
        let mut decoder = Decoder::default();
        let mut bytes = b"\x1b[200~".to_vec();
        bytes.extend(vec![b'a'; PASTE_BYTES_MAX * 2]);
        bytes.extend_from_slice(PASTE_END);
        let typed = decoder.read(&bytes);
        assert!(matches!(&typed[..], [Typed::Paste(text)] if text.len() == PASTE_BYTES_MAX));
    }
}
