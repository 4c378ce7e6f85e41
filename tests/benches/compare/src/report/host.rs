//! What it was measured on.

pub use super::host_facts::{facts, version};

use crate::{options::Options, peers::Peer};

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

pub fn packages(peers: &[Peer]) -> Vec<&'static str> {
    let mut packages: Vec<&str> = peers.iter().map(|peer| peer.package).chain(EXECUTORS).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}
