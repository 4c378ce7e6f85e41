//! Durable workflows: what is run, what is recorded, and what a replay sees. D1 to D9 are in `workflow/mod.rs`.

mod by_hand;
mod virtual_clock;
mod workflow_disk;

use by_hand::{ByHand, now};
use core::{cell::Cell, num::NonZeroU32, time::Duration};
use futures_util::future::{join, join3};
use klaw::{
    Backoff, CancelToken, Entropy, WallClock,
    checkpoint::{Persist, PersistError, Writer, key_hash},
    retry,
    workflow::{
        Checked, Divergence, Failure, IdempotencyKey, Log, MemoryStore, MemoryStoreError, Never,
        Opened, StepError, Workflow, WorkflowError, replay_check,
    },
};
use std::{cell::RefCell, io};
use virtual_clock::VirtualClock;
use workflow_disk::{Disk, DiskFailed};

impl WallClock for VirtualClock {
    fn unix_millis(&self) -> u64 {
        use klaw::Clock;
        1_000_000 + self.now().as_nanos() / 1_000_000
    }
}

/// Numbers in order, so that every workflow has another seed.
struct Counting(u64);

impl Entropy for Counting {
    fn next_u64(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

type On<S> = Workflow<S, VirtualClock>;
type Failed = WorkflowError<DiskFailed>;

const MS: Duration = Duration::from_millis(1);

/// The workflow on this disk, open.
#[track_caller]
fn open(disk: &Disk) -> On<Disk> {
    try_open(disk, 1, &[]).unwrap()
}

#[track_caller]
fn try_open(disk: &Disk, version: u32, accepts: &[u32]) -> Result<On<Disk>, Failed> {
    let open = Workflow::open(disk, "w", &7_u64).version(version).accepts(accepts);
    let started = open.start(VirtualClock::new(), &mut Counting(0));
    match now(started).expect("it syncs at once")? {
        Opened::Running(workflow) => Ok(workflow),
        Opened::Finished(_) => panic!("it is not finished"),
    }
}

#[track_caller]
fn done<F: Future>(future: F) -> F::Output {
    now(future).expect("nothing to wait for")
}

/// Runs the step `name`; its value is its input and 1, and it is counted.
async fn plus_one<L: Log, C>(
    wf: &Workflow<L, C>,
    name: &str,
    n: u64,
    runs: &Cell<u32>,
) -> Result<u64, StepError<Never, io::Error, L::Error>> {
    wf.step(name, &n, |_| {
        runs.set(runs.get() + 1);
        async move { Ok::<_, io::Error>(n + 1) }
    })
    .await
}

#[test]
fn d1_a_recorded_step_never_runs_again() {
    let (disk, runs) = (Disk::new(), Cell::new(0));
    for round in 0..3 {
        let wf = open(&disk);
        for n in 0..=round {
            assert_eq!(done(plus_one(&wf, "step", n, &runs)).unwrap(), n + 1);
        }
        // Each round replays those of the rounds before and runs one.
        assert_eq!(u64::from(runs.get()), round + 1);
    }
    assert_eq!(disk.durable().len(), 4);
}

#[test]
fn d1_the_idempotency_key_is_the_same_on_every_attempt_and_for_no_other_step() {
    let (disk, keys) = (Disk::new(), RefCell::new(Vec::<IdempotencyKey>::new()));
    let attempt = |wf: &On<Disk>, name: &str| {
        let failed = done(wf.step(name, &(), |cx| {
            keys.borrow_mut().push(cx.idempotency_key());
            async { Err::<(), _>(io::Error::other("no")) }
        }));
        assert!(matches!(failed, Err(StepError::Failed(_))), "{failed:?}");
    };
    for _ in 0..2 {
        let wf = open(&disk);
        attempt(&wf, "a");
        attempt(&wf, "a");
        attempt(&wf, "b");
    }
    let keys = keys.into_inner();
    assert_eq!(keys[..3], keys[3..]);
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
}

#[test]
fn d1_two_outcomes_of_one_step_are_no_log() {
    let disk = Disk::new();
    done(plus_one(&open(&disk), "a", 1, &Cell::new(0))).unwrap();
    let mut records = disk.durable();
    records.push(records[1].clone());
    let error = try_open(&Disk::holding(&records), 1, &[]).unwrap_err();
    assert!(
        matches!(error, WorkflowError::Diverged(Divergence::RecordedTwice { .. })),
        "{error:?}"
    );
}

/// Keeps the lowest byte only.
#[derive(Debug, PartialEq)]
struct Lossy(u64);

impl Persist for Lossy {
    const TYPE: &'static str = "lossy";
    const VERSION: u32 = 1;
    const SCHEMA: u64 = key_hash(b"lossy");

    fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
        out.write(&self.0.to_le_bytes()[..1]);
        Ok(())
    }

    fn decode(_: u32, bytes: &[u8]) -> Result<Self, PersistError> {
        Ok(Self(u8::from_le_bytes(bytes.try_into()?).into()))
    }
}

#[test]
fn d2_a_value_comes_after_its_record_is_durable_and_is_read_back_from_it() {
    let disk = Disk::new();
    let wf = open(&disk);
    disk.sync_by_hand();
    let mut step = ByHand::parked(wf.step("a", &(), async |_| Ok::<_, io::Error>(Lossy(0x1ff))));
    assert_eq!(disk.durable().len(), 1);
    disk.sync();
    assert!(step.is_woken());
    // As a replay will see it.
    assert_eq!(step.ready().unwrap(), Lossy(0xff));
    assert_eq!(disk.durable().len(), 2);
}

#[test]
fn d4_a_workflow_that_is_open_is_busy() {
    let store = MemoryStore::new();
    let start = |id: &'static str| {
        let store = store.clone();
        async move {
            Workflow::open(&store, id, &7_u64).start(VirtualClock::new(), &mut Counting(0)).await
        }
    };
    let first = done(start("a")).unwrap();
    let busy = WorkflowError::Store(MemoryStoreError::Busy { id: "a".into() });
    assert_eq!(done(start("a")).unwrap_err(), busy);
    let _other = done(start("b")).unwrap();
    drop(first);
    done(start("a")).unwrap();
}

