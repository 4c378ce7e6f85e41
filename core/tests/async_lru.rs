//! The cache that loads what it lacks, by the numbers of its rules; on the random executor and the
//! virtual clock.

#![cfg(feature = "std")]

mod by_hand;
mod executor;
mod virtual_clock;

use by_hand::{ByHand, now};
use core::{
    cell::{Cell, RefCell},
    future::poll_fn,
    num::NonZeroUsize,
    task::Poll,
    time::Duration,
};
use executor::{Executor, Spawner};
use klaw::{
    Clock, SpawnErrorKind,
    cache::{AsyncLru, LoadError},
};
use proptest::prelude::*;
use std::rc::Rc;
use virtual_clock::VirtualClock;

const MS: Duration = Duration::from_millis(1);
const SEEDS: u64 = if cfg!(miri) { 3 } else { 300 };

type Cache = AsyncLru<u32, String, &'static str, Spawner, VirtualClock>;

/// A cache, what its loads run on, and what is known of them.
struct World {
    executor: Executor,
    clock: VirtualClock,
    cache: Cache,
    loads: Rc<Loads>,
}

#[derive(Default)]
struct Loads {
    begun: RefCell<Vec<u32>>,
    alive: Cell<usize>,
}

struct Alive(Rc<Loads>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.alive.set(self.0.alive.get() - 1);
    }
}

impl World {
    fn new(seed: u64, capacity: usize) -> Self {
        let (executor, clock) = (Executor::new(seed), VirtualClock::new());
        let capacity = NonZeroUsize::new(capacity).unwrap();
        let cache = AsyncLru::new(executor.spawner(), clock.clone(), capacity);
        Self { executor, clock, cache, loads: Rc::default() }
    }

    /// Asks for `key`; a load takes 10 ms and ends as `end` says.
    fn ask(
        &self,
        key: u32,
        end: fn(u32) -> Result<String, &'static str>,
    ) -> impl Future<Output = Result<String, LoadError<&'static str>>> + use<> {
        let (cache, loads, clock) = (self.cache.clone(), self.loads.clone(), self.clock.clone());
        async move {
            let load = || {
                loads.begun.borrow_mut().push(key);
                loads.alive.set(loads.alive.get() + 1);
                let (alive, sleep) = (Alive(loads.clone()), clock.sleep(MS * 10));
                async move {
                    let _alive = alive;
                    sleep.await;
                    end(key)
                }
            };
            cache.get_or_load(&key, load).await
        }
    }

    /// Lets the loads under way come to their ends.
    fn pass(&self) {
        self.executor.run();
        self.clock.advance(MS * 10);
        self.executor.run();
    }

    /// Loads and stores `key`.
    fn store(&self, key: u32) {
        let mut caller = ByHand::parked(self.ask(key, text));
        self.pass();
        assert_eq!(caller.ready().unwrap(), key.to_string());
    }

    fn begun(&self) -> Vec<u32> {
        self.loads.begun.take()
    }
}

fn text(key: u32) -> Result<String, &'static str> {
    Ok(key.to_string())
}

fn fail(_: u32) -> Result<String, &'static str> {
    Err("no such page")
}

fn panic(_: u32) -> Result<String, &'static str> {
    panic!("a bug in the load")
}

fn never(key: u32) -> Result<String, &'static str> {
    panic!("{key} is loaded without need")
}

#[test]
fn a1_one_load_per_key_however_many_callers() {
    for seed in 0..SEEDS {
        let world = World::new(seed, 4);
        let callers: Vec<_> =
            (0..20).map(|at| (at % 4, world.executor.start(world.ask(at % 4, text)))).collect();
        world.pass();
        for (key, caller) in callers {
            assert_eq!(caller.take().unwrap().unwrap(), key.to_string(), "seed {seed}");
        }
        let mut begun = world.begun();
        begun.sort_unstable();
        assert_eq!(begun, [0, 1, 2, 3], "seed {seed}");
        assert_eq!(now(world.ask(2, never)).unwrap().unwrap(), "2", "it is stored");
    }
}

#[test]
fn a2_callers_who_go_away_take_nothing_from_the_others() {
    for seed in 0..SEEDS {
        let world = World::new(seed, 4);
        let mut callers: Vec<_> = (0..6).map(|_| ByHand::parked(world.ask(7, text))).collect();
        // The first and some others, at different times.
        drop(callers.remove(0));
        for at in 0..seed % 8 {
            if at % 2 == 1 && callers.len() > 1 {
                drop(callers.remove((seed / 8) as usize % callers.len()));
            }
            world.executor.step();
        }
        world.pass();
        for mut caller in callers {
            assert!(caller.is_woken(), "seed {seed}");
            assert_eq!(caller.ready().unwrap(), "7", "seed {seed}");
        }
        assert_eq!(world.begun(), [7], "seed {seed}");
    }
}

