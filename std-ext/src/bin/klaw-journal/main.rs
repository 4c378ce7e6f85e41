//! Looks inside journals, and never writes to one.

#![allow(unreachable_pub, reason = "a program has no public interface")]

mod args;
mod contents;
mod failure;
mod hex;
mod list;
mod output;
mod show;
mod utc;
mod verify;

use args::Command;
use failure::Failure;
use output::Output;
use std::{io::Write, process::ExitCode};

const FAILED: u8 = 1;
const USAGE: u8 = 64;

fn main() -> ExitCode {
    let command = match args::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(error) => return complain(&format!("{error}\n\n{}", args::HELP), USAGE),
    };
    let mut out = Output::new(std::io::stdout().lock());
    let done = match command {
        Command::Help => out.line(args::HELP).map(|()| true).map_err(Failure::Print),
        Command::List { dir } => list::run(dir, &mut out),
        Command::Show(what) => show::run(&what, &mut out),
        Command::Verify { files } => verify::run(&files, &mut out),
    };
    let done = done.and_then(|sound| out.finish().map(|()| sound).map_err(Failure::Print));
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FAILED),
        Err(failure) => complain(&failure.to_string(), FAILED),
    }
}

fn complain(text: &str, code: u8) -> ExitCode {
    // With standard error gone there is nobody left to tell; the code still says it.
    let _ = writeln!(std::io::stderr(), "klaw-journal: {text}");
    ExitCode::from(code)
}
