//! Strict decoding to UTF-8: the encoding is declared in the contract, never guessed, and a byte that it does not
//! have stops the delivery.

use std::io::{self, Read};

/// An encoding that a contract may declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Iso8859_1,
    Cp1252,
    /// cp1252 in which the five bytes that it lacks are letters of cp850, as programs of two ages leave them.
    Cp1252WithCp850,
}

impl Encoding {
    pub fn named(name: &str) -> Option<Encoding> {
        match name {
            "utf-8" => Some(Encoding::Utf8),
            "iso-8859-1" => Some(Encoding::Iso8859_1),
            "cp1252" => Some(Encoding::Cp1252),
            _ => None,
        }
    }

    /// The name in contracts and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Iso8859_1 => "iso-8859-1",
            Encoding::Cp1252 | Encoding::Cp1252WithCp850 => "cp1252",
        }
    }

    pub fn letters(self) -> Letters {
        Letters { encoding: self, table: self.table() }
    }

    /// The character of each byte; `None` where the encoding has none (and for control characters other than
    /// tab and line ends, which no register text holds).
    fn table(self) -> [Option<char>; 256] {
        let mut table = [None; 256];
        for byte in 0..=255u8 {
            table[usize::from(byte)] = match (byte, self) {
                (b'\t' | b'\n' | b'\r' | 0x20..=0x7e, _) => Some(char::from(byte)),
                (0..=0x7f, _) => None,
                (0x80..=0x9f, Encoding::Iso8859_1) => None,
                (_, Encoding::Iso8859_1) => Some(char::from(byte)),
                (_, Encoding::Cp1252) if cp850(byte).is_some() => None,
                (_, Encoding::Cp1252WithCp850) if cp850(byte).is_some() => cp850(byte),
                (_, Encoding::Cp1252 | Encoding::Cp1252WithCp850) => {
                    let bytes = [byte];
                    let (text, _, _) = encoding_rs::WINDOWS_1252.decode(&bytes);
                    text.chars().next()
                }
                (_, Encoding::Utf8) => None,
            };
        }
        table
    }
}

/// What the bytes that cp1252 lacks are in cp850.
const fn cp850(byte: u8) -> Option<char> {
    Some(match byte {
        0x81 => 'ü',
        0x8d => 'ì',
        0x8f => 'Å',
        0x90 => 'É',
        0x9d => 'Ø',
        _ => return None,
    })
}

/// The letters of an encoding, for text that is already in memory.
pub struct Letters {
    encoding: Encoding,
    table: [Option<char>; 256],
}

impl Letters {
    pub const fn name(&self) -> &'static str {
        self.encoding.name()
    }

    /// Adds the bytes to a text; `None` where they hold what the encoding does not have.
    pub fn decode(&self, bytes: &[u8], text: &mut String) -> Option<()> {
        if self.encoding == Encoding::Utf8 {
            let letters = std::str::from_utf8(bytes).ok()?;
            text.push_str(letters);
            return (!letters.bytes().any(|byte| is_control(&byte))).then_some(());
        }
        bytes.iter().try_for_each(|byte| self.table[usize::from(*byte)].map(|letter| text.push(letter)))
    }
}

const fn is_control(byte: &u8) -> bool {
    (*byte < 0x20) & (*byte != b'\t') & (*byte != b'\n') & (*byte != b'\r')
}

/// Whether these are letters of ASCII and nothing else, which every encoding has. All are looked at, without a branch:
/// that is many times as fast where nothing else is there.
fn are_plain(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |all, byte| all & (*byte < 0x7f) & !is_control(byte))
}

/// Bytes that are read at a time at most.
const READ: usize = 1 << 16;

/// Reads a file as UTF-8. An impossible byte is an error of kind `InvalidData`.
pub struct Decoded<R> {
    inner: R,
    encoding: Encoding,
    table: [Option<char>; 256],
    /// What is read, from the start.
    raw: Vec<u8>,
    /// Bytes there that are the beginning of a letter.
    held: usize,
    first: bool,
    ended: bool,
    broken: bool,
    /// Bytes of cp850 so far, where they are taken.
    strays: u64,
    /// A carriage return at the end of the last piece, which may belong to a line end.
    held_return: bool,
}

