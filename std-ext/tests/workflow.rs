//! Workflows on real files: versions of their code, one writer, what is removed.
#![cfg(unix)]

use core::{
    cell::Cell,
    future::pending,
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};
use klaw::{
    Entropy, WallClock,
    checkpoint::{HEADER_LEN, Persist, PersistError, Writer, key_hash},
    workflow::{Divergence, Opened, StepError, Workflow, WorkflowError, replay_check},
};
use klaw_std::{
    JournalError, WorkflowStore,
    workflow::{Stored, WorkflowLog},
};
use smol::future::block_on;
use std::{fs, io, path::Path};

/// A clock that stands.
#[derive(Clone, Copy)]
struct At(u64);

impl WallClock for At {
    fn unix_millis(&self) -> u64 {
        self.0
    }
}

struct Seed;

impl Entropy for Seed {
    fn next_u64(&mut self) -> u64 {
        42
    }
}

type Running = Workflow<WorkflowLog, At>;
type Failed = WorkflowError<JournalError>;

/// Opens the workflow `id`, which is not finished.
fn start<I: Persist>(store: &WorkflowStore, id: &str, input: &I) -> Result<Running, Failed> {
    let open = Workflow::open(store, id, input).start(At(1_000), &mut Seed);
    match block_on(open)? {
        Opened::Running(workflow) => Ok(workflow),
        Opened::Finished(_) => panic!("{id} is not finished"),
    }
}

fn run(store: &WorkflowStore, id: &str, at: u64) -> u64 {
    let ran: Result<u64, Failed> =
        block_on(Workflow::open(store, id, &1_u64).run(At(at), &mut Seed, async |_| Ok(2_u64)));
    ran.unwrap()
}

/// The types of an application in three releases, each reading what those before it wrote.
mod release {
    use super::*;

    fn number(bytes: &[u8]) -> Result<u32, PersistError> {
        Ok(u32::from_le_bytes(bytes.try_into()?))
    }

    #[derive(Debug, PartialEq)]
    pub(super) struct OrderV1 {
        pub(super) cents: u32,
    }

    impl Persist for OrderV1 {
        const TYPE: &'static str = "order";
        const VERSION: u32 = 1;
        const SCHEMA: u64 = key_hash(b"cents u32");

        fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
            out.write(&self.cents.to_le_bytes());
            Ok(())
        }

        fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
            match version {
                1 => Ok(Self { cents: number(bytes)? }),
                found => Err(PersistError::TooOld { found }),
            }
        }
    }

    /// Release 2 counted in more digits.
    pub(super) struct OrderV2 {
        pub(super) cents: u64,
    }

    impl Persist for OrderV2 {
        const TYPE: &'static str = "order";
        const VERSION: u32 = 2;
        const SCHEMA: u64 = key_hash(b"cents u64");

        fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
            out.write(&self.cents.to_le_bytes());
            Ok(())
        }

        fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
            match version {
                2 => Ok(Self { cents: u64::from_le_bytes(bytes.try_into()?) }),
                older => OrderV1::decode(older, bytes).map(|old| Self { cents: old.cents.into() }),
            }
        }

        fn schema(version: u32) -> Option<u64> {
            if version == 2 { Some(Self::SCHEMA) } else { OrderV1::schema(version) }
        }
    }

    /// Release 3 knows currencies; all was in euros before.
    #[derive(Debug, PartialEq)]
    pub(super) struct Order {
        pub(super) cents: u64,
        pub(super) currency: [u8; 3],
    }

    impl Persist for Order {
        const TYPE: &'static str = "order";
        const VERSION: u32 = 3;
        const SCHEMA: u64 = key_hash(b"cents u64, currency u8 x 3");

        fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
            out.write(&self.cents.to_le_bytes());
            out.write(&self.currency);
            Ok(())
        }

        fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
            if version < 3 {
                let OrderV2 { cents } = OrderV2::decode(version, bytes)?;
                return Ok(Self { cents, currency: *b"EUR" });
            }
            let (cents, currency) = bytes.split_first_chunk().ok_or(PersistError::Malformed)?;
            Ok(Self { cents: u64::from_le_bytes(*cents), currency: currency.try_into()? })
        }

        fn schema(version: u32) -> Option<u64> {
            if version == 3 { Some(Self::SCHEMA) } else { OrderV2::schema(version) }
        }
    }

    /// As `OrderV1`, with a shape that was changed and a version that was not.
    #[derive(Debug)]
    pub(super) struct Careless {
        pub(super) euros: u32,
    }

    impl Persist for Careless {
        const TYPE: &'static str = "order";
        const VERSION: u32 = 1;
        const SCHEMA: u64 = key_hash(b"euros u32");

        fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
            out.write(&self.euros.to_le_bytes());
            Ok(())
        }

        fn decode(_: u32, bytes: &[u8]) -> Result<Self, PersistError> {
            Ok(Self { euros: number(bytes)? })
        }
    }
}

