//! A law of pools: under random kills every message is handled once, or its sender is told; none twice.

#![cfg(feature = "std")]

use core::{
    cell::{Cell, RefCell},
    future::poll_fn,
    num::NonZeroUsize,
    task::Poll,
    time::Duration,
};
use klaw::{
    Actor, AskError, Clock, Ctx, Entropy, Reply, Runtime,
    pool::{PoolEvent, Route},
    sim::{self, Injection, Sim, VirtualClock},
};
use std::{collections::BTreeMap, rc::Rc};

const SEEDS: u64 = if cfg!(miri) { 3 } else { 1_000 };

const ITEMS: u32 = 60;

/// How often each item was begun and done.
#[derive(Clone, Default)]
struct Book(Rc<RefCell<BTreeMap<u32, (u32, u32)>>>);

impl Book {
    fn begun(&self, item: u32) -> u32 {
        self.0.borrow().get(&item).map_or(0, |counts| counts.0)
    }

    fn done(&self, item: u32) -> u32 {
        self.0.borrow().get(&item).map_or(0, |counts| counts.1)
    }
}

struct Item(u32, Option<Reply<u32>>);

struct Worker {
    book: Book,
    clock: VirtualClock,
}

impl Actor for Worker {
    type Msg = Item;
    type Error = &'static str;

    async fn handle(
        &mut self,
        Item(item, reply): Item,
        _: &mut Ctx<'_, Item>,
    ) -> Result<(), &'static str> {
        self.book.0.borrow_mut().entry(item).or_default().0 += 1;
        if item % 3 == 0 {
            self.clock.sleep(Duration::from_millis(u64::from(item % 5))).await;
        }
        yield_now().await;
        if item % 17 == 16 {
            return Err("a poisoned item");
        }
        self.book.0.borrow_mut().entry(item).or_default().1 += 1;
        if let Some(reply) = reply {
            reply.send(item);
        }
        Ok(())
    }
}

/// Pending once, and ready again at once.
async fn yield_now() {
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

/// Everything that the law is about, with a route and a budget; how many asks had an answer.
async fn run(sim: &Sim, route: Route, replacements: usize) -> usize {
    let (book, clock) = (Book::default(), sim.clock());
    let rt = Runtime::new(sim.spawner().named("pool"), sim.clock());
    // Whether everything that was in a queue has had somebody to take it.
    let (lost, ended) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let (pages, seen) = (book.clone(), (lost.clone(), ended.clone()));
    let pool = rt
        .spawn_pool(3, move |member| {
            member.serve(Worker { book: pages.clone(), clock: clock.clone() })
        })
        .route(route)
        .capacity(4)
        .max_restarts(1)
        .max_replacements(replacements)
        .observe(move |event| match event {
            PoolEvent::Lost { .. } => seen.0.set(true),
            PoolEvent::Closed { .. } => seen.1.set(true),
            _ => {}
        })
        .start()
        .unwrap();

    // Random kills and sizes, from outside.
    let (chaos, clock, mut random) = (pool.clone(), sim.clock(), sim.random());
    let mut below = move |limit: usize| (random.next_u64() % limit as u64) as usize;
    sim.spawn_named("chaos", async move {
        for _ in 0..12 {
            clock.sleep(Duration::from_millis(below(4) as u64)).await;
            let members = chaos.members();
            if !members.is_empty() {
                members[below(members.len())].actor.kill();
            }
            if below(3) == 0 && chaos.resize(1 + below(4)).is_err() {
                break;
            }
        }
    });

    let width = NonZeroUsize::new(9).unwrap();
    let asking = pool.map(0..ITEMS, |item, reply| Item(item, Some(reply)));
    let answers = asking.in_flight(width).collect().await;
    assert_eq!(answers.len(), ITEMS as usize, "nothing hangs");
    for (item, answer) in (0..).zip(&answers) {
        assert!(book.begun(item) <= 1, "{item} was handled twice");
        match answer {
            Ok(answer) => assert_eq!((*answer, book.done(item)), (item, 1)),
            Err(AskError::Closed) => assert_eq!(book.begun(item), 0, "{item}"),
            Err(error) => assert_eq!((*error, book.done(item)), (AskError::NoReply, 0), "{item}"),
        }
    }

    // What nobody waits for is handled once or comes back, unless its member or the pool is lost.
    let mut sent = vec![];
    for item in ITEMS..ITEMS + 20 {
        if pool.send(Item(item, None)).await.is_ok() {
            sent.push(item);
        }
    }
    pool.stop().await;
    assert_eq!((pool.len(), pool.members().len(), pool.waiting()), (0, 0, 0));
    assert!(ended.get() || !sim.faults().is_empty(), "only an abandoned pool does not say so");
    for item in ITEMS..ITEMS + 20 {
        let begun = book.begun(item);
        assert!(begun <= 1, "{item} was handled twice");
        if !sent.contains(&item) {
            assert_eq!(begun, 0, "{item} came back");
        } else if ended.get() && !lost.get() {
            assert_eq!(begun, 1, "{item} was sent");
        }
    }
    answers.iter().filter(|answer| answer.is_ok()).count()
}

#[test]
fn each_message_once_or_told_under_random_kills() {
    for route in [Route::Shared, Route::RoundRobin, Route::LeastLoaded] {
        let mut answered = 0;
        sim::seeds(0..SEEDS).run(async |sim: &Sim| {
            answered += run(sim, route, usize::MAX).await;
        });
        assert!(answered as u64 > SEEDS * u64::from(ITEMS) / 2, "{answered}: most are answered");
    }
}

#[test]
fn each_message_once_or_told_until_nobody_is_left() {
    for route in [Route::Shared, Route::RoundRobin, Route::LeastLoaded] {
        let mut closed = 0;
        sim::seeds(0..SEEDS).run(async |sim: &Sim| {
            closed += usize::from(run(sim, route, 0).await < ITEMS as usize / 2);
        });
        assert!(closed > 0, "in some runs the pool closes early");
    }
}

#[test]
fn each_message_once_or_told_when_tasks_are_dropped_and_panic() {
    for route in [Route::Shared, Route::RoundRobin, Route::LeastLoaded] {
        let mut faults = 0;
        sim::seeds(0..SEEDS).run(async |sim: &Sim| {
            sim.tolerate_panics(true);
            sim.inject(Injection::cancel(0.01).on("pool"));
            sim.inject(Injection::panic(0.01).on("pool"));
            run(sim, route, 2).await;
            faults += sim.faults().len();
        });
        assert!(faults > 0);
    }
}
