//! klaw's journal beside other ways to make a step durable, interleaved in one process.
//!
//! ```sh
//! cargo run --release --manifest-path tests/benches/compare/Cargo.toml --bin journals -- --quick
//! ```
//!
//! It prints markdown: what one durable write of 1 KiB takes, what it takes with 32 at a time and
//! with eight writers at once, and what opening a long journal costs; `--help` names the options.
//! The files lie in a directory of `--dir`, which must be on a real disk: on tmpfs a sync is free.
//!
//! Ratios are to a plain append and `fdatasync`, in the same round.

#[allow(dead_code, reason = "the other programs also read a thread's clock")]
#[path = "../clock.rs"]
mod clock;
mod measure;
mod opening;
mod options;
mod peers;
mod report;
mod writers;

use options::{HELP, Options, Scratch};
use peers::Result;
use std::process::ExitCode;

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
    let dir = match options.directory() {
        Ok(dir) => dir,
        Err(error) => {
            eprintln!("{}: {error}", options.dir.display());
            return ExitCode::FAILURE;
        }
    };
    report::host(&options);
    match measure_all(&dir, &options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all(dir: &Scratch, options: &Options) -> Result<()> {
    if options.wants("one") {
        report::steps("One durable write of 1 KiB", &measure::steps(dir, options, 1)?);
    }
    if options.wants("batch") {
        report::steps("32 writes of 1 KiB together", &measure::steps(dir, options, 32)?);
    }
    if options.wants("writers") {
        report::writers(&writers::measure(dir, options)?);
    }
    if options.wants("opening") {
        report::openings(&opening::measure(dir, options)?);
    }
    Ok(())
}
