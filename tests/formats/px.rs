//! The validator of PX takes a file written by hand after the specification, and refuses it with any one fault.

use pipeline::publish::px::check;

/// Two areas, two measures and two years, in two languages; one cell is withheld.
const SOUND: &str = include_str!("sound.px");

/// What is planted: name, text that is there, text in its place, a word of the refusal.
const FAULTS: [(&str, &str, &str, &str); 49] = [
    ("byte-order mark", "CHARSET=", "\u{feff}CHARSET=", "byte-order mark"),
    ("another charset", "\"ANSI\"", "\"Unicode\"", "CHARSET"),
    ("another version", "\"2013\"", "\"2010\"", "AXIS-VERSION"),
    ("codepage not on line 3", "CODEPAGE=\"utf-8\";\n", "", "CODEPAGE"),
    ("another codepage", "\"utf-8\"", "\"iso-8859-1\"", "CODEPAGE"),
    ("blank before a keyword", "\nMATRIX", "\n MATRIX", "keyword"),
    ("keyword in small letters", "\nMATRIX", "\nMatrix", "lacks"),
    ("unknown keyword", "\nMATRIX", "\nCONFIDENTIAL=1;\nMATRIX", "CONFIDENTIAL"),
    ("keyword twice", "\nMATRIX", "\nMATRIX=\"a\";\nMATRIX", "twice"),
    ("a needed keyword is missing", "SUBJECT-CODE=\"FINSAM\";\n", "", "SUBJECT-CODE is missing"),
    ("a language of its own accord", "MATRIX=", "MATRIX[en]=", "takes none"),
    ("a language that is not declared", "TITLE[en]", "TITLE[de]", "none of ours"),
    ("main language by name", "TITLE=", "TITLE[sv]=", "main language"),
    ("text missing in one language", "TITLE[en]=\"Participants by area and year\";\n", "", "every language"),
    ("main language not first", "\"sv\",\"en\"", "\"en\",\"sv\"", "LANGUAGES"),
    ("MATRIX too long", "MATRIX=\"", "MATRIX=\"langre_namn_", "MATRIX"),
    ("quotation mark in a text", "\"Alvesta\"", "\"Al\"vesta\"", "due"),
    ("text without its end", "\"Alvesta\",", "\"Alvesta,\n", "quotation mark"),
    ("stray quotation mark after the scale", "TLIST(A1)", "TLIST(A1)\"", "due"),
    ("semicolon missing", "DECIMALS=1;", "DECIMALS=1", "due"),
    ("line too long", "\"Deltagare efter område och år\"", "LONG", "256"),
    ("title split over lines", "\"Deltagare efter område och år\"", "\"Deltagare efter \"\n\"område\"", "split"),
    ("text with a blank at its end", "\"Alvesta\"", "\"Alvesta \"", "blank"),
    ("number in quotation marks", "DECIMALS=1;", "DECIMALS=\"1\";", "DECIMALS"),
    ("neither YES nor NO", "AGGREGALLOWED=NO", "AGGREGALLOWED=FALSE", "AGGREGALLOWED"),
    ("sums over withheld cells", "AGGREGALLOWED=NO", "AGGREGALLOWED=YES", "AGGREGALLOWED"),
    ("no such day", "CREATION-DATE=\"20230630", "CREATION-DATE=\"20230631", "CREATION-DATE"),
    ("date in another form", "CREATION-DATE=\"20230630", "CREATION-DATE=\"2023-06-30", "CREATION-DATE"),
    ("value twice", "\"Alvesta\",\"Växjö\"", "\"Alvesta\",\"Alvesta\"", "twice"),
    ("code twice", "\"A\",\"B\"", "\"A\",\"A\"", "twice"),
    ("a value more in one language", "VALUES[en](\"Area\")=\"Alvesta\"", "VALUES[en](\"Area\")=\"C\",\"D\"", "number"),
    (
        "codes differ by language",
        "CODES[en](\"Area\")=\"A\"",
        "CODES[en](\"Area\")=\"C\"",
        "CODES does not say the same",
    ),
    ("a variable without code", "VARIABLECODE(\"Område\")=\"omrade_kod\";\n", "", "VARIABLECODE"),
    ("equals sign in a value", "\"Alvesta\",\"Växjö\"", "\"Alvesta=1\",\"Växjö\"", "trip"),
    ("subkey of another language", "UNITS(\"Antal\")", "UNITS(\"Number\")", "not there"),
    ("subkey that is no variable", "ELIMINATION(\"Område\")", "ELIMINATION(\"Kommun\")", "not there"),
    ("a measure without unit", "UNITS(\"Andel\")=\"procent\";\nUNITS[en](\"Share\")=\"percent\";\n", "", "UNITS"),
    ("CONTVARIABLE is no variable", "CONTVARIABLE=\"Mått\"", "CONTVARIABLE=\"Antal\"", "CONTVARIABLE"),
    ("eliminated to no value", "ELIMINATION(\"Område\")=NO", "ELIMINATION(\"Område\")=\"Alla\"", "ELIMINATION"),
    ("scale of time unknown", "TLIST(A1)", "TLIST(K1)", "scale"),
    ("time is no year", "TLIST(A1),\"2021\"", "TLIST(A1),\"20211\"", "time"),
    ("times in another order", "TLIST(A1),\"2021\",\"2022\"", "TLIST(A1),\"2022\",\"2021\"", "follow"),
    ("precision not above", "PRECISION(\"Mått\",\"Andel\")=1", "PRECISION(\"Mått\",\"Andel\")=0", "PRECISION"),
    ("a datum too few", "12 9 ", "12 ", "7 data"),
    ("a datum with other decimals", "60.0", "60", "decimals"),
    ("two blanks between data", "12 9 ", "12  9 ", "due"),
    ("a note on a cell of no value", "CELLNOTEX(\"Alvesta\"", "CELLNOTEX(\"Lund\"", "not there"),
    ("a note on half a cell", "CELLNOTEX(\"Alvesta\",\"*\"", "CELLNOTEX(\"Alvesta\"", "not there"),
    ("a note on another cell in one language", "CELLNOTEX[en](\"Alvesta\"", "CELLNOTEX[en](\"*\"", "every language"),
];

