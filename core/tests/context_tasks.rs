//! The context of tasks, maps, jobs, scopes and retries: rules X1, X2, X4, X6 and X8.

#![cfg(feature = "std")]

mod by_hand;
mod executor;
mod seeded;
mod virtual_clock;

use by_hand::ByHand;
use core::{
    future::{Future, pending, poll_fn},
    num::{NonZeroU32, NonZeroUsize},
    task::Poll,
    time::Duration,
};
use executor::{Executor, Spawner};
use klaw::{
    Context, Key, Runtime, SpawnBlocking, SpawnError,
    context::{SpanId, TraceFlags, TraceId},
    retry::{Backoff, Retry, retry},
    scope,
    task::BlockingJob,
};
use seeded::Seeded;
use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex},
};
use virtual_clock::VirtualClock;

const SEEDS: u64 = if cfg!(miri) { 3 } else { 32 };

static USER: Key<&str> = Key::new("user");
static SESSION: Key<u32> = Key::local("session");

fn of(user: &'static str) -> Context {
    Context::empty().with(|context| context.set(&USER, user))
}

fn user() -> Option<&'static str> {
    Context::current().get(&USER).copied()
}

fn width(width: usize) -> NonZeroUsize {
    NonZeroUsize::new(width).unwrap()
}

/// Where something was noted, and who the current user was.
type Note = (&'static str, Option<&'static str>);

/// What was noted, in order.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Note>>>);

impl Seen {
    fn note(&self, at: &'static str) {
        self.0.lock().unwrap().push((at, user()));
    }

    /// Every note was of `who`, and `at` was noted `times` times.
    #[track_caller]
    fn expect(&self, who: Option<&'static str>, expected: &[(&'static str, usize)]) {
        let seen = self.0.lock().unwrap();
        for (at, found) in &*seen {
            assert_eq!(*found, who, "at {at}, among {seen:?}");
        }
        for (at, times) in expected {
            let found = seen.iter().filter(|(noted, _)| noted == at).count();
            assert_eq!(found, *times, "{at} among {seen:?}");
        }
        let all = expected.iter().map(|(_, times)| times).sum::<usize>();
        assert_eq!(seen.len(), all, "{seen:?}");
    }
}

/// Notes the context in which it is dropped.
struct NotesDrop(Seen);

impl Drop for NotesDrop {
    fn drop(&mut self) {
        self.0.note("drop");
    }
}