#[test]
fn d5_a_failed_write_ends_the_workflow_until_it_is_opened_again() {
    let (disk, runs) = (Disk::new(), Cell::new(0));
    let wf = open(&disk);
    done(plus_one(&wf, "a", 1, &runs)).unwrap();
    disk.sync_by_hand();
    let mut lost = ByHand::parked(plus_one(&wf, "b", 1, &runs));
    disk.fail();
    let failed = WorkflowError::Store(DiskFailed);
    let StepError::Workflow(error) = lost.ready().unwrap_err() else {
        panic!("it is the workflow's")
    };
    assert_eq!(error, failed);
    // Neither what is recorded nor anything else is to be had, and nothing runs.
    assert_eq!(runs.get(), 2);
    assert!(
        matches!(done(plus_one(&wf, "c", 1, &runs)), Err(StepError::Workflow(e)) if e == failed)
    );
    assert_eq!(done(wf.now("n")), Err(failed.clone()));
    assert_eq!(done(wf.patched("p")), Err(failed.clone()));
    assert_eq!(done(wf.finish(&())), Err(failed));
    assert_eq!(runs.get(), 2);
    drop(lost);
    drop(wf);

    // What was not recorded runs again.
    let wf = open(&disk);
    disk.sync_by_hand();
    done(plus_one(&wf, "a", 1, &runs)).unwrap();
    let mut again = ByHand::parked(plus_one(&wf, "b", 1, &runs));
    disk.sync();
    assert_eq!((again.ready().unwrap(), runs.get()), (2, 3));
}

#[test]
fn d6_a_plain_error_is_not_recorded_and_a_terminal_one_is() {
    type Charge = Failure<String, io::Error>;
    let (disk, runs) = (Disk::new(), Cell::new(0));
    for round in 0..3 {
        let wf = open(&disk);
        let plain = done(wf.step("plain", &(), |_| {
            runs.set(runs.get() + 1);
            async { Err::<u64, Charge>(io::Error::other("no luck").into()) }
        }));
        assert!(matches!(plain, Err(StepError::Failed(_))), "{plain:?}");
        let terminal = done(wf.step("terminal", &(), |_| {
            runs.set(runs.get() + 100);
            async { Err::<u64, Charge>(Failure::Terminal("declined".into())) }
        }));
        assert!(matches!(terminal, Err(StepError::Terminal(why)) if why == "declined"));
        assert_eq!(runs.get(), 101 + round);
    }
}

#[test]
fn d6_neither_a_cancellation_nor_a_panic_is_recorded() {
    let (disk, runs) = (Disk::new(), Cell::new(0));
    {
        let wf = open(&disk);
        let token = CancelToken::new();
        token.cancel("shutdown");
        let cancelled = done(wf.step("a", &(), |_| {
            runs.set(runs.get() + 1);
            let token = token.clone();
            async move { token.checkpoint().map(|()| 1_u64) }
        }));
        assert!(matches!(cancelled, Err(StepError::Failed(_))), "{cancelled:?}");
        // A caller that is dropped while the step runs.
        drop(ByHand::parked(wf.step("b", &(), |_| {
            runs.set(runs.get() + 1);
            core::future::pending::<Result<u64, io::Error>>()
        })));
        let panics = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            done(wf.step("c", &(), async |_| -> Result<u64, io::Error> {
                runs.set(runs.get() + 1);
                panic!("on purpose")
            }))
        }));
        assert!(panics.is_err());
    }
    assert_eq!((disk.durable().len(), runs.get()), (1, 3));
    let wf = open(&disk);
    for name in ["a", "b", "c"] {
        let step = wf.step(name, &(), |_| {
            runs.set(runs.get() + 1);
            async { Ok::<_, io::Error>(5_u64) }
        });
        assert_eq!(done(step).unwrap(), 5);
    }
    assert_eq!(runs.get(), 6);
}

