//! Something wrong in a delivery: file, row, column, rule, severity; never the value.
//!
//! Each rule says in Swedish what it means and what the supplier can do, because the felrapport goes to them.

use crate::contract::Severity;
use crate::receipt::Receipt;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

macro_rules! rules {
    ($($name:ident $code:literal $severity:ident $text:literal $advice:literal;)*) => {
        /// What a delivery can break. The order is the order of checking: structure before rows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($name),* }

        impl Rule {
            pub const ALL: &[Rule] = &[$(Rule::$name),*];

            /// The code in fault tables.
            pub const fn code(self) -> &'static str {
                match self { $(Rule::$name => $code),* }
            }

            /// What is wrong, in Swedish.
            pub const fn text(self) -> &'static str {
                match self { $(Rule::$name => $text),* }
            }

            /// What the supplier can do, in Swedish.
            pub const fn advice(self) -> &'static str {
                match self { $(Rule::$name => $advice),* }
            }

            /// The severity unless the contract gives the column another.
            pub const fn severity(self) -> Severity {
                match self { $(Rule::$name => Severity::$severity),* }
            }
        }
    };
}

rules! {
    UnknownContract "okant_kontrakt" Stop
        "Mappen hör inte till något datakontrakt."
        "Lägg leveransen i en mapp med kontraktets namn.";
    Manifest "leveransfil" Stop
        "leverans.yaml kan inte läsas."
        "Kontrollera leverans.yaml mot beskrivningen i data-contracts/README.md.";
    MissingFile "fil_saknas" Stop
        "En fil som leverans.yaml nämner saknas."
        "Lämna filen, eller rätta leverans.yaml.";
    Checksum "kontrollsumma" Stop
        "Filen är inte den som leverans.yaml beskriver (sha256)."
        "Lämna om filen; den kan ha avkortats vid överföringen.";
    Encoding "teckenkodning" Stop
        "Filen har en annan teckenkodning än kontraktet."
        "Spara filen i den teckenkodning som kontraktet anger.";
    Unreadable "olasbar" Stop
        "Filen kan inte läsas i kontraktets format."
        "Kontrollera att filen har kontraktets format.";
    Header "rubrik" Stop
        "En kolumn som kontraktet kräver saknas i rubrikraden."
        "Kontrollera avgränsare och rubriker mot kontraktet.";
    ColumnType "kolumntyp" Stop
        "Kolumnen har en typ som inte kan läsas."
        "Leverera kolumnen som text, heltal eller datum.";
    Truncated "avkortad" Stop
        "Sista raden är avkortad."
        "Lämna om filen; den slutar mitt i en rad.";
    Empty "tom_leverans" Stop
        "Leveransen innehåller inga rader."
        "Kontrollera uttaget.";
    RowCount "radantal" Stop
        "Antalet rader stämmer inte med leverans.yaml."
        "Lämna om filen, eller rätta leverans.yaml.";
    ControlTotal "kontrolltotal" Stop
        "Kontrollsumman för en kolumn stämmer inte med leverans.yaml."
        "Lämna om filen, eller rätta leverans.yaml.";
    Tolerance "tolerans" Stop
        "Fler rader än kontraktet tillåter är felaktiga."
        "Rätta raderna nedan och lämna om leveransen.";
    Match "traff" Stop
        "Registret har rader om alltför få av deltagarna."
        "Kontrollera att uttaget gjordes på rätt personer, och att personnumren är hela.";
    AfterSummary "efter_slutrad" Stop
        "Rader följer efter slutraden."
        "Lämna ingenting efter slutraden.";
    UnknownColumn "rubrik_okand" Note
        "En kolumn finns inte i kontraktet och läses inte."
        "Ta bort kolumnen, eller anmäl den till kontraktet.";
    LineEnd "radslut" Note
        "Sista raden saknar radslut."
        "Avsluta filen med radslut.";
    Cp850 "cp850_tecken" Note
        "Tecken står i teckenkodningen cp850, i en fil i cp1252."
        "Spara hela filen i cp1252.";
    FieldCount "faltantal" Reject
        "Raden har fel antal fält."
        "Kontrollera avgränsare i textfält.";
    LineWidth "radbredd" Reject
        "Raden har fel bredd."
        "Fyll ut raden till kontraktets bredd.";
    Identity "identitet" Reject
        "Inte ett personnummer, samordningsnummer eller organisationsnummer."
        "Lämna tolv siffror, eller tio med - eller +.";
    Embedded "nummer_i_text" Reject
        "Ett personnummer eller samordningsnummer står i en kolumn som inte är till för det."
        "Ta bort numret ur uppgiften; det skulle annars sparas som det står.";
    Missing "saknas" Reject
        "En uppgift som kontraktet kräver saknas."
        "Fyll i uppgiften.";
    Type "typ" Reject
        "Uppgiften har inte kontraktets typ (datum eller tal)."
        "Kontrollera datumformat och decimaltecken.";
    Code "kod" Reject
        "Koden finns inte i kontraktets kodlista."
        "Använd kodlistans koder.";
    CodeDate "kod_datum" Reject
        "Koden gällde inte den dag som raden avser."
        "Kontrollera kod och datum mot tiden då koden gällde i kontraktets kodlista.";
    Pattern "monster" Reject
        "Uppgiften följer inte kontraktets mönster."
        "Kontrollera uppgiftens form.";
    Length "langd" Reject
        "Uppgiften är kortare eller längre än kontraktet tillåter."
        "Kontrollera uppgiftens längd.";
    Bounds "granser" Reject
        "Talet ligger utanför kontraktets gränser."
        "Kontrollera talet.";
    OutsidePeriod "utanfor_period" Reject
        "Raden hör inte till den period som leverans.yaml anger."
        "Rätta perioden i leverans.yaml, eller lämna raden i leveransen för sin period.";
    Order "ordning" Reject
        "Slutdatum ligger före startdatum."
        "Rätta datumen.";
    LegalBasis "rattslig_grund" Reject
        "Raden ligger utanför den tid då uppgiften får behandlas."
        "Lämna inte rader utanför tiden.";
    Duplicate "dubblett" Reject
        "Raden har samma nyckel som en tidigare rad som inte avvisats."
        "Lämna varje nyckel en gång.";
    Older "aldre" Note
        "En nyare leverans har redan tagits emot; denna träder inte i kraft."
        "Ingen åtgärd behövs.";
    NeverDelivered "leverans_saknas" Note
        "Ingen leverans har lämnats, fast kontraktet väntar en."
        "Lämna leveransen, eller anmäl att den inte kommer.";
    Late "forsenad" Note
        "Leveransen för den senaste perioden som skulle ha kommit saknas."
        "Lämna leveransen, eller anmäl när den kommer.";
    Stale "inaktuell" Note
        "Den senast mottagna leveransen är flera perioder gammal."
        "Lämna leveranserna för perioderna som saknas.";
}

