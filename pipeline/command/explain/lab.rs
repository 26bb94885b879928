//! The rows of core and derived that are about one deltagande, and the queries that lay the code lists beside them.

use crate::contract::{Catalogue, CodeList, Kind};
use crate::derive::another_key;
use crate::error::{Error, Result};
use crate::job;
use crate::lake;
use crate::layer::Layer;
use crate::settings::Settings;
use crate::warehouse::Warehouse;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Column and value, in the order of the query.
pub type Row = Map<String, Value>;

/// Tables that are asked by deltagande.
const OF_DELTAGANDE: [&str; 10] = [
    "matpunkt",
    "registerfonster",
    "komponent",
    "status",
    "hierarki",
    "lage",
    "forandring",
    "sus_forsorjning",
    "sus_utfall",
    "overensstammelse",
];

/// Tables that are asked by person.
const OF_PERSON: [&str; 3] = ["personversion", "spell", "sjukfall"];

/// Until when folkbokföring knows of departures.
pub const FOLKBOKFORING: &str = "
    select max(uttags_datum) as uttags_datum from core.leverans where tabell_namn = 'folkbokforing'";

pub const MATPUNKTER: &str = "
    select matpunkt.matpunkt_kod, punkt.titel_en as matpunkt, matpunkt.mat_datum, matpunkt.fonster_till_datum,
        matpunkt.fonster_till_datum - matpunkt.mat_datum as fonster_dagar_antal, matpunkt.manad_datum,
        status.observationsstatus_kod, grad.titel_en as observationsstatus
    from asked.matpunkt as matpunkt
    inner join codes.matpunkt as punkt on matpunkt.matpunkt_kod = punkt.kod
    left join asked.status as status on matpunkt.matpunkt_kod = status.matpunkt_kod
    left join codes.observationsstatus as grad on status.observationsstatus_kod = grad.kod
    order by punkt.rang_nr";

pub const KOMPONENTER: &str = "
    select komponent.matpunkt_kod, komponent.komponent_kod, komponent.varde_kod, komponent.orsak_kod,
        orsak.titel_en as orsak, komponent.omfattning_promille, komponent.dagar_antal, komponent.kalla
    from asked.komponent as komponent
    inner join codes.komponent as kod on komponent.komponent_kod = kod.kod
    left join codes.orsak as orsak on komponent.orsak_kod = orsak.kod
    order by kod.rang_nr";

pub const KALLOR: &str = "
    with leverans as (
        select tabell_namn, uttags_datum, min(period_fran_datum) as period_fran_datum,
            max(period_till_datum) as period_till_datum, max(efterslapning_manader_antal) as efterslapning_manader_antal
        from core.leverans where omfattning_kod = 'hel' group by tabell_namn, uttags_datum
    )
    select matpunkt.matpunkt_kod, kalla.komponent_kod, kalla.tabell_namn, kalla.matning_kod,
        kalla.utbetalning_manader_antal, fonster.fran_datum, fonster.till_datum, fonster.uttags_datum,
        leverans.period_fran_datum, leverans.period_till_datum, leverans.efterslapning_manader_antal,
        fonster.i_population_kod, fonster.mogen_kod, kalla.giltig_fran_datum, kalla.giltig_till_datum,
        case
            when fonster.fran_datum < kalla.giltig_fran_datum or fonster.fran_datum > kalla.giltig_till_datum then 'N'
            when fonster.fran_datum is not null then 'J'
        end as galler_kod
    from asked.matpunkt as matpunkt
    cross join codes.komponentkalla as kalla
    left join asked.registerfonster as fonster
        on matpunkt.matpunkt_kod = fonster.matpunkt_kod
        and kalla.tabell_namn = fonster.tabell_namn
        and kalla.matning_kod = fonster.matning_kod
    left join leverans
        on fonster.tabell_namn = leverans.tabell_namn and fonster.uttags_datum = leverans.uttags_datum
    order by kalla.rang_nr";

/// Of day registers also the spells that only lie in the day's calendar month: dagar_antal counts them.
pub const SPELLS: &str = "
    with fonster as (
        select fonster.*, kalla.komponent_kod, kalla.spell_komponent_kod,
            case when fonster.matning_kod = 'dag' then dag.manad_datum else fonster.fran_datum end as visas_fran_datum,
            case when fonster.matning_kod = 'dag' then greatest(manad.nasta_manad_datum, fonster.till_datum)
                else fonster.till_datum end as visas_till_datum
        from asked.registerfonster as fonster
        inner join codes.komponentkalla as kalla
            on fonster.tabell_namn = kalla.tabell_namn and fonster.matning_kod = kalla.matning_kod
        inner join calendar.dag as dag on fonster.fran_datum = dag.datum
        inner join calendar.manad as manad on dag.manad_datum = manad.manad_datum
    ),
    spell as (
        select *, coalesce(till_datum, cast(uttags_datum + interval '1' day as date)) as raknat_till_datum
        from asked.spell
    )
    select fonster.matpunkt_kod, fonster.komponent_kod, spell.kalla, spell.spell_nr, spell.fran_datum,
        spell.till_datum, spell.omfattning_promille, spell.dagar_antal, spell.kornighet_kod, spell.uttags_datum,
        case when spell.fran_datum < fonster.till_datum and spell.raknat_till_datum > fonster.fran_datum
            then 'J' else 'N' end as i_fonstret_kod
    from fonster
    inner join spell
        on fonster.spell_komponent_kod = spell.komponent_kod
        and fonster.tabell_namn = spell.kalla
        and fonster.uttags_datum = spell.uttags_datum
        and spell.fran_datum < fonster.visas_till_datum
        and spell.raknat_till_datum > fonster.visas_fran_datum
    order by spell.fran_datum, spell.spell_nr";

