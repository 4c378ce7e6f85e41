//! The example `ingest`, killed, crashed, interrupted and misused.

use klaw_tests::{Numbers, Program, Run, generate};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
    sync::{LazyLock, OnceLock},
    thread,
    time::{Duration, Instant},
};

const FILES: usize = 5_000;

static INGEST: LazyLock<Program> =
    LazyLock::new(|| Program::example("klaw-smol", "ingest", !cfg!(debug_assertions)));

/// A tree of 5,000 files, read only, and what an undisturbed run says of it.
struct Input {
    root: tempfile::TempDir,
    report: Value,
    time: Duration,
}

static INPUT: LazyLock<Input> = LazyLock::new(|| {
    let root = tempfile::tempdir().unwrap();
    generate(root.path(), FILES, 4096, 1).unwrap();
    let state = tempfile::tempdir().unwrap();
    LazyLock::force(&INGEST); // building it takes longer than running it
    let begun = Instant::now();
    let run = ingest(root.path(), state.path(), &[]);
    let time = begun.elapsed();
    assert_eq!(run.code, Some(0), "{run:?}");
    let report = run.json();
    assert_eq!(report["files"], FILES);
    assert_eq!(report["processed"], FILES);
    Input { root, report, time }
});

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn ingest(root: &Path, state: &Path, more: &[&str]) -> Run {
    let mut args = vec![text(root), "--state", text(state), "--json"];
    args.extend(more);
    INGEST.run(&args)
}

/// What must not depend on how a run went.
fn result(report: &Value) -> [&Value; 6] {
    ["digest", "files", "bytes", "lines", "words", "extensions"].map(|key| &report[key])
}

#[test]
fn kill_9_at_random_moments_loses_and_repeats_nothing() {
    let input = &*INPUT;
    let mut random = Numbers::new(0x5eed);
    let (mut kills, mut in_the_middle) = (0, 0);
    while kills < 24 {
        let state = tempfile::tempdir().unwrap();
        // Each round is killed up to three times before it is let to its end.
        for _ in 0..=random.below(3) {
            let args = [
                text(input.root.path()),
                "--state",
                text(state.path()),
                "--json",
                "--workers",
                "3",
            ];
            let mut child = INGEST.start(&args);
            // Waits for nothing: the kill is to fall at any moment.
            thread::sleep(input.time.mul_f64(random.below(1000) as f64 / 1000.0));
            child.kill().unwrap();
            if child.wait().unwrap().code().is_none() {
                kills += 1;
            }
        }
        let run = ingest(input.root.path(), state.path(), &[]);
        assert_eq!(run.code, Some(0), "{run:?}");
        let report = run.json();
        assert_eq!(result(&report), result(&input.report));
        let (resumed, processed) =
            (report["resumed"].as_u64().unwrap(), report["processed"].as_u64().unwrap());
        assert_eq!(resumed + processed, FILES as u64);
        // No file was journaled twice: not by this run, and not by those before it.
        assert_eq!(report["journal"]["superseded"], 0, "{report}");
        assert_eq!(report["journal"]["records"], FILES, "{report}");
        in_the_middle += u32::from(resumed > 0 && processed > 0);

        let again = ingest(input.root.path(), state.path(), &[]).json();
        assert_eq!((&again["resumed"], &again["processed"]), (&FILES.into(), &0.into()));
        assert_eq!(again["digest"], input.report["digest"]);
    }
    assert!(in_the_middle > 0, "no kill fell into the middle of the work");
}

#[test]
fn crashing_workers_lose_nothing() {
    let input = &*INPUT;
    for (seed, workers) in [("1", "1"), ("2", "4")] {
        let state = tempfile::tempdir().unwrap();
        let more = ["--chaos", "0.05", "--seed", seed, "--workers", workers];
        let run = ingest(input.root.path(), state.path(), &more);
        assert_eq!(run.code, Some(0), "{run:?}");
        let report = run.json();
        assert_eq!(result(&report), result(&input.report));
        assert_eq!(report["processed"], FILES);
        assert_eq!(report["problem_count"], 0);
        assert_eq!(report["journal"]["superseded"], 0);
        assert!(report["restarts"].as_u64().unwrap() > 0, "{report}");
        // Which attempts crash follows from the seed alone.
        let state = tempfile::tempdir().unwrap();
        let again = ingest(input.root.path(), state.path(), &more[..4]).json();
        assert_eq!(again["restarts"], report["restarts"]);
    }
}

