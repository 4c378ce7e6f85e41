//! The program `klaw-journal`, on journals in every state.
#![cfg(unix)]

use klaw::checkpoint::{Checkpointer, key_hash};
use klaw_std::{
    FileCheckpointer,
    journal::{Entry, Journal, RecordKind},
};
use serde_json::{Value, json};
use smol::future::block_on;
use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, UNIX_EPOCH},
};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_klaw-journal");
/// A workflow, `order/1`, of two steps.
const WORKFLOW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/order-v1.workflow");
/// Where the first record of a user stands: behind the header and the mark of opening.
const FIRST: usize = 24 + 41;
/// A record of `store` below: header of the record, and two bytes of lengths, key and value.
const SAVED: usize = 41 + 2 + 3 + 5;

/// 2001-09-09 01:46:40, in seconds since 1970.
const WRITTEN: Duration = Duration::from_secs(1_000_000_000);

struct Ran {
    code: Option<i32>,
    out: String,
    complaint: String,
}

fn run(args: &[&str], file: &Path) -> Ran {
    ran(Command::new(PROGRAM).args(args).arg(file).output().unwrap())
}

fn ran(Output { status, stdout, stderr }: Output) -> Ran {
    let [out, complaint] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    Ran { code: status.code(), out, complaint }
}

/// Three saved values of five bytes in the store at `path`, which is open.
fn store(path: &Path) -> FileCheckpointer {
    let mut store = FileCheckpointer::open(path).unwrap();
    for value in [b"one..", b"two..", b"three"] {
        block_on(store.save(b"key", value)).unwrap();
    }
    store
}

/// A directory of journals in every state but one that is in use.
struct Journals {
    dir: TempDir,
}

