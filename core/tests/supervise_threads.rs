//! Supervision between real threads; meant to run under ThreadSanitizer and Miri as well.

#![cfg(feature = "std")]

mod block_on;
mod virtual_clock;

use block_on::block_on;
use core::sync::atomic::{AtomicUsize, Ordering};
use klaw::{
    Actor, ActorRef, AskError, CancelToken, Ctx, Reply, Restart, Spawn, SpawnError, Strategy,
    Supervisor, mailbox_named, serve, supervise::Spawned,
};
use std::{
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};
use virtual_clock::VirtualClock;

const ROUNDS: usize = if cfg!(miri) { 4 } else { 200 };

/// A thread for each task.
#[derive(Clone, Default)]
struct Threads(Arc<Mutex<Vec<JoinHandle<()>>>>);

impl Threads {
    fn join(&self) {
        loop {
            let next = self.0.lock().unwrap().pop();
            let Some(thread) = next else { return };
            thread.join().unwrap();
        }
    }
}

impl<F: Future<Output = ()> + Send + 'static> Spawn<F> for Threads {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        self.0.lock().unwrap().push(thread::spawn(|| block_on(future)));
        Ok(())
    }
}

enum Msg {
    Fail,
    Alive(Reply<usize>),
}

/// Counts the incarnations that live.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(alive: &Arc<AtomicUsize>) -> Self {
        assert_eq!(alive.fetch_add(1, Ordering::Relaxed), 0, "the one before is gone");
        Self(alive.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Actor for Alive {
    type Msg = Msg;
    type Error = &'static str;

    async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        match msg {
            Msg::Fail => Err("told to fail"),
            Msg::Alive(reply) => {
                reply.send(self.0.load(Ordering::Relaxed));
                Ok(())
            }
        }
    }
}

fn ask_until_closed(me: &ActorRef<Msg>) {
    loop {
        match block_on(me.ask(Msg::Alive)) {
            Ok(alive) => assert_eq!(alive, 1),
            Err(AskError::Closed) => return,
            Err(_) => {} // it failed with this question in its queue or in hand
        }
    }
}

/// Runs a tree on threads while others send to it; `end` ends it from yet another one.
fn rounds(restarts: usize, end: impl Fn(&ActorRef<Msg>, &CancelToken, &CancelToken) + Sync) {
    for _ in 0..ROUNDS {
        let alive = Arc::new(AtomicUsize::new(0));
        let me = mailbox_named("alive", 2);
        let threads = Threads::default();
        let (stop, abandon) = (CancelToken::new(), CancelToken::new());
        let (address, count) = (me.clone(), alive.clone());
        let running = Supervisor::new(Strategy::OneForOne)
            .max_restarts(restarts)
            .child("alive", Restart::OnFailure, move || serve(Alive::new(&count), address.clone()))
            .run_with(Spawned(threads.clone()), &VirtualClock::new())
            .until(stop.cancelled());
        thread::scope(|scope| {
            scope.spawn(|| block_on(abandon.run(running)));
            scope.spawn(|| ask_until_closed(&me));
            scope.spawn(|| (0..3).for_each(|_| drop(block_on(me.tell(Msg::Fail)))));
            scope.spawn(|| end(&me, &stop, &abandon));
            block_on(me.closed());
            assert_eq!(alive.load(Ordering::Relaxed), 0, "closed after the destructors");
        });
        threads.join();
    }
}

/// Enough messages that the child has started, and is somewhere in the middle.
fn in_the_middle(me: &ActorRef<Msg>) {
    let _ = block_on(me.ask(Msg::Alive));
}

#[test]
fn a_tree_on_threads_is_stopped() {
    rounds(usize::MAX, |me, stop, _| {
        in_the_middle(me);
        stop.cancel("enough");
    });
}

#[test]
fn a_tree_on_threads_is_dropped() {
    rounds(usize::MAX, |me, _, abandon| {
        in_the_middle(me);
        abandon.cancel("dropped");
    });
}

#[test]
fn a_tree_on_threads_gives_up() {
    rounds(1, |me, _, _| while block_on(me.tell(Msg::Fail)).is_ok() {});
}

#[test]
fn an_actor_on_threads_is_killed_and_stopped() {
    rounds(usize::MAX, |me, _, _| {
        in_the_middle(me);
        me.kill();
        me.stop_now();
    });
}
