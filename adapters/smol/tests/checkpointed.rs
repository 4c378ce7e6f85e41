//! Checkpointed actors on real files: a new process, and `kill -9` at any moment.
#![cfg(unix)]

use core::time::Duration;
use klaw::{
    checkpoint::{Persist, PersistError, SharedStore, Writer, key_hash},
    durable::{Checkpoint, CheckpointError, Checkpointed, restore, serve_checkpointed},
};
use klaw_smol::{Actor, ActorRef, Ctx, Reply, Runtime, SmolClock};
use klaw_std::{FileCheckpointer, StoreError, checkpoints::Directory};
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

/// Two numbers, the second always twice the first.
#[derive(Default)]
struct Pair(u64, u64);

impl Persist for Pair {
    const TYPE: &'static str = "pair";
    const VERSION: u32 = 1;
    const SCHEMA: u64 = key_hash(b"u64, u64");

    fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
        out.write(&self.0.to_le_bytes());
        out.write(&self.1.to_le_bytes());
        Ok(())
    }

    fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
        let 1 = version else { return Err(PersistError::TooOld { found: version }) };
        let (first, second) = bytes.split_first_chunk().ok_or(PersistError::Malformed)?;
        Ok(Self(u64::from_le_bytes(*first), u64::from_le_bytes(second.try_into()?)))
    }
}

enum Msg {
    Next,
    Keep(Reply<u64>),
    Get(Reply<(u64, u64)>),
}

struct Pairs {
    pair: Pair,
    keep: Vec<Reply<u64>>,
}

impl Actor for Pairs {
    type Msg = Msg;
    type Error = CheckpointError<StoreError>;

    async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), Self::Error> {
        match msg {
            Msg::Next => {
                self.pair.0 += 1;
                smol::future::yield_now().await;
                self.pair.1 += 2;
            }
            Msg::Keep(reply) => self.keep.push(reply),
            Msg::Get(reply) => reply.send((self.pair.0, self.pair.1)),
        }
        Ok(())
    }
}

impl Checkpointed for Pairs {
    type State = Pair;

    fn state(&self) -> &Pair {
        &self.pair
    }

    fn save_now(&self) -> bool {
        !self.keep.is_empty()
    }

    fn saved(&mut self) {
        for reply in self.keep.drain(..) {
            reply.send(self.pair.0);
        }
    }
}

fn start(runtime: &Runtime, path: &Path, every: Duration) -> ActorRef<Msg> {
    let store = SharedStore::new(FileCheckpointer::open(path).unwrap());
    let checkpoint = Checkpoint::new(store, "pairs", SmolClock, vec![0; 64]).every(every);
    let incarnation = move |me| {
        let make = |saved: Option<Pair>| Pairs { pair: saved.unwrap_or_default(), keep: vec![] };
        serve_checkpointed(make, me, checkpoint.clone())
    };
    runtime.spawn_actor(incarnation).name("pairs").start().unwrap()
}

#[test]
fn a_new_process_goes_on_where_the_last_one_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    for round in 0..5 {
        let runtime = Runtime::new().unwrap();
        let pairs = start(&runtime, &path, Duration::MAX);
        runtime.block_on(async {
            let found = pairs.ask(Msg::Get).await;
            assert_eq!(found, Ok((10 * round, 20 * round)));
            for _ in 0..10 {
                pairs.tell(Msg::Next).await.unwrap();
            }
            pairs.stop();
            pairs.closed().await;
        });
        runtime.shutdown();
    }
}

#[test]
fn a_restart_goes_on_from_what_is_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let pairs = start(&runtime, &dir.path().join("state"), Duration::MAX);
    runtime.block_on(async {
        pairs.tell(Msg::Next).await.unwrap();
        assert_eq!(pairs.ask(Msg::Keep).await, Ok(1));
        pairs.tell(Msg::Next).await.unwrap();
        assert_eq!(pairs.ask(Msg::Get).await, Ok((2, 4)));
        pairs.kill();
        assert_eq!(pairs.ask(Msg::Get).await, Ok((1, 2)));
    });
    runtime.shutdown();
}

#[test]
fn the_builder_keeps_an_actor_on_threads_in_the_directory_of_checkpoints() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = Directory::at(dir.path()).unwrap();
    for round in 0..3 {
        let runtime = Runtime::new().unwrap();
        let store = SharedStore::new(checkpoints.open("numbers").unwrap());
        let make = |saved: Option<Pair>| Pairs { pair: saved.unwrap_or_default(), keep: vec![] };
        let pairs = runtime
            .spawn_actor(move |me| restore(make, me))
            .name("pairs")
            .checkpoint(store, Duration::MAX)
            .start()
            .unwrap();
        runtime.block_on(async {
            let (first, second) = (2 * round, 4 * round);
            assert_eq!(pairs.ask(Msg::Get).await, Ok((first, second)));
            pairs.tell(Msg::Next).await.unwrap();
            assert_eq!(pairs.ask(Msg::Keep).await, Ok(first + 1));
            pairs.tell(Msg::Next).await.unwrap();
            assert_eq!(pairs.ask(Msg::Get).await, Ok((first + 2, second + 4)));
            pairs.kill(); // a restart loses the second of the two
            assert_eq!(pairs.ask(Msg::Get).await, Ok((first + 1, second + 2)));
            pairs.tell(Msg::Next).await.unwrap();
            pairs.stop();
            pairs.closed().await;
        });
        runtime.shutdown();
    }
}

/// Names the store that a child process of this test is to use.
const CHILD: &str = "KLAW_TEST_CHECKPOINT";

/// The child: says where it begins, then counts for ever and prints what is kept.
///
/// It is also saved every few microseconds, so that a kill hits saves that nobody waits for.
#[test]
fn count_until_killed() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let runtime = Runtime::new().unwrap();
    let pairs = start(&runtime, Path::new(&path), Duration::from_micros(50));
    let mut out = std::io::stdout();
    runtime.block_on(async {
        let (first, second) = pairs.ask(Msg::Get).await.unwrap();
        writeln!(out, "\nbegins {first} {second}").unwrap();
        loop {
            pairs.tell(Msg::Next).await.unwrap();
            let kept = pairs.ask(Msg::Keep).await.unwrap();
            writeln!(out, "kept {kept}").unwrap();
        }
    });
}

#[test]
fn kill_9_never_goes_back_behind_what_is_kept_and_never_shows_a_half() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let (mut kept, rounds) = (0, 15);
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "count_until_killed", "--nocapture", "--test-threads=1"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut lines = lines.map(Result::unwrap);
        let begins = lines.find_map(|line| line.strip_prefix("begins ").map(str::to_owned));
        let begins = begins.expect("the child must get started");
        let (first, second) = begins.split_once(' ').unwrap();
        let (first, second): (u64, u64) = (first.parse().unwrap(), second.parse().unwrap());
        assert_eq!(second, 2 * first, "round {round}");
        // One that is counted may be kept though the kill came before that was said.
        assert!((kept..=kept + 1).contains(&first), "{kept} were kept, {first} are found");

        let mut said = lines.filter_map(|line| line.strip_prefix("kept ")?.parse().ok());
        for _ in 0..round * 3 {
            kept = said.next().expect("the child goes on");
        }
        child.kill().unwrap();
        // What it had said before it died counts as well.
        kept = said.last().unwrap_or(kept.max(first));
        child.wait().unwrap();
    }
    assert!(kept > 3 * rounds, "only {kept} were kept");
}