impl Journals {
    fn new() -> Self {
        let journals = Self { dir: tempfile::tempdir().unwrap() };
        let path = |name| journals.path(name);
        let open = store(&path("good"));
        let unclosed = fs::read(path("good")).unwrap();
        block_on(open.close()).unwrap();
        let closed = fs::read(path("good")).unwrap();

        fs::write(path("left"), &unclosed).unwrap();
        let mut torn = unclosed;
        torn[FIRST + 3 * SAVED - 1] = 0;
        fs::write(path("torn"), torn).unwrap();
        let mut corrupt = closed;
        corrupt[FIRST + 2 * SAVED - 1] ^= 1;
        fs::write(path("corrupt"), corrupt).unwrap();
        fs::write(path("empty"), b"").unwrap();
        fs::write(path("foreign.txt"), "a text that is longer than a header").unwrap();

        let own = Journal::open(path("own")).unwrap();
        block_on(own.append(Entry::new(RecordKind::user(7), 3, b"alice", b"two coffees"))).unwrap();
        block_on(own.close()).unwrap();
        fs::copy(WORKFLOW, path("workflow")).unwrap();

        for file in journals.files() {
            let file = File::options().write(true).open(file).unwrap();
            file.set_modified(UNIX_EPOCH + WRITTEN).unwrap();
        }
        journals
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(self.dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

/// The fields of the line about `name`.
fn line(list: &str, name: &str) -> Vec<String> {
    let mut lines = list.lines().filter(|line| line.contains(&format!(" {name}")));
    let found = lines.next().unwrap_or_else(|| panic!("no {name} in {list}"));
    assert!(lines.next().is_none(), "{name} twice in {list}");
    found.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn list_says_what_is_there() {
    let journals = Journals::new();
    let mut busy = store(&journals.path("busy"));
    let Ran { code, out, complaint } = run(&["list"], journals.dir.path());
    assert_eq!((code, complaint.as_str()), (Some(1), ""), "{out}");
    let size = fs::metadata(journals.path("good")).unwrap().len().to_string();
    let written = ["2001-09-09", "01:46:40Z"];
    let expected = |kind: &str, records: &str, epoch: &str, state: &[&str]| {
        let head = [kind, records, &size, epoch];
        let fields = head.iter().chain(&written).chain(state);
        fields.map(|field| field.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(line(&out, "good"), expected("store", "3", "1", &["closed", "good"]));
    assert_eq!(line(&out, "left"), expected("store", "3", "1", &["unclosed", "left"]));
    let at = (FIRST + 2 * SAVED).to_string();
    let torn = ["torn", "torn:", "at", "offset", &at];
    assert_eq!(line(&out, "torn:"), expected("store", "2", "1", &torn));
    let at = (FIRST + SAVED).to_string();
    let corrupt = ["corrupt", "corrupt:", "at", "offset", &at];
    assert_eq!(line(&out, "corrupt:"), expected("store", "1", "1", &corrupt));
    assert_eq!(line(&out, "own"), expected("unknown", "1", "1", &["closed", "own"]));
    let workflow = line(&out, "workflow");
    assert_eq!(
        [&workflow[..2], &workflow[3..4], &workflow[6..]].concat().join(" "),
        "workflow 2 2 unclosed workflow"
    );
    assert_eq!(line(&out, "empty")[..4], ["-", "0", "0", "0"]);
    assert!(out.contains("unbegun   empty"), "{out}");
    assert!(out.contains("in use    busy"), "{out}");
    assert!(!out.contains("foreign") && out.ends_with("and 1 other file\n"), "{out}");
    // Who was looked at goes on.
    block_on(busy.save(b"key", b"four.")).unwrap();
    block_on(busy.close()).unwrap();
}

#[test]
fn without_a_directory_it_is_that_of_the_checkpoints() {
    let home = tempfile::tempdir().unwrap();
    let list = |checkpoints: Option<&Path>| {
        let mut command = Command::new(PROGRAM);
        command.arg("list").env("HOME", home.path()).env_remove("KLAW_CHECKPOINT_PATH");
        if let Some(path) = checkpoints {
            command.env("KLAW_CHECKPOINT_PATH", path);
        }
        ran(command.output().unwrap())
    };
    let Ran { code, out, .. } = list(None);
    assert!(
        code == Some(0) && out.ends_with(".klaw/checkpoints: there are no checkpoints\n"),
        "{out}"
    );
    block_on(store(&home.path().join(".klaw/checkpoints/counter.journal")).close()).unwrap();
    let Ran { code, out, .. } = list(None);
    assert!(code == Some(0) && out.contains("closed    counter.journal"), "{out}");

    let journals = Journals::new();
    assert!(list(Some(journals.dir.path())).out.contains("workflow"));
    let Ran { code, complaint, .. } = list(Some(Path::new("here")));
    assert!(complaint.contains("KLAW_CHECKPOINT_PATH=\"here\""), "{complaint}");
    assert_eq!(code, Some(1));
    let Ran { code, complaint, .. } = list(Some(&home.path().join("missing")));
    assert!(code == Some(1) && complaint.contains("missing: could not read"), "{complaint}");
}

#[test]
fn show_prints_the_records() {
    let journals = Journals::new();
    let Ran { code, out, .. } = run(&["show"], &journals.path("good"));
    let rows: Vec<Vec<&str>> = out.lines().map(|line| line.split_whitespace().collect()).collect();
    let offsets = [24, FIRST, FIRST + SAVED].map(|at| at.to_string());
    assert_eq!(rows[0], ["SEQ", "EPOCH", "OFFSET", "KIND", "SCHEMA", "BYTES", "KEY"]);
    assert_eq!(rows[1], ["1", "1", &offsets[0], "opened", "0", "0"]);
    assert_eq!(rows[2], ["2", "1", &offsets[1], "saved", "1", "10", "\"key\""]);
    assert_eq!(rows[3], ["3", "1", &offsets[2], "saved", "1", "10", "\"key\""]);
    assert_eq!(rows[5][3], "closed");
    assert_eq!(rows[6].join(" "), "sound: 3 records, epoch 1, closed");
    assert_eq!((rows.len(), code), (7, Some(0)));

    let Ran { out, .. } = run(&["show"], &journals.path("own"));
    let key = format!("{:016x}", key_hash(b"alice"));
    assert!(out.contains(&format!("user 7         3        11  {key}\n")), "{out}");
    let Ran { out, .. } = run(&["show"], &journals.path("workflow"));
    let of = |kind: &str| out.lines().find(|line| line.contains(kind)).unwrap_or("none");
    assert!(of("started").ends_with(" \"order\""), "{out}");
    assert!(of("done").ends_with(" charge#1"), "{out}");
}

#[test]
fn show_prints_payloads_and_begins_where_it_is_told_to() {
    let journals = Journals::new();
    let Ran { out, .. } = run(&["show", "--payload", "--from", "4"], &journals.path("good"));
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[1].contains("saved"), "{out}");
    assert_eq!(lines[2], "    000000  03 6b 65 79 05 74 68 72 65 65                    .key.three");
    assert!(lines[3].contains("closed") && lines[4].starts_with("sound") && lines.len() == 5);
}

#[test]
fn show_prints_json() {
    let journals = Journals::new();
    let Ran { out, code, .. } =
        run(&["show", "--json", "--payload", "--from", "4"], &journals.path("left"));
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let offset = FIRST + 2 * SAVED;
    let saved = json!({
        "seq": 4, "epoch": 1, "offset": offset, "synced_upto": offset, "kind": "saved",
        "kind_number": 1, "schema": 1, "key_hash": format!("{:016x}", key_hash(b"key")),
        "bytes": 10, "key": "key", "value_bytes": 5, "payload": "036b6579057468726565",
    });
    let end = json!({
        "end": offset + SAVED, "sound": true, "in_use": false,
        "says": "sound: 3 records, epoch 1, not closed",
    });
    assert_eq!((lines, code), (vec![saved, end], Some(0)));
}

#[test]
fn verify_tells_a_torn_tail_from_damage() {
    let journals = Journals::new();
    let said = |name: &str| {
        let Ran { code, out, complaint } = run(&["verify"], &journals.path(name));
        assert_eq!(complaint, "");
        let prefix = journals.path(name).display().to_string();
        let words = out.strip_prefix(&prefix).unwrap_or_else(|| panic!("{out}")).trim();
        (code.unwrap(), words.trim_start_matches(": ").to_owned())
    };
    assert_eq!(said("good"), (0, "sound: 3 records, epoch 1, closed".into()));
    assert_eq!(said("left"), (0, "sound: 3 records, epoch 1, not closed".into()));
    assert_eq!(said("empty"), (0, "sound: nothing was recorded yet".into()));
    let torn = format!(
        "sound, with a torn tail at offset {} of {} bytes, of which nothing was acknowledged: \
         2 records, epoch 1",
        FIRST + 2 * SAVED,
        SAVED - 1
    );
    assert_eq!(said("torn"), (0, torn));
    let corrupt = format!(
        "corrupt at offset {}: the record there is damaged, though the one at {} shows that it was \
         durable; 1 record, epoch 1 before it",
        FIRST + SAVED,
        FIRST + 2 * SAVED
    );
    assert_eq!(said("corrupt"), (1, corrupt));
    let (code, words) = said("foreign.txt");
    assert!(code == 1 && words.starts_with("is not a journal"), "{words}");
    let (code, words) = said("missing");
    assert!(code == 1 && words.starts_with("could not read"), "{words}");
}

#[test]
fn verify_goes_on_after_damage() {
    let journals = Journals::new();
    let files = ["corrupt", "missing", "good"].map(|name| journals.path(name));
    let Ran { code, out, .. } =
        ran(Command::new(PROGRAM).arg("verify").args(files).output().unwrap());
    assert_eq!((code, out.lines().count()), (Some(1), 3));
    assert!(out.ends_with("good: sound: 3 records, epoch 1, closed\n"), "{out}");
}

#[test]
fn a_journal_in_use_is_looked_at_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("busy");
    let mut store = store(&path);
    for (args, words) in [
        (&["verify"][..], "sound: 3 records, epoch 1, in use\n"),
        (&["show"], "sound: 3 records, epoch 1, in use\n"),
    ] {
        let Ran { code, out, .. } = run(args, &path);
        assert!(code == Some(0) && out.ends_with(words), "{out}");
    }
    // The lock is still held, and nothing stands where the next record goes.
    assert!(FileCheckpointer::open(&path).is_err());
    block_on(store.save(b"key", b"four.")).unwrap();
    block_on(store.close()).unwrap();
}

#[test]
fn nothing_is_written_whatever_is_looked_at() {
    let journals = Journals::new();
    let state = || {
        let mut files = journals.files();
        files.sort();
        let look = |file: PathBuf| {
            let modified = fs::metadata(&file).unwrap().modified().unwrap();
            (fs::read(&file).unwrap(), modified, file)
        };
        files.into_iter().map(look).collect::<Vec<_>>()
    };
    let before = state();
    assert_eq!(before.len(), 8);
    run(&["list"], journals.dir.path());
    for (_, _, file) in &before {
        for args in [&["show"][..], &["show", "--json", "--payload"], &["verify"]] {
            run(args, file);
        }
    }
    assert!(state() == before, "a file was changed");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long");
    let journal = Journal::open(&path).unwrap();
    for n in 0..5000_u32 {
        block_on(journal.append(Entry::new(RecordKind::user(1), 9, b"key", n.to_le_bytes())))
            .unwrap();
    }
    block_on(journal.close()).unwrap();
    for args in [&["show", "--payload"][..], &["show", "--json"]] {
        let mut child = Command::new(PROGRAM)
            .args(args)
            .arg(&path)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(first.contains("SEQ") || first.contains("seq"), "{first}");
        let mut complaint = String::new();
        child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        assert_eq!((child.wait().unwrap().code(), complaint.as_str()), (Some(0), ""));
    }
}

#[test]
fn what_nobody_reads_still_has_its_exit_code() {
    let journals = Journals::new();
    let (reading, writing) = std::io::pipe().unwrap();
    drop(reading);
    let mut verify = Command::new(PROGRAM);
    let output = verify.args(["verify"]).arg(journals.path("corrupt")).stdout(writing).output();
    let Ran { code, complaint, .. } = ran(output.unwrap());
    assert_eq!((code, complaint.as_str()), (Some(1), ""));
}

#[test]
fn a_long_journal_is_read_in_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long");
    let journal = Journal::open(&path).unwrap();
    let payload = vec![7; 1 << 20];
    for _ in 0..96 {
        block_on(journal.append(Entry::new(RecordKind::user(1), 9, b"key", &payload))).unwrap();
    }
    block_on(journal.close()).unwrap();
    // 64 MiB of address space, for all that the program is.
    let command = format!("ulimit -v 65536; exec {PROGRAM} verify {}", path.display());
    let Ran { code, out, complaint } =
        ran(Command::new("sh").args(["-c", &command]).output().unwrap());
    assert_eq!((code, complaint.as_str()), (Some(0), ""));
    assert!(out.ends_with("sound: 96 records, epoch 1, closed\n"), "{out}");
}

#[test]
fn wrong_usage_is_told_apart() {
    let output = Command::new(PROGRAM).args(["shw", "file"]).output().unwrap();
    let Ran { code, complaint, .. } = ran(output);
    assert_eq!(code, Some(64));
    assert!(complaint.contains("\"shw\"") && complaint.contains("usage:"), "{complaint}");
    let Ran { code, out, .. } = ran(Command::new(PROGRAM).arg("--help").output().unwrap());
    assert!(code == Some(0) && out.contains("usage:"));
}