impl<R: Read> Decoded<R> {
    pub fn new(inner: R, encoding: Encoding) -> Decoded<R> {
        Decoded {
            inner,
            encoding,
            table: encoding.table(),
            raw: vec![0; READ],
            held: 0,
            first: true,
            ended: false,
            broken: false,
            strays: 0,
            held_return: false,
        }
    }

    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How many bytes so far were of cp850 in a file of cp1252.
    pub const fn strays(&self) -> u64 {
        self.strays
    }

    /// Adds to a text what about so many bytes of the file say; how many bytes of text, none at the end.
    ///
    /// # Errors
    /// The file's own; of kind `InvalidData` at a byte that the encoding does not have, after what stands before it.
    pub fn append(&mut self, text: &mut Vec<u8>, about: usize) -> io::Result<usize> {
        if self.broken {
            return Err(invalid());
        }
        let from = text.len();
        while text.len() == from && !self.ended {
            let room = (self.held + about.max(1)).min(self.raw.len());
            let read = self.inner.read(&mut self.raw[self.held..room])?;
            self.ended = read == 0;
            let filled = self.held + read;
            let taken = match self.encoding {
                _ if self.held == 0 && are_plain(&self.raw[..filled]) => {
                    self.first &= filled == 0;
                    text.extend_from_slice(&self.raw[..filled]);
                    Ok(())
                }
                Encoding::Utf8 => self.take_utf8(filled, text),
                _ => self.take_single_bytes(filled, text),
            };
            // What stands before an impossible byte is handed out first, so that the reader knows its line.
            self.broken = taken.is_err();
            self.unify_line_ends(text, from);
            if text.len() == from {
                taken?;
            }
        }
        Ok(text.len() - from)
    }

    /// CRLF becomes LF, so that readers see one line end and count lines alike; a lone CR stays what it is.
    fn unify_line_ends(&mut self, text: &mut Vec<u8>, from: usize) {
        if !self.held_return && memchr::memchr(b'\r', &text[from..]).is_none() {
            return;
        }
        let added = text.split_off(from);
        let mut rest = added.as_slice();
        if self.held_return && rest.first().is_some_and(|byte| *byte != b'\n') {
            text.push(b'\r');
        }
        self.held_return &= rest.is_empty();
        while let Some(at) = memchr::memchr(b'\r', rest) {
            text.extend_from_slice(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.first() {
                Some(b'\n') => {}
                Some(_) => text.push(b'\r'),
                None => self.held_return = true,
            }
        }
        text.extend_from_slice(rest);
        if self.held_return && self.ended {
            text.push(b'\r');
            self.held_return = false;
        }
    }

    fn take_utf8(&mut self, filled: usize, text: &mut Vec<u8>) -> io::Result<()> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        let raw = &self.raw[..filled];
        if self.first && !self.ended && raw.len() < MARK.len() && MARK.starts_with(raw) {
            self.held = filled;
            return Ok(());
        }
        let skipped = if std::mem::take(&mut self.first) && raw.starts_with(MARK) { MARK.len() } else { 0 };
        let raw = &raw[skipped..];
        let (whole, is_sound) = match std::str::from_utf8(raw) {
            Ok(letters) => (letters.len(), true),
            Err(error) => (error.valid_up_to(), error.error_len().is_none() && !self.ended),
        };
        if let Some(place) = raw[..whole].iter().position(is_control) {
            text.extend_from_slice(&raw[..place]);
            return Err(invalid());
        }
        text.extend_from_slice(&raw[..whole]);
        self.raw.copy_within(skipped + whole..filled, 0);
        self.held = filled - skipped - whole;
        if is_sound { Ok(()) } else { Err(invalid()) }
    }