#[test]
fn d7_a_record_that_was_handed_over_is_kept_though_its_caller_is_gone() {
    let (disk, runs) = (Disk::new(), Cell::new(0));
    {
        let wf = open(&disk);
        disk.sync_by_hand();
        let step = ByHand::parked(plus_one(&wf, "a", 1, &runs));
        let time = ByHand::parked(wf.now("n"));
        let patch = ByHand::parked(wf.patched("p"));
        drop((step, time, patch));
        // Asked for again, it is the same answer, recorded again.
        drop(ByHand::parked(wf.patched("p")));
        disk.sync();
    }
    let clock = VirtualClock::new();
    clock.advance(MS * 500);
    let opened = done(Workflow::open(&disk, "w", &7_u64).start(clock, &mut Counting(0))).unwrap();
    let Opened::Running(wf) = opened else { panic!("it is not finished") };
    assert_eq!(done(plus_one(&wf, "a", 1, &runs)).unwrap(), 2);
    assert_eq!(done(wf.now("n")), Ok(1_000_000));
    assert_eq!(done(wf.patched("p")), Ok(true));
    assert_eq!((runs.get(), wf.unused()), (1, vec![]));
}

#[test]
fn d8_a_sleep_ends_at_the_recorded_time_whoever_waits_for_it() {
    let (disk, clock) = (Disk::new(), VirtualClock::new());
    let start = || {
        let open = Workflow::open(&disk, "w", &7_u64);
        match done(open.start(clock.clone(), &mut Counting(0))).unwrap() {
            Opened::Running(wf) => wf,
            Opened::Finished(_) => panic!("it is not finished"),
        }
    };
    drop(ByHand::parked(start().sleep("pause", MS * 100)));
    clock.advance(MS * 40);
    let wf = start();
    let mut sleep = ByHand::parked(wf.sleep("pause", MS * 100));
    clock.advance(MS * 59);
    assert!(!sleep.is_woken() && sleep.poll().is_pending());
    clock.advance(MS);
    assert!(sleep.is_woken());
    sleep.ready().unwrap();
    // Nobody was there when it ended.
    clock.advance(MS * 1_000);
    drop(sleep);
    done(start().sleep("pause", MS * 100)).unwrap();
    let changed = done(start().sleep("pause", MS * 99)).unwrap_err();
    assert!(
        matches!(changed, WorkflowError::Diverged(Divergence::InputChanged { .. })),
        "{changed:?}"
    );
}

#[test]
fn d8_time_is_recorded_and_chance_follows_from_the_recorded_seed() {
    let disk = Disk::new();
    let run = |elapsed: Duration, seed: u64| {
        let clock = VirtualClock::new();
        clock.advance(elapsed);
        let open = Workflow::open(&disk, "w", &7_u64);
        let Opened::Running(wf) = done(open.start(clock, &mut Counting(seed))).unwrap() else {
            panic!("it is not finished")
        };
        let times = [done(wf.now("t")).unwrap(), done(wf.now("t")).unwrap()];
        let scope = wf.scope("s");
        (times, [wf.random("r"), wf.random("r"), wf.random("q"), scope.random("r")])
    };
    let (times, chance) = run(MS * 5, 1);
    assert_eq!(times, [1_000_005; 2]);
    assert_eq!(run(MS * 50, 2), (times, chance));
    let mut all = chance.to_vec();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 4);
}

#[test]
fn d9_a_finished_workflow_gives_its_output_without_running_code() {
    let (disk, runs) = (Disk::new(), Cell::new(0));
    for _ in 0..3 {
        let output: Result<u64, Box<dyn core::error::Error>> =
            done(Workflow::open(&disk, "w", &7_u64).run(
                VirtualClock::new(),
                &mut Counting(0),
                async |wf| {
                    runs.set(runs.get() + 1);
                    let n = wf.input::<u64>()?;
                    Ok(plus_one(&wf, "a", n, &runs).await?)
                },
            ));
        assert_eq!(output.unwrap(), 8);
        assert_eq!(runs.get(), 2);
    }
    // Also by hand; and whatever the version of the code.
    let open = Workflow::<Disk, _>::resume(&disk, "w").version(9);
    let Opened::Finished(finished) =
        done(open.start(VirtualClock::new(), &mut Counting(0))).unwrap()
    else {
        panic!("it is finished")
    };
    assert_eq!((finished.output::<u64>(), finished.at()), (Ok(8), 1_000_000));
    assert!(matches!(finished.output::<bool>(), Err(Divergence::Unreadable { step: None, .. })));
}