use release::{Careless, Order, OrderV1};

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/order-v1.workflow");

/// What release 1 recorded before its process was gone: the order was charged, and not sent yet.
fn release_1(store: &WorkflowStore) {
    let order = OrderV1 { cents: 995 };
    let wf = start(store, "order", &order).unwrap();
    // The receipt is of the order's type, so that it has its versions.
    let charge = wf.step("charge", &order, async |_| Ok::<_, io::Error>(OrderV1 { cents: 900 }));
    block_on(charge).unwrap();
}

/// A store with the committed journal of release 1.
fn fixture() -> (tempfile::TempDir, WorkflowStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = WorkflowStore::new(dir.path());
    fs::copy(FIXTURE, store.path("order")).unwrap();
    (dir, store)
}

/// Writes the fixture: `cargo test -p klaw-std --test workflow -- --ignored write_the_fixture`.
#[test]
#[ignore = "the journal of release 1 is committed, and stays as it was written then"]
fn write_the_fixture() {
    let dir = tempfile::tempdir().unwrap();
    let store = WorkflowStore::new(dir.path());
    release_1(&store);
    // Opened once more, to be sure that the writer is done with it.
    drop(klaw_std::Journal::open(store.path("order")).unwrap());
    // Without the zeros that are written ahead; the last record may end with zeros of its own.
    let bytes = fs::read(store.path("order")).unwrap();
    let end = bytes.iter().rposition(|&byte| byte != 0).unwrap();
    fs::write(FIXTURE, &bytes[..=end + HEADER_LEN]).unwrap();
}

#[test]
fn release_3_goes_on_with_what_release_1_began() {
    let (_dir, store) = fixture();
    let order = Order { cents: 995, currency: *b"EUR" };
    let ran: Result<u64, Box<dyn core::error::Error>> =
        block_on(Workflow::open(&store, "order", &order).version(3).accepts(&[1, 2]).strict().run(
            At(5_000),
            &mut Seed,
            async |wf| {
                assert_eq!(wf.version(), 1);
                let order: Order = wf.input()?;
                assert_eq!(order, Order { cents: 995, currency: *b"EUR" });
                let receipt = wf.step("charge", &order, async |_| -> Result<Order, io::Error> {
                    panic!("it was charged by release 1")
                });
                assert_eq!(receipt.await?, Order { cents: 900, currency: *b"EUR" });
                Ok(wf.step("send", &order, async |_| Ok::<_, io::Error>(7_u64)).await?)
            },
        ));
    assert_eq!(ran.unwrap(), 7);
    // Another order is still another input.
    let other = Order { cents: 996, currency: *b"EUR" };
    assert_eq!(diverged(start(&store, "order", &other)), Divergence::OtherInput);
}

