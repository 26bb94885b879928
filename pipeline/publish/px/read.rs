//! Reads a PX file to its keywords and data, by the letter of the specification, and refuses what it does not allow.
//!
//! Knows form only: what the keywords mean is `check`'s.

/// A value of a keyword.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Within quotation marks.
    Text(String),
    /// A number, YES, NO, `TLIST(A1)`.
    Word(String),
}

/// `KEYWORD[language]("subkey")=value,value;`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it begins, from 1.
    pub line: usize,
    pub keyword: String,
    /// None in the main language.
    pub language: Option<String>,
    pub subkeys: Vec<String>,
    pub values: Vec<Value>,
    /// Whether a text is in several pieces, each on a line of its own.
    pub split: bool,
}

/// One of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datum {
    /// As it is written.
    Number(String),
    /// Dots or a dash, without the quotation marks.
    Symbol(String),
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Px {
    pub entries: Vec<Entry>,
    pub data: Vec<Datum>,
}

type Read<T> = Result<T, String>;

/// Reads a file.
///
/// # Errors
/// What is wrong, and on which line.
pub fn read(bytes: &[u8]) -> Read<Px> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    if text.starts_with('\u{feff}') {
        return Err("it begins with a byte-order mark".into());
    }
    for (number, line) in text.split('\n').enumerate() {
        let fault = |what: &str| Err(format!("line {} {what}", number + 1));
        if line.chars().count() > 256 {
            return fault("is longer than 256 characters");
        }
        if line.chars().any(|c| c.is_control() || c == '\u{feff}') {
            return fault("holds a control character");
        }
    }
    let mut reader = Reader { rest: text, line: 1 };
    let mut entries = Vec::new();
    while !reader.rest.is_empty() {
        if reader.takes("DATA=\n") {
            return Ok(Px { entries, data: reader.data()? });
        }
        entries.push(reader.entry()?);
    }
    Err("it has no DATA".into())
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Reader<'a> {
    fn fault<T>(&self, what: &str) -> Read<T> {
        Err(format!("line {} {what}", self.line))
    }

    fn takes(&mut self, text: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(text) else { return false };
        self.rest = rest;
        self.line += text.matches('\n').count();
        true
    }

    fn needs(&mut self, text: &str) -> Read<()> {
        if self.takes(text) { Ok(()) } else { self.fault(&format!("lacks {text:?} where it is due")) }
    }

    fn run(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        run
    }

    fn entry(&mut self) -> Read<Entry> {
        let line = self.line;
        let keyword = self.run(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-').to_owned();
        if !keyword.starts_with(|c: char| c.is_ascii_uppercase()) {
            return self.fault("does not begin with a keyword");
        }
        let mut language = None;
        if self.takes("[") {
            language = Some(self.run(|c| c.is_ascii_lowercase()).to_owned());
            self.needs("]")?;
        }
        let mut subkeys = Vec::new();
        if self.takes("(") {
            loop {
                subkeys.push(self.quoted()?);
                if self.takes(")") {
                    break;
                }
                self.needs(",")?;
                let _ = self.takes("\n");
            }
        }
        self.needs("=")?;
        let (mut values, mut split) = (Vec::new(), false);
        loop {
            values.push(self.value(&mut split)?);
            if self.takes(";\n") {
                return Ok(Entry { line, keyword, language, subkeys, values, split });
            }
            self.needs(",")?;
            // A list goes on with the next value, on this line or the next.
            let _ = self.takes("\n");
        }
    }

    fn value(&mut self, split: &mut bool) -> Read<Value> {
        if !self.rest.starts_with('"') {
            let word = self.run(|c| c.is_ascii_alphanumeric() || "().-".contains(c));
            return if word.is_empty() {
                self.fault("has neither text nor word where a value is due")
            } else {
                Ok(Value::Word(word.to_owned()))
            };
        }
        let mut text = self.quoted()?;
        while self.rest.starts_with("\n\"") {
            *split = true;
            self.needs("\n")?;
            text += &self.quoted()?;
        }
        Ok(Value::Text(text))
    }

    fn quoted(&mut self) -> Read<String> {
        self.needs("\"")?;
        let text = self.run(|c| c != '"' && c != '\n').to_owned();
        if !self.takes("\"") {
            return self.fault("has a text without its second quotation mark");
        }
        Ok(text)
    }

    /// Lines of data, each datum followed by one space, and `;` on the last line.
    fn data(&mut self) -> Read<Vec<Datum>> {
        let mut data = Vec::new();
        while !self.takes(";\n") {
            if self.rest.is_empty() {
                return self.fault("ends the file before the data do");
            }
            while !self.takes("\n") {
                data.push(self.datum()?);
                self.needs(" ")?;
            }
        }
        if self.rest.is_empty() { Ok(data) } else { self.fault("goes on after the data") }
    }

    fn datum(&mut self) -> Read<Datum> {
        if self.rest.starts_with('"') {
            let symbol = self.quoted()?;
            let is_symbol = symbol == "-" || (1..=6).contains(&symbol.len()) && symbol.bytes().all(|b| b == b'.');
            return if is_symbol {
                Ok(Datum::Symbol(symbol))
            } else {
                self.fault("has a symbol that PX does not know")
            };
        }
        let number = self.run(|c| c != ' ' && c != '\n' && c != '"');
        let digits = number.strip_prefix('-').unwrap_or(number);
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(whole) || !is_digits(decimals) || whole.len() > 1 && whole.starts_with('0') {
            return self.fault("has neither number nor symbol where one is due");
        }
        Ok(Datum::Number(number.to_owned()))
    }
}
