//! What is asked of a life: at which mätpunkt, about which komponent, and in which days of which register.
//!
//! Written a second time beside `data-contracts/codes`, on purpose: the truth must not read the rules that it tries.

use super::deltagande::Deltagande;
use super::observation::{AF_FROM, AGI_FROM, BISTAND_TILL, REGISTERS_FROM, SICKNESS_COMPENSATION_FROM, UTTAG};
use super::tid::{add_months, shift};
use crate::contract::Catalogue;
use crate::error::Result;
use crate::layer::Layer;
use chrono::{Datelike, NaiveDate, Weekday};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matpunkt {
    Intag,
    Avslut,
    SexManader,
    TolvManader,
    TjugofyraManader,
    TrettiosexManader,
}

impl Matpunkt {
    pub const ALL: [Matpunkt; 6] = [
        Matpunkt::Intag,
        Matpunkt::Avslut,
        Matpunkt::SexManader,
        Matpunkt::TolvManader,
        Matpunkt::TjugofyraManader,
        Matpunkt::TrettiosexManader,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Matpunkt::Intag => "intag",
            Matpunkt::Avslut => "avslut",
            Matpunkt::SexManader => "sex_manader",
            Matpunkt::TolvManader => "tolv_manader",
            Matpunkt::TjugofyraManader => "tjugofyra_manader",
            Matpunkt::TrettiosexManader => "trettiosex_manader",
        }
    }

    /// The day that is asked about; none without slutdatum.
    pub fn day(self, deltagande: &Deltagande) -> Option<NaiveDate> {
        let later = |months: u32| deltagande.slut.map(|slut| add_months(slut, months));
        match self {
            Matpunkt::Intag => Some(shift(deltagande.start, -1)),
            Matpunkt::Avslut => deltagande.slut.map(|slut| shift(slut, 1)),
            Matpunkt::SexManader => later(6),
            Matpunkt::TolvManader => later(12),
            Matpunkt::TjugofyraManader => later(24),
            Matpunkt::TrettiosexManader => later(36),
        }
    }

    /// The first day of the month that registers by month are asked about: that of the day, at intag the month
    /// before the start's.
    fn month(self, deltagande: &Deltagande, when: NaiveDate) -> NaiveDate {
        match self {
            Matpunkt::Intag => first_of(shift(first_of(deltagande.start), -1)),
            _ => first_of(when),
        }
    }
}

/// The komponenter of `codes/komponent`, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Komponent {
    Sjukpenning,
    Rehabiliteringspenning,
    Sjukersattning,
    Aktivitetsersattning,
    AKassa,
    Aktivitetsstod,
    Utvecklingsersattning,
    Etableringsersattning,
    EkonomisktBistand,
    Studiemedel,
    Arbete,
    ArbeteNastaManad,
    SubventioneratArbete,
    Nystartsjobb,
    Inskriven,
}

