//! Runs every scenario on every executor and prints what came of it.

use klaw_tests::conformance::Table;
use std::process::ExitCode;

fn main() -> ExitCode {
    let table = Table::run();
    print!("{table}");
    if table.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