pub const SJUKFALL: &str = "
    select fonster.matpunkt_kod, sjukfall.sjukfall_nr, sjukfall.fran_datum, sjukfall.till_datum,
        sjukfall.sjuklon_dagar_antal, sjukfall.fran_datum - fonster.fran_datum as dagar_fore_antal
    from asked.registerfonster as fonster
    inner join asked.sjukfall as sjukfall
        on fonster.uttags_datum = sjukfall.uttags_datum
        and fonster.fran_datum < sjukfall.fran_datum
        and sjukfall.fran_datum - fonster.fran_datum <= sjukfall.sjuklon_dagar_antal
    where fonster.tabell_namn = 'fk_sjukpenning' and fonster.matning_kod = 'dag'
    order by sjukfall.sjukfall_nr";

pub const KOMMUNER: &str = "
    select fonster.matpunkt_kod, version.kommun_kod, version.fran_datum, version.till_datum
    from asked.registerfonster as fonster
    inner join asked.personversion as version
        on version.fran_datum < fonster.till_datum
        and (version.till_datum is null or version.till_datum > fonster.fran_datum)
    where fonster.tabell_namn = 'ekonomiskt_bistand'
    order by version.fran_datum, version.version_nr";

pub const HIERARKIER: &str = "
    select hierarki.matpunkt_kod, hierarki.hierarki_kod, namn.titel_en as hierarki, namn.version_nr, namn.regel_kod,
        namn.giltig_fran_datum
    from asked.hierarki as hierarki
    inner join codes.hierarki as namn on hierarki.hierarki_kod = namn.kod
    group by hierarki.matpunkt_kod, hierarki.hierarki_kod, namn.titel_en, namn.version_nr, namn.regel_kod,
        namn.giltig_fran_datum, namn.rang_nr
    order by namn.rang_nr";

pub const GRUPPER: &str = "
    select hierarki.matpunkt_kod, hierarki.hierarki_kod, hierarki.grupp_kod, grupp.titel_en as grupp,
        hierarki.varde_kod, hierarki.avgorande_komponent_kod, steg.rang_nr as avgorande_steg_nr
    from asked.hierarki as hierarki
    left join codes.hierarkigrupp as grupp
        on hierarki.hierarki_kod = grupp.hierarki_kod and hierarki.grupp_kod = grupp.grupp_kod
    left join codes.hierarkisteg as steg
        on hierarki.hierarki_kod = steg.hierarki_kod and hierarki.avgorande_komponent_kod = steg.komponent_kod
    order by grupp.rang_nr";

pub const LAGE: &str = "
    select lage.* exclude (deltagande_id), steg.titel_en as steg, niva.titel_en as inkomstniva
    from asked.lage as lage
    left join codes.steg as steg on lage.steg_kod = steg.kod
    left join codes.inkomstniva as niva on lage.inkomstniva_kod = niva.kod";

pub const FORANDRING: &str = "select * exclude (deltagande_id) from asked.forandring";

pub const SUS: &str = "
    select sus.matpunkt_kod, sus.komponent_kod, sus.varde_kod as sus_kod, sus.omfattning_promille,
        jamforelse.register_kod, jamforelse.utfall_kod, utfall.titel_en as utfall
    from asked.sus_forsorjning as sus
    inner join codes.komponent as kod on sus.komponent_kod = kod.kod
    left join asked.overensstammelse as jamforelse
        on sus.matpunkt_kod = jamforelse.matpunkt_kod and sus.komponent_kod = jamforelse.komponent_kod
    left join codes.overensstammelse as utfall on jamforelse.utfall_kod = utfall.kod
    order by kod.rang_nr";

pub const SUS_UTFALL: &str = "select * exclude (deltagande_id) from asked.sus_utfall";

/// A locked connection in which the schema `asked` holds what is about one deltagande and its person.
pub struct Lab {
    warehouse: Warehouse,
    kinds: BTreeMap<String, Kind>,
}

