//! A supervised, resumable job on real input: reads every file of a tree, and can be killed.
//!
//! walker -> channel -> supervised workers -> aggregator, an actor -> journal and report
//!
//! The walker finds files and sends them in batches through a bounded channel. Workers read them
//! on the CPU pool; one that crashes is restarted, and goes on with the batch it had in hand. The
//! aggregator journals what is done. A file counts as done when no crash can take that back.

#![allow(unreachable_pub, reason = "a program has no public interface")]

mod aggregate;
mod args;
mod chaos;
mod job;
mod measure;
mod problem;
mod progress;
mod report;
mod state;
mod table;
mod walk;
mod work;

use args::Command;
use job::Failure;
use klaw_std::journal::JournalError;
use state::StateError;
use std::{io::Write, process::ExitCode};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

const FAILED: u8 = 1;
const BUSY: u8 = 2;
const USAGE: u8 = 64;
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let run = match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Run(run)) => run,
        Ok(Command::Help) => {
            println!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Err(error) => return complain(&format!("{error}\n\n{}", args::HELP), USAGE),
    };
    if let Err(error) = trace() {
        return complain(&error, USAGE);
    }
    let json = run.json;
    match job::run(run) {
        Ok(report) => {
            let text = match json {
                true => serde_json::to_string_pretty(&report).map(|text| text + "\n"),
                false => Ok(report.to_string()),
            };
            let printed = text
                .map_err(std::io::Error::other)
                .and_then(|text| std::io::stdout().write_all(text.as_bytes()));
            match printed {
                Err(error) => complain(&format!("could not print the report: {error}"), FAILED),
                Ok(()) if report.interrupted => ExitCode::from(INTERRUPTED),
                Ok(()) => ExitCode::SUCCESS,
            }
        }
        Err(failure) => {
            let busy =
                matches!(failure, Failure::State(StateError::Journal(JournalError::Busy { .. })));
            complain(&failure.to_string(), if busy { BUSY } else { FAILED })
        }
    }
}

/// Sends events to standard error, those that `RUST_LOG` asks for.
fn trace() -> Result<(), String> {
    let Ok(wanted) = std::env::var("RUST_LOG") else { return Ok(()) };
    let targets: Targets = wanted.parse().map_err(|error| format!("RUST_LOG={wanted}: {error}"))?;
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .with(targets)
        .try_init()
        .map_err(|error| error.to_string())
}

fn complain(text: &str, code: u8) -> ExitCode {
    // With standard error gone there is nobody left to tell; the code still says it.
    let _ = writeln!(std::io::stderr(), "ingest: {text}");
    ExitCode::from(code)
}