/// The same, at the end of the file or in more than one place.
const MORE: [(&str, &str, &str, &str); 10] = [
    ("no blank after the last datum", "40.0 \n", "40.0\n", "lacks"),
    ("tab between data", "12 9 ", "12\t9 ", "control"),
    ("Windows' line ends", "\n", "\r\n", "control"),
    ("decimal comma", "60.0", "60,0", "neither number nor symbol"),
    ("symbol without quotation marks", "\"..\" 8", ".. 8", "neither number nor symbol"),
    ("symbol of seven dots", "\"..\" 8", "\".......\" 8", "symbol"),
    ("symbol without explanation", "#.. ", "#", "explains"),
    ("symbol without DATASYMBOL", "DATASYMBOL2", "DATASYMBOL1", "explains"),
    ("something after the data", "40.0 \n;\n", "40.0 \n;\nNOTE=\"a\";\n", "goes on"),
    ("no end of the data", "40.0 \n;\n", "40.0 \n", "ends the file"),
];

#[test]
fn formats_px_validator_takes_what_is_sound() {
    assert_eq!(check(SOUND.as_bytes()), Ok(()));
    assert!(check(b"").is_err() && check(b"CHARSET=\"ANSI\";\n").is_err());
    assert!(check(&[SOUND.as_bytes(), b"\xff"].concat()).expect_err("not UTF-8").contains("UTF-8"));
}

#[test]
fn formats_px_validator_refuses_every_planted_fault() {
    let long = format!("\"{}\"", "x".repeat(256));
    for (name, there, planted, word) in FAULTS.into_iter().chain(MORE) {
        let planted = if planted == "LONG" { &long } else { planted };
        let text = if FAULTS.iter().any(|fault| fault.0 == name) {
            SOUND.replacen(there, planted, 1)
        } else {
            SOUND.replace(there, planted)
        };
        assert_ne!(text, SOUND, "{name}: nothing was planted");
        let refusal = check(text.as_bytes()).expect_err(name);
        assert!(refusal.contains(word), "{name}: {refusal}");
    }
}