async fn yield_once() {
    let mut yielded = false;
    poll_fn(|cx| {
        if core::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Notes its first poll, its second one, and its drop, at its end or later.
fn noting(seen: &Seen, ends: bool) -> impl Future<Output = ()> + use<> {
    let owned = NotesDrop(seen.clone());
    async move {
        let owned = owned;
        owned.0.note("first");
        yield_once().await;
        owned.0.note("second");
        if !ends {
            pending::<()>().await;
        }
    }
}

const ALL: [(&str, usize); 3] = [("first", 1), ("second", 1), ("drop", 1)];

/// Runs each way of ending what `start` starts by a handle, as another user than it was started by.
fn ends_in_context(start: impl Fn(&klaw::Executor<Spawner>, &Seen, bool) -> klaw::TaskHandle<()>) {
    for seed in 0..SEEDS {
        for end in ["it is done", "it is cancelled", "its executor goes"] {
            let (executor, seen) = (Executor::new(seed), Seen::default());
            let handle =
                start(&klaw::Executor::new(executor.spawner()), &seen, end == "it is done");
            of("eve").enter(|| {
                executor.run();
                match end {
                    "it is cancelled" => assert!(handle.cancel("enough")),
                    "its executor goes" => executor.shut_down(),
                    _ => {}
                }
                executor.run();
                assert!(!handle.is_running(), "{end}");
                assert_eq!(user(), Some("eve"));
            });
            assert_eq!(user(), None);
            seen.expect(Some("ann"), &ALL);
        }
    }
}

#[test]
fn x1_a_task_runs_and_is_dropped_in_the_context_of_its_submit() {
    ends_in_context(|tasks, seen, ends| {
        of("ann").enter(|| tasks.submit(noting(seen, ends)).unwrap())
    });
}

#[test]
fn x1_a_task_runs_and_is_dropped_in_the_context_it_is_given() {
    let given = traced();
    let ids = Ids::default();
    let executor = Executor::new(1);
    let noted = ids.clone();
    let tasks = klaw::Executor::new(executor.spawner());
    let task = tasks.task("given").context(given.clone());
    let _handle = of("bob").enter(|| task.submit(async move { noted.note() })).unwrap();
    executor.run();
    // Exactly that one: whoever gives a context decides about its span too.
    assert_eq!(ids.spans(), [given.span_id().unwrap()]);
    ends_in_context(|tasks, seen, ends| {
        let task = tasks.task("given").context(of("ann"));
        of("bob").enter(|| task.submit(noting(seen, ends)).unwrap())
    });
}

#[test]
fn x1_a_task_that_was_never_polled_is_dropped_in_its_context() {
    let (executor, seen) = (Executor::new(1), Seen::default());
    let tasks = klaw::Executor::new(executor.spawner());
    let _handle = of("ann").enter(|| tasks.submit(noting(&seen, true)).unwrap());
    of("eve").enter(|| drop(executor));
    seen.expect(Some("ann"), &[("drop", 1)]);
}

#[test]
fn x1_the_hook_and_a_value_that_nobody_wants_are_in_the_context() {
    let (executor, seen) = (Executor::new(1), Seen::default());
    let (hooked, value) = (seen.clone(), NotesDrop(seen.clone()));
    let tasks = klaw::Executor::new(executor.spawner());
    let task = tasks.task("hooked").on_exit(move |_| hooked.note("hook"));
    drop(of("ann").enter(|| task.submit(async move { value })).unwrap());
    of("eve").enter(|| executor.run());
    seen.expect(Some("ann"), &[("hook", 1), ("drop", 1)]);
}

#[test]
fn x2_a_change_after_the_submit_is_not_seen_by_the_task() {
    for seed in 0..SEEDS {
        let (executor, ann, bob) = (Executor::new(seed), Seen::default(), Seen::default());
        let tasks = klaw::Executor::new(executor.spawner());
        let (early, late, outer) = (ann.clone(), bob.clone(), ann.clone());
        let parent = tasks.clone().submit(of("ann").run(async move {
            let first = tasks.submit(noting(&early, true)).unwrap();
            let changed = Context::current().with(|context| context.set(&USER, "bob"));
            let second = changed.enter(|| tasks.submit(noting(&late, true)).unwrap());
            outer.note("parent");
            yield_once().await;
            first.await.unwrap();
            second.await.unwrap();
            outer.note("parent");
        }));
        executor.run();
        assert!(!parent.unwrap().is_running());
        ann.expect(Some("ann"), &[("first", 1), ("second", 1), ("drop", 1), ("parent", 2)]);
        bob.expect(Some("bob"), &ALL);
    }
}

#[test]
fn x1_maps_run_and_drop_their_items_in_the_context_of_the_call() {
    let each = [("call", 5), ("first", 5), ("second", 5), ("drop", 5)];
    for seed in 0..SEEDS {
        let (executor, seen) = (Executor::new(seed), Seen::default());
        let tasks = klaw::Executor::new(executor.spawner());
        let start = |seen: Seen, ends| {
            move |_: u32| {
                seen.note("call");
                noting(&seen, ends)
            }
        };
        // Made by ann; polled for the first time, awaited and dropped by eve.
        let map = of("ann").enter(|| tasks.map(0..5, start(seen.clone(), true)).width(width(2)));
        assert_eq!(executor.settle(of("eve").run(map)).unwrap().len(), 5);
        seen.expect(Some("ann"), &each);

        for ordered in [false, true] {
            let seen = Seen::default();
            let mut stream = of("ann").enter(|| {
                let f = start(seen.clone(), true);
                let stream =
                    if ordered { tasks.imap_ordered(0..5, f) } else { tasks.imap(0..5, f) };
                stream.width(width(2))
            });
            let all = async move {
                let mut all = 0;
                while let Some(result) = stream.next().await {
                    assert_eq!(user(), Some("eve"));
                    result.unwrap();
                    all += 1;
                }
                all
            };
            assert_eq!(executor.settle(of("eve").run(all)), Some(5));
            seen.expect(Some("ann"), &each);
        }

        let seen = Seen::default();
        let map = of("ann").enter(|| tasks.map(0..5, start(seen.clone(), false)).width(width(2)));
        let mut map = ByHand::new(map);
        of("eve").enter(|| {
            assert!(map.poll().is_pending());
            executor.run();
            drop(map);
            executor.run();
        });
        seen.expect(Some("ann"), &[("call", 2), ("first", 2), ("second", 2), ("drop", 2)]);
    }
}

/// Runs its jobs when it is told to.
#[derive(Clone, Default)]
struct Pool(Arc<Mutex<VecDeque<BlockingJob>>>);

impl Pool {
    fn run(&self) {
        loop {
            let job = self.0.lock().unwrap().pop_front();
            let Some(job) = job else { break };
            job();
        }
    }

    fn executor(&self) -> klaw::Executor<(), Self> {
        klaw::Executor::new(()).with_pool(self.clone())
    }
}

impl SpawnBlocking<BlockingJob> for Pool {
    fn spawn_blocking(&self, job: BlockingJob) -> Result<(), SpawnError<BlockingJob>> {
        self.0.lock().unwrap().push_back(job);
        Ok(())
    }
}

#[test]
fn x1_a_job_runs_and_is_dropped_in_the_context_of_its_submit() {
    for end in ["it is done", "it is cancelled", "its pool goes"] {
        let (pool, seen) = (Pool::default(), Seen::default());
        let owned = NotesDrop(seen.clone());
        let job = move |_| owned.0.note("run");
        let handle = of("ann").enter(|| pool.executor().submit_blocking(job).unwrap());
        of("eve").enter(|| match end {
            "its pool goes" => pool.0.lock().unwrap().clear(),
            _ => {
                assert!(end == "it is done" || handle.cancel("enough"));
                pool.run();
            }
        });
        assert!(!handle.is_running());
        seen.expect(Some("ann"), &[("run", usize::from(end == "it is done")), ("drop", 1)]);
    }
}

#[test]
fn x1_a_map_on_the_pool_computes_in_the_context_of_the_call() {
    let (pool, seen) = (Pool::default(), Seen::default());
    let (noted, owned) = (seen.clone(), seen.clone());
    let items = (0..20).map(move |_| NotesDrop(owned.clone()));
    let compute = move |item: NotesDrop| {
        noted.note("compute");
        drop(item);
    };
    let map = of("ann").enter(|| pool.executor().map_cpu(items, compute));
    let mut map = ByHand::new(map.width(width(3)).chunk(width(2)));
    of("eve").enter(|| {
        assert!(map.poll().is_pending());
        pool.run();
        assert_eq!(map.ready().len(), 20);
    });
    seen.expect(Some("ann"), &[("compute", 20), ("drop", 20)]);
}

#[test]
fn x1_what_a_scope_starts_runs_and_is_dropped_in_the_context_of_the_call() {
    for seed in 0..SEEDS {
        for cancelled in [false, true] {
            let (executor, seen) = (Executor::new(seed), Seen::default());
            let rt = Runtime::new(executor.spawner(), VirtualClock::new());
            let noted = seen.clone();
            let body = async move |s: &klaw::Scope<Spawner, VirtualClock>| {
                let child = of("ann").enter(|| s.spawn(noting(&noted, !cancelled)).unwrap());
                of("ann").enter(|| s.defer(noting(&noted, true)).unwrap());
                assert_eq!(user(), Some("eve"));
                yield_once().await;
                if cancelled {
                    // Until it has noted that it runs.
                    while noted.0.lock().unwrap().len() < 2 {
                        yield_once().await;
                    }
                    s.cancel("enough");
                } else {
                    child.await.unwrap();
                }
                assert_eq!(user(), Some("eve"));
            };
            let run = async move { scope(&rt).run(body).await };
            assert!(executor.settle(of("eve").run(run)).is_some());
            seen.expect(Some("ann"), &[("first", 2), ("second", 2), ("drop", 2)]);
        }
    }
}

#[test]
fn x1_a_cleanup_that_is_cut_short_is_dropped_in_its_context() {
    for seed in 0..SEEDS {
        for end in ["its time is over", "its executor goes", "its executor goes before its turn"] {
            let (executor, seen) = (Executor::new(seed), Seen::default());
            let clock = VirtualClock::new();
            let rt = Runtime::new(executor.spawner(), clock.clone());
            let noted = seen.clone();
            let begins = end != "its executor goes before its turn";
            let body = async move |s: &klaw::Scope<Spawner, VirtualClock>| {
                of("ann").enter(|| s.defer(noting(&noted, false)).unwrap());
                if !begins {
                    pending::<()>().await;
                }
            };
            let run = async move { scope(&rt).cleanup(Duration::from_secs(1)).run(body).await };
            of("eve").enter(|| {
                let done = executor.start(of("bob").run(run));
                executor.run();
                if end == "its time is over" {
                    clock.advance(Duration::from_secs(1));
                    executor.run();
                    assert!(done.is_ready());
                } else {
                    executor.shut_down();
                }
            });
            let polls = usize::from(begins);
            seen.expect(Some("ann"), &[("first", polls), ("second", polls), ("drop", 1)]);
        }
    }
}

#[test]
fn x1_attempts_of_a_retry_run_in_the_context_of_who_awaits_it() {
    let (clock, seen) = (VirtualClock::new(), Seen::default());
    let ms = Duration::from_millis(1);
    let schedule = Backoff::constant(ms).attempts(NonZeroU32::new(3).unwrap());
    let noted = seen.clone();
    let attempt = || {
        noted.note("call");
        let noted = noting(&noted, true);
        async move {
            noted.await;
            Err::<(), _>("busy")
        }
    };
    let policy = retry(schedule).classify(|_: &&str, _| Retry::Yes);
    let mut run = ByHand::new(of("ann").run(policy.run(&clock, attempt)));
    of("eve").enter(|| {
        while run.poll().is_pending() {
            clock.advance(ms);
        }
    });
    seen.expect(Some("ann"), &[("call", 3), ("first", 3), ("second", 3), ("drop", 3)]);
}

#[test]
fn x4_a_fork_leaves_the_context_of_its_parent() {
    for seed in 0..SEEDS {
        let executor = Executor::new(seed);
        let rt = Runtime::new(executor.spawner(), VirtualClock::new());
        let seen = Seen::default();
        let noted = seen.clone();
        let run = async move {
            let body = async |s: &klaw::Scope<Spawner, VirtualClock>| {
                let of_parent = s.fork(async { assert_eq!(user(), Some("parent")) });
                of_parent.await.unwrap();
                let mut fork = Box::pin(s.fork(of("ann").run(noting(&noted, false))));
                for _ in 0..3 {
                    let polled = poll_fn(|cx| Poll::Ready(fork.as_mut().poll(cx).is_pending()));
                    assert!(polled.await, "it does not end");
                    assert_eq!(user(), Some("parent"));
                }
                s.cancel("enough");
                assert!(fork.await.is_err());
                assert_eq!(user(), Some("parent"));
            };
            scope(&rt).run(body).await
        };
        assert!(executor.settle(of("parent").run(run)).is_some());
        seen.expect(Some("ann"), &ALL);
    }
}

fn traced() -> Context {
    Context::empty().with(|context| {
        let context = context.request_id("r-1").new_trace(TraceFlags::SAMPLED, &mut Seeded(0));
        context.set(&SESSION, 5)
    })
}

/// The trace, the span and its parent of what called [`note`](Self::note).
type Noted = (Option<TraceId>, Option<SpanId>, Option<SpanId>);

#[derive(Clone, Default)]
struct Ids(Arc<Mutex<Vec<Noted>>>);

impl Ids {
    fn note(&self) {
        let context = Context::current();
        assert_eq!(context.request_id(), Some("r-1"));
        let noted = (context.trace_id(), context.span_id(), context.parent_span_id());
        self.0.lock().unwrap().push(noted);
    }

    fn spans(&self) -> Vec<SpanId> {
        self.0.lock().unwrap().iter().map(|(_, span, _)| span.unwrap()).collect()
    }

    /// As many different spans as `count` were noted, all of them children of `parent`.
    #[track_caller]
    fn expect(&self, parent: &Context, count: usize) {
        for (trace, _, above) in &*self.0.lock().unwrap() {
            assert_eq!((*trace, *above), (parent.trace_id(), parent.span_id()));
        }
        let spans: HashSet<_> = self.spans().into_iter().collect();
        assert_eq!(spans.len(), count);
        assert!(!spans.contains(&parent.span_id().unwrap()));
    }
}

#[test]
fn x8_each_task_has_a_span_of_its_own() {
    for seed in 0..SEEDS {
        let (executor, pool, root) = (Executor::new(seed), Pool::default(), traced());
        let tasks = klaw::Executor::new(executor.spawner()).with_pool(pool.clone());
        let rt = Runtime::new(executor.spawner(), VirtualClock::new());
        let ids = Ids::default();

        let note = |ids: &Ids| {
            let ids = ids.clone();
            async move {
                assert_eq!(Context::current().get(&SESSION), None, "X6");
                let first = Context::current().span_id();
                ids.note();
                yield_once().await;
                assert_eq!(Context::current().span_id(), first);
            }
        };
        let noted = ids.clone();
        let handles = root.enter(|| {
            let job = move |_| noted.note();
            [
                tasks.submit(note(&ids)).unwrap(),
                tasks.submit(note(&ids)).unwrap(),
                tasks.task("named").submit(note(&ids)).unwrap(),
                tasks.submit_blocking(job).unwrap(),
            ]
        });
        executor.run();
        pool.run();
        assert!(handles.iter().all(|handle| !handle.is_running()));
        ids.expect(&root, 4);

        let (ids, of_scope) = (Ids::default(), Ids::default());
        let noted = of_scope.clone();
        let body = async move |s: &klaw::Scope<Spawner, VirtualClock>| {
            let _first = s.spawn(note(&noted)).unwrap();
            let _second = s.spawn(note(&noted)).unwrap();
            s.defer(note(&noted)).unwrap();
        };
        let run = root.clone().run(async move { scope(&rt).run(body).await });
        assert!(executor.settle(run).unwrap().is_ok());
        of_scope.expect(&root, 3);

        // As many as there are workers, whatever the number of items.
        let noted = ids.clone();
        let map = root.enter(|| tasks.map(0..40, move |_| note(&noted)).width(width(4)));
        assert_eq!(executor.settle(map).unwrap().len(), 40);
        ids.expect(&root, 4);

        let ids = Ids::default();
        let noted = ids.clone();
        let map = root.enter(|| tasks.map_cpu(0..40, move |_| noted.note()));
        let mut map = ByHand::parked(map.width(width(4)).chunk(width(3)));
        pool.run();
        assert_eq!(map.ready().len(), 40);
        ids.expect(&root, 4);
    }
}