    fn take_single_bytes(&mut self, filled: usize, text: &mut Vec<u8>) -> io::Result<()> {
        let mut buffer = [0; 4];
        for byte in &self.raw[..filled] {
            if (0x20..0x7f).contains(byte) {
                text.push(*byte);
            } else {
                let letter = self.table[usize::from(*byte)].ok_or_else(invalid)?;
                self.strays += u64::from(self.encoding == Encoding::Cp1252WithCp850 && cp850(*byte).is_some());
                text.extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes());
            }
        }
        Ok(())
    }
}

fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a byte that the declared encoding does not have")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8], encoding: Encoding) -> io::Result<String> {
        let texts = [1, 2, 3, 1 << 20].map(|about| append(&mut Decoded::new(bytes, encoding), about));
        let [first, .., last] = texts;
        assert_eq!(first.as_ref().ok(), last.as_ref().ok(), "however much is read at a time");
        last
    }

    fn append(decoded: &mut Decoded<&[u8]>, about: usize) -> io::Result<String> {
        let mut text = Vec::new();
        while decoded.append(&mut text, about)? > 0 {}
        Ok(String::from_utf8(text).expect("UTF-8"))
    }

    #[test]
    fn each_encoding_decodes_swedish_text() {
        assert_eq!(decode("Örnsköldsvik".as_bytes(), Encoding::Utf8).ok().as_deref(), Some("Örnsköldsvik"));
        for encoding in [Encoding::Iso8859_1, Encoding::Cp1252] {
            assert_eq!(decode(b"\xd6rnsk\xf6ldsvik", encoding).ok().as_deref(), Some("Örnsköldsvik"));
        }
        assert_eq!(decode(b"2018\x962022", Encoding::Cp1252).ok().as_deref(), Some("2018–2022"));
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(decode(b"\xef\xbb\xbfkod", Encoding::Utf8).ok().as_deref(), Some("kod"));
        assert_eq!(decode("k\u{feff}od".as_bytes(), Encoding::Utf8).ok().as_deref(), Some("k\u{feff}od"));
    }

    #[test]
    fn an_impossible_byte_stops() {
        assert!(decode(b"\xd6rn", Encoding::Utf8).is_err());
        assert!(decode(b"2018\x962022", Encoding::Iso8859_1).is_err());
        assert!(decode(b"\x81", Encoding::Cp1252).is_err());
        // UTF-16, as a spreadsheet may save it.
        for encoding in [Encoding::Utf8, Encoding::Iso8859_1, Encoding::Cp1252, Encoding::Cp1252WithCp850] {
            assert!(decode(b"\xff\xfek\0o\0d\0\n\0", encoding).is_err());
        }
        assert!(decode(b"a\0b", Encoding::Utf8).is_err());
        assert!(decode(b"\xc3", Encoding::Utf8).is_err());
    }

    #[test]
    fn strays_of_cp850_are_counted() {
        let mut strays = Decoded::new(&b"M\x81ller \x8fsa \xc5sa \x90\x9d\x8d"[..], Encoding::Cp1252WithCp850);
        assert_eq!(append(&mut strays, 100).ok().as_deref(), Some("Müller Åsa Åsa ÉØì"));
        assert_eq!(strays.strays(), 5);
    }

    #[test]
    fn line_ends_are_one_kind() {
        assert_eq!(decode(b"a\r\nb\nc\rd\r\r\n\r", Encoding::Cp1252).ok().as_deref(), Some("a\nb\nc\rd\r\n\r"));
        let text = format!("{}\r\nb", "a".repeat((1 << 16) - 1));
        assert_eq!(decode(text.as_bytes(), Encoding::Utf8).ok(), Some(text.replace('\r', "")));
    }

    #[test]
    fn a_letter_may_straddle_two_reads() {
        let text = "å".repeat(70_000);
        assert_eq!(decode(format!("a{text}").as_bytes(), Encoding::Utf8).ok(), Some(format!("a{text}")));
    }
}