#[test]
fn nothing_is_asked_of_a_workflow_after_its_end() {
    let (disk, runs) = (Disk::new(), Cell::new(0));
    let wf = open(&disk);
    assert_eq!(done(wf.finish(&1_u64)), Ok(1));
    let finished = WorkflowError::Diverged(Divergence::Finished);
    assert_eq!(done(wf.finish(&2_u64)), Err(finished.clone()));
    assert!(
        matches!(done(plus_one(&wf, "a", 1, &runs)), Err(StepError::Workflow(e)) if e == finished)
    );
    assert_eq!((runs.get(), disk.durable().len()), (0, 2));
}

#[test]
fn parallel_steps_are_replayed_in_whatever_order_they_ended() {
    let (disk, runs) = (Disk::new(), Cell::new(0));
    let finish = Cell::new("");
    let code = async |wf: &On<Disk>| {
        let step = |name: &'static str, value: u64| {
            let (finish, runs) = (&finish, &runs);
            wf.step(name, &value, move |_| {
                runs.set(runs.get() + 1);
                core::future::poll_fn(move |_| {
                    if finish.get().contains(name) {
                        return core::task::Poll::Ready(Ok::<_, io::Error>(value));
                    }
                    core::task::Poll::Pending
                })
            })
        };
        let (a, b, c) = join3(step("a", 1), step("b", 2), step("c", 3)).await;
        [a.unwrap(), b.unwrap(), c.unwrap()]
    };
    {
        let wf = open(&disk);
        let mut all = ByHand::parked(code(&wf));
        for names in ["c", "ca"] {
            finish.set(names);
            assert!(all.poll().is_pending());
        }
    }
    assert_eq!((disk.durable().len(), runs.get()), (3, 3));
    finish.set("b");
    let wf = open(&disk);
    // Only what is not recorded runs.
    assert_eq!(done(code(&wf)), [1, 2, 3]);
    assert_eq!(runs.get(), 4);
}

#[test]
fn two_steps_of_one_name_at_once_are_ambiguous_unless_they_have_keys() {
    let (disk, runs) = (Disk::new(), Cell::new(0));
    let wf = open(&disk);
    let (a, b) = done(join(plus_one(&wf, "a", 1, &runs), plus_one(&wf, "b", 1, &runs)));
    assert!(a.is_ok() && b.is_ok());
    let step = |wf: &On<Disk>| wf.step("x", &(), async |_| Ok::<_, io::Error>(1_u64));
    let (one, two) = done(join(step(&wf).key(1), step(&wf).key("two")));
    assert!(one.is_ok() && two.is_ok());
    // One after the other they are told apart by their number, though the first one's future is still there.
    let mut over = ByHand::new(step(&wf));
    over.ready().unwrap();
    assert!(done(step(&wf)).is_ok() && done(step(&wf)).is_ok());
    let (part, other) = (wf.scope("p"), wf.scope("q"));
    let (p, q) = done(join(step(&part), step(&other)));
    assert!(p.is_ok() && q.is_ok());

    let before = disk.durable().len();
    let mut slow =
        ByHand::parked(wf.step("y", &(), |_| core::future::pending::<Result<u64, io::Error>>()));
    let second = done(wf.step("y", &(), |_| {
        runs.set(100);
        async { Ok::<_, io::Error>(1_u64) }
    }));
    let Err(StepError::Workflow(WorkflowError::Diverged(Divergence::AmbiguousStep {
        step: later,
    }))) = second
    else {
        panic!("{second:?}")
    };
    assert_eq!(later.to_string(), "y#2");
    assert!(slow.poll().is_pending());
    assert_eq!((disk.durable().len(), runs.get()), (before, 2));

    // Also two that were asked for before either began, and two with one key.
    let wf = open(&disk);
    let (one, _two) = done(join(step(&wf), step(&wf)));
    assert!(matches!(one, Err(StepError::Workflow(_))), "{one:?}");
    let wf = open(&disk);
    let (one, _two) = done(join(step(&wf).key(1), step(&wf).key(1)));
    assert!(matches!(one, Err(StepError::Workflow(_))), "{one:?}");
}

#[test]
fn a_key_given_late_gives_the_number_back() {
    let disk = Disk::new();
    let wf = open(&disk);
    let step = |wf: &On<Disk>| wf.step("x", &(), async |_| Ok::<_, io::Error>(1_u64));
    for key in [1, 2] {
        done(step(&wf).key(key)).unwrap();
    }
    done(step(&wf)).unwrap();
    drop(wf);
    let wf = open(&disk);
    let names: Vec<String> = wf.unused().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["x[1]#1", "x[2]#1", "x#1"]);
}

