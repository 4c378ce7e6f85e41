//! What is printed.

use crate::{
    exact::Column,
    measure::{Reading, Table},
    options::Options,
    peers::Peer,
};

#[path = "../report/host_facts.rs"]
mod host_facts;

/// Beside the peers.
const EXECUTORS: [&str; 2] = ["async-executor", "tokio"];

pub fn host(peers: &[Peer], options: &Options) {
    println!("# klaw's actors beside those of other crates\n");
    for (what, is) in host_facts::facts() {
        println!("- {what}: {is}");
    }
    println!("- samples: {} rounds of {} ms", options.rounds, options.millis);
    let mut packages: Vec<&str> = peers.iter().filter_map(|peer| peer.package).collect();
    packages.extend(EXECUTORS);
    packages.sort_unstable();
    packages.dedup();
    let versions: Vec<String> =
        packages.iter().map(|name| format!("{name} {}", host_facts::version(name))).collect();
    println!("- versions: {}", versions.join(", "));
    println!(
        "\nMedians with half the distance of the quartiles; one thread by its processor time, with"
    );
    println!(
        "the driver as the root future of `block_on` (root) and as a task beside the actors (task);"
    );
    println!(
        "two by the wall clock, where `c` is how many cores were busy. Ratios are to the task"
    );
    println!("by hand on tokio. ~: two threads never had two cores, so all rounds count.");
}

pub fn times(table: &Table, peers: &[Peer]) {
    println!("\n### {}\n", table.scenario.title());
    println!(
        "| | root | ratio | task | ratio | two threads | cores | ratio |\n|---|--:|--:|--:|--:|--:|--:|--:|"
    );
    for (at, peer) in peers.iter().enumerate() {
        let [root, one, two] = [0, 1, 2].map(|threads| &table.readings[threads][at]);
        let cores = two.map_or_else(|| "-".into(), |reading| format!("{:.1}c", reading.cores));
        let [root, one, two] = [root, one, two].map(|reading| (time(*reading), ratio(*reading)));
        let name = if peer.is_ours { format!("**{}**", peer.name) } else { peer.name.into() };
        print!("| {name} | {} | {} | {} | {} ", root.0, root.1, one.0, one.1);
        println!("| {} | {cores} | {} |", two.0, two.1);
    }
    let parallel = || table.readings[2].iter().flatten();
    let kept: usize = parallel().map(|reading| reading.kept).sum();
    let rounds: usize = parallel().map(|reading| reading.rounds).sum();
    println!("\nTwo threads had two cores in {kept} of {rounds} rounds; others do not count.");
}

pub fn figures(columns: &[Column], peers: &[Peer]) {
    println!("\n### Memory, one thread\n");
    let names: Vec<String> = columns.iter().map(|column| column.figure.name()).collect();
    println!("| | {} |\n|---{}|", names.join(" | "), "|--:".repeat(names.len()));
    for (at, peer) in peers.iter().enumerate() {
        let value = |column: &Column| column.values[at].map_or_else(|| "-".into(), number);
        let values: Vec<String> = columns.iter().map(value).collect();
        println!("| {} | {} |", peer.name, values.join(" | "));
    }
}

fn time(reading: Option<Reading>) -> String {
    reading.map_or_else(
        || "-".into(),
        |reading| {
            let mark = if reading.kept == 0 { "~" } else { "" };
            format!("{mark}{} ±{:.0}%", number(reading.nanos.median), reading.nanos.spread())
        },
    )
}

fn ratio(reading: Option<Reading>) -> String {
    let ratio = reading.and_then(|reading| reading.ratio);
    ratio.map_or_else(|| "-".into(), |ratio| format!("{ratio:.2}"))
}

/// Three digits or so.
pub fn number(value: f64) -> String {
    let digits = match value {
        _ if value.fract() == 0.0 => 0,
        v if v < 1.0 => 3,
        v if v < 10.0 => 2,
        v if v < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}
