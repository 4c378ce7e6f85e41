//! Who is compared, and what each one has.

mod actix;
mod acto;
mod by_hand_smol;
mod by_hand_tokio;
mod coerce;
mod erlang;
mod kameo;
mod klaw;
mod ractor;
mod speare;
mod xtra;

use crate::{
    exact::{self, Figure},
    library::{Library, Restarts, RestartsAfterPanic},
    scenario::{self, Program, Scenario},
};

/// One implementation: a row of the tables.
pub struct Peer {
    pub name: &'static str,
    /// The package, as the lockfile has it, if it is one.
    pub package: Option<&'static str>,
    /// Whether the ratios are to it.
    pub is_base: bool,
    pub is_ours: bool,
    /// What is timed, if it has such.
    pub program: fn(Scenario) -> Option<Program>,
    /// What is counted, if it can be.
    pub figure: Option<fn(Figure) -> f64>,
    /// Allocations per restart after an error, if it has such.
    pub restart_figure: Option<fn() -> f64>,
}

impl Peer {
    /// What every library has.
    fn of<L: Library>(name: &'static str, package: &'static str) -> Self {
        Self {
            name,
            package: Some(package),
            is_base: false,
            is_ours: package == "klaw",
            program: |scenario| match scenario {
                Scenario::Tell => Some(scenario::tell::<L>),
                Scenario::TellFour => Some(scenario::tell_four::<L>),
                Scenario::Ask => Some(scenario::ask::<L>),
                Scenario::Spawn => Some(scenario::spawn::<L>),
                Scenario::Ring => Some(scenario::ring::<L>),
                Scenario::Restart | Scenario::Panic => None,
            },
            figure: Some(exact::figure::<L>),
            restart_figure: None,
        }
    }

    /// What is restarted after errors.
    fn restarting<L: Restarts>(name: &'static str, package: &'static str) -> Self {
        Self {
            program: |scenario| match scenario {
                Scenario::Restart => Some(scenario::restart::<L>),
                _ => (Self::of::<L>("", "").program)(scenario),
            },
            restart_figure: Some(exact::restart::<L>),
            ..Self::of::<L>(name, package)
        }
    }

    /// What is restarted after panics, too.
    fn surviving<L: RestartsAfterPanic>(name: &'static str, package: &'static str) -> Self {
        Self {
            program: |scenario| match scenario {
                Scenario::Panic => Some(scenario::panic::<L>),
                _ => (Self::restarting::<L>("", "").program)(scenario),
            },
            ..Self::restarting::<L>(name, package)
        }
    }
}

/// All rows, in the order of the tables.
pub fn all() -> Vec<Peer> {
    let mut peers = vec![];
    peers.extend(klaw::peers());
    peers.extend([by_hand_tokio::peer(), by_hand_smol::peer()]);
    peers.extend([ractor::peer(), kameo::peer()]);
    peers.extend(xtra::peers());
    peers.extend([actix::peer(), coerce::peer(), acto::peer(), speare::peer()]);
    peers.extend(erlang::peers());
    peers
}