impl Lab {
    /// # Errors
    /// [`Error::Asked`] where there is no such deltagande, or derived is not there or of other contracts;
    /// [`Error::Key`] where its tables were made with different keys; [`Error::Locked`] where a run is under way.
    pub fn open(root: &Path, catalogue: &Catalogue, id: &str) -> Result<Lab> {
        if !root.is_dir() {
            let source = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such data root");
            return Err(Error::Io { path: root.to_owned(), source });
        }
        job::require_stillness(root)?;
        let names = || ["deltagande"].into_iter().chain(OF_DELTAGANDE).chain(OF_PERSON);
        let settings = Settings::read(root)?;
        let folders = [Layer::Core, Layer::Derived].map(|layer| root.join(layer.name()));
        let in_force = folders[0].join("leverans").join("leverans.parquet");
        let files: Vec<(&str, PathBuf)> =
            names().map(|name| (name, folders[1].join(format!("{name}.parquet")))).collect();
        if !in_force.is_file() || files.iter().any(|(_, file)| !file.is_file()) {
            return Err(Error::Asked {
                what: format!("explain: {} is not derived", root.display()),
                hint: "`finsam run` derives it; --root or FINSAM_ROOT names the data root".into(),
            });
        }
        made_alike(catalogue, &files)?;
        let memory = format!("{}MiB", settings.memory_mib);
        let allowed = [folders[0].as_path(), folders[1].as_path()];
        let warehouse = Warehouse::open(catalogue, root, &allowed, settings.threads, &memory)?;
        // Rows of one person need no room on disk, and who reads the lab may not be one who writes below the root.
        warehouse.execute("set max_temp_directory_size = '0KB'")?;
        warehouse.bind(Layer::Core, "leverans", &[in_force])?;
        let mut kinds = BTreeMap::new();
        for (name, file) in files {
            warehouse.bind(Layer::Derived, name, &[file])?;
            let contract = catalogue.contract(Layer::Derived, name)?;
            kinds.extend(contract.columns.iter().map(|column| (column.name.clone(), column.kind)));
        }
        warehouse.lock()?;
        let lab = Lab { warehouse, kinds };
        lab.narrow(id)?;
        Ok(lab)
    }

    /// Copies what is about the deltagande into `asked`, so that no query but these reads the large tables.
    fn narrow(&self, id: &str) -> Result<()> {
        let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let keep = |name: &str, condition: &str| {
            self.warehouse
                .execute(&format!("create table asked.{name} as select * from derived.{name} where {condition}"))
        };
        self.warehouse.execute("create schema asked")?;
        let ours = format!("deltagande_id = {}", literal(id));
        keep("deltagande", &ours)?;
        let found = self.rows("select person_id from asked.deltagande")?;
        let Some(deltagande) = found.first() else {
            // The id that was asked is not told: it may be a number that should not have been typed.
            return Err(Error::Asked {
                what: "explain: no deltagande of the data root has that id".into(),
                hint: "name it as derived.deltagande has it (of the first SUS: sus1-…), never by an identity number"
                    .into(),
            });
        };
        let person = match text(deltagande, "person_id") {
            none if none.is_empty() => "false".to_owned(),
            person => format!("person_id = cast({} as uuid)", literal(&person)),
        };
        OF_DELTAGANDE.iter().try_for_each(|name| keep(name, &ours))?;
        OF_PERSON.iter().try_for_each(|name| keep(name, &person))
    }

    pub fn rows(&self, sql: &str) -> Result<Vec<Row>> {
        let (names, rows) = self.warehouse.query(sql)?;
        let row = |cells: Vec<Option<String>>| {
            names.iter().zip(cells).map(|(name, cell)| (name.clone(), self.value(name, cell))).collect()
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// The first row; an empty one where there is none.
    pub fn one(&self, sql: &str) -> Result<Row> {
        Ok(self.rows(sql)?.into_iter().next().unwrap_or_default())
    }

    /// A cell as its contract has it, or where none does, as its suffix tells.
    fn value(&self, name: &str, cell: Option<String>) -> Value {
        let kind = self.kinds.get(name).copied().unwrap_or_else(|| CodeList::kind(name));
        match (cell, kind) {
            (None, _) => Value::Null,
            (Some(cell), Kind::Integer | Kind::Long) => cell.parse::<i64>().map_or(Value::from(cell), Value::from),
            (Some(cell), _) => cell.into(),
        }
    }
}

/// A cell as text; empty where there is none.
pub fn text(row: &Row, column: &str) -> String {
    match row.get(column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Tables of one key, by the contracts that the program knows: others join to nothing or to the wrong thing.
fn made_alike(catalogue: &Catalogue, files: &[(&str, PathBuf)]) -> Result<()> {
    let mut keys = Vec::new();
    for (name, file) in files {
        let metadata = lake::metadata(file)?;
        let of = |key: &str| metadata.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
        let contract = catalogue.contract(Layer::Derived, name)?;
        if of("finsam.contract").as_deref() != Some(contract.version.as_str()) {
            return Err(Error::Asked {
                what: format!(
                    "explain: {} was not made by version {} of its contract",
                    file.display(),
                    contract.version
                ),
                hint: "`finsam run` derives it anew; --rules names the contracts that it was made by".into(),
            });
        }
        keys.push(of("finsam.key_check"));
        if keys.first() != keys.last() {
            return Err(another_key(file));
        }
    }
    Ok(())
}
