//! What travels along with a request, and how far.

#![cfg(feature = "std")]

mod by_hand;
mod counting;
mod executor;
mod seeded;
mod virtual_clock;

use by_hand::ByHand;
use core::{
    cell::RefCell,
    future::{pending, poll_fn},
    pin::pin,
    task::Poll,
};
use counting::allocations;
use executor::Executor;
use klaw::{
    Actor, Context, Ctx, Key, Reply, Restart, Runtime, Strategy, Supervisor,
    context::{ThreadEntropy, TraceFlags, TraceParent, TraceState},
    serve, task,
};
use seeded::Seeded;
use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    rc::Rc,
    sync::mpsc,
    thread,
};
use virtual_clock::VirtualClock;

const STEPS: usize = if cfg!(miri) { 10 } else { 1000 };
const SEEDS: u64 = if cfg!(miri) { 4 } else { 32 };

static USER: Key<&str> = Key::new("user");
static SIZE: Key<u32> = Key::new("size");
static SESSION: Key<u32> = Key::local("session");

/// A context that is told from others by its user.
fn of(user: &'static str) -> Context {
    Context::empty().with(|context| context.set(&USER, user))
}

fn user() -> Option<&'static str> {
    Context::current().get(&USER).copied()
}

fn traced() -> Context {
    Context::empty().with(|context| {
        context.request_id("r-1").new_trace(TraceFlags::SAMPLED, &mut Seeded(0)).set(&USER, "ann")
    })
}

/// Where something was noted, and who the current user was.
type Note = (&'static str, Option<&'static str>);

/// What was noted, in order.
#[derive(Clone, Default)]
struct Seen(Rc<RefCell<Vec<Note>>>);

impl Seen {
    fn note(&self, at: &'static str) {
        self.0.borrow_mut().push((at, user()));
    }

    #[track_caller]
    fn expect(&self, expected: &[Note]) {
        assert_eq!(*self.0.borrow(), expected);
    }
}

