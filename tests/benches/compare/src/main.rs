//! klaw's channels beside those of other crates, interleaved in one process.
//!
//! ```sh
//! cargo run --release --manifest-path tests/benches/compare/Cargo.toml -- --quick
//! cargo run --release --manifest-path tests/benches/compare/Cargo.toml -- --only mpsc/local --impl klaw --impl flume
//! ```
//!
//! It prints tables in markdown and a summary; `--help` names the options, `--list` the cells.
//! One-thread cells go by the thread's processor time. The others go by the wall clock and count only
//! rounds around which two spinning threads had two cores, so they want an otherwise idle machine.
//!
//! A new variant of klaw is a row in `peers/klaw.rs`.

mod broadcast;
mod cells;
mod clock;
mod gate;
mod measure;
mod memory;
mod message;
mod oneshot;
mod options;
mod peers;
mod queue;
mod report;
mod run;
mod watch;
mod work;

use measure::watchdog;
use options::{HELP, Options};
use report::Verdict;
use std::{io, process::ExitCode};

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
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    let mut peers = peers::all();
    let unknown = |name: &&String| !peers.iter().any(|peer| peer.name == **name);
    if let Some(name) = options.chosen.iter().chain(&options.skipped).find(unknown) {
        return Err(io::Error::other(format!("no implementation `{name}`; --list has the names")));
    }
    peers.retain(|peer| options.wants_peer(peer.name));
    let mut tables = cells::all();
    for table in &mut tables {
        table.cells.retain(|cell| options.wants_cell(&cell.name));
    }
    if options.list {
        peers.iter().for_each(|peer| println!("{}", peer.name));
        tables.iter().flat_map(|table| &table.cells).for_each(|cell| println!("{}", cell.name));
        return Ok(());
    }
    if options.unpinned {
        run::pin::never();
    }
    watchdog::start();
    report::host(&peers, options);
    let mut verdicts = vec![];
    for table in &tables {
        let measured: Vec<Verdict<'_>> = table
            .cells
            .iter()
            .map(|cell| {
                let readings = measure::cell(cell, &peers, options);
                Verdict { cell, peers: &peers, readings }
            })
            .collect();
        report::table(table, &measured);
        verdicts.extend(measured);
    }
    report::summary(&verdicts);
    options.json.as_ref().map_or(Ok(()), |path| report::json(path, &peers, &verdicts))
}
