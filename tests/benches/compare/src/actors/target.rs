//! What klaw aims at, and whether it gets there; printed, never asserted.

use crate::{
    exact::{Column, Figure},
    measure::{Reading, Table},
    peers::Peer,
    report::number,
    scenario::Scenario,
    stage::Threads,
};

/// Whose targets these are.
const OURS: &str = "klaw (smol)";

/// Whose memory counts: smol's executor itself allocates a block of its queue every 31 wakes.
const COUNTED: &str = "klaw (tokio)";

/// With the driver at the root, the most of the time by hand on tokio.
const fn most(scenario: Scenario) -> f64 {
    match scenario {
        Scenario::Tell | Scenario::TellFour => 0.35,
        Scenario::Ask => 0.5,
        Scenario::Spawn => 0.25,
        Scenario::Ring => 0.6,
        Scenario::Restart | Scenario::Panic => 0.4,
    }
}

/// On two threads, the same for all.
const MOST_ON_TWO: f64 = 1.0;

const fn most_of(figure: Figure) -> Option<f64> {
    match figure {
        Figure::Tell | Figure::Ask => Some(0.0),
        Figure::Spawn => Some(2.0),
        Figure::Idle(_) => Some(600.0),
        Figure::Restart => None,
    }
}

pub fn print(tables: &[Table], figures: Option<&[Column]>, peers: &[Peer]) {
    let Some(ours) = peers.iter().position(|peer| peer.name == OURS) else { return };
    println!("\n### Targets of {OURS}\n");
    println!("| | measured | target | |\n|---|--:|--:|---|");
    for (at, threads) in Threads::ALL.into_iter().enumerate() {
        for table in tables {
            let (name, readings) = (table.scenario.name(), &table.readings[at]);
            let Some(Reading { ratio: Some(ratio), kept, .. }) = readings[ours] else { continue };
            let most = match threads {
                Threads::Root => most(table.scenario),
                Threads::One => continue, // the targets are for the driver at the root
                Threads::Two => MOST_ON_TWO,
            };
            let what = format!("{name}, {}", threads.name());
            line(&what, &format!("{ratio:.2}"), &format!("<= {most}"), ratio <= most, kept > 0);
            if threads == Threads::Two {
                best(&what, ours, readings, peers);
            }
        }
    }
    let Some(counted) = peers.iter().position(|peer| peer.name == COUNTED) else { return };
    for Column { figure, values } in figures.unwrap_or_default() {
        let (Some(value), Some(most)) = (values[counted], most_of(*figure)) else { continue };
        let what = format!("{}, {COUNTED}", figure.name());
        line(&what, &number(value), &format!("<= {most}"), value <= most, true);
    }
}

/// Whether no peer is faster; where klaw runs on another executor, that is no peer.
fn best(what: &str, ours: usize, readings: &[Option<Reading>], peers: &[Peer]) {
    let others = peers.iter().zip(readings).filter(|(peer, _)| !peer.is_ours);
    let others = others.filter_map(|(peer, reading)| Some((peer.name, (*reading)?)));
    let best = others.min_by(|a, b| a.1.nanos.median.total_cmp(&b.1.nanos.median));
    let (Some((name, best)), Some(reading)) = (best, readings[ours]) else { return };
    let passes = reading.nanos.median <= best.nanos.median;
    let target = format!("{name}, {} ns", number(best.nanos.median));
    let measured = format!("{} ns", number(reading.nanos.median));
    line(&format!("{what}, the best"), &measured, &target, passes, reading.kept > 0);
}

fn line(what: &str, measured: &str, target: &str, passes: bool, sure: bool) {
    let verdict = match (passes, sure) {
        (_, false) => "no verdict: the cores were busy",
        (true, true) => "pass",
        (false, true) => "**short**",
    };
    println!("| {what} | {measured} | {target} | {verdict} |");
}
