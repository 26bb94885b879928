//! Why what can be derived is not the truth.

/// In the order in which they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Orsak {
    AvvisadRad,
    AnnanSamverkansform,
    Felregistrering,
    EjKopplingsbar,
    Avliden,
    Pagar,
    EjMogen,
    Utvandrad,
    OsakerDod,
    UtanforPeriod,
    KommunEjRapporterad,
    Sjuklonperiod,
    /// The row was made after the extract.
    SenRad,
    /// Registered out with Arbetsförmedlingen later than the person left, or not at all.
    SenAvaktualisering,
    EjLankad,
    /// A bug of the generator: nothing above explains the difference.
    Oforklarad,
}

impl Orsak {
    /// Those that there is a reason for: all but [`Orsak::Oforklarad`].
    pub const NAMED: [Orsak; 15] = [
        Orsak::AvvisadRad,
        Orsak::AnnanSamverkansform,
        Orsak::Felregistrering,
        Orsak::EjKopplingsbar,
        Orsak::Avliden,
        Orsak::Pagar,
        Orsak::EjMogen,
        Orsak::Utvandrad,
        Orsak::OsakerDod,
        Orsak::UtanforPeriod,
        Orsak::KommunEjRapporterad,
        Orsak::Sjuklonperiod,
        Orsak::SenRad,
        Orsak::SenAvaktualisering,
        Orsak::EjLankad,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Orsak::AvvisadRad => "avvisad_rad",
            Orsak::AnnanSamverkansform => "annan_samverkansform",
            Orsak::Felregistrering => "felregistrering",
            Orsak::EjKopplingsbar => "ej_kopplingsbar",
            Orsak::Avliden => "avliden",
            Orsak::Pagar => "pagar",
            Orsak::EjMogen => "ej_mogen",
            Orsak::Utvandrad => "utvandrad",
            Orsak::OsakerDod => "osaker_dod",
            Orsak::UtanforPeriod => "utanfor_period",
            Orsak::KommunEjRapporterad => "kommun_ej_rapporterad",
            Orsak::Sjuklonperiod => "sjuklonperiod",
            Orsak::SenRad => "sen_rad",
            Orsak::SenAvaktualisering => "sen_avaktualisering",
            Orsak::EjLankad => "ej_lankad",
            Orsak::Oforklarad => "oforklarad",
        }
    }
}