/// How many row numbers are kept of one rule in one column of one file; all are counted.
pub const ROWS_KEPT: usize = 1000;

/// How many different hints of one cause a supplier is told.
pub const HINTS_TOLD: usize = 20;

/// One cause: the same rule in the same column of the same file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub rule: Rule,
    pub file: String,
    /// The declared name; where the file has another, `None` or the position.
    pub column: Option<String>,
}

/// How often, how bad and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    pub severity: Severity,
    pub faults: u64,
    /// Lines in the delivered file, from 1, header included; the first [`ROWS_KEPT`].
    pub rows: Vec<u64>,
    /// What was expected, from the contract; never what was found.
    pub expected: String,
    /// What may help the supplier, in Swedish, with the number of the fault (from 0) that it is about: the declared
    /// code that is near, the position of a header. Of the first [`ROWS_KEPT`] faults, as the rows, and so the same
    /// however many rows were read together. Stands in the felrapport alone: a near code is nearly a value, and log
    /// and terminal get none.
    pub hinted: Vec<(u64, String)>,
}

impl Count {
    /// The different hints in the order in which they came up, and how often.
    pub fn hints(&self) -> Vec<(String, u64)> {
        let mut hints: Vec<(String, u64)> = Vec::new();
        for (_, hint) in &self.hinted {
            match hints.iter_mut().find(|(known, _)| known == hint) {
                Some((_, times)) => *times += 1,
                None => hints.push((hint.clone(), 1)),
            }
        }
        hints
    }
}

/// The faults of one delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultLog {
    counts: BTreeMap<Place, Count>,
}