#[test]
fn a_changed_input_is_told_with_the_step() {
    let (disk, runs) = (Disk::new(), Cell::new(0));
    done(plus_one(&open(&disk), "a", 1, &runs)).unwrap();
    let wf = open(&disk);
    let error = done(plus_one(&wf, "a", 2, &runs)).unwrap_err();
    let StepError::Workflow(WorkflowError::Diverged(Divergence::InputChanged {
        step,
        recorded,
        now,
    })) = error
    else {
        panic!("{error:?}")
    };
    assert_eq!((step.name(), step.nth_use()), ("a", 1));
    assert_eq!(recorded, key_hash(&1_u64.to_le_bytes()));
    assert_eq!(now, key_hash(&2_u64.to_le_bytes()));
    // Once, and for all: nothing is tried again, and nothing is written.
    assert!(done(plus_one(&wf, "b", 2, &runs)).is_err());
    assert_eq!((runs.get(), disk.durable().len()), (1, 2));
    // An input of another type is another input.
    let wf = open(&disk);
    let other = done(wf.step("a", &1_i64, async |_| Ok::<_, io::Error>(1_u64)));
    assert!(matches!(
        other,
        Err(StepError::Workflow(WorkflowError::Diverged(Divergence::InputChanged { .. })))
    ));
}

#[test]
fn what_was_recorded_and_is_not_asked_for_is_an_error_only_if_strict() {
    let (disk, runs) = (Disk::new(), Cell::new(0));
    let wf = open(&disk);
    done(plus_one(&wf, "a", 1, &runs)).unwrap();
    done(plus_one(&wf.scope("s"), "b", 1, &runs)).unwrap();
    drop(wf);
    let strict = Workflow::open(&disk, "w", &7_u64).strict();
    let Opened::Running(wf) = done(strict.start(VirtualClock::new(), &mut Counting(0))).unwrap()
    else {
        panic!("it is not finished")
    };
    done(plus_one(&wf, "a", 1, &runs)).unwrap();
    let error = done(wf.finish(&())).unwrap_err();
    let WorkflowError::Diverged(Divergence::Unused { steps }) = error else { panic!("{error:?}") };
    assert_eq!(steps.iter().map(ToString::to_string).collect::<Vec<_>>(), ["s/b#1"]);
    assert_eq!(steps[0].scope(), ["s"]);
    drop(wf);
    let wf = open(&disk);
    done(plus_one(&wf, "a", 1, &runs)).unwrap();
    assert_eq!(wf.unused(), steps);
    done(wf.finish(&())).unwrap();
}

#[test]
fn another_version_is_refused_unless_it_is_accepted() {
    let disk = Disk::new();
    drop(try_open(&disk, 1, &[]).unwrap());
    let mismatch = Divergence::VersionMismatch { recorded: 1, now: 3 };
    assert_eq!(try_open(&disk, 3, &[2]).unwrap_err(), mismatch.into());
    // It keeps the version that it began in.
    assert_eq!(try_open(&disk, 3, &[1, 2]).unwrap().version(), 1);
    assert_eq!(disk.durable().len(), 1);
}

#[test]
fn a_workflow_is_told_from_others_by_its_id_and_input() {
    let disk = Disk::new();
    drop(open(&disk));
    let start = |id: &'static str, input: u64| {
        let disk = disk.clone();
        async move {
            Workflow::open(&disk, id, &input).start(VirtualClock::new(), &mut Counting(0)).await
        }
    };
    assert_eq!(
        done(start("v", 7)).unwrap_err(),
        Divergence::OtherWorkflow { found: "w".into() }.into()
    );
    assert_eq!(done(start("w", 8)).unwrap_err(), Divergence::OtherInput.into());
    let resumed =
        Workflow::<Disk, _>::resume(&disk, "w").start(VirtualClock::new(), &mut Counting(0));
    let Opened::Running(wf) = done(resumed).unwrap() else { panic!("it is not finished") };
    assert_eq!(wf.input(), Ok(7_u64));
    let empty = Disk::new();
    let nothing =
        Workflow::<Disk, _>::resume(&empty, "w").start(VirtualClock::new(), &mut Counting(0));
    assert_eq!(done(nothing).unwrap_err(), Divergence::NotStarted.into());
    assert_eq!(empty.durable().len(), 0);
}