#[test]
fn the_supervision_tree_shows_every_worker_and_its_restarts() {
    let input = &*INPUT;
    let state = tempfile::tempdir().unwrap();
    let more = ["--chaos", "0.05", "--seed", "1", "--workers", "3", "--tree"];
    let run = ingest(input.root.path(), state.path(), &more);
    assert_eq!(run.code, Some(0), "{run:?}");
    // The last tree, as the workers left it: their restarts are those of the report.
    let rows: Vec<_> = run.stderr.lines().filter(|line| line.contains("worker[")).collect();
    let last = &rows[rows.len() - 3..];
    let restarts = last.iter().enumerate().map(|(number, row)| {
        let branch = if number == 2 { "└─" } else { "├─" };
        assert!(row.starts_with(&format!("{branch} worker[{number}]  ended  restarts ")), "{row}");
        assert!(row.contains("last error: Panicked("), "{row}");
        let mut words = row.split_whitespace().skip_while(|word| *word != "restarts");
        words.nth(1).unwrap().parse::<u64>().unwrap()
    });
    assert_eq!(restarts.sum::<u64>(), run.json()["restarts"].as_u64().unwrap());
    let without = ingest(input.root.path(), state.path(), &[]);
    assert!(!without.stderr.contains("worker["), "{without:?}");
}

