//! Codes and their words in the database: the table `kod`, and `titlar.<table>`, a view of each table with words.

use super::text;
use crate::contract::Contract;
use crate::protect::Protected;
use crate::publish::Labels;
use std::collections::BTreeMap;

/// Every code that stands in a released table, by list.
pub struct Words(BTreeMap<(String, String), String>);

impl Words {
    pub fn of(protected: &Protected, labels: &Labels) -> Words {
        let mut words = BTreeMap::new();
        for table in protected.tables() {
            let contract = table.contract();
            let key = contract.key();
            let of_list = |list: &str| contract.columns.iter().find(|c| c.code_list.as_deref() == Some(list));
            let (status, mark) = (of_list("cellstatus"), of_list("markering"));
            for row in table.rows() {
                let key = key.iter().copied().zip(row.key().iter().map(String::as_str));
                let status = status.map(|column| (column, row.status()));
                let mark = mark.map(|column| (column, row.mark().code()));
                for (column, code) in key.chain(status).chain(mark) {
                    let Some(list) = &column.code_list else { continue };
                    let word = || labels.title(list, code).to_owned();
                    words.entry((list.clone(), code.to_owned())).or_insert_with(word);
                }
            }
        }
        Words(words)
    }

    pub fn table(&self) -> String {
        let rows =
            self.0.iter().map(|((list, code), word)| format!("({}, {}, {})", text(list), text(code), text(word)));
        let textual = "varchar not null using compression dictionary";
        format!(
            "create table kod (kodlista {textual}, kod {textual}, titel {textual}); insert into kod values {}; \
             comment on table kod is 'Benämningar på de koder som finns i utgåvans tabeller.';",
            rows.collect::<Vec<_>>().join(", ")
        )
    }
}

/// The table with words in place of codes: `kon_kod` is `kon`. Each list is joined by its own name.
pub fn view(contract: &Contract) -> String {
    let (mut columns, mut joins, mut comments) = (Vec::new(), String::new(), String::new());
    let name = &contract.name;
    for (place, column) in contract.columns.iter().enumerate() {
        let Some(list) = &column.code_list else {
            columns.push(format!("rader.{}", column.name));
            continue;
        };
        let shown = column.name.strip_suffix("_kod").unwrap_or(&column.name);
        columns.push(format!("coalesce(kod_{place}.titel, rader.{}) as {shown}", column.name));
        joins += &format!(
            " left join main.kod as kod_{place} on kod_{place}.kodlista = {} and kod_{place}.kod = rader.{}",
            text(list),
            column.name
        );
        comments += &format!("comment on column titlar.{name}.{shown} is {};", text(&column.title));
    }
    let about = format!("{} Benämningar i stället för koder.", contract.description);
    format!(
        "create view titlar.{name} as select {} from main.{name} as rader{joins}; \
         comment on view titlar.{name} is {}; {comments}",
        columns.join(", "),
        text(&about)
    )
}