/// Notes the context in which it is dropped.
struct NotesDrop(Seen, &'static str);

impl Drop for NotesDrop {
    fn drop(&mut self) {
        self.0.note(self.1);
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

#[test]
fn x1_a_context_is_there_at_every_poll_and_at_the_drop() {
    let seen = Seen::default();
    let inner = seen.clone();
    let mut running = ByHand::new(of("ann").run(async move {
        let _drop = NotesDrop(inner.clone(), "drop");
        inner.note("first");
        yield_once().await;
        inner.note("second");
        pending::<()>().await;
    }));
    assert!(running.poll().is_pending());
    assert_eq!(user(), None);
    assert!(running.poll().is_pending());
    assert_eq!(user(), None);
    of("other").enter(|| drop(running));
    assert_eq!(user(), None);
    seen.expect(&[("first", Some("ann")), ("second", Some("ann")), ("drop", Some("ann"))]);
}

#[test]
fn x1_what_a_future_owns_is_dropped_in_the_context_when_it_completes() {
    let seen = Seen::default();
    let owned = NotesDrop(seen.clone(), "drop");
    let mut done = ByHand::new(of("ann").run(poll_fn(move |_| {
        let _owned = &owned;
        Poll::Ready(())
    })));
    assert!(done.poll().is_ready());
    seen.expect(&[("drop", Some("ann"))]);
    drop(done);
    seen.expect(&[("drop", Some("ann"))]);
}

struct Asked(Seen);

impl Actor for Asked {
    type Msg = Reply<Option<&'static str>>;
    type Error = &'static str;

    async fn handle(
        &mut self,
        reply: Self::Msg,
        _: &mut Ctx<'_, Self::Msg>,
    ) -> Result<(), &'static str> {
        yield_once().await;
        self.0.note("handle");
        reply.send(user());
        Err("on purpose")
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.note("drop");
    }
}

#[test]
fn x1_an_actor_runs_in_the_context_of_who_started_it() {
    for seed in 0..8 {
        let (executor, seen) = (Executor::new(seed), Seen::default());
        let rt = Runtime::new(executor.spawner(), VirtualClock::new());
        let inner = seen.clone();
        let start = || {
            rt.spawn_actor(move |me| {
                inner.note("make");
                serve(Asked(inner.clone()), me)
            })
            .start()
        };
        let asked = of("ann").enter(start).unwrap();
        let me = asked.clone();
        let answer = executor.settle(async move { me.ask(|reply| reply).await.ok() });
        assert_eq!(answer, Some(Some(Some("ann"))), "who asks has none");
        executor.run();
        // After its failure it is made again, in the same context.
        seen.expect(&[
            ("make", Some("ann")),
            ("handle", Some("ann")),
            ("drop", Some("ann")),
            ("make", Some("ann")),
        ]);
        executor.shut_down();
        assert_eq!(seen.0.borrow().last(), Some(&("drop", Some("ann"))));
    }
}

#[test]
fn x1_children_of_a_tree_run_in_the_context_of_who_started_it() {
    for seed in 0..8 {
        let (executor, seen) = (Executor::new(seed), Seen::default());
        let rt = Runtime::new(executor.spawner(), VirtualClock::new());
        let inner = seen.clone();
        let tree = Supervisor::new(Strategy::OneForOne).child("one", Restart::Never, move || {
            inner.note("make");
            let inner = inner.clone();
            task(async move {
                let _drop = NotesDrop(inner.clone(), "drop");
                yield_once().await;
                inner.note("run");
                pending::<()>().await;
            })
        });
        let tree = of("ann").enter(|| rt.supervise(tree)).unwrap();
        executor.run();
        let _stopped = of("bob").enter(|| executor.settle(async move { tree.stop().await }));
        seen.expect(&[("make", Some("ann")), ("run", Some("ann")), ("drop", Some("ann"))]);
    }
}

#[test]
fn x1_a_refused_child_is_dropped_in_its_context() {
    let (executor, seen) = (Executor::new(1), Seen::default());
    let rt = Runtime::new(executor.spawner(), VirtualClock::new());
    executor.set_room(1);
    let inner = seen.clone();
    let tree = Supervisor::new(Strategy::OneForOne).child("one", Restart::Never, move || {
        let owned = NotesDrop(inner.clone(), "drop");
        task(async move {
            let _owned = &owned;
            pending::<()>().await;
        })
    });
    let tree = of("ann").enter(|| rt.supervise(tree)).unwrap();
    executor.run();
    assert!(tree.is_over());
    seen.expect(&[("drop", Some("ann"))]);
}

#[test]
fn x2_a_change_is_seen_by_what_is_started_with_it_only() {
    let parent = of("ann");
    let before = parent.for_spawn();
    let changed = parent.with(|context| context.set(&USER, "bob").set(&SIZE, 3));
    let after = changed.for_spawn();
    assert_eq!((parent.get(&USER), parent.get(&SIZE)), (Some(&"ann"), None));
    assert_eq!((before.get(&USER), before.get(&SIZE)), (Some(&"ann"), None));
    assert_eq!((after.get(&USER), after.get(&SIZE)), (Some(&"bob"), Some(&3)));
    let removed = after.with(|context| context.remove(&USER));
    assert_eq!((removed.get(&USER), removed.get(&SIZE)), (None, Some(&3)));
    assert_eq!(after.get(&USER), Some(&"bob"));
    assert!(removed.with(|context| context.remove(&SIZE)).is_empty());
}

#[test]
fn x2_keys_of_one_name_are_two_keys() {
    static FIRST: Key<u32> = Key::new("same");
    static SECOND: Key<u32> = Key::new("same");
    let context = Context::empty().with(|context| context.set(&FIRST, 1).set(&SECOND, 2));
    assert_eq!((context.get(&FIRST), context.get(&SECOND)), (Some(&1), Some(&2)));
}

#[test]
fn x3_two_tasks_on_one_thread_never_mix() {
    for seed in 0..SEEDS {
        let executor = Executor::new(seed);
        let turns = |name| {
            of(name).run(async move {
                for _ in 0..20 {
                    assert_eq!(user(), Some(name));
                    yield_once().await;
                }
            })
        };
        let done = [executor.start(turns("ann")), executor.start(turns("bob"))];
        let bare = executor.start(async {
            for _ in 0..20 {
                assert_eq!(user(), None);
                yield_once().await;
            }
        });
        executor.run();
        assert!(done.iter().all(|done| done.is_ready()) && bare.is_ready());
    }
}

#[test]
fn x3_the_context_before_is_back_after_a_panic() {
    let seen = Seen::default();
    let inner = seen.clone();
    let owned = NotesDrop(inner, "drop");
    let mut running = Box::pin(of("ann").run(async move {
        let _owned = &owned;
        resume_unwind(Box::new("on purpose"));
    }));
    of("outer").enter(|| {
        let polled = catch_unwind(AssertUnwindSafe(|| counting::poll(running.as_mut())));
        assert!(polled.is_err());
        assert_eq!(user(), Some("outer"));
        drop(running);
        assert_eq!(user(), Some("outer"));
        let called = catch_unwind(|| of("bob").enter(|| resume_unwind(Box::new("on purpose too"))));
        assert!(called.is_err());
        assert_eq!(user(), Some("outer"));
    });
    assert_eq!(user(), None);
    seen.expect(&[("drop", Some("ann"))]);
}

#[test]
fn x3_a_destructor_that_panics_leaves_the_context() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert_eq!(user(), Some("ann"));
            resume_unwind(Box::new("on purpose"));
        }
    }
    let bomb = Bomb;
    let running = of("ann").run(async move {
        let _bomb = &bomb;
    });
    assert!(catch_unwind(AssertUnwindSafe(|| drop(running))).is_err());
    assert_eq!(user(), None);
}