#[test]
fn a_file_that_always_crashes_its_worker_is_given_up_and_named() {
    let root = tempfile::tempdir().unwrap();
    generate(root.path(), 3, 100, 1).unwrap();
    let state = tempfile::tempdir().unwrap();
    let run = ingest(root.path(), state.path(), &["--chaos", "1"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let report = run.json();
    assert_eq!((&report["files"], &report["problem_count"]), (&0.into(), &3.into()));
    assert!(report["problems"][0]["error"].as_str().unwrap().contains("crashed"), "{report}");
}

#[test]
fn ctrl_c_stops_in_order_and_the_next_run_goes_on() {
    let input = &*INPUT;
    let mut interrupted = 0;
    let mut random = Numbers::new(7);
    for _ in 0..40 {
        let state = tempfile::tempdir().unwrap();
        let child =
            INGEST.start(&[text(input.root.path()), "--state", text(state.path()), "--json"]);
        // A kill before the handler is installed, or after the end, is another test's business.
        thread::sleep(input.time.mul_f64(0.2 + 0.6 * random.below(100) as f64 / 100.0));
        let pid = child.id().to_string();
        let sent = std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap();
        let run: Run = child.wait_with_output().unwrap().into();
        if !sent.success() || run.code != Some(130) {
            // Killed before it watched, or done before it heard: then everything is done.
            match run.code {
                None => {}
                Some(0) => assert_eq!(result(&run.json()), result(&input.report)),
                Some(_) => panic!("{run:?}"),
            }
            continue;
        }
        interrupted += 1;
        let report = run.json();
        assert_eq!(report["interrupted"], true);
        let done = report["files"].as_u64().unwrap();
        let rest = ingest(input.root.path(), state.path(), &[]).json();
        assert_eq!(rest["resumed"].as_u64().unwrap(), done, "what was reported is durable");
        assert_eq!(result(&rest), result(&input.report));
        if interrupted == 3 {
            return;
        }
    }
    panic!("no run could be interrupted in its middle");
}

/// How many workers the run has that is short of files.
const WORKERS: usize = 2;
/// How often a file may crash its worker.
const MAY_CRASH: usize = 3;

#[test]
fn what_cannot_be_opened_for_the_moment_is_retried() {
    let input = &*INPUT;
    for _ in 0..40 {
        let (state, out) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
        let mut child = INGEST
            .command()
            .args([text(input.root.path()), "--state", text(state.path()), "--json"])
            .args(["--workers", &WORKERS.to_string()])
            .env("RUST_LOG", "klaw=warn,ingest=debug")
            .stdout(out.reopen().unwrap())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = child.id().to_string();
        let allow = |files: u32| {
            let files = format!("--nofile={files}:");
            // It fails if the run has ended, which is then seen by its output.
            std::process::Command::new("prlimit").args(["--pid", &pid, &files]).output().unwrap();
        };
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut lines = lines.map(Result::unwrap).filter(|line| line.contains("request_id=batch-"));
        // What it needs for itself is open by then.
        lines.find(|line| line.contains("worked on a batch"));
        allow(0);
        // So often that a file has failed more often than it may crash its worker, and long before
        // any is given up.
        let retries = lines.by_ref().filter(|line| line.contains("retrying"));
        let seen = retries.take(WORKERS * (MAY_CRASH + 1)).count() == WORKERS * (MAY_CRASH + 1);
        allow(1024);
        let rest: Vec<String> = lines.collect();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{rest:?}");
        let report: Value = serde_json::from_reader(out.reopen().unwrap()).unwrap();
        assert_eq!(report["problem_count"], 0, "{report}");
        assert_eq!(result(&report), result(&input.report));
        if seen {
            return;
        }
    }
    panic!("no run was short of files in its middle");
}

#[test]
fn changed_files_are_read_again() {
    let root = tempfile::tempdir().unwrap();
    generate(root.path(), 100, 500, 1).unwrap();
    let state = tempfile::tempdir().unwrap();
    ingest(root.path(), state.path(), &[]);
    let folder = root.path().join("part-000/00");
    let mut names: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    fs::write(&names[0], "changed").unwrap();
    fs::remove_file(&names[1]).unwrap();
    fs::write(folder.join("new.txt"), "new").unwrap();
    let report = ingest(root.path(), state.path(), &[]).json();
    assert_eq!((&report["processed"], &report["resumed"]), (&2.into(), &98.into()));
    assert_eq!(report["journal"]["superseded"], 1);
    let fresh = tempfile::tempdir().unwrap();
    let expected = ingest(root.path(), fresh.path(), &[]).json();
    assert_eq!(result(&report), result(&expected));
}

/// A small tree with an undisturbed run's state.
fn small() -> (tempfile::TempDir, tempfile::TempDir) {
    let (root, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    generate(root.path(), 200, 500, 3).unwrap();
    assert_eq!(ingest(root.path(), state.path(), &[]).code, Some(0));
    (root, state)
}

fn journal(state: &Path) -> PathBuf {
    state.join("journal")
}

/// It says what is wrong in words, without a panic and without a report.
fn complains(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, Some(code), "{run:?}");
    assert_eq!(run.stdout, "");
    for word in words {
        assert!(run.stderr.contains(word), "no {word:?} in {run:?}");
    }
    assert!(!run.stderr.contains("panicked"), "{run:?}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let state = tempfile::tempdir().unwrap();
    let run = ingest(Path::new("/no/such/folder"), state.path(), &[]);
    complains(&run, 1, &["/no/such/folder"]);
}

#[test]
fn wrong_usage_shows_the_usage() {
    let many = u64::MAX.to_string();
    let workers = ["--workers", &many];
    for args in [&["--chaos", "2"][..], &["--workers", "0"], &workers, &["--what"], &["a", "b"]] {
        complains(&INGEST.run(args), 64, &["usage:"]);
    }
    let help = INGEST.run(&["--help"]);
    assert_eq!(help.code, Some(0));
    assert!(help.stdout.contains("--state"));
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = INGEST.command().arg("--help").stdout(full).output().unwrap();
    complains(&run.into(), 1, &["could not print"]);
}

#[test]
fn what_cannot_be_read_is_listed_and_not_fatal() {
    let (root, state) = small();
    std::os::unix::fs::symlink("nowhere", root.path().join("dangling")).unwrap();
    std::os::unix::fs::symlink(".", root.path().join("circle")).unwrap();
    // Sparse and impossible to read: a directory entry that is a socket is passed over in silence.
    let _socket = std::os::unix::net::UnixListener::bind(root.path().join("socket")).unwrap();
    let report = ingest(root.path(), state.path(), &[]).json();
    assert_eq!(report["files"], 200);
    assert_eq!(report["problem_count"], 1, "{report}");
    assert_eq!(report["problems"][0]["path"], "dangling");
}

#[test]
fn a_pipe_holds_nothing_up() {
    let (root, state) = small();
    fs::create_dir(root.path().join("sub")).unwrap();
    for pipe in ["pipe", "sub/CACHEDIR.TAG"] {
        let path = root.path().join(pipe);
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    }
    let report = ingest(root.path(), state.path(), &[]).json();
    assert_eq!((&report["files"], &report["caches_skipped"]), (&200.into(), &0.into()));
}

#[test]
fn state_inside_the_tree_is_not_read_and_hides_nothing() {
    let (root, _) = small();
    let expected = ingest(root.path(), tempfile::tempdir().unwrap().path(), &[]).json();
    for state in ["part-000/01", "new", "."] {
        let state = root.path().join(state);
        for _ in 0..2 {
            let report = ingest(root.path(), &state, &[]).json();
            assert_eq!(result(&report), result(&expected), "{}", state.display());
        }
        fs::remove_file(journal(&state)).unwrap();
    }
}

#[test]
fn file_names_reach_the_terminal_as_plain_text() {
    let (root, state) = small();
    std::os::unix::fs::symlink("nowhere", root.path().join("a\u{1b}[31m\nb")).unwrap();
    let run = INGEST.run(&[text(root.path()), "--state", text(state.path())]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("a\u{fffd}[31m\u{fffd}b: not found"), "{run:?}");
}

#[test]
fn state_in_use_is_busy_with_exit_code_2() {
    let (root, state) = small();
    let lock = fs::File::open(journal(state.path())).unwrap();
    lock.try_lock().unwrap();
    complains(&ingest(root.path(), state.path(), &[]), 2, &["is open in another journal"]);
    drop(lock);
    assert_eq!(ingest(root.path(), state.path(), &[]).code, Some(0));
}

#[test]
fn state_of_another_tree_is_refused() {
    let (_root, state) = small();
    let (other, _) = small();
    complains(&ingest(other.path(), state.path(), &[]), 1, &["is the state of"]);
}

#[test]
fn a_corrupt_journal_is_named_with_its_offset_and_left_alone() {
    let (root, state) = small();
    let path = journal(state.path());
    let mut bytes = fs::read(&path).unwrap();
    bytes[5_000] ^= 0x10;
    fs::write(&path, &bytes).unwrap();
    let run = ingest(root.path(), state.path(), &[]);
    complains(&run, 1, &[text(&path.canonicalize().unwrap()), "offset"]);
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_file_that_is_no_journal_is_left_alone() {
    let (root, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(journal(state.path()), "dear diary").unwrap();
    complains(&ingest(root.path(), state.path(), &[]), 1, &["is not a journal"]);
    assert_eq!(fs::read(journal(state.path())).unwrap(), b"dear diary");
}

#[test]
fn a_full_disk_stops_it_cleanly_and_keeps_what_was_acknowledged() {
    let input = &*INPUT;
    let state = tempfile::tempdir().unwrap();
    // The kernel refuses to let any file grow beyond 256 KiB, as a full disk would.
    let program = INGEST.command().get_program().to_owned();
    let output = std::process::Command::new("bash")
        .args(["-c", "trap '' XFSZ; ulimit -f 256; exec \"$0\" \"$@\""])
        .arg(program)
        .args([text(input.root.path()), "--state", text(state.path()), "--json"])
        .output()
        .unwrap();
    let run = Run::from(output);
    complains(&run, 1, &["journal", "could not", "is safe"]);
    let report = ingest(input.root.path(), state.path(), &[]).json();
    assert!(report["resumed"].as_u64().unwrap() > 0, "{report}");
    assert_eq!(result(&report), result(&input.report));
    assert_eq!(report["journal"]["superseded"], 0);
}

#[test]
fn progress_is_plain_lines_without_a_terminal_and_events_come_by_rust_log() {
    let (root, _) = small();
    let state = tempfile::tempdir().unwrap();
    let run = ingest(root.path(), state.path(), &["--chaos", "0.2"]);
    assert!(!run.stderr.contains('\u{1b}'), "no control characters: {run:?}");

    static LOGGED: OnceLock<Vec<String>> = OnceLock::new();
    let state = tempfile::tempdir().unwrap();
    let mut child = INGEST
        .command()
        .args([text(root.path()), "--state", text(state.path()), "--chaos", "0.2"])
        .env("RUST_LOG", "klaw=warn")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    LOGGED.set(lines.map(Result::unwrap).collect()).unwrap();
    assert!(child.wait().unwrap().success());
    let logged = LOGGED.get().unwrap();
    assert!(logged.iter().any(|line| line.contains("failed") && line.contains("worker[")));

    let mut bad = INGEST.command();
    let run: Run =
        bad.arg(text(root.path())).env("RUST_LOG", "klaw=what=x").output().unwrap().into();
    complains(&run, 64, &["RUST_LOG"]);
}