#[test]
fn a2_without_callers_the_load_is_cancelled() {
    for seed in 0..SEEDS {
        let world = World::new(seed, 4);
        let (first, second) =
            (ByHand::parked(world.ask(7, never)), ByHand::parked(world.ask(7, never)));
        for _ in 0..seed % 3 {
            world.executor.step();
        }
        drop(first);
        world.executor.run();
        assert_eq!(world.loads.alive.get(), 1, "one still waits");
        drop(second);
        // Who asks now does not wait for what was given up.
        let mut third = ByHand::parked(world.ask(7, text));
        world.executor.run();
        assert_eq!((world.loads.alive.get(), world.clock.timers()), (1, 1));
        world.pass();
        assert_eq!(third.ready().unwrap(), "7");
        assert_eq!((world.begun(), world.executor.tasks()), (vec![7, 7], 0));
    }
}

#[test]
fn a3_an_error_is_given_to_all_who_wait_and_not_stored() {
    for seed in 0..SEEDS {
        let world = World::new(seed, 4);
        let mut callers = [(); 3].map(|()| ByHand::parked(world.ask(7, fail)));
        world.pass();
        for caller in &mut callers {
            let error = caller.ready().unwrap_err();
            assert!(matches!(&error, LoadError::Failed(text) if **text == "no such page"));
        }
        assert_eq!((world.cache.len(), world.executor.tasks()), (0, 0));
        world.store(7);
        assert_eq!(world.begun(), [7, 7]);
    }
}

#[test]
fn a3_a_panic_is_given_to_all_who_wait_and_not_stored() {
    let world = World::new(1, 4);
    let mut callers = [(); 3].map(|()| ByHand::parked(world.ask(7, panic)));
    world.pass();
    for caller in &mut callers {
        let error = caller.ready().unwrap_err();
        assert_eq!(error.to_string(), "the load panicked: a bug in the load");
    }
    assert_eq!((world.cache.len(), world.executor.panics(), world.loads.alive.get()), (0, 0, 0));
    world.store(7);
}

#[test]
fn a3_a_load_whose_destructor_panics_has_failed() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("a bug in a destructor");
        }
    }
    let world = World::new(1, 4);
    let cache = world.cache.clone();
    let load = || {
        let bomb = Bomb;
        // It keeps what it has until it is dropped, also when it is done.
        poll_fn(move |_| {
            let _bomb = &bomb;
            Poll::Ready(text(7))
        })
    };
    let mut caller = ByHand::parked(cache.get_or_load(&7, load));
    world.executor.run();
    let error = caller.ready().unwrap_err();
    assert_eq!(error.to_string(), "the load panicked: a bug in a destructor");
    assert_eq!((world.cache.len(), world.executor.panics()), (0, 0));
}

#[test]
fn a3_a_closure_that_panics_leaves_nobody_waiting() {
    let world = World::new(1, 4);
    let (cache, other) = (world.cache.clone(), world.cache.clone());
    let joined = RefCell::new(None);
    let first = async {
        let load = || -> core::future::Ready<Result<String, &'static str>> {
            let join = world.ask(7, text);
            *joined.borrow_mut() = Some(ByHand::parked(join));
            panic!("before there was a load")
        };
        cache.get_or_load(&7, load).await
    };
    let mut first = ByHand::new(first);
    let caught = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| first.poll()));
    assert!(caught.is_err());
    assert!(matches!(joined.take().unwrap().ready(), Err(LoadError::Dropped)));
    drop(other);
    world.store(7);
}

#[test]
fn a3_an_executor_that_does_not_run_the_load_is_an_error() {
    let world = World::new(1, 4);
    world.executor.set_room(0);
    let refused = now(world.ask(7, never)).unwrap().unwrap_err();
    assert!(matches!(refused, LoadError::Refused(SpawnErrorKind::Full)));
    assert_eq!(refused.to_string(), SpawnErrorKind::Full.to_string());

    world.executor.set_room(1);
    let mut caller = ByHand::parked(world.ask(7, never));
    world.executor.shut_down();
    assert!(caller.is_woken());
    assert!(matches!(caller.ready(), Err(LoadError::Dropped)));
    let closed = now(world.ask(7, never)).unwrap();
    assert!(matches!(closed, Err(LoadError::Refused(SpawnErrorKind::Closed))));
}

proptest! {
    #[test]
    fn a4_the_bound_is_exact_and_the_least_recently_used_goes_first(
        capacity in 1..6_usize,
        steps in prop::collection::vec((0..8_u32, 0..10_u8), 1..60),
    ) {
        let world = World::new(1, capacity);
        // The keys that are stored, the least recently used first.
        let mut model: Vec<u32> = vec![];
        for (key, step) in steps {
            let known = model.iter().position(|&known| known == key).map(|at| model.remove(at));
            match step {
                0 => world.cache.invalidate(&key),
                1..4 => {
                    prop_assert_eq!(world.cache.get(&key), known.map(|key| key.to_string()));
                    model.extend(known);
                }
                _ => {
                    if known.is_some() {
                        prop_assert_eq!(now(world.ask(key, never)).unwrap().unwrap(), key.to_string());
                    } else {
                        world.store(key);
                        if model.len() == capacity {
                            model.remove(0);
                        }
                    }
                    model.push(key);
                }
            }
            prop_assert_eq!(world.cache.len(), model.len());
            prop_assert!(world.cache.len() <= capacity);
        }
        for key in 0..8 {
            prop_assert_eq!(world.cache.get(&key).is_some(), model.contains(&key), "{}", key);
        }
    }
}

