//! The rules of `core/ARCHITECTURE.md` that a program can check.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A source file: its path from the root, and its lines.
struct Source {
    path: String,
    lines: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &str) -> Vec<Source> {
    let (mut found, mut folders) = (vec![], vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root()).unwrap().to_str().unwrap().into();
                found.push(Source { path, lines: text.lines().map(str::to_owned).collect() });
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

impl Source {
    /// Lines with their numbers, without comments and what follows `#[cfg(test)]`.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let code = self.lines.iter().take_while(|line| !line.starts_with("#[cfg(test)]"));
        code.enumerate()
            .map(|(at, line)| (at + 1, line.trim()))
            .filter(|(_, line)| !line.is_empty() && !line.starts_with("//"))
    }
}

fn none(rule: &str, broken: Vec<String>) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

/// The core's modules, lowest first.
const LAYERS: &[&str] = &[
    "sync",
    "spawn",
    "time",
    "panic",
    "context",
    "wait",
    "channel",
    "cancel",
    "task",
    "retry",
    "combine",
    "cache",
    "actor",
    "registry",
    "supervise",
    "checkpoint",
    "durable",
    "workflow",
    "runtime",
    "pool",
    "scope",
    "sim",
];

#[test]
fn a_module_uses_only_those_above_it() {
    let layer = |module: &str| {
        let module = module.trim_end_matches("_none").trim_end_matches("_boxed");
        LAYERS.iter().position(|&layer| layer == module).unwrap_or(LAYERS.len())
    };
    let mut broken = vec![];
    for source in sources("core/src") {
        let inside = source.path.strip_prefix("core/src/").unwrap();
        let module = inside.split('/').next().unwrap().trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let text: Vec<&str> = source.code().map(|(_, line)| line).collect();
        // `use crate::{a::X, b}` over several lines names modules at the start of its items.
        for part in text.join(" ").split("crate::").skip(1) {
            let names = if let Some(list) = part.strip_prefix('{') {
                let mut depth = 1;
                let end = list
                    .find(|c| {
                        depth += i32::from(c == '{') - i32::from(c == '}');
                        depth == 0
                    })
                    .unwrap();
                let mut depth = 0;
                list[..end]
                    .split(|c| {
                        depth += i32::from(c == '{') - i32::from(c == '}');
                        c == ',' && depth == 0
                    })
                    .map(str::trim)
                    .collect()
            } else {
                vec![part]
            };
            for name in names {
                let used: String =
                    name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if LAYERS.contains(&used.as_str()) && layer(&used) > layer(module) {
                    broken.push(format!("{} uses {used}", source.path));
                }
            }
        }
    }
    none("a module of the core uses one below it", broken);
}

#[test]
fn the_platform_is_known_in_few_places() {
    let mut broken = vec![];
    for source in sources("core/src") {
        let known = source.path == "core/src/lib.rs";
        if known || source.path.ends_with("/mod.rs") {
            continue;
        }
        for (number, line) in source.code() {
            let asks =
                line.contains("cfg(") || line.contains("cfg!(") || line.contains("cfg_attr(");
            if asks && !line.contains("cfg(test)") && !line.contains("all(test, ") {
                broken.push(format!("{}:{number} {line}", source.path));
            }
        }
    }
    none("cfg outside lib.rs and mod.rs", broken);
}

#[test]
fn the_core_names_no_runtime() {
    let mut broken = vec![];
    for source in sources("core/src") {
        for (number, line) in source.code() {
            if ["tokio", "smol", "async_executor", "async_io", "embassy"]
                .iter()
                .any(|name| line.contains(name))
            {
                broken.push(format!("{}:{number} {line}", source.path));
            }
        }
    }
    none("the core names a runtime", broken);
}

#[test]
fn files_are_small() {
    let mut broken = vec![];
    for folder in ["core", "adapters", "std-ext", "tests"] {
        for source in sources(folder) {
            let lines = source.code().count();
            // A list of cases may be long.
            let cases = source.path.contains("/tests/");
            if lines > 400 && !cases {
                broken.push(format!("{} has {lines} lines of code", source.path));
            }
        }
    }
    none("a file holds more than one idea", broken);
}

#[test]
fn what_dropping_costs_is_said() {
    /// What futures are called that public functions return.
    const FUTURES: &[&str] = &[
        "Send<",
        "Recv<",
        "Closed<",
        "Changed<",
        "WaitFor<",
        "Reserve<",
        "RecvMany<",
        "RecvTimeout<",
        "SendTimeout<",
        "SelectTimeout<",
        "S::IntoFuture",
        "Joined",
        "WaitCancelled",
        "InPlaceCancelled<",
        "InPlaceJoin<",
        "Checkpoint<",
        "Shield<",
        "Timeout<",
        "RunUntilCancelled<",
        "Supervise<",
        "Job<",
        "C::Sleep",
        "Self::Sleep",
        "Task<",
        "Collect<",
        "TryCollect<",
        "RaceOk<",
        "FirstOk<",
        "Partition<",
        "FilterOk<",
        "WithContext<",
        "Ended<",
        "Gather<",
        "Map<",
        "MapCpu<",
        "Next<",
        "TryMap<",
        "Tell<",
        "Self::Append",
        "Step<L, C, W>",
    ];
    let mut broken = vec![];
    let folders = [
        "core/src",
        "adapters/embassy/src",
        "adapters/smol/src",
        "adapters/tokio/src",
        "std-ext/src",
    ];
    for folder in folders {
        for source in sources(folder) {
            for (number, line) in source.code() {
                let returns = FUTURES.iter().any(|name| line.contains(&format!("-> {name}")));
                let future = line.starts_with("pub async fn")
                    || (line.starts_with("pub fn") && (returns || line.contains("-> impl Future")));
                let docs = source.lines[..number - 1].iter().rev().map(|line| line.trim());
                let mut docs =
                    docs.take_while(|line| line.starts_with("//") || line.starts_with("#["));
                if future && !docs.any(|line| line.contains("# Cancel safety")) {
                    broken.push(format!("{}:{number} {line}", source.path));
                }
            }
        }
    }
    none("a future without a word on `# Cancel safety`", broken);
}

fn cargo(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).current_dir(root()).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_core_depends_on_little() {
    for target in ["x86_64-unknown-linux-gnu", "thumbv7em-none-eabi", "thumbv6m-none-eabi"] {
        let tree = |edges| {
            let tree = cargo(&[
                "tree",
                "--package",
                "klaw",
                "--no-default-features",
                "--target",
                target,
                "--edges",
                edges,
                "--prefix",
                "none",
                "--format",
                "{p}",
            ]);
            let mut crates: Vec<String> =
                tree.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect();
            crates.sort();
            crates.dedup();
            crates
        };
        let crates = tree("normal,build");
        assert!(crates.len() <= 9, "{target}: {crates:#?}");
        assert_eq!(crates, tree("normal,build,no-proc-macro"), "{target}: a proc-macro");
    }
}

#[test]
fn the_readmes_commands_are_what_ci_runs() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let script = fs::read_to_string(root().join(".ci/run")).unwrap();
    for command in [
        "cargo run --release -p klaw-smol --example ingest",
        "cargo test --workspace",
        "tests/firmware/run",
    ] {
        assert!(readme.contains(&format!("```sh\n{command}\n")), "{command}");
        assert!(script.contains(command), "{command}");
    }
    let first = script.lines().find(|line| line.starts_with("cargo ")).unwrap();
    assert_eq!(first, "cargo test --workspace");
}
