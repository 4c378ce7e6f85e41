//! What it was measured on.

use crate::{options::Options, peers::Peer};
use std::{fs, thread};

const LOCK: &str = include_str!("../../Cargo.lock");

/// Beside the peers.
const EXECUTORS: [&str; 2] = ["async-executor", "tokio"];

pub fn print(peers: &[Peer], options: &Options) {
    println!("# klaw's channels beside those of other crates\n");
    for (what, is) in facts() {
        println!("- {what}: {is}");
    }
    println!("- samples: {} rounds of {} ms", options.rounds, options.millis);
    let versions: Vec<String> = packages(peers)
        .into_iter()
        .map(|package| format!("{package} {}", version(package)))
        .collect();
    println!("- versions: {}", versions.join(", "));
    println!(
        "\nBold: the best peer. In brackets: the best peer's time by klaw's, above 1 if klaw is"
    );
    println!("faster. What loses messages or wakes is no best at capacity 1. `-`: it has no such.");
}

pub fn facts() -> [(&'static str, String); 3] {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, model)| model);
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    [
        ("machine", format!("{cores} x {model}")),
        ("kernel", format!("{} {}", std::env::consts::OS, kernel.trim())),
        ("compiler", env!("RUSTC_VERSION").into()),
    ]
}

pub fn packages(peers: &[Peer]) -> Vec<&'static str> {
    let mut packages: Vec<&str> = peers.iter().map(|peer| peer.package).chain(EXECUTORS).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// As the lockfile has it that this was built with.
pub fn version(package: &str) -> &'static str {
    let wanted = format!("name = \"{package}\"");
    let mut lines = LOCK.lines().skip_while(|line| *line != wanted);
    let version = lines.nth(1).and_then(|line| line.split('"').nth(1));
    version.unwrap_or("unknown")
}
