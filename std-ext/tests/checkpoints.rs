//! Where checkpoints are kept, and how they go.
#![cfg(unix)]

use core::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use klaw::checkpoint::Checkpointer;
use klaw_std::{
    FileCheckpointer,
    checkpoints::{self, CheckpointsError, Directory, Retention, Source, VARIABLE},
};
use smol::future::block_on;
use std::{
    env, fs,
    fs::File,
    path::Path,
    process::Command,
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

const DAY: Duration = Duration::from_secs(86_400);

fn save(store: &mut FileCheckpointer, value: &[u8]) {
    block_on(store.save(b"key", value)).unwrap();
}

fn load(store: &mut FileCheckpointer) -> Option<Vec<u8>> {
    block_on(store.load(b"key", &mut [0; 64])).unwrap().map(<[u8]>::to_vec)
}

/// Runs one of the tests below in a process of its own, which does nothing here.
fn in_a_process(test: &str, dir: &Path) {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--test-threads=1"])
        .env("KLAW_TEST_CHILD", "1")
        .env(VARIABLE, dir)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn is_child() -> bool {
    env::var_os("KLAW_TEST_CHILD").is_some()
}

#[test]
fn the_environment_names_the_directory() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("not/there/yet");
    in_a_process("child_uses_and_then_inits", &deep);
    assert_eq!(
        load(&mut FileCheckpointer::open(deep.join("a%2fb.journal")).unwrap()).unwrap(),
        b"kept"
    );
}

#[test]
fn child_uses_and_then_inits() {
    if !is_child() {
        return;
    }
    let mut store = checkpoints::open("a/b").unwrap();
    save(&mut store, b"kept");
    block_on(store.close()).unwrap();
    let found = checkpoints::directory().unwrap();
    assert_eq!(found.source(), Source::Environment);
    // P8: what was used stays; a change now would split the checkpoints.
    let error = checkpoints::init("/elsewhere").unwrap_err();
    let CheckpointsError::AlreadyInitialised { in_use, refused } = &error else {
        panic!("{error}")
    };
    assert_eq!((in_use.as_ref(), refused.path()), (Some(&found), Path::new("/elsewhere")));
    assert_eq!(checkpoints::directory().unwrap(), found);
}

#[test]
fn p6_init_comes_before_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    in_a_process("child_inits_twice", dir.path());
    let given = dir.path().join("given");
    assert_eq!(
        load(&mut FileCheckpointer::open(given.join("counter.journal")).unwrap()).unwrap(),
        b"1"
    );
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn child_inits_twice() {
    if !is_child() {
        return;
    }
    let given = Path::new(&env::var_os(VARIABLE).unwrap()).join("given");
    checkpoints::init(&given).unwrap();
    let found = checkpoints::directory().unwrap();
    assert_eq!((found.path(), found.source()), (&*given, Source::Given));
    let error = checkpoints::init(&given).unwrap_err();
    assert!(matches!(error, CheckpointsError::AlreadyInitialised { .. }), "{error}");
    assert!(error.to_string().contains("given by the program"), "{error}");
    let mut counter = checkpoints::open("counter").unwrap();
    save(&mut counter, b"1");
}

#[test]
fn one_name_is_one_store_and_the_second_is_busy() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = Directory::at(dir.path()).unwrap();
    let mut one = checkpoints.open("one").unwrap();
    let mut other = checkpoints.open("One").unwrap();
    save(&mut one, b"1");
    save(&mut other, b"2");
    assert!(matches!(checkpoints.open("one"), Err(CheckpointsError::Store(_))));
    block_on(one.close()).unwrap();
    assert_eq!(load(&mut checkpoints.open("one").unwrap()).unwrap(), b"1");
    assert!(matches!(checkpoints.open(""), Err(CheckpointsError::BadName { .. })));
}

/// The store `name`, last written to in 1970 unless it is left open.
fn old(checkpoints: &Directory, name: &str, open: bool) -> Option<FileCheckpointer> {
    let mut store = checkpoints.open(name).unwrap();
    save(&mut store, name.as_bytes());
    let store = if open {
        Some(store)
    } else {
        block_on(store.close()).unwrap();
        None
    };
    age(&checkpoints.file(name).unwrap());
    store
}

fn age(path: &Path) {
    File::options().write(true).open(path).unwrap().set_modified(UNIX_EPOCH + DAY).unwrap();
}