#[test]
fn a4_age_is_looked_at_when_a_value_is_asked_for() {
    let mut world = World::new(1, 4);
    world.cache = world.cache.clone().ttl(MS * 100);
    world.store(7);
    world.clock.advance(MS * 99);
    assert_eq!(world.cache.get(&7).as_deref(), Some("7"));
    assert_eq!(world.clock.timers(), 0, "age needs no timer");
    world.clock.advance(MS);
    assert_eq!(world.cache.len(), 1, "nobody has looked");
    assert_eq!(world.cache.get(&7), None);
    assert_eq!(world.cache.len(), 0);

    world.store(7);
    world.clock.advance(MS * 100);
    world.store(7); // a load, not the old value
    assert_eq!((world.begun(), world.cache.len()), (vec![7, 7, 7], 1));
}

#[test]
fn a5_what_is_forgotten_while_it_is_loaded_is_not_stored() {
    let forget: [fn(&Cache); 2] = [|cache| cache.invalidate(&7), AsyncLru::clear];
    for forget in forget {
        for seed in 0..SEEDS {
            let world = World::new(seed, 4);
            let mut present = [(); 2].map(|()| ByHand::parked(world.ask(7, text)));
            world.executor.run();
            world.clock.advance(MS * 5);
            forget(&world.cache);
            let mut later = ByHand::parked(world.ask(7, |_| Ok("new".into())));
            world.executor.run();
            world.clock.advance(MS * 5);
            world.executor.run();
            for caller in &mut present {
                assert_eq!(caller.ready().unwrap(), "7");
            }
            assert_eq!((world.cache.len(), later.is_woken()), (0, false));
            world.clock.advance(MS * 5);
            world.executor.run();
            assert_eq!(later.ready().unwrap(), "new");
            assert_eq!(world.cache.get(&7).as_deref(), Some("new"));
            assert_eq!(world.begun(), [7, 7]);
        }
    }
}

#[test]
fn a5_what_is_stored_is_forgotten() {
    let world = World::new(1, 4);
    (0..3).for_each(|key| world.store(key));
    world.cache.invalidate(&1);
    assert_eq!((world.cache.get(&1), world.cache.len()), (None, 2));
    world.cache.clear();
    assert!(world.cache.is_empty() && world.cache.get(&0).is_none());
    (0..6).for_each(|key| world.store(key));
    assert_eq!(world.cache.len(), 4, "the bound holds after it was cleared");
}

#[test]
fn a6_values_are_stored_not_tasks() {
    let world = World::new(1, 4);
    (0..4).for_each(|key| world.store(key));
    assert_eq!(world.executor.tasks(), 0);
    assert_eq!((world.loads.alive.get(), world.clock.timers()), (0, 0));
    world.executor.shut_down();
    assert_eq!(now(world.ask(3, never)).unwrap().unwrap(), "3", "no executor is needed");
}

#[test]
fn a_load_may_ask_for_another_key() {
    let world = World::new(1, 4);
    let cache = world.cache.clone();
    let (inner, outer) = (world.ask(1, text), world.cache.clone());
    let both = async move {
        let load = || async move { inner.await.map(|text| text + "!").map_err(|_| "inner") };
        cache.get_or_load(&2, load).await
    };
    let mut caller = ByHand::parked(both);
    world.pass();
    assert_eq!(caller.ready().unwrap(), "1!");
    assert_eq!(outer.len(), 2);
}

#[test]
fn everything_at_random_leaves_nothing_behind() {
    for seed in 0..SEEDS {
        let world = World::new(seed, 2);
        let mut random = seed;
        let mut next = |limit: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) % limit
        };
        let mut callers = vec![];
        for _ in 0..40 {
            let key = next(4) as u32;
            match next(8) {
                0..3 => {
                    let end = [text, fail, panic][next(5).saturating_sub(2) as usize];
                    let mut caller = ByHand::new(world.ask(key, end));
                    if caller.poll().is_pending() {
                        callers.push(caller);
                    }
                }
                3 if !callers.is_empty() => {
                    drop(callers.swap_remove(next(callers.len() as u64) as usize));
                }
                4 => world.cache.invalidate(&key),
                5 => world.clock.advance(MS * next(12) as u32),
                _ => {
                    world.executor.step();
                }
            }
            assert!(world.cache.len() <= 2, "seed {seed}");
        }
        world.pass();
        for mut caller in callers {
            match caller.ready() {
                Ok(_) | Err(LoadError::Failed(_) | LoadError::Panicked(_)) => {}
                Err(error) => panic!("seed {seed}: {error}"),
            }
        }
        assert_eq!((world.executor.tasks(), world.loads.alive.get()), (0, 0), "seed {seed}");
        assert_eq!(world.clock.timers(), 0, "seed {seed}");
    }
}
