//! klaw's actors beside those of other crates, interleaved in one process.
//!
//! ```sh
//! cargo run --release --manifest-path tests/benches/compare/Cargo.toml --bin actors -- --quick
//! ```
//!
//! It prints markdown: a table for each scenario, one of exact figures, and klaw's targets;
//! `--help` names the options. Everybody does the same, by [`Library`](library::Library): what a
//! scenario does is written once. One-thread figures are the thread's processor time. Two-thread
//! figures are the wall clock, and count only where two spinning threads had two cores.
//!
//! Ratios are to a task with a channel as one writes it by hand on tokio, in the same round.

#[path = "../clock.rs"]
mod clock;
mod exact;
mod gates;
mod library;
mod measure;
#[allow(dead_code, reason = "the channels' program counts in ways of its own")]
#[path = "../memory.rs"]
mod memory;
mod options;
mod peers;
mod report;
mod run;
mod scenario;
mod stage;
mod target;
#[path = "../measure/watchdog.rs"]
mod watchdog;

use options::{HELP, Options};
use std::process::ExitCode;

#[global_allocator]
static MEMORY: memory::Counting = memory::Counting;

fn main() -> ExitCode {
    let options = match Options::parse() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    if options.help {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let mut peers = peers::all();
    if options.list {
        peers.iter().for_each(|peer| println!("{}", peer.name));
        scenario::ALL.iter().for_each(|scenario| println!("{}", scenario.name()));
        return ExitCode::SUCCESS;
    }
    if let Some(name) = options.unknown(&peers) {
        eprintln!("no implementation `{name}`; --list has the names");
        return ExitCode::from(2);
    }
    peers.retain(|peer| peer.is_base || options.wants_peer(peer.name));
    if options.unpinned {
        run::pin::never();
    }
    if options.one_worker {
        stage::with_one_worker();
    }
    watchdog::start();
    report::host(&peers, &options);
    let tables: Vec<_> = scenario::ALL
        .into_iter()
        .filter(|scenario| options.wants(scenario.name()))
        .map(|scenario| {
            let table = measure::scenario(scenario, &peers, &options);
            report::times(&table, &peers);
            table
        })
        .collect();
    let figures = options.wants("exact").then(|| exact::all(&peers, &options));
    if let Some(figures) = &figures {
        report::figures(figures, &peers);
    }
    target::print(&tables, figures.as_deref(), &peers);
    ExitCode::SUCCESS
}