fn diverged<T: core::fmt::Debug>(result: Result<T, Failed>) -> Divergence {
    match result {
        Err(WorkflowError::Diverged(divergence)) => divergence,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_code_of_release_1_still_writes_what_it_wrote() {
    let dir = tempfile::tempdir().unwrap();
    let store = WorkflowStore::new(dir.path());
    release_1(&store);
    let (_dir, old) = fixture();
    let records = |store: &WorkflowStore| {
        let mut records = Vec::new();
        let keep = |record: klaw_std::journal::Record<'_>| {
            let header = record.header;
            records.push((header.kind, header.schema, header.key, record.payload.to_vec()));
        };
        drop(klaw_std::Journal::open_with(store.path("order"), keep).unwrap());
        records
    };
    let (now, then) = (records(&store), records(&old));
    assert_eq!(now.len(), 2);
    assert_eq!(now, then);
}

#[test]
fn what_a_newer_release_recorded_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = WorkflowStore::new(dir.path());
    let order = Order { cents: 1, currency: *b"CHF" };
    drop(start(&store, "order", &order).unwrap());
    let error = diverged(start(&store, "order", &OrderV1 { cents: 1 }));
    let too_new = PersistError::TooNew { found: 3, known: 1 };
    assert_eq!(error, Divergence::Unreadable { step: None, error: too_new });
    // The release that knows it goes on as if nothing had been.
    drop(start(&store, "order", &order).unwrap());
}

#[test]
fn a_shape_that_changed_without_its_version_is_told() {
    let (_dir, store) = fixture();
    let changed = PersistError::SchemaChanged { version: 1 };
    let error = diverged(start(&store, "order", &Careless { euros: 9 }));
    assert_eq!(error, Divergence::Unreadable { step: None, error: changed });
    // Also where it is only what comes out of a step.
    let order = OrderV1 { cents: 995 };
    let wf = start(&store, "order", &order).unwrap();
    let step = wf.step("charge", &order, async |_| Ok::<_, io::Error>(Careless { euros: 9 }));
    let Err(StepError::Workflow(WorkflowError::Diverged(error))) = block_on(step) else {
        panic!("the receipt must not be read")
    };
    assert!(matches!(error, Divergence::Unreadable { step: Some(_), error } if error == changed));
}

#[test]
fn a_real_log_is_checked_against_new_code_without_being_opened() {
    let (_dir, store) = fixture();
    let before = fs::read(store.path("order")).unwrap();
    let history = store.history("order").unwrap();
    assert_eq!(history.steps().map(|step| step.to_string()).collect::<Vec<_>>(), ["charge#1"]);
    let checked = replay_check(history).version(3).accepts(&[1]).run(async |wf| {
        let order: Order = wf.input()?;
        wf.step("charge", &order, async |_| Ok::<_, io::Error>(order.cents)).await
    });
    // The receipt has become a number, which the log does not hold.
    assert!(
        matches!(checked, Err(Divergence::Unreadable { error: PersistError::OtherType, .. })),
        "{checked:?}"
    );
    assert_eq!(fs::read(store.path("order")).unwrap(), before);
    assert_eq!(store.history("nothing").unwrap().id(), None);
}

#[test]
fn d4_a_workflow_that_is_open_is_busy_and_another_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let store = WorkflowStore::new(dir.path().join("deep/down"));
    let first = start(&store, "a", &1_u64).unwrap();
    let busy = start(&store, "a", &1_u64).unwrap_err();
    assert!(matches!(busy, WorkflowError::Store(JournalError::Busy { .. })), "{busy:?}");
    start(&store, "b", &1_u64).unwrap();
    // A step under way holds it, though the handle is gone.
    let scope = first.scope("s");
    drop(first);
    assert!(start(&store, "a", &1_u64).is_err());
    drop(scope);
    start(&store, "a", &1_u64).unwrap();
}

