//! How much memory this process may use.

use super::{Detected, Source, cgroup};
use std::{fs, path::Path};

/// Memory in bytes, and what bounds it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Memory {
    /// The most there can ever be: the machine's memory or the lowest limit of a control group.
    pub limit: Detected<u64>,
    /// What is free now: the least that the machine and the control groups leave.
    ///
    /// Cached file contents that can be dropped count as free.
    pub available: Detected<u64>,
}

impl Memory {
    /// Reads the kernel's files below `root`, which is `/` except in tests.
    ///
    /// `None` if there is no `proc/meminfo`, as outside Linux. Files of control groups that are
    /// missing, unreadable or make no sense are passed over.
    pub fn under(root: &Path) -> Option<Self> {
        let meminfo = fs::read_to_string(root.join("proc/meminfo")).ok()?;
        let total = kibibytes(&meminfo, "MemTotal:")?;
        let available =
            kibibytes(&meminfo, "MemAvailable:").or_else(|| kibibytes(&meminfo, "MemFree:"))?;
        Some(Self::bounded(total, available, cgroup::limits(root)))
    }

    /// Asks the operating system for the machine's memory.
    pub(super) fn of_host() -> Option<Self> {
        let mut system = sysinfo::System::new().ok()?;
        system.refresh_memory();
        let total = system.total_memory();
        (total > 0).then(|| Self::bounded(total, system.available_memory(), vec![]))
    }

    fn bounded(total: u64, available: u64, cgroups: Vec<cgroup::Limit>) -> Self {
        let host = |value| Detected { value, source: Source::Host };
        let mut memory = Self { limit: host(total), available: host(available) };
        // "No limit" is `max`, or a number that no machine has, or one above this machine's.
        for cgroup in cgroups.into_iter().filter(|cgroup| cgroup.limit < total) {
            let left = cgroup.limit.saturating_sub(cgroup.used);
            for (least, value) in [(&mut memory.limit, cgroup.limit), (&mut memory.available, left)]
            {
                if value < least.value {
                    *least = Detected { value, source: Source::Cgroup(cgroup.directory.clone()) };
                }
            }
        }
        memory
    }
}

/// The number in a line like `MemTotal:       24689468 kB`.
fn kibibytes(meminfo: &str, name: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}
