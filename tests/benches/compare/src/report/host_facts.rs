//! The machine, and the versions that this was built with.

use std::{fs, thread};

const LOCK: &str = include_str!("../../Cargo.lock");

pub fn facts() -> [(&'static str, String); 3] {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, model)| model);
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    [
        ("machine", format!("{cores} x {model}")),
        ("kernel", format!("{} {}", std::env::consts::OS, kernel.trim())),
        ("compiler", env!("RUSTC_VERSION").into()),
    ]
}

/// As the lockfile has it that this was built with.
pub fn version(package: &str) -> &'static str {
    let wanted = format!("name = \"{package}\"");
    let mut lines = LOCK.lines().skip_while(|line| *line != wanted);
    let version = lines.nth(1).and_then(|line| line.split('"').nth(1));
    version.unwrap_or("unknown")
}