#[test]
fn d7_the_writer_owns_what_it_was_given() {
    let dir = tempfile::tempdir().unwrap();
    let (store, runs) = (WorkflowStore::new(dir.path()), Cell::new(0));
    let step = |wf: &Running| {
        let runs = &runs;
        wf.step("a", &(), move |_| {
            runs.set(runs.get() + 1);
            async { Ok::<_, io::Error>(vec![7_u8; 100_000]) }
        })
    };
    for _ in 0..20 {
        let wf = start(&store, "a", &1_u64).unwrap();
        // Polled once: the record is handed over, and durable or not yet.
        let _ = pin!(step(&wf)).poll(&mut Context::from_waker(Waker::noop()));
    }
    assert_eq!(runs.get(), 1);
    assert_eq!(store.history("a").unwrap().len(), 1);
}

#[test]
fn a_damaged_log_is_refused() {
    let (_dir, store) = fixture();
    let whole = fs::read(store.path("order")).unwrap();
    let mut bytes = whole.clone();
    // In the first record, which those behind it show to have been durable.
    bytes[120] ^= 1;
    fs::write(store.path("order"), &bytes).unwrap();
    let error = start(&store, "order", &OrderV1 { cents: 995 }).unwrap_err();
    assert!(matches!(error, WorkflowError::Store(JournalError::Corrupt { .. })), "{error:?}");
    assert!(matches!(store.history("order"), Err(JournalError::Corrupt { .. })));
    assert!(matches!(store.list(), Err(JournalError::Corrupt { .. })));
    fs::write(store.path("order"), "dear diary").unwrap();
    assert!(matches!(store.history("order"), Err(JournalError::NotAJournal { .. })));
}

#[test]
fn what_is_finished_is_removed_when_it_is_old_enough() {
    let dir = tempfile::tempdir().unwrap();
    let store = WorkflowStore::new(dir.path());
    let ids = |store: &WorkflowStore| -> Vec<String> {
        store.list().unwrap().into_iter().map(|stored| stored.id).collect()
    };
    let second = Duration::from_secs(1);
    assert_eq!(store.remove_finished(second, &At(0)).unwrap(), 0);
    run(&store, "old", 1_000);
    run(&store, "new", 2_000);
    drop(start(&store, "un/finished", &1_u64).unwrap());
    fs::write(dir.path().join("notes.txt"), "not a workflow").unwrap();
    assert_eq!(ids(&store), ["new", "old", "un/finished"]);
    assert_eq!(store.list().unwrap()[1], Stored { id: "old".into(), finished_at: Some(1_000) });

    assert_eq!(store.remove_finished(second, &At(2_000)).unwrap(), 0);
    // One that is open stays, finished or not.
    let held = fs::File::open(store.path("old")).unwrap();
    held.lock().unwrap();
    assert_eq!(store.remove_finished(second, &At(2_001)).unwrap(), 0);
    held.unlock().unwrap();
    assert_eq!(store.remove_finished(second, &At(2_001)).unwrap(), 1);
    assert_eq!(ids(&store), ["new", "un/finished"]);
    assert!(Path::new(&dir.path().join("notes.txt")).exists());
    // The id is free for a workflow with another input.
    drop(start(&store, "old", &9_u64).unwrap());
    assert_eq!(store.remove_finished(Duration::MAX, &At(u64::MAX - 1)).unwrap(), 0);
}

#[test]
fn a_crash_in_the_middle_of_a_step_leaves_it_to_the_next_process() {
    let dir = tempfile::tempdir().unwrap();
    let store = WorkflowStore::new(dir.path());
    {
        let wf = start(&store, "a", &1_u64).unwrap();
        let step = wf.step("a", &(), |_| pending::<Result<u64, io::Error>>());
        assert!(pin!(step).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    let resumed = block_on(Workflow::<WorkflowLog, _>::resume(&store, "a").start(At(0), &mut Seed));
    let Opened::Running(wf) = resumed.unwrap() else { panic!("it is not finished") };
    assert_eq!(wf.input::<u64>().unwrap(), 1);
    assert_eq!(block_on(wf.step("a", &(), async |_| Ok::<_, io::Error>(3_u64))).unwrap(), 3);
}