impl Komponent {
    pub const ALL: [Komponent; 15] = [
        Komponent::Sjukpenning,
        Komponent::Rehabiliteringspenning,
        Komponent::Sjukersattning,
        Komponent::Aktivitetsersattning,
        Komponent::AKassa,
        Komponent::Aktivitetsstod,
        Komponent::Utvecklingsersattning,
        Komponent::Etableringsersattning,
        Komponent::EkonomisktBistand,
        Komponent::Studiemedel,
        Komponent::Arbete,
        Komponent::ArbeteNastaManad,
        Komponent::SubventioneratArbete,
        Komponent::Nystartsjobb,
        Komponent::Inskriven,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Komponent::Sjukpenning => "sjukpenning",
            Komponent::Rehabiliteringspenning => "rehabiliteringspenning",
            Komponent::Sjukersattning => "sjukersattning",
            Komponent::Aktivitetsersattning => "aktivitetsersattning",
            Komponent::AKassa => "a_kassa",
            Komponent::Aktivitetsstod => "aktivitetsstod",
            Komponent::Utvecklingsersattning => "utvecklingsersattning",
            Komponent::Etableringsersattning => "etableringsersattning",
            Komponent::EkonomisktBistand => "ekonomiskt_bistand",
            Komponent::Studiemedel => "studiemedel",
            Komponent::Arbete => "arbete",
            Komponent::ArbeteNastaManad => "arbete_nasta_manad",
            Komponent::SubventioneratArbete => "subventionerat_arbete",
            Komponent::Nystartsjobb => "nystartsjobb",
            Komponent::Inskriven => "inskriven",
        }
    }

    pub const fn register(self) -> Register {
        match self {
            Komponent::Sjukpenning | Komponent::Rehabiliteringspenning => Register::Sjukpenning,
            Komponent::Sjukersattning | Komponent::Aktivitetsersattning => Register::Sjukersattning,
            Komponent::AKassa => Register::AkassaVecka,
            Komponent::Aktivitetsstod | Komponent::Utvecklingsersattning | Komponent::Etableringsersattning => {
                Register::Aktivitetsstod
            }
            Komponent::EkonomisktBistand => Register::Bistand,
            Komponent::Studiemedel => Register::Studiemedel,
            Komponent::Arbete | Komponent::ArbeteNastaManad => Register::Agi,
            Komponent::SubventioneratArbete | Komponent::Nystartsjobb | Komponent::Inskriven => {
                Register::Sokandekategori
            }
        }
    }

    /// What someone can live on. The others say more about the same, and make no mätpunkt observable by themselves.
    pub const fn is_lived_on(self) -> bool {
        !matches!(
            self,
            Komponent::ArbeteNastaManad
                | Komponent::SubventioneratArbete
                | Komponent::Nystartsjobb
                | Komponent::Inskriven
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    Sjukpenning,
    Sjukersattning,
    AkassaVecka,
    Aktivitetsstod,
    Bistand,
    Studiemedel,
    Agi,
    Sokandekategori,
}

impl Register {
    const ALL: [Register; 8] = [
        Register::Sjukpenning,
        Register::Sjukersattning,
        Register::AkassaVecka,
        Register::Aktivitetsstod,
        Register::Bistand,
        Register::Studiemedel,
        Register::Agi,
        Register::Sokandekategori,
    ];

    const fn contract(self) -> &'static str {
        match self {
            Register::Sjukpenning => "fk_sjukpenning",
            Register::Sjukersattning => "fk_sjukersattning",
            Register::AkassaVecka => "akassa_vecka",
            Register::Aktivitetsstod => "fk_aktivitetsstod",
            Register::Bistand => "ekonomiskt_bistand",
            Register::Studiemedel => "csn_studiemedel",
            Register::Agi => "agi",
            Register::Sokandekategori => "af_sokandekategori",
        }
    }

    /// First and last day that its deliveries are about.
    pub const fn period(self) -> (NaiveDate, NaiveDate) {
        match self {
            Register::Sjukersattning => (SICKNESS_COMPENSATION_FROM, UTTAG),
            Register::Bistand => (REGISTERS_FROM, BISTAND_TILL),
            Register::Agi => (AGI_FROM, UTTAG),
            Register::Sokandekategori => (AF_FROM, UTTAG),
            _ => (REGISTERS_FROM, UTTAG),
        }
    }
}

/// Months until each register has settled: `efterslapning` of the delivery contracts.
#[derive(Clone, Copy)]
pub struct Efterslapning([u32; Register::ALL.len()]);

impl Efterslapning {
    /// # Errors
    /// [`crate::error::Error::Contract`] where a register has no contract, or no efterslapning in months.
    pub fn read(catalogue: &Catalogue) -> Result<Efterslapning> {
        let mut lags = [0; Register::ALL.len()];
        for register in Register::ALL {
            let contract = catalogue.contract(Layer::Deliveries, register.contract())?;
            let months = contract.custom.get("efterslapning").and_then(|lag| lag.get("manader"));
            let months = months.and_then(|months| months.as_u64()).and_then(|months| u32::try_from(months).ok());
            lags[register as usize] = months.ok_or_else(|| contract.fault("there is no efterslapning in months"))?;
        }
        Ok(Efterslapning(lags))
    }

    pub const fn of(self, register: Register) -> u32 {
        self.0[register as usize]
    }
}

/// One question: of a komponent on a day, and in the month that registers by month are asked about.
#[derive(Clone, Copy)]
pub struct Fraga {
    pub komponent: Komponent,
    pub when: NaiveDate,
    /// First day of the month.
    pub month: NaiveDate,
}

