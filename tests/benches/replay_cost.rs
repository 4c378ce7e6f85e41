//! What a replay costs: recorded steps in a second, from memory and from a file.
//!
//! Each history is replayed by code that asks for all of its steps; medians over the rounds.
//!
//! `cargo bench -p klaw-tests --bench replay_cost [-- ROUNDS]`

use futures_executor::block_on;
use klaw::{
    Entropy, WallClock, Workflow,
    checkpoint::{Header, Record, encode},
    workflow::{Entry, Log, Opened, Store},
};
use klaw_std::WorkflowStore;
use std::{
    cell::RefCell,
    convert::Infallible,
    error::Error,
    future::{Ready, ready},
    hint::black_box,
    io,
    rc::Rc,
    time::{Duration, Instant},
};

/// How many steps a history has.
const STEPS: u64 = 100_000;

#[derive(Clone, Copy)]
struct Still;

impl WallClock for Still {
    fn unix_millis(&self) -> u64 {
        0
    }
}

struct Seed;

impl Entropy for Seed {
    fn next_u64(&mut self) -> u64 {
        1
    }
}

/// A log of frames in memory, decoded when it is opened, as a flash would.
#[derive(Clone, Default)]
struct Frames(Rc<RefCell<(Vec<u8>, u64)>>);

impl Store for Frames {
    type Error = Infallible;
    type Log = Self;

    async fn open(&self, _: &str, visit: impl FnMut(Record<'_>)) -> Result<Self, Infallible> {
        klaw::checkpoint::recover(&self.0.borrow().0, 0, 1, visit).expect("it is sound");
        Ok(self.clone())
    }
}

impl Log for Frames {
    type Error = Infallible;
    type Append = Ready<Result<(), Infallible>>;

    fn append(&self, Entry { kind, schema, key, payload }: Entry) -> Self::Append {
        let (bytes, seq) = &mut *self.0.borrow_mut();
        *seq += 1;
        let header = Header { epoch: 1, seq: *seq, synced_upto: 0, kind, schema, key };
        let at = bytes.len();
        bytes.resize(at + 64 + payload.len(), 0);
        let record = Record { header, payload: &payload };
        let len = encode(&record, at as u64, &mut bytes[at..]).expect("there is room");
        bytes.truncate(at + len);
        ready(Ok(()))
    }
}

/// How the steps of a workflow are told apart.
#[derive(Clone, Copy)]
enum Told {
    ByNumber,
    ByKey,
}

/// The workflow: as many steps, each from one number to another.
async fn code<L: Log<Error: Send + Sync>>(
    wf: Workflow<L, Still>,
    told: Told,
) -> Result<u64, Box<dyn Error>> {
    let mut sum = 0_u64;
    for n in 0..STEPS {
        let step = wf.step("step", &n, async |_| Ok::<_, io::Error>(n * 2));
        sum += match told {
            Told::ByNumber => step.await?,
            Told::ByKey => step.key(n).await?,
        };
    }
    Ok(sum)
}

/// Opens the workflow and asks for all its steps; how long the two took.
fn replay<S: Store<Error: Send + Sync>>(store: &S, told: Told) -> (Duration, Duration) {
    let begun = Instant::now();
    let open = Workflow::open(store, "bench", &STEPS);
    let Ok(Opened::Running(wf)) = block_on(open.start(Still, &mut Seed)) else {
        panic!("it can be opened and is not finished")
    };
    let opened = begun.elapsed();
    assert_eq!(black_box(block_on(code(wf, told))).unwrap(), STEPS * (STEPS - 1));
    (opened, begun.elapsed() - opened)
}

fn per_second(mut times: Vec<Duration>) -> f64 {
    times.sort();
    STEPS as f64 / times[times.len() / 2].as_secs_f64() / 1e6
}

fn measure<S: Store<Error: Send + Sync>>(name: &str, store: &S, told: Told, rounds: usize) {
    // The first one runs the steps and records them.
    replay(store, told);
    let (opened, asked): (Vec<_>, Vec<_>) = (0..rounds).map(|_| replay(store, told)).unzip();
    let both = opened.iter().zip(&asked).map(|(opened, asked)| *opened + *asked).collect();
    let (opened, asked, both) = (per_second(opened), per_second(asked), per_second(both));
    println!("{name:<34} {opened:>10.2} {asked:>10.2} {both:>10.2}");
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse::<usize>().ok());
    let rounds = numbers.next().unwrap_or(21);
    println!("{STEPS} steps, medians of {rounds} rounds, millions of steps in a second");
    println!("{:<34} {:>10} {:>10} {:>10}", "", "opened", "asked for", "both");
    for (name, told) in
        [("one name, by number", Told::ByNumber), ("one name, each with a key", Told::ByKey)]
    {
        measure(&format!("{name}, from memory"), &Frames::default(), told, rounds);
    }
    let dir = tempfile::tempdir().expect("there is a directory for temporary files");
    // Recorded in memory first: a file would be synced for each step.
    let frames = Frames::default();
    replay(&frames, Told::ByNumber);
    let store = WorkflowStore::new(dir.path());
    let bytes = std::mem::take(&mut frames.0.borrow_mut().0);
    let journal = klaw_std::Journal::open(store.path("bench")).expect("it can be created");
    klaw::checkpoint::recover(&bytes, 0, 1, |record| {
        let Header { kind, schema, key, .. } = record.header;
        let payload = record.payload;
        let entry = klaw_std::journal::Entry { kind, schema, key, payload };
        block_on(journal.append(entry)).expect("it is written");
    })
    .expect("it is sound");
    block_on(journal.close()).expect("it is written");
    measure("one name, by number, from a file", &store, Told::ByNumber, rounds);
}