impl FaultLog {
    /// Notes a fault of the rule's own severity.
    pub fn add(&mut self, rule: Rule, file: &str, column: Option<&str>, row: Option<u64>, expected: &str) {
        self.add_as(rule.severity(), rule, file, column, row, expected);
    }

    /// Notes a fault whose severity the contract decides.
    pub fn add_as(
        &mut self,
        severity: Severity,
        rule: Rule,
        file: &str,
        column: Option<&str>,
        row: Option<u64>,
        expected: &str,
    ) {
        let place = Place { rule, file: file.to_owned(), column: column.map(str::to_owned) };
        let count = self.counts.entry(place).or_insert_with(|| Count {
            severity,
            faults: 0,
            rows: Vec::new(),
            expected: expected.to_owned(),
            hinted: Vec::new(),
        });
        count.faults += 1;
        if let Some(row) = row
            && count.rows.len() < ROWS_KEPT
        {
            count.rows.push(row);
        }
    }

    /// Notes many faults of one cause in a file, of which no row is known.
    pub fn add_counted(&mut self, rule: Rule, file: &str, faults: u64, expected: &str) {
        let place = Place { rule, file: file.to_owned(), column: None };
        let (severity, expected) = (rule.severity(), expected.to_owned());
        let count = Count { severity, faults: 0, rows: Vec::new(), expected, hinted: Vec::new() };
        self.counts.entry(place).or_insert(count).faults += faults;
    }

    /// Notes many faults of one cause, of which some rows are known.
    pub fn add_all(
        &mut self,
        rule: Rule,
        file: &str,
        column: &str,
        rows: impl Iterator<Item = u64>,
        faults: u64,
        expected: &str,
    ) {
        let place = Place { rule, file: file.to_owned(), column: Some(column.to_owned()) };
        let count = self.counts.entry(place).or_insert_with(|| Count {
            severity: rule.severity(),
            faults: 0,
            rows: Vec::new(),
            expected: expected.to_owned(),
            hinted: Vec::new(),
        });
        count.faults += faults;
        count.rows.extend(rows.take(ROWS_KEPT - count.rows.len()));
    }

    /// Whether what may help with the last fault of a cause is kept; of no later one is it.
    pub fn keeps_hint(&self, rule: Rule, file: &str, column: Option<&str>) -> bool {
        let place = Place { rule, file: file.to_owned(), column: column.map(str::to_owned) };
        self.counts.get(&place).is_some_and(|count| (1..=ROWS_KEPT as u64).contains(&count.faults))
    }

    /// Adds what may help the supplier with the last fault of a cause that is there already.
    pub fn hint(&mut self, rule: Rule, file: &str, column: Option<&str>, hint: String) {
        let place = Place { rule, file: file.to_owned(), column: column.map(str::to_owned) };
        let Some(count) = self.counts.get_mut(&place) else { return };
        if (1..=ROWS_KEPT as u64).contains(&count.faults) {
            count.hinted.push((count.faults - 1, hint));
        }
    }

    /// Adds the faults of what was read next.
    pub fn add_log(&mut self, next: FaultLog) {
        for (place, count) in next.counts {
            match self.counts.entry(place) {
                Entry::Vacant(entry) => {
                    entry.insert(count);
                }
                Entry::Occupied(mut entry) => {
                    let held = entry.get_mut();
                    let before = held.faults;
                    let hinted = count.hinted.into_iter().map(|(nr, hint)| (before + nr, hint));
                    held.hinted.extend(hinted.take_while(|(nr, _)| *nr < ROWS_KEPT as u64));
                    held.faults += count.faults;
                    held.rows.extend(count.rows.into_iter().take(ROWS_KEPT - held.rows.len()));
                }
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Place, &Count)> {
        self.counts.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The first cause that stops the delivery.
    pub fn stop(&self) -> Option<&Place> {
        self.counts.iter().find(|(_, count)| count.severity == Severity::Stop).map(|(place, _)| place)
    }

    /// Faults of a severity.
    pub fn total(&self, severity: Severity) -> u64 {
        self.counts.values().filter(|count| count.severity == severity).map(|count| count.faults).sum()
    }
}

/// One line per cause, as its receipt has it.
impl std::fmt::Display for FaultLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Receipt::lines(self).iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