#[test]
fn a_patch_is_taken_by_those_who_have_not_passed_its_place() {
    let runs = Cell::new(0);
    let code = async |wf: &On<Disk>, patched: bool, last: bool| {
        plus_one(wf, "a", 1, &runs).await.unwrap();
        let taken = patched && wf.patched("p").await.unwrap();
        plus_one(wf, if taken { "new" } else { "old" }, 1, &runs).await.unwrap();
        if last {
            assert_eq!(patched && wf.patched("p").await.unwrap(), taken);
            plus_one(wf, "z", 1, &runs).await.unwrap();
        }
        taken
    };
    // One that has passed the place, one that has not, and one that begins with the patch.
    let (past, before, new) = (Disk::new(), Disk::new(), Disk::new());
    done(code(&open(&past), false, false));
    done(plus_one(&open(&before), "a", 1, &runs)).unwrap();
    for (disk, taken) in [(past, false), (before, true), (new, true)] {
        let first = done(code(&open(&disk), true, false));
        assert_eq!(first, taken);
        // The answer stays, whatever was recorded since.
        runs.set(0);
        let wf = open(&disk);
        assert_eq!(done(code(&wf, true, true)), taken);
        assert_eq!((runs.get(), wf.unused()), (1, vec![]));
    }
}

#[test]
fn a_step_is_retried_by_its_policy_and_not_when_it_failed_for_good() {
    let (disk, runs, clock) = (Disk::new(), Cell::new(0), VirtualClock::new());
    let open = Workflow::open(&disk, "w", &7_u64);
    let Opened::Running(wf) = done(open.start(clock.clone(), &mut Counting(0))).unwrap() else {
        panic!("it is not finished")
    };
    let policy = || retry(Backoff::constant(MS).attempts(NonZeroU32::new(3).unwrap()));
    let (key, runs) = (Cell::new(None), &runs);
    let mut step = ByHand::parked(
        wf.step("a", &(), |cx| {
            let before = key.replace(Some(cx.idempotency_key()));
            assert!(before.is_none_or(|before| before == cx.idempotency_key()));
            runs.set(runs.get() + 1);
            async move { if runs.get() < 3 { Err(io::Error::other("no")) } else { Ok(5_u64) } }
        })
        .retry(policy()),
    );
    clock.advance(MS);
    assert!(step.poll().is_pending());
    clock.advance(MS);
    assert_eq!((step.ready().unwrap(), runs.get()), (5, 3));

    let terminal = done(
        wf.step("b", &(), |_| {
            runs.set(runs.get() + 1);
            async { Err::<(), Failure<u64, io::Error>>(Failure::Terminal(9)) }
        })
        .retry(policy()),
    );
    assert!(matches!(terminal, Err(StepError::Terminal(9))), "{terminal:?}");
    assert_eq!(runs.get(), 4);

    let mut never = ByHand::parked(
        wf.step("c", &(), |_| async { Err::<(), _>(io::Error::other("no")) })
            .retry(policy())
            .key(1),
    );
    clock.advance(MS);
    assert!(never.poll().is_pending());
    clock.advance(MS);
    let Err(StepError::Failed(exhausted)) = never.ready() else { panic!("it failed") };
    assert_eq!(exhausted.attempts.get(), 3);
}

/// One type in the versions and shapes that two releases gave it.
#[derive(Debug, PartialEq)]
struct Shape<const VERSION: u32, const SCHEMA: u64>(u32);

impl<const V: u32, const S: u64> Persist for Shape<V, S> {
    const TYPE: &'static str = "shape";
    const VERSION: u32 = V;
    const SCHEMA: u64 = S;

    fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
        out.write(&(self.0 * 10 + V).to_le_bytes());
        Ok(())
    }

    fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
        let value = u32::from_le_bytes(bytes.try_into()?);
        assert_eq!(value % 10, version);
        Ok(Self(value / 10))
    }
}

#[test]
fn what_older_releases_recorded_is_read_and_anything_else_refused() {
    async fn step<I: Persist, T: Persist>(wf: &On<Disk>, input: I, output: T) -> Result<T, Failed> {
        let mut output = Some(output);
        let step = wf
            .step("a", &input, |_| core::future::ready(Ok::<_, io::Error>(output.take().unwrap())));
        step.await.map_err(|error| match error {
            StepError::Workflow(error) => error,
            other => panic!("{other}"),
        })
    }
    let disk = Disk::new();
    done(step(&open(&disk), Shape::<2, 20>(5), Shape::<2, 20>(6))).unwrap();
    // An input of an older version cannot be compared, and is taken as the same.
    let newer = done(step(&open(&disk), Shape::<3, 30>(0), Shape::<3, 30>(0)));
    assert_eq!(newer, Ok(Shape(6)));
    let unreadable = |result: Failed| match result {
        WorkflowError::Diverged(Divergence::Unreadable { step: Some(step), error }) => {
            assert_eq!(step.name(), "a");
            error
        }
        other => panic!("{other:?}"),
    };
    let (changed, too_new) =
        (PersistError::SchemaChanged { version: 2 }, PersistError::TooNew { found: 2, known: 1 });
    let same = || Shape::<2, 20>(5);
    let error = done(step(&open(&disk), same(), Shape::<2, 21>(6))).unwrap_err();
    assert_eq!(unreadable(error), changed);
    let error = done(step(&open(&disk), same(), Shape::<1, 10>(6))).unwrap_err();
    assert_eq!(unreadable(error), too_new);
    let error = done(step(&open(&disk), Shape::<2, 21>(5), same())).unwrap_err();
    assert_eq!(unreadable(error), changed);
    let error = done(step(&open(&disk), Shape::<1, 10>(5), same())).unwrap_err();
    assert_eq!(unreadable(error), too_new);
    assert_eq!(disk.durable().len(), 2);
}

