//! The context in which the cache loads: rules X1, X6 and X8, and whose requests to stop reach a load.

#![cfg(feature = "std")]

mod by_hand;
mod executor;
mod seeded;
mod virtual_clock;

use by_hand::{ByHand, now};
use core::{cell::RefCell, num::NonZeroUsize, task::Poll, time::Duration};
use executor::{Executor, Spawner};
use klaw::{
    CancelToken, Clock, Context, Key,
    cache::{AsyncLru, LoadError},
    context::TraceFlags,
};
use seeded::Seeded;
use std::rc::Rc;
use virtual_clock::VirtualClock;

const MS: Duration = Duration::from_millis(1);
const SEEDS: u64 = if cfg!(miri) { 2 } else { 50 };

static USER: Key<&str> = Key::new("user");
static SESSION: Key<u32> = Key::local("session");

type Cache = AsyncLru<u32, &'static str, &'static str, Spawner, VirtualClock>;

/// Where something happened, and in which context.
#[derive(Clone, Default)]
struct Seen(Rc<RefCell<Vec<(&'static str, Context)>>>);

impl Seen {
    fn note(&self, at: &'static str) {
        self.0.borrow_mut().push((at, Context::current()));
    }
}

struct NotesDrop(Seen);

impl Drop for NotesDrop {
    fn drop(&mut self) {
        self.0.note("drop");
    }
}

fn caller(user: &'static str) -> Context {
    Context::empty().with(|context| {
        let context = context.set(&USER, user).set(&SESSION, 1).request_id("r-1");
        context.new_trace(TraceFlags::SAMPLED, &mut Seeded(0))
    })
}

fn cache(executor: &Executor, clock: &VirtualClock) -> Cache {
    AsyncLru::new(executor.spawner(), clock.clone(), NonZeroUsize::MIN)
}

/// Asks for a page whose load notes what it sees and takes 10 ms.
async fn ask(
    cache: Cache,
    clock: VirtualClock,
    seen: Seen,
) -> Result<&'static str, LoadError<&'static str>> {
    let load = || {
        seen.note("call");
        let (owned, clock) = (NotesDrop(seen.clone()), clock.clone());
        async move {
            owned.0.note("first");
            clock.sleep(MS * 10).await;
            owned.0.note("second");
            Ok("page")
        }
    };
    cache.get_or_load(&1, load).await
}

#[test]
fn x1_a_load_runs_and_is_dropped_in_the_context_of_the_caller_who_began_it() {
    for seed in 0..SEEDS {
        for end in ["it is done", "nobody waits", "its executor goes"] {
            let (executor, clock, seen) =
                (Executor::new(seed), VirtualClock::new(), Seen::default());
            let (ann, bob) = (caller("ann"), caller("bob"));
            let cache = cache(&executor, &clock);
            let asked = || ask(cache.clone(), clock.clone(), seen.clone());
            let first = ByHand::parked(ann.clone().run(asked()));
            let mut second = ByHand::parked(bob.run(asked()));
            caller("eve").enter(|| executor.run());
            drop(first);
            match end {
                "it is done" => {
                    clock.advance(MS * 10);
                    caller("eve").enter(|| executor.run());
                    assert_eq!(second.ready().unwrap(), "page");
                }
                "nobody waits" => {
                    drop(second);
                    caller("eve").enter(|| executor.run());
                }
                _ => {
                    caller("eve").enter(|| drop(executor));
                    assert!(matches!(second.ready(), Err(LoadError::Dropped)));
                }
            }
            let seen = seen.0.take();
            let order: Vec<_> = seen.iter().map(|(at, _)| *at).collect();
            let done = ["call", "first", "second", "drop"];
            let cut = ["call", "first", "drop"];
            assert_eq!(order, if end == "it is done" { &done[..] } else { &cut[..] }, "{end}");
            let (_, call) = &seen[0];
            assert_eq!(call.span_id(), ann.span_id(), "`load` is called by the caller itself");
            for (at, context) in &seen[1..] {
                assert_eq!(context.get(&USER), Some(&"ann"), "at {at}, {end}");
                assert_eq!(context.get(&SESSION), None, "X6: what is local stays there");
                assert_eq!(context.request_id(), Some("r-1"));
                assert_eq!(context.trace_id(), ann.trace_id());
                assert_eq!(context.parent_span_id(), ann.span_id(), "X8: a span of its own");
            }
        }
    }
}

#[test]
fn a_request_to_stop_the_caller_who_began_it_is_none_for_the_load() {
    for seed in 0..SEEDS {
        let (executor, clock, seen) = (Executor::new(seed), VirtualClock::new(), Seen::default());
        let cache = cache(&executor, &clock);
        let asked = || ask(cache.clone(), clock.clone(), seen.clone());
        let token = CancelToken::new();
        let mut first = ByHand::parked(token.run(asked()));
        let mut second = ByHand::parked(asked());
        executor.run();
        token.cancel("you alone");
        assert_eq!(first.ready().unwrap_err().reason, "you alone");
        executor.run();
        clock.advance(MS * 10);
        executor.run();
        assert_eq!(second.ready().unwrap(), "page");
        assert_eq!(seen.0.borrow().iter().filter(|(at, _)| *at == "call").count(), 1);
    }
}

#[test]
fn a_value_that_is_stored_enters_no_context() {
    let (executor, clock, seen) = (Executor::new(0), VirtualClock::new(), Seen::default());
    let cache = cache(&executor, &clock);
    let asked = || ask(cache.clone(), clock.clone(), seen.clone());
    let mut first = ByHand::parked(caller("ann").run(asked()));
    executor.run();
    clock.advance(MS * 10);
    executor.run();
    assert!(matches!(first.poll(), Poll::Ready(Ok("page"))));
    let before = seen.0.borrow().len();
    assert_eq!(now(caller("bob").run(asked())).unwrap().unwrap(), "page");
    assert_eq!(seen.0.borrow().len(), before);
}