impl Fraga {
    /// What a mätpunkt asks; nothing where there is no such day.
    pub fn new(matpunkt: Matpunkt, deltagande: &Deltagande, komponent: Komponent) -> Option<Fraga> {
        let when = matpunkt.day(deltagande)?;
        Some(Fraga { komponent, when, month: matpunkt.month(deltagande, when) })
    }

    /// The Monday of the week asked about.
    pub fn monday(&self) -> NaiveDate {
        self.when.week(Weekday::Mon).first_day()
    }

    /// First and last day of the rows that answer. Pay in a programme is paid the month after, and rows go by
    /// the payment.
    pub fn window(&self) -> (NaiveDate, NaiveDate) {
        let month = |first: NaiveDate| (first, shift(add_months(first, 1), -1));
        match self.komponent.register() {
            Register::AkassaVecka => (self.monday(), shift(self.monday(), 6)),
            Register::Bistand => month(self.month),
            Register::Agi | Register::Aktivitetsstod => month(add_months(self.month, self.months_later())),
            _ => (self.when, self.when),
        }
    }

    /// Months between what is asked about and the rows that answer; the register settles so much later.
    pub const fn months_later(&self) -> u32 {
        match self.komponent {
            Komponent::ArbeteNastaManad
            | Komponent::Aktivitetsstod
            | Komponent::Utvecklingsersattning
            | Komponent::Etableringsersattning => 1,
            _ => 0,
        }
    }
}

/// The first day of a day's month.
pub fn first_of(when: NaiveDate) -> NaiveDate {
    when.with_day(1).unwrap_or(when)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::deltagande::{Radslag, Utfall};
    use crate::generate::tid::day;

    fn from_to(start: NaiveDate, slut: Option<NaiveDate>) -> Deltagande {
        let (utfall, slag) = (Utfall::Ovrigt, Radslag::Ordinarie);
        Deltagande { insats: 0, start, slut, atertaget: None, utfall, slag, avled: false }
    }

    #[test]
    fn a_matpunkt_is_a_day_and_a_month() {
        let own = from_to(day(2021, 3, 1), Some(day(2021, 8, 31)));
        let asked = |matpunkt| Fraga::new(matpunkt, &own, Komponent::Sjukpenning).map(|f| (f.when, f.month));
        assert_eq!(asked(Matpunkt::Intag), Some((day(2021, 2, 28), day(2021, 2, 1))));
        assert_eq!(asked(Matpunkt::Avslut), Some((day(2021, 9, 1), day(2021, 9, 1))));
        assert_eq!(asked(Matpunkt::SexManader), Some((day(2022, 2, 28), day(2022, 2, 1))));
        assert_eq!(asked(Matpunkt::TrettiosexManader), Some((day(2024, 8, 31), day(2024, 8, 1))));
        let in_the_month = from_to(day(2021, 3, 17), None);
        let asked = |matpunkt| Fraga::new(matpunkt, &in_the_month, Komponent::Arbete).map(|f| (f.when, f.month));
        assert_eq!(asked(Matpunkt::Intag), Some((day(2021, 3, 16), day(2021, 2, 1))));
        assert_eq!(asked(Matpunkt::TolvManader), None);
    }

    #[test]
    fn each_register_is_asked_by_its_own_measure() {
        let own = from_to(day(2020, 1, 2), Some(day(2020, 12, 30)));
        let window = |komponent| Fraga::new(Matpunkt::Avslut, &own, komponent).expect("it ended").window();
        let last = day(2020, 12, 31);
        assert_eq!(window(Komponent::Studiemedel), (last, last));
        assert_eq!(window(Komponent::AKassa), (day(2020, 12, 28), day(2021, 1, 3)));
        assert_eq!(window(Komponent::EkonomisktBistand), (day(2020, 12, 1), last));
        assert_eq!(window(Komponent::Arbete), (day(2020, 12, 1), last));
        let next = (day(2021, 1, 1), day(2021, 1, 31));
        assert_eq!([window(Komponent::ArbeteNastaManad), window(Komponent::Aktivitetsstod)], [next, next]);
    }
}
