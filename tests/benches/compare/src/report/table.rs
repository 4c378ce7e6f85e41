//! A markdown table: implementations down, cases across.

use super::Verdict;
use crate::{
    cells::{Measure, Table, Threads},
    measure::Reading,
};

pub fn print(table: &Table, verdicts: &[Verdict<'_>]) {
    let Some(first) = verdicts.first() else { return };
    println!("\n### {}\n", table.title);
    println!("{}\n", table.unit);
    let columns: Vec<&str> = verdicts.iter().map(|v| v.cell.column.as_str()).collect();
    println!("| | {} |", columns.join(" | "));
    println!("|---{}|", "|--:".repeat(columns.len()));
    for (at, peer) in first.peers.iter().enumerate() {
        if verdicts.iter().all(|verdict| verdict.readings[at].is_none()) {
            println!("| {} |{}", peer.name, " - |".repeat(columns.len()));
            continue;
        }
        let entries: Vec<String> = verdicts.iter().map(|verdict| entry(verdict, at)).collect();
        println!("| {} | {} |", peer.name, entries.join(" | "));
    }
    if verdicts.iter().any(|verdict| verdict.cell.threads != Threads::One) {
        kept(verdicts);
    }
}

fn entry(verdict: &Verdict<'_>, at: usize) -> String {
    let (peer, Some(reading)) = (&verdict.peers[at], &verdict.readings[at]) else {
        return "-".into();
    };
    let median = reading.stats.median;
    if reading.hangs() {
        return "HANG".into();
    }
    if let Measure::Count(_) = verdict.cell.measure {
        return number(median);
    }
    let mark = if reading.kept == 0 { "~" } else { "" };
    let mut text = format!("{mark}{} ±{:.0}%", number(median), reading.stats.spread());
    if verdict.cell.threads != Threads::One {
        text += &format!(" {:.1}c", reading.cores);
    }
    if let Some(ratio) = verdict.ratios().iter().find(|ratio| ratio.ours == peer.name) {
        return format!("{text} ({:.2})", ratio.ratio);
    }
    let best = verdict.best(peer.one_thread).is_some_and(|(best, _)| best == peer.name);
    if best { format!("**{text}**") } else { text }
}

/// Three digits or so.
fn number(value: f64) -> String {
    let digits = match value {
        _ if value.fract() == 0.0 => 0,
        v if v < 1.0 => 3,
        v if v < 10.0 => 2,
        v if v < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}

/// Says in how many rounds the cores were there.
fn kept(verdicts: &[Verdict<'_>]) {
    let parallel = verdicts.iter().filter(|verdict| verdict.cell.threads != Threads::One);
    let readings: Vec<&Reading> = parallel.flat_map(|v| v.readings.iter().flatten()).collect();
    let kept: usize = readings.iter().map(|reading| reading.kept).sum();
    let rounds: usize = readings.iter().map(|reading| reading.rounds).sum();
    let least = readings.iter().map(|reading| reading.kept).min().unwrap_or(0);
    println!(
        "\nTwo threads had two cores in {kept} of {rounds} rounds, at least {least} for each \
         value; others do not count. ~: in none, so all count. c: cores that were busy."
    );
}
