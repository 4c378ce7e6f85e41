//! A supervised, resumable job on real input: reads every file of a tree, and can be killed.
//!
//! walker -> channel -> supervised workers -> aggregator, an actor -> journal and report
//!
//! The walker finds files and sends them in batches through a bounded channel. Workers read them
//! on the CPU pool; one that crashes is restarted, and goes on with the batch it had in hand. The
//! aggregator journals what is done. A file counts as done when no crash can take that back.

#![allow(unreachable_pub, reason = "a program has no public interface")]

mod again;
mod aggregate;
mod args;
mod chaos;
mod failure;
mod job;
mod measure;
mod pipeline;
mod problem;
mod progress;
mod report;
mod state;
mod table;
mod walk;
mod work;

use args::Command;
use failure::Failure;
use klaw_std::{journal::JournalError, log::WithIds};
use state::StateError;
use std::{io::Write, process::ExitCode};
use tracing_subscriber::{
    filter::Targets,
    fmt::{self, format::Format},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

const FAILED: u8 = 1;
const BUSY: u8 = 2;
const USAGE: u8 = 64;
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let run = match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Run(run)) => run,
        Ok(Command::Help) => {
            return print(&format!("{}\n", args::HELP), ExitCode::SUCCESS);
        }
        Err(error) => return complain(&format!("{error}\n\n{}", args::HELP), USAGE),
    };
    if let Err(error) = trace() {
        return complain(&error, USAGE);
    }
    let json = run.json;
    match job::run(run) {
        Ok(report) => {
            let code = if report.interrupted { INTERRUPTED.into() } else { ExitCode::SUCCESS };
            let text = match json {
                true => serde_json::to_string_pretty(&report).map(|text| text + "\n"),
                false => Ok(report.to_string()),
            };
            match text {
                Ok(text) => print(&text, code),
                Err(error) => complain(&format!("could not encode the report: {error}"), FAILED),
            }
        }
        Err(failure) => {
            let busy =
                matches!(failure, Failure::State(StateError::Journal(JournalError::Busy { .. })));
            complain(&failure.to_string(), if busy { BUSY } else { FAILED })
        }
    }
}

/// Sends events to standard error, those that `RUST_LOG` asks for, each with the batch it is about.
fn trace() -> Result<(), String> {
    let Some(wanted) = std::env::var_os("RUST_LOG") else { return Ok(()) };
    let wanted = wanted.to_str().ok_or("RUST_LOG is not UTF-8")?;
    let targets: Targets = wanted.parse().map_err(|error| format!("RUST_LOG={wanted}: {error}"))?;
    tracing_subscriber::registry()
        .with(fmt::layer().event_format(WithIds::<Format>::default()).with_writer(std::io::stderr))
        .with(targets)
        .try_init()
        .map_err(|error| error.to_string())
}

/// Prints `text`; the exit code is `code` if that works.
fn print(text: &str, code: ExitCode) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => code,
        Err(error) => complain(&format!("could not print: {error}"), FAILED),
    }
}

fn complain(text: &str, code: u8) -> ExitCode {
    // With standard error gone there is nobody left to tell; the code still says it.
    let _ = writeln!(std::io::stderr(), "ingest: {text}");
    ExitCode::from(code)
}