#[test]
fn a_value_that_cannot_be_read_back_is_not_recorded() {
    #[derive(Debug)]
    struct OneWay;
    impl Persist for OneWay {
        const TYPE: &'static str = "one way";
        const VERSION: u32 = 1;
        const SCHEMA: u64 = 1;

        fn encode(&self, _: &mut Writer<'_>) -> Result<(), PersistError> {
            Ok(())
        }

        fn decode(_: u32, _: &[u8]) -> Result<Self, PersistError> {
            Err(PersistError::Malformed)
        }
    }
    let disk = Disk::new();
    let wf = open(&disk);
    let error = done(wf.step("a", &(), async |_| Ok::<_, io::Error>(OneWay))).unwrap_err();
    let StepError::Workflow(error) = error else { panic!("{error:?}") };
    assert_eq!(error, WorkflowError::Unencodable(PersistError::Malformed));
    assert_eq!(disk.durable().len(), 1);
}

/// A workflow with all kinds of operations; the sum of what they gave.
async fn everything<L: Log<Error: Send + Sync>>(
    wf: Workflow<L, impl klaw::Clock + WallClock>,
    runs: &RefCell<Vec<String>>,
) -> Result<u64, Box<dyn core::error::Error>> {
    let ran = |name: &str| runs.borrow_mut().push(name.to_owned());
    let mut sum: u64 = wf.input()?;
    for n in 0..3_u64 {
        sum += wf
            .step("loop", &n, async |_| {
                ran(&format!("loop{n}"));
                Ok::<_, io::Error>(n)
            })
            .await?;
    }
    wf.sleep("pause", Duration::ZERO).await?;
    let part = |name: &'static str, value: u64| {
        let scope = wf.scope(name);
        async move {
            let first = scope
                .step("s", &value, async |_| {
                    ran(name);
                    Ok::<_, io::Error>(value)
                })
                .await?;
            let second = scope
                .step("s", &first, async |_| {
                    ran(name);
                    Ok::<_, io::Error>(first * 2)
                })
                .await?;
            Ok::<_, Box<dyn core::error::Error>>(second)
        }
    };
    let (a, b) = join(part("a", 10), part("b", 100)).await;
    sum += a? + b? + wf.now("end").await? % 10 + wf.random("r") % 10;
    if wf.patched("p").await? {
        let declined = wf.step("d", &(), async |_| {
            ran("d");
            Err::<u64, Failure<u64, io::Error>>(Failure::Terminal(3))
        });
        match declined.await {
            Err(StepError::Terminal(n)) => sum += n,
            other => panic!("{other:?}"),
        }
    }
    Ok(sum)
}

fn run_everything(disk: &Disk, runs: &RefCell<Vec<String>>) -> u64 {
    let open = Workflow::open(disk, "w", &7_u64).strict();
    let ran: Result<u64, Box<dyn core::error::Error>> =
        done(open.run(VirtualClock::new(), &mut Counting(0), |wf| everything(wf, runs)));
    ran.unwrap()
}

#[test]
fn a_crash_behind_any_record_changes_neither_the_result_nor_what_runs() {
    let (whole, runs) = (Disk::new(), RefCell::default());
    let result = run_everything(&whole, &runs);
    let (records, all) = (whole.durable(), runs.into_inner().len());
    assert_eq!((records.len(), all), (13, 8));
    for kept in 0..=records.len() {
        let (disk, runs) = (Disk::holding(&records[..kept]), RefCell::default());
        assert_eq!(run_everything(&disk, &runs), result, "{kept} records kept");
        assert_eq!(disk.durable(), records, "{kept} records kept");
        // What is recorded does not run, and what is not runs once.
        let steps = records[kept..].iter().filter(|entry| {
            let payload = String::from_utf8_lossy(&entry.payload);
            entry.kind.as_u8() == 3 || ["loop", "s\0"].iter().any(|name| payload.contains(name))
        });
        assert_eq!(runs.borrow().len(), steps.count(), "{kept} records kept");
    }
}