#[test]
fn x4_what_is_polled_in_place_gives_the_parents_context_back() {
    let mut parent = ByHand::new(of("parent").run(async {
        let mut first = pin!(of("first").run(async {
            yield_once().await;
            of("nested").run(async { assert_eq!(user(), Some("nested")) }).await;
            assert_eq!(user(), Some("first"));
        }));
        let mut second = pin!(of("second").run(async {
            yield_once().await;
            assert_eq!(user(), Some("second"));
        }));
        let (mut one, mut two) = (false, false);
        poll_fn(|cx| {
            one = one || first.as_mut().poll(cx).is_ready();
            assert_eq!(user(), Some("parent"));
            two = two || second.as_mut().poll(cx).is_ready();
            assert_eq!(user(), Some("parent"));
            if one && two { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        assert_eq!(user(), Some("parent"));
    }));
    while parent.poll().is_pending() {}
}

#[test]
fn x5_outside_of_tasks_the_context_is_empty() {
    assert!(Context::current().is_empty());
    assert_eq!(Context::current().trace_id(), None);
    assert_eq!(Context::current().request_id(), None);
    traced().enter(|| {
        assert!(!Context::current().is_empty());
        // A thread is not a task.
        assert!(thread::spawn(|| Context::current().is_empty()).join().unwrap());
    });
    assert!(Context::current().is_empty());
    assert!(Context::empty().child().is_empty() && Context::empty().for_spawn().is_empty());
    assert!(Context::empty().with(|context| context).is_empty());
}

#[test]
fn x5_a_destructor_at_the_end_of_a_thread_finds_the_empty_context() {
    struct AtEnd(mpsc::Sender<bool>);
    impl Drop for AtEnd {
        fn drop(&mut self) {
            let inside = of("ann").enter(user);
            self.0.send(Context::current().is_empty() && inside == Some("ann")).unwrap();
        }
    }
    thread_local! {
        static AT_END: RefCell<Option<AtEnd>> = const { RefCell::new(None) };
    }
    let (ended, end) = mpsc::channel();
    let run = move || AT_END.set(Some(AtEnd(ended)));
    thread::spawn(move || of("bob").enter(run)).join().unwrap();
    assert_eq!(end.recv(), Ok(true));
}

#[test]
fn x6_a_local_value_does_not_cross_a_spawn() {
    let context = traced().with(|context| context.set(&SESSION, 5));
    assert_eq!(context.child().get(&SESSION), Some(&5));
    let spawned = context.for_spawn();
    assert_eq!((spawned.get(&SESSION), spawned.get(&USER)), (None, Some(&"ann")));
    assert_eq!(spawned.request_id(), Some("r-1"));
    let only_local = Context::empty().with(|context| context.set(&SESSION, 5));
    assert!(only_local.for_spawn().is_empty());

    let executor = Executor::new(1);
    let rt = Runtime::new(executor.spawner(), VirtualClock::new());
    let found = Rc::new(RefCell::new(vec![]));
    let inner = found.clone();
    let tree = Supervisor::new(Strategy::OneForOne).child("one", Restart::Never, move || {
        let inner = inner.clone();
        task(async move {
            let context = Context::current();
            inner.borrow_mut().push((context.get(&SESSION).copied(), context.get(&USER).copied()));
        })
    });
    let _tree = context.enter(|| rt.supervise(tree)).unwrap();
    executor.run();
    assert_eq!(*found.borrow(), [(None, Some("ann"))]);
}

#[test]
fn x8_a_task_gets_a_span_and_keeps_trace_and_request() {
    let root = traced();
    assert_eq!(root.parent_span_id(), None);
    let mut spans = HashSet::from([root.span_id().unwrap()]);
    let mut parent = root.clone();
    for step in 0..STEPS {
        let next = if step % 2 == 0 { parent.for_spawn() } else { parent.child() };
        assert!(spans.insert(next.span_id().unwrap()), "a span id came twice");
        assert_eq!(next.parent_span_id(), parent.span_id());
        assert_eq!(next.trace_id(), root.trace_id());
        assert_eq!(next.trace_flags(), Some(TraceFlags::SAMPLED));
        assert_eq!(next.request_id(), Some("r-1"));
        assert_eq!(next.get(&USER), Some(&"ann"));
        // Siblings too.
        assert!(spans.insert(parent.child().span_id().unwrap()), "a span id came twice");
        parent = next;
    }
    let untraced = of("ann").for_spawn();
    assert_eq!((untraced.span_id(), untraced.get(&USER)), (None, Some(&"ann")));
}

#[test]
fn x8_equal_seeds_give_equal_ids() {
    let ids = || {
        let root = traced();
        let child = root.for_spawn();
        (root.trace_id(), root.span_id(), child.span_id(), child.child().span_id())
    };
    assert_eq!(ids(), ids());
    let random = || {
        let root = Context::empty()
            .with(|context| context.new_trace(TraceFlags::NONE, &mut ThreadEntropy));
        root.trace_id().unwrap()
    };
    let mut traces: HashSet<_> = (0..STEPS).map(|_| random()).collect();
    traces.extend((0..4).map(|_| thread::spawn(random).join().unwrap()));
    assert_eq!(traces.len(), STEPS + 4);
}

#[test]
fn x8_a_callers_trace_is_continued_in_a_new_span() {
    let caller = TraceParent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let caller = caller.unwrap();
    let state = TraceState::parse("rojo=00f067aa0ba902b7");
    let context = Context::empty()
        .with(|context| context.continue_trace(caller, state.clone(), &mut Seeded(7)));
    assert_eq!(context.trace_id(), Some(caller.trace_id));
    assert_eq!(context.parent_span_id(), Some(caller.span_id));
    assert_ne!(context.span_id(), Some(caller.span_id));
    let task = context.for_spawn();
    assert_eq!(task.trace_state(), state.as_ref());
    let told = task.traceparent().unwrap();
    assert_eq!((told.trace_id, told.flags), (caller.trace_id, caller.flags));
    assert_eq!(Some(told.span_id), task.span_id());
}

#[test]
fn what_is_not_used_allocates_nothing() {
    assert_eq!(thread::spawn(|| allocations(|| drop(Context::current()))).join().unwrap(), 0);
    let (mut full, untraced) = (traced(), of("ann"));
    let mut running = pin!(of("bob").run(pending::<()>()));
    let count = allocations(|| {
        full.enter_mut(|| drop(Context::current()));
        full.enter(|| assert_eq!(Context::current().get(&USER), Some(&"ann")));
        drop(Context::empty().for_spawn());
        drop(untraced.for_spawn());
        assert!(counting::poll(running.as_mut()).is_pending());
    });
    assert_eq!(count, 0);
    assert_eq!(allocations(|| drop(full.for_spawn())), 1);
}

#[test]
fn a_context_is_one_word_and_can_be_shared() {
    fn shared<T: Send + Sync + Unpin + 'static>() {}
    shared::<Context>();
    shared::<Key<core::cell::Cell<u8>>>();
    assert_eq!(size_of::<Context>(), size_of::<usize>());
}

#[test]
fn debug_output_names_values_and_does_not_show_them() {
    let shown = format!("{:?}", traced().with(|context| context.set(&USER, "secret")));
    assert!(shown.contains("user") && shown.contains("r-1"), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
#[should_panic(expected = "polled after it had given its result")]
fn polling_after_the_result_panics() {
    let mut done = pin!(of("ann").run(async {}));
    assert!(counting::poll(done.as_mut()).is_ready());
    let _again = counting::poll(done.as_mut());
}
