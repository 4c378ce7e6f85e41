//! What is timed, written once for all libraries.

use crate::{
    gates::Gates,
    library::{Library, Restarts, RestartsAfterPanic, run},
    stage::{Stage, Threads},
};
use std::{future::poll_fn, task::Poll, time::Duration};

/// How many messages may wait, where a mailbox is bounded.
pub const CAPACITY: usize = 1000;

const TELLERS: u64 = 4;

/// Actors in the ring.
const RING: u64 = 1000;

/// After so many messages a teller that nothing makes wait gives others a turn.
const BURST: u64 = CAPACITY as u64;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scenario {
    Tell,
    TellFour,
    Ask,
    Spawn,
    Ring,
    Restart,
    Panic,
}

pub const ALL: [Scenario; 7] = [
    Scenario::Tell,
    Scenario::TellFour,
    Scenario::Ask,
    Scenario::Spawn,
    Scenario::Ring,
    Scenario::Restart,
    Scenario::Panic,
];

impl Scenario {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tell => "tell",
            Self::TellFour => "tell-4",
            Self::Ask => "ask",
            Self::Spawn => "spawn",
            Self::Ring => "ring",
            Self::Restart => "restart-error",
            Self::Panic => "restart-panic",
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Tell => "Tell, one teller: ns per message handled",
            Self::TellFour => "Tell, four tellers: ns per message handled",
            Self::Ask => "Ask, one question after the other: ns per answer",
            Self::Spawn => "Spawn an actor, stop it, wait for its end: ns for all",
            Self::Ring => "A token around a ring of 1,000 actors: ns per hop",
            Self::Restart => "Restart after an error, until the next incarnation has started: ns",
            Self::Panic => "Restart after a panic, until the next incarnation has started: ns",
        }
    }

    /// The hops of the ring are given; of the rest, so many as take the wished time.
    pub const fn fixed(self, quick: bool) -> Option<u64> {
        match self {
            Self::Ring => Some(RING * if quick { 20 } else { 200 }),
            _ => None,
        }
    }
}

/// So many times, and how long that took.
pub type Program = fn(Threads, u64) -> Duration;

pub fn tell<L: Library>(threads: Threads, count: u64) -> Duration {
    run(threads, move |library: L| async move {
        let gates = Gates::default();
        let actor = library.start(CAPACITY, gates.clone()).await;
        let to = L::refer(&actor);
        gates.started.wait_for(1).await;
        let watch = threads.watch();
        tell_all::<L>(&to, count).await;
        all_handled::<L>(&to, count).await;
        let taken = watch.elapsed();
        drop(to);
        L::stop(actor, &gates, 1).await;
        taken
    })
}

pub fn tell_four<L: Library>(threads: Threads, count: u64) -> Duration {
    run(threads, move |library: L| async move {
        let gates = Gates::default();
        let actor = library.start(CAPACITY, gates.clone()).await;
        let to = L::refer(&actor);
        gates.started.wait_for(1).await;
        let each = count / TELLERS;
        let told = crate::gates::Gate::default();
        let watch = threads.watch();
        for _ in 0..TELLERS {
            let (to, told) = (to.clone(), told.clone());
            L::Stage::spawn(&library, async move {
                tell_all::<L>(&to, each).await;
                told.pass(TELLERS);
            });
        }
        told.wait_for(TELLERS).await;
        all_handled::<L>(&to, each * TELLERS).await;
        let taken = watch.elapsed();
        drop(to);
        L::stop(actor, &gates, 1).await;
        taken
    })
}

pub async fn tell_all<L: Library>(to: &L::Ref, count: u64) {
    for number in 1..=count {
        L::add(to, 1).await;
        if !L::BOUNDED && number.is_multiple_of(BURST) {
            others_turn().await;
        }
    }
}

/// Asks until all have been added. Where messages are handled in order, once is enough; xtra's queue
/// is a heap, from which a question may come before what was told before it.
pub async fn all_handled<L: Library>(to: &L::Ref, count: u64) {
    loop {
        let sum = L::sum(to).await;
        assert!(sum <= count, "messages were doubled");
        if sum == count {
            return;
        }
    }
}

pub fn ask<L: Library>(threads: Threads, count: u64) -> Duration {
    run(threads, move |library: L| async move {
        let gates = Gates::default();
        let actor = library.start(CAPACITY, gates.clone()).await;
        let to = L::refer(&actor);
        L::add(&to, 7).await;
        let watch = threads.watch();
        for _ in 0..count {
            assert_eq!(L::sum(&to).await, 7);
        }
        let taken = watch.elapsed();
        drop(to);
        L::stop(actor, &gates, 1).await;
        taken
    })
}

pub fn spawn<L: Library>(threads: Threads, count: u64) -> Duration {
    run(threads, move |library: L| async move {
        let gates = Gates::default();
        let watch = threads.watch();
        for nth in 1..=count {
            let actor = library.start(CAPACITY, gates.clone()).await;
            L::stop(actor, &gates, nth).await;
        }
        let taken = watch.elapsed();
        gates.started.wait_for(count).await; // that is, all of them really started
        taken
    })
}

pub fn ring<L: Library>(threads: Threads, hops: u64) -> Duration {
    run(threads, move |library: L| async move {
        let gates = Gates::default();
        let mut actors = vec![];
        for _ in 0..RING {
            actors.push(library.start(CAPACITY, gates.clone()).await);
        }
        for (at, actor) in actors.iter().enumerate() {
            let next = &actors[(at + 1) % actors.len()];
            L::introduce(&L::refer(actor), Some(L::refer(next))).await;
            L::sum(&L::refer(actor)).await; // it has been introduced
        }
        let first = L::refer(&actors[0]);
        let watch = threads.watch();
        L::pass(&first, hops - 1).await;
        gates.arrived.wait_for(1).await;
        let taken = watch.elapsed();
        drop(first);
        for (at, actor) in actors.iter().enumerate() {
            // Those that end when nobody refers to them must not hold each other.
            L::introduce(&L::refer(actor), None).await;
            let passed = L::sum(&L::refer(actor)).await;
            assert_eq!(passed, hops_of(at as u64, hops), "the token strayed");
        }
        for (nth, actor) in (1..).zip(actors) {
            L::stop(actor, &gates, nth).await;
        }
        taken
    })
}

/// How often the token comes by the actor at this place.
const fn hops_of(at: u64, hops: u64) -> u64 {
    (hops + RING - 1 - at) / RING
}

pub fn restart<L: Restarts>(threads: Threads, count: u64) -> Duration {
    run(threads, move |library: L| async move {
        let gates = Gates::default();
        let child = library.supervise(gates.clone()).await;
        gates.started.wait_for(1).await;
        let watch = threads.watch();
        for nth in 1..=count {
            L::fail(&child).await;
            gates.started.wait_for(nth + 1).await;
        }
        let taken = watch.elapsed();
        L::dismiss(child).await;
        taken
    })
}

pub fn panic<L: RestartsAfterPanic>(threads: Threads, count: u64) -> Duration {
    run(threads, move |library: L| async move {
        let gates = Gates::default();
        let child = library.supervise(gates.clone()).await;
        gates.started.wait_for(1).await;
        let watch = threads.watch();
        for nth in 1..=count {
            L::panic(&child).await;
            gates.started.wait_for(nth + 1).await;
        }
        let taken = watch.elapsed();
        L::dismiss(child).await;
        taken
    })
}

/// Pending once, and woken at once.
pub async fn others_turn() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
