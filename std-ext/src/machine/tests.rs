use super::*;
use std::fs;
use tempfile::TempDir;

const MIB: u64 = 1024 * 1024;
/// 16 GiB, half of it free.
const MEMINFO: &str =
    "MemTotal:       16777216 kB\nMemFree:   1024 kB\nMemAvailable:    8388608 kB\n";
const HOST: (u64, u64) = (16 * 1024 * MIB, 8 * 1024 * MIB);

const V2_MOUNT: &str = "31 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
const V1_MOUNTS: &str = "\
31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
";

/// A root directory with the given files and a machine of 16 GiB.
fn root(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in [("proc/meminfo", MEMINFO)].iter().chain(files) {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn memory(files: &[(&str, &str)]) -> Memory {
    Memory::under(root(files).path()).unwrap()
}

fn values(memory: &Memory) -> (u64, u64) {
    (memory.limit.value, memory.available.value)
}

fn cgroup(path: &str) -> Source {
    Source::Cgroup(path.into())
}

#[test]
fn p4_no_cgroup_leaves_the_machine() {
    let memory = memory(&[]);
    assert_eq!(values(&memory), HOST);
    assert_eq!((memory.limit.source, memory.available.source), (Source::Host, Source::Host));
}

#[test]
fn p4_v2_counts_what_is_used_less_what_can_be_dropped() {
    let memory = memory(&[
        ("proc/self/cgroup", "0::/app\n"),
        ("proc/self/mountinfo", V2_MOUNT),
        ("sys/fs/cgroup/app/memory.max", "1073741824\n"),
        ("sys/fs/cgroup/app/memory.high", "max\n"),
        ("sys/fs/cgroup/app/memory.current", "536870912\n"),
        ("sys/fs/cgroup/app/memory.stat", "anon 1\nfile 2\ninactive_file 104857600\nslab 3\n"),
    ]);
    assert_eq!(values(&memory), (1024 * MIB, (1024 - 512 + 100) * MIB));
    assert_eq!(memory.limit.source, cgroup("/sys/fs/cgroup/app"));
    assert_eq!(memory.available.source, cgroup("/sys/fs/cgroup/app"));
}

#[test]
fn p4_v2_high_bounds_as_max_does() {
    let memory = memory(&[
        ("proc/self/cgroup", "0::/app\n"),
        ("proc/self/mountinfo", V2_MOUNT),
        ("sys/fs/cgroup/app/memory.max", "1073741824\n"),
        ("sys/fs/cgroup/app/memory.high", "524288000\n"),
    ]);
    assert_eq!(values(&memory), (500 * MIB, 500 * MIB));
}

#[test]
fn p4_every_ancestor_counts() {
    let memory = memory(&[
        ("proc/self/cgroup", "0::/top/middle/leaf\n"),
        ("proc/self/mountinfo", V2_MOUNT),
        ("sys/fs/cgroup/top/memory.max", "1048576000\n"),
        ("sys/fs/cgroup/top/memory.current", "943718400\n"),
        ("sys/fs/cgroup/top/middle/memory.max", "524288000\n"),
        ("sys/fs/cgroup/top/middle/memory.current", "104857600\n"),
        ("sys/fs/cgroup/top/middle/leaf/memory.max", "max\n"),
        ("sys/fs/cgroup/top/other/memory.max", "1\n"),
    ]);
    assert_eq!(values(&memory), (500 * MIB, 100 * MIB));
    assert_eq!(memory.limit.source, cgroup("/sys/fs/cgroup/top/middle"));
    assert_eq!(memory.available.source, cgroup("/sys/fs/cgroup/top"));
}

#[test]
fn p4_v1_beside_v2_is_read() {
    let memory = memory(&[
        ("proc/self/cgroup", "9:name=systemd:/\n4:memory:/a/b\n1:cpu,cpuacct:/\n0::/\n"),
        ("proc/self/mountinfo", V1_MOUNTS),
        ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
        ("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "209715200\n"),
        ("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "104857600\n"),
        ("sys/fs/cgroup/memory/a/memory.stat", "inactive_file 1\ntotal_inactive_file 52428800\n"),
        ("sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n"),
    ]);
    assert_eq!(values(&memory), (200 * MIB, 150 * MIB));
    assert_eq!(memory.limit.source, cgroup("/sys/fs/cgroup/memory/a"));
}

#[test]
fn p4_in_a_container_the_mount_point_is_the_group() {
    let mounts = "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
    for group in ["4:memory:/docker/abc\n", "4:memory:/\n", "4:memory:/../elsewhere\n"] {
        let memory = memory(&[
            ("proc/self/cgroup", group),
            ("proc/self/mountinfo", mounts),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "209715200\n"),
        ]);
        assert_eq!(memory.limit.value, 200 * MIB, "{group}");
    }
}

#[test]
fn p4_huge_limits_mean_none() {
    for huge in ["max", "9223372036854771712", "18446744073709551615", "17179869184"] {
        let memory = memory(&[
            ("proc/self/cgroup", "0::/\n"),
            ("proc/self/mountinfo", V2_MOUNT),
            ("sys/fs/cgroup/memory.max", huge),
        ]);
        assert_eq!(values(&memory), HOST, "{huge}");
    }
}

#[test]
fn p5_garbage_and_what_cannot_be_read_are_passed_over() {
    let garbage =
        ["", "\n", "-1", "12 13", "0x10", "99999999999999999999999", "\u{fffd}:::\n - \n"];
    for text in garbage {
        let memory = memory(&[
            ("proc/self/cgroup", "0::/\n"),
            ("proc/self/mountinfo", V2_MOUNT),
            ("sys/fs/cgroup/memory.max", text),
            ("sys/fs/cgroup/memory.current", text),
            ("sys/fs/cgroup/memory.stat", text),
        ]);
        assert_eq!(values(&memory), HOST, "{text:?}");
        let memory = super::Memory::under(
            root(&[("proc/self/cgroup", text), ("proc/self/mountinfo", text)]).path(),
        );
        assert_eq!(values(&memory.unwrap()), HOST, "{text:?}");
        let garbled = root(&[("proc/meminfo", text)]);
        assert_eq!(Memory::under(garbled.path()), None, "{text:?}");
    }
    // A directory in a file's place cannot be read, whoever asks.
    let memory = memory(&[
        ("proc/self/cgroup", "0::/\n"),
        ("proc/self/mountinfo", V2_MOUNT),
        ("sys/fs/cgroup/memory.max/is/a/directory", ""),
    ]);
    assert_eq!(values(&memory), HOST);
    assert_eq!(Memory::under(Path::new("/nowhere/at/all")), None);
}

#[test]
fn p4_a_group_above_its_limit_has_nothing_left() {
    let memory = memory(&[
        ("proc/self/cgroup", "0::/\n"),
        ("proc/self/mountinfo", V2_MOUNT),
        ("sys/fs/cgroup/memory.max", "1000\n"),
        ("sys/fs/cgroup/memory.current", "2000\n"),
    ]);
    assert_eq!(values(&memory), (1000, 0));
}

#[test]
fn p1_workers_are_the_least_of_all_within_bounds() {
    let machine = |physical, available| {
        let of = NonZeroUsize::new;
        let machine = Machine { available: of(available), physical: of(physical), memory: None };
        let Detected { value, source } = machine.parallelism();
        assert_eq!(machine.workers().get(), value);
        (value, source)
    };
    assert_eq!(machine(4, 8), (4, Source::Host));
    assert_eq!(machine(8, 2), (2, Source::Process));
    assert_eq!(machine(8, 8), (8, Source::Host));
    assert_eq!(machine(0, 8), (8, Source::Process));
    assert_eq!(machine(8, 0), (8, Source::Host));
    assert_eq!(machine(0, 0), (1, Source::Fallback));
    assert_eq!(machine(512, 1024), (256, Source::Host));
}

#[test]
fn this_machine_is_detected_once() {
    let machine = Machine::detect();
    assert!(core::ptr::eq(machine, Machine::detect()));
    assert!(machine.available.is_some());
    let memory = machine.memory.as_ref().unwrap();
    assert!(memory.limit.value > 0 && memory.available.value <= memory.limit.value);
}