fn expired(report: &Retention) -> Vec<&str> {
    report.expired.iter().map(|one| &*one.name).collect()
}

#[test]
fn old_stores_go_and_no_others() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = Directory::at(dir.path()).unwrap();
    for name in ["gone", "Gone too"] {
        old(&checkpoints, name, false);
    }
    let used = old(&checkpoints, "used", true);
    let mut new = checkpoints.open("new").unwrap();
    save(&mut new, b"new");
    block_on(new.close()).unwrap();
    for foreign in ["text.journal", "Text.journal", "gone.journal.bak"] {
        fs::write(dir.path().join(foreign), "something else that is long enough").unwrap();
        age(&dir.path().join(foreign));
    }
    fs::write(dir.path().join("gone.journal.rewrite"), b"left behind").unwrap();
    fs::create_dir(dir.path().join("folder.journal")).unwrap();
    let files = || {
        let mut files: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        files.sort();
        files
    };
    let before = files();

    let dry = checkpoints.older_than(DAY).unwrap();
    assert_eq!(files(), before, "a look removed something");
    let report = checkpoints.remove_older_than(DAY).unwrap();
    for report in [&dry, &report] {
        assert_eq!(expired(report), ["Gone too", "gone"]);
        assert_eq!(
            (&*report.busy, report.kept, report.failed.len()),
            (&["used".to_owned()][..], 2, 0)
        );
        assert!(report.freed >= 2 * 64 * 1024, "{report:?}");
        assert_eq!(report.freed, report.expired.iter().map(|one| one.freed).sum::<u64>());
        assert_eq!(report.expired[0].modified, UNIX_EPOCH + DAY);
    }
    let gone = ["%47one%20too.journal", "gone.journal", "gone.journal.rewrite"];
    let left: Vec<_> =
        before.into_iter().filter(|file| !gone.contains(&file.to_str().unwrap())).collect();
    assert_eq!(files(), left);

    block_on(used.unwrap().close()).unwrap();
    assert_eq!(load(&mut checkpoints.open("used").unwrap()).unwrap(), b"used");
    assert_eq!(load(&mut checkpoints.open("gone").unwrap()), None);
    let again = checkpoints.remove_older_than(DAY).unwrap();
    assert_eq!((expired(&again).len(), again.freed), (0, 0));
}

#[test]
fn nothing_is_older_than_time_and_a_missing_directory_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = Directory::at(dir.path()).unwrap();
    old(&checkpoints, "old", false);
    assert!(SystemTime::now().checked_sub(Duration::MAX).is_none());
    let report = checkpoints.remove_older_than(Duration::MAX).unwrap();
    assert_eq!((expired(&report).len(), report.kept), (0, 1));
    let missing = Directory::at(dir.path().join("missing")).unwrap();
    let report = missing.remove_older_than(DAY).unwrap();
    assert_eq!((expired(&report).len(), report.kept), (0, 0));
}

#[test]
fn a_store_that_is_being_opened_is_kept_or_new_and_never_busy() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = Directory::at(dir.path()).unwrap();
    let done = AtomicBool::new(false);
    let (mut kept, mut new) = (0, 0);
    thread::scope(|scope| {
        let removing = scope.spawn(|| {
            let mut removed = 0;
            while !done.load(Ordering::Relaxed) {
                let report = checkpoints.remove_older_than(DAY).unwrap();
                assert!(report.failed.is_empty(), "{report:?}");
                removed += report.expired.len();
            }
            removed
        });
        let mut run = || -> Result<(), CheckpointsError> {
            for _ in 0..200 {
                let mut store = checkpoints.open("contended")?;
                match load(&mut store) {
                    Some(value) => {
                        assert_eq!(value, b"whole");
                        kept += 1;
                    }
                    None => new += 1,
                }
                save(&mut store, b"whole");
                assert_eq!(load(&mut store).unwrap(), b"whole");
                block_on(store.close())?;
                if let Ok(file) = File::options().write(true).open(checkpoints.file("contended")?) {
                    file.set_modified(UNIX_EPOCH + DAY).unwrap();
                }
            }
            Ok(())
        };
        let ran = run();
        done.store(true, Ordering::Relaxed);
        let removed = removing.join().unwrap();
        ran.unwrap();
        assert_eq!(kept + new, 200);
        // The first was new without a removal, and the last may have been removed afterwards.
        assert!((new - 1..=new).contains(&removed), "{removed} were removed, {new} were new");
    });
}
