//! The scenarios of `scenarios/`, on each executor: which there are, and what comes of them.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The test binaries, and the executors that they run the scenarios on.
pub const RUNNERS: [(&str, &str); 7] = [
    ("conformance_sim", "sim"),
    ("conformance_smol", "smol, threads"),
    ("conformance_smol_local", "smol, local"),
    ("conformance_tokio", "tokio, threads and paused"),
    ("conformance_tokio_local", "tokio, LocalSet, paused"),
    ("conformance_futures", "futures::executor"),
    ("conformance_embassy", "embassy"),
];

/// What came of each scenario on each executor.
#[derive(Debug, Default)]
pub struct Table {
    rows: BTreeMap<String, BTreeMap<&'static str, String>>,
}

/// Builds the test binaries; one for each runner, in their order.
fn build() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut build = Command::new(env!("CARGO"));
    build.current_dir(root).args(["test", "--quiet", "--no-run", "--message-format=json"]);
    build.args(["--package", env!("CARGO_PKG_NAME")]);
    for (binary, _) in RUNNERS {
        build.args(["--test", binary]);
    }
    let built = build.stderr(Stdio::inherit()).output().expect("cargo can be run");
    assert!(built.status.success(), "the tests cannot be built");
    let said = String::from_utf8_lossy(&built.stdout).into_owned();
    let messages: Vec<Value> =
        said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let executable = |binary: &str| {
        let of = messages.iter().find(|message| {
            message["target"]["name"] == binary && message["executable"].is_string()
        });
        let path = of.and_then(|message| message["executable"].as_str());
        PathBuf::from(path.expect("cargo names the executable that it built"))
    };
    RUNNERS.iter().map(|(binary, _)| executable(binary)).collect()
}

fn output(mut command: Command) -> String {
    let output = command.stderr(Stdio::inherit()).output().expect("a test binary can be run");
    String::from_utf8(output.stdout).expect("libtest writes UTF-8")
}

/// The name that a scenario has on every runner.
fn name(test: &str) -> String {
    test.strip_prefix("scenarios::").unwrap_or(test).into()
}

/// The names of the scenarios that each runner has.
///
/// # Panics
///
/// If the runners cannot be built or run.
pub fn listed() -> BTreeMap<&'static str, Vec<String>> {
    let list = |path| {
        let mut command = Command::new(path);
        command.arg("--list");
        let listed = output(command);
        let tests = listed.lines().filter_map(|line| line.strip_suffix(": test"));
        let mut names: Vec<_> = tests.map(name).collect();
        names.sort_unstable();
        names
    };
    RUNNERS.iter().zip(build()).map(|((_, executor), path)| (*executor, list(path))).collect()
}

impl Table {
    /// Runs all scenarios on all executors.
    ///
    /// # Panics
    ///
    /// If the runners cannot be built or run.
    pub fn run() -> Self {
        let mut table = Self::default();
        for ((_, executor), path) in RUNNERS.iter().zip(build()) {
            table.note(executor, &output(Command::new(path)));
        }
        table
    }

    /// Takes in what a test binary has said: `test NAME ... RESULT`.
    pub fn note(&mut self, executor: &'static str, said: &str) {
        for line in said.lines() {
            let Some((test, result)) =
                line.strip_prefix("test ").and_then(|line| line.split_once(" ... "))
            else {
                continue;
            };
            let result = result.strip_prefix("ignored, ").unwrap_or(result);
            self.rows.entry(name(test)).or_default().insert(executor, result.into());
        }
    }

    /// Whether every scenario has run on every executor, or said why not.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let failed = |result: &String| result == "FAILED" || result == "ignored";
        let whole = |row: &BTreeMap<_, _>| row.len() == RUNNERS.len() && !row.values().any(failed);
        !self.rows.is_empty() && self.rows.values().all(whole)
    }
}

impl fmt::Display for Table {
    /// In Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("| scenario |")?;
        RUNNERS.iter().try_for_each(|(_, executor)| write!(f, " {executor} |"))?;
        f.write_str("\n|---|")?;
        RUNNERS.iter().try_for_each(|_| f.write_str("---|"))?;
        for (scenario, row) in &self.rows {
            write!(f, "\n| {scenario} |")?;
            for (_, executor) in RUNNERS {
                write!(f, " {} |", row.get(executor).map_or("MISSING", String::as_str))?;
            }
        }
        writeln!(f, "\n\n{} scenarios on {} executors", self.rows.len(), RUNNERS.len())
    }
}
