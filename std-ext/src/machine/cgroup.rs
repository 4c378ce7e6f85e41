//! The memory limits of the control groups that this process is in, and of those above them.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

/// One group's limit.
pub(super) struct Limit {
    /// The group's directory, as the process sees it.
    pub(super) directory: PathBuf,
    pub(super) limit: u64,
    /// What the group uses, less what can be dropped at once.
    pub(super) used: u64,
}

/// The names of a version's files.
struct Files {
    limits: &'static [&'static str],
    usage: &'static str,
    /// The line of `memory.stat` with the file contents that can be dropped.
    droppable: &'static str,
}

const V1: Files = Files {
    limits: &["memory.limit_in_bytes"],
    usage: "memory.usage_in_bytes",
    droppable: "total_inactive_file",
};

const V2: Files = Files {
    limits: &["memory.max", "memory.high"],
    usage: "memory.current",
    droppable: "inactive_file",
};

/// Every limit that can be read below `root`; both versions may be mounted at once.
pub(super) fn limits(root: &Path) -> Vec<Limit> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let mounts = fs::read_to_string(root.join("proc/self/mountinfo")).unwrap_or_default();
    let mut limits = vec![];
    for mount in mounts.lines().filter_map(Mount::parse) {
        let Some(group) = groups.lines().find_map(|line| mount.group(line)) else { continue };
        let mut group = Some(mount.directory_of(group));
        while let Some(directory) = group.filter(|directory| directory.starts_with(mount.point)) {
            limits.extend(limit(root, directory.clone(), mount.files));
            group = directory.parent().map(Path::to_path_buf);
        }
    }
    limits
}

/// A hierarchy of groups that bounds memory.
struct Mount<'a> {
    /// The group that is at the mount point; not the topmost one in a container.
    root: &'a Path,
    point: &'a Path,
    files: &'static Files,
}

impl<'a> Mount<'a> {
    /// Reads a line like `35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory`.
    fn parse(line: &'a str) -> Option<Self> {
        let (mount, kind) = line.split_once(" - ")?;
        let mut mount = mount.split(' ').skip(3);
        let (root, point) = (Path::new(mount.next()?), Path::new(mount.next()?));
        let mut kind = kind.split(' ');
        let files = match kind.next()? {
            "cgroup2" => &V2,
            "cgroup" if kind.nth(1)?.split(',').any(|option| option == "memory") => &V1,
            _ => return None,
        };
        Some(Self { root, point, files })
    }

    /// The group in a line like `4:memory:/some/group`, or `0::/some/group` in version 2.
    fn group<'g>(&self, line: &'g str) -> Option<&'g Path> {
        let (_, line) = line.split_once(':')?;
        let (controllers, group) = line.split_once(':')?;
        let ours = match self.files.usage == V2.usage {
            true => controllers.is_empty(),
            false => controllers.split(',').any(|controller| controller == "memory"),
        };
        ours.then_some(Path::new(group))
    }

    /// The directory of `group`; the mount point if the group is not to be seen below it.
    fn directory_of(&self, group: &Path) -> PathBuf {
        match group.strip_prefix(self.root) {
            Ok(below) if !below.components().any(|part| part == Component::ParentDir) => {
                self.point.join(below)
            }
            _ => self.point.to_path_buf(),
        }
    }
}

fn limit(root: &Path, directory: PathBuf, files: &Files) -> Option<Limit> {
    let below_root = root.join(directory.strip_prefix("/").unwrap_or(&directory));
    let read = |name: &str| fs::read_to_string(below_root.join(name)).ok();
    let number = |name: &&str| read(name)?.trim().parse::<u64>().ok();
    let limit = files.limits.iter().filter_map(number).min()?;
    let usage = number(&files.usage).unwrap_or(0);
    let stat = read("memory.stat").unwrap_or_default();
    let droppable = stat.lines().find_map(|line| {
        let (name, value) = line.split_once(' ')?;
        (name == files.droppable).then(|| value.trim().parse::<u64>().ok())?
    });
    Some(Limit { directory, limit, used: usage.saturating_sub(droppable.unwrap_or(0)) })
}