#[test]
fn replay_check_runs_and_writes_nothing_and_says_where_it_would_go_on() {
    let (disk, runs) = (Disk::new(), RefCell::default());
    run_everything(&disk, &runs);
    let records = disk.durable();
    let ran = runs.borrow().len();
    let check = |kept: usize| {
        let history = Disk::holding(&records[..kept]).history();
        replay_check(history).run(|wf| everything(wf, &runs))
    };
    for kept in 1..=records.len() {
        let Checked { replayed, next, unused } = check(kept).unwrap();
        assert_eq!(unused, [], "{kept}");
        // The first record is the start, the last one the end.
        assert_eq!(replayed, kept.min(records.len() - 1) - 1, "{kept}");
        match kept {
            13 => assert_eq!(next, []),
            1 => assert_eq!(next[0].to_string(), "loop#1"),
            _ => {}
        }
    }
    assert_eq!(check(0).unwrap_err(), Divergence::NotStarted);
    assert_eq!((runs.borrow().len(), disk.durable().len()), (ran, records.len()));
}

/// Two steps, as their author changes them: the names, the first input, and what comes out.
async fn two_steps<L: Log, C: WallClock>(
    wf: Workflow<L, C>,
    names: [&str; 2],
    n: u64,
    more: u64,
) -> Result<u64, WorkflowError<L::Error>> {
    let runs = Cell::new(0);
    let own = |error| match error {
        StepError::Workflow(error) => error,
        other => panic!("{other}"),
    };
    let a = plus_one(&wf, names[0], n, &runs).await.map_err(own)?;
    Ok(plus_one(&wf, names[1], a, &runs).await.map_err(own)? + more)
}

#[test]
fn replay_check_finds_what_a_change_breaks() {
    let disk = Disk::new();
    let open = Workflow::open(&disk, "w", &7_u64);
    let ran: Result<u64, Failed> =
        done(open.run(VirtualClock::new(), &mut Counting(0), |wf| two_steps(wf, ["a", "b"], 1, 0)));
    assert_eq!(ran, Ok(3));
    let finished = disk.durable();
    let check = |kept: usize, names, n, more| {
        let history = Disk::holding(&finished[..kept]).history();
        replay_check(history).version(2).accepts(&[1]).run(|wf| two_steps(wf, names, n, more))
    };
    let text = |checked: Result<Checked, Divergence>| {
        checked.map_or_else(|d| d.to_string(), |c| c.to_string())
    };
    // The finished workflow allows no change at all.
    assert_eq!(text(check(4, ["a", "b"], 1, 0)), "2 replayed, 0 to be run, 0 not asked for");
    assert!(matches!(check(4, ["a", "b"], 2, 0), Err(Divergence::InputChanged { .. })));
    assert_eq!(check(4, ["a", "b"], 1, 1), Err(Divergence::OutputChanged));
    let Err(Divergence::NotRecorded { step }) = check(4, ["a", "c"], 1, 0) else { panic!() };
    assert_eq!(step.to_string(), "c#1");
    // One in the middle goes on with what is new, and tells what it would leave out.
    assert_eq!(text(check(3, ["c", "b"], 1, 0)), "0 replayed, 1 to be run, 2 not asked for");
    assert_eq!(text(check(2, ["a", "c"], 1, 0)), "1 replayed, 1 to be run, 0 not asked for");
    let history = || Disk::holding(&finished).history();
    let refused = replay_check(history()).version(2).run(|wf| two_steps(wf, ["a", "b"], 1, 0));
    assert_eq!(refused, Err(Divergence::VersionMismatch { recorded: 1, now: 2 }));
    // What the code leaves out at the end of a finished workflow is found as well.
    let short = replay_check(history()).run(async |wf: Workflow<_, _>| {
        Ok::<_, StepError<_, _, _>>(plus_one(&wf, "a", 1, &Cell::new(0)).await? + 1)
    });
    assert!(matches!(short, Err(Divergence::Unused { steps }) if steps.len() == 1));
}

#[test]
fn records_of_something_else_are_no_workflow() {
    let disk = Disk::new();
    done(plus_one(&open(&disk), "a", 1, &Cell::new(0))).unwrap();
    let records = disk.durable();
    let bad = |change: &dyn Fn(&mut Vec<klaw::workflow::Entry>)| {
        let mut records = records.clone();
        change(&mut records);
        match try_open(&Disk::holding(&records), 1, &[]) {
            Err(WorkflowError::Diverged(Divergence::BadRecord { seq })) => seq,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(bad(&|records| records[1].schema = 2), 2);
    assert_eq!(bad(&|records| records[1].key ^= 1), 2);
    assert_eq!(bad(&|records| records[1].payload.truncate(20)), 2);
    assert_eq!(bad(&|records| records[1].kind = klaw::checkpoint::RecordKind::user(9)), 2);
    assert_eq!(bad(&|records| records.swap(0, 1)), 1);
    assert_eq!(bad(&|records| records.push(records[0].clone())), 3);
    assert_eq!(bad(&|records| records[0].payload.truncate(10)), 1);
}
