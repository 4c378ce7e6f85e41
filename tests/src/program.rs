//! Programs of this workspace, run as a user runs them.

use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

/// A program of this workspace, built like the test that runs it.
#[derive(Debug)]
pub struct Program(PathBuf);

/// How a program ended and what it said.
#[derive(Debug)]
pub struct Run {
    /// Its exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Program {
    /// Builds the example `name` of `package`, in release mode if `release` is asked for.
    ///
    /// # Panics
    ///
    /// If it cannot be built.
    pub fn example(package: &str, name: &str, release: bool) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut build = Command::new(env!("CARGO"));
        build.current_dir(&root).args(["build", "--quiet", "--message-format=json"]);
        build.args(["--package", package, "--example", name]);
        if release {
            build.arg("--release");
        }
        let built = build.stderr(Stdio::inherit()).output().expect("cargo can be run");
        assert!(built.status.success(), "the example {name} of {package} cannot be built");
        let path = String::from_utf8_lossy(&built.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find(|message| message["target"]["name"] == name && message["executable"].is_string())
            .and_then(|message| message["executable"].as_str().map(PathBuf::from))
            .expect("cargo names the executable that it built");
        Self(path)
    }

    /// The program, to be given arguments.
    pub fn command(&self) -> Command {
        Command::new(&self.0)
    }

    /// Starts it with `args`, its output captured.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub fn start(&self, args: &[&str]) -> Child {
        let mut command = self.command();
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program can be started")
    }

    /// Runs it with `args` to its end.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub fn run(&self, args: &[&str]) -> Run {
        self.start(args).wait_with_output().expect("the program can be waited for").into()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into(),
            stderr: String::from_utf8_lossy(&output.stderr).into(),
        }
    }
}

impl Run {
    /// Its standard output as JSON.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}) in {self:?}"))
    }
}
