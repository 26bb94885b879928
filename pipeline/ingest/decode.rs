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

/// Where the first control character stands that no register text holds. All are looked at before one is sought:
/// that is many times as fast where there is none.
fn control(text: &[u8]) -> Option<usize> {
    let has_one = text.iter().fold(false, |any, byte| any | is_control(byte));
    has_one.then(|| text.iter().position(is_control)).flatten()
}

/// Reads a file as UTF-8. An impossible byte is an error of kind `InvalidData`.
pub struct Decoded<R> {
    inner: R,
    encoding: Encoding,
    table: [Option<char>; 256],
    raw: Vec<u8>,
    text: Vec<u8>,
    at: usize,
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
            raw: Vec::new(),
            text: Vec::new(),
            at: 0,
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

    fn fill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.at = 0;
        if self.broken {
            return Err(invalid());
        }
        while self.text.is_empty() && !self.ended {
            let kept = self.raw.len();
            self.raw.resize(kept + (1 << 16), 0);
            let read = self.inner.read(&mut self.raw[kept..])?;
            self.raw.truncate(kept + read);
            self.ended = read == 0;
            let taken = match self.encoding {
                Encoding::Utf8 => self.take_utf8(),
                _ => self.take_single_bytes(),
            };
            // What stands before an impossible byte is handed out first, so that the reader knows its line.
            self.broken = taken.is_err();
            self.unify_line_ends();
            if self.text.is_empty() {
                taken?;
            }
        }
        Ok(())
    }

    /// CRLF becomes LF, so that readers see one line end and count lines alike; a lone CR stays what it is.
    fn unify_line_ends(&mut self) {
        if !self.held_return && memchr::memchr(b'\r', &self.text).is_none() {
            return;
        }
        let mut unified = Vec::with_capacity(self.text.len() + 1);
        let mut rest = self.text.as_slice();
        if self.held_return && rest.first().is_some_and(|byte| *byte != b'\n') {
            unified.push(b'\r');
        }
        self.held_return &= rest.is_empty();
        while let Some(at) = memchr::memchr(b'\r', rest) {
            unified.extend_from_slice(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.first() {
                Some(b'\n') => {}
                Some(_) => unified.push(b'\r'),
                None => self.held_return = true,
            }
        }
        unified.extend_from_slice(rest);
        if self.held_return && self.ended {
            unified.push(b'\r');
            self.held_return = false;
        }
        self.text = unified;
    }

    fn take_utf8(&mut self) -> io::Result<()> {
        if self.first && (self.raw.len() >= 3 || self.ended) {
            self.first = false;
            if self.raw.starts_with(b"\xef\xbb\xbf") {
                self.raw.drain(..3);
            }
        }
        let whole = match std::str::from_utf8(&self.raw) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() && !self.ended => error.valid_up_to(),
            Err(error) => {
                self.text.extend_from_slice(&self.raw[..error.valid_up_to()]);
                return Err(invalid());
            }
        };
        if let Some(place) = control(&self.raw[..whole]) {
            self.text.extend_from_slice(&self.raw[..place]);
            return Err(invalid());
        }
        self.text.extend_from_slice(&self.raw[..whole]);
        self.raw.drain(..whole);
        Ok(())
    }

    fn take_single_bytes(&mut self) -> io::Result<()> {
        if self.raw.is_ascii() && !self.raw.contains(&0x7f) && control(&self.raw).is_none() {
            self.text.append(&mut self.raw);
            return Ok(());
        }
        let mut buffer = [0; 4];
        for byte in &self.raw {
            if (0x20..0x7f).contains(byte) {
                self.text.push(*byte);
            } else {
                let letter = self.table[usize::from(*byte)].ok_or_else(invalid)?;
                self.strays += u64::from(self.encoding == Encoding::Cp1252WithCp850 && cp850(*byte).is_some());
                self.text.extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes());
            }
        }
        self.raw.clear();
        Ok(())
    }
}

fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a byte that the declared encoding does not have")
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() {
            self.fill()?;
        }
        let count = buffer.len().min(self.text.len() - self.at);
        buffer[..count].copy_from_slice(&self.text[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8], encoding: Encoding) -> io::Result<String> {
        let mut text = String::new();
        Decoded::new(bytes, encoding).read_to_string(&mut text).map(|_| text)
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
        let mut text = String::new();
        let mut strays = Decoded::new(&b"M\x81ller \x8fsa \xc5sa \x90\x9d\x8d"[..], Encoding::Cp1252WithCp850);
        assert!(strays.read_to_string(&mut text).is_ok());
        assert_eq!((text.as_str(), strays.strays()), ("Müller Åsa Åsa ÉØì", 5));
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
