//! Pools on several threads.

#![cfg(feature = "std")]

mod block_on;
mod pool;
mod virtual_clock;

use block_on::block_on;
use core::{
    num::NonZeroUsize,
    sync::atomic::{AtomicUsize, Ordering},
};
use klaw::{Actor, AskError, Ctx, Reply, Runtime, pool::Route};
use pool::Pool;
use std::{sync::Arc, thread};
use virtual_clock::VirtualClock;

const ITEMS: usize = if cfg!(miri) { 40 } else { 4_000 };

struct Item(usize, Reply<usize>);

struct Worker(Arc<Vec<AtomicUsize>>);

impl Actor for Worker {
    type Msg = Item;
    type Error = &'static str;

    async fn handle(
        &mut self,
        Item(item, reply): Item,
        _: &mut Ctx<'_, Item>,
    ) -> Result<(), &'static str> {
        self.0[item].fetch_add(1, Ordering::Relaxed);
        if item % 97 == 96 {
            return Err("a poisoned item");
        }
        reply.send(item);
        Ok(())
    }
}

#[test]
fn each_question_is_handled_once_while_members_fail_are_killed_come_and_go() {
    for route in [Route::Shared, Route::RoundRobin, Route::LeastLoaded] {
        let executor = Pool::new(3);
        let rt = Runtime::new(executor.spawner(), VirtualClock::new());
        let handled: Arc<Vec<_>> = Arc::new((0..ITEMS).map(|_| AtomicUsize::new(0)).collect());
        let count = handled.clone();
        let members = rt
            .spawn_pool(3, move |member| member.serve(Worker(count.clone())))
            .route(route)
            .capacity(8)
            .max_restarts(usize::MAX)
            .start()
            .unwrap();
        let chaos = thread::spawn({
            let members = members.clone();
            move || {
                for round in 0.. {
                    if members.resize(1 + round % 4).is_err() {
                        return;
                    }
                    if let Some(member) = members.members().last() {
                        member.actor.kill();
                    }
                    thread::yield_now();
                }
            }
        });
        let width = NonZeroUsize::new(16).unwrap();
        let answers = block_on(members.map(0..ITEMS, Item).in_flight(width).collect());
        block_on(members.stop());
        chaos.join().unwrap();
        for (item, answer) in answers.iter().enumerate() {
            let handled = handled[item].load(Ordering::Relaxed);
            match answer {
                Ok(answer) => assert_eq!((*answer, handled), (item, 1), "{route:?}"),
                Err(error) => assert!(*error == AskError::NoReply && handled <= 1, "{route:?}"),
            }
        }
        let answered = answers.iter().filter(|answer| answer.is_ok()).count();
        assert!(answered > ITEMS / 4, "{route:?}: {answered}");
        drop(executor);
    }
}

#[test]
fn what_a_pool_gives_can_be_awaited_on_any_thread() {
    fn on_any_thread<F: Future + Send>(_: &F) {}
    let executor = Pool::new(1);
    let rt = Runtime::new(executor.spawner(), VirtualClock::new());
    let count = Arc::new(vec![AtomicUsize::new(0)]);
    let members = rt.spawn_pool(1, move |member| member.serve(Worker(count.clone())));
    let members = members.start().unwrap();
    on_any_thread(&members.ask(|reply| Item(0, reply)));
    on_any_thread(&members.ask_by("key", |reply| Item(0, reply)));
    on_any_thread(&members.map([0], Item).retries(1).collect::<usize>());
    on_any_thread(&members.closed());
    let reply = |_: ()| -> Item { unreachable!("never sent") };
    on_any_thread(&members.broadcast(|| reply(())));
    on_any_thread(&async { members.send(reply(())).await });
    on_any_thread(&async { members.send_by("key", reply(())).await });
}
