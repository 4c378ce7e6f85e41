//! What does not vary: allocations and bytes, on one thread.

use crate::{
    gates::Gates,
    library::{Library, Restarts, run},
    memory::{Count, Memory},
    options::Options,
    peers::Peer,
    scenario::{CAPACITY, all_handled, others_turn, tell_all},
    stage::Threads,
    watchdog,
};

/// How many idle actors share what is allocated once.
const IDLE: usize = 1000;

/// How much longer the longer one of two runs is.
const COUNT: u64 = 4000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Bytes held for each idle actor whose mailbox has room for so many.
    Idle(usize),
    Tell,
    Ask,
    Spawn,
    Restart,
}

pub const ALL: [Figure; 6] = [
    Figure::Idle(64),
    Figure::Idle(CAPACITY),
    Figure::Tell,
    Figure::Ask,
    Figure::Spawn,
    Figure::Restart,
];

impl Figure {
    pub fn name(self) -> String {
        match self {
            Self::Idle(capacity) => format!("bytes per idle actor, mailbox {capacity}"),
            Self::Tell => "allocations per tell".into(),
            Self::Ask => "per ask".into(),
            Self::Spawn => "per spawn and stop".into(),
            Self::Restart => "per restart".into(),
        }
    }
}

/// One figure of every peer.
pub struct Column {
    pub figure: Figure,
    pub values: Vec<Option<f64>>,
}

pub fn all(peers: &[Peer], options: &Options) -> Vec<Column> {
    let column = |figure| {
        let value = |peer: &Peer| {
            let name = format!("{} in {}", peer.name, Figure::name(figure));
            watchdog::watch(&name, options.timeout, || match figure {
                Figure::Restart => peer.restart_figure.map(|count| count()),
                _ => peer.figure.map(|count| count(figure)),
            })
        };
        Column { figure, values: peers.iter().map(value).collect() }
    };
    ALL.into_iter().map(column).collect()
}

pub fn figure<L: Library>(figure: Figure) -> f64 {
    match figure {
        Figure::Idle(capacity) => idle::<L>(capacity),
        Figure::Tell => each(tell::<L>),
        Figure::Ask => each(ask::<L>),
        Figure::Spawn => each(spawn::<L>),
        Figure::Restart => f64::NAN, // counted by `restart`, of those that have it
    }
}

pub fn restart<L: Restarts>() -> f64 {
    each(|count| {
        run(Threads::One, move |library: L| async move {
            let gates = Gates::default();
            let child = library.supervise(gates.clone()).await;
            gates.started.wait_for(1).await;
            let counting = Count::start();
            for nth in 1..=count {
                L::fail(&child).await;
                gates.started.wait_for(nth + 1).await;
            }
            let memory = counting.end();
            L::dismiss(child).await;
            memory
        })
    })
}

/// The difference of a long run and a longer one, so that what is allocated once does not count.
fn each(run: impl Fn(u64) -> Memory) -> f64 {
    let [less, more] = [COUNT, 2 * COUNT].map(|count| run(count).calls);
    more.saturating_sub(less) as f64 / COUNT as f64
}

fn tell<L: Library>(count: u64) -> Memory {
    run(Threads::One, move |library: L| async move {
        let gates = Gates::default();
        let actor = library.start(CAPACITY, gates.clone()).await;
        let to = L::refer(&actor);
        tell_all::<L>(&to, count).await; // fills the mailbox, so that it has grown
        let counting = Count::start();
        tell_all::<L>(&to, count).await;
        all_handled::<L>(&to, 2 * count).await;
        let memory = counting.end();
        drop(to);
        L::stop(actor, &gates, 1).await;
        memory
    })
}

fn ask<L: Library>(count: u64) -> Memory {
    run(Threads::One, move |library: L| async move {
        let gates = Gates::default();
        let actor = library.start(CAPACITY, gates.clone()).await;
        let to = L::refer(&actor);
        let counting = Count::start();
        for _ in 0..count {
            assert_eq!(L::sum(&to).await, 0);
        }
        let memory = counting.end();
        drop(to);
        L::stop(actor, &gates, 1).await;
        memory
    })
}

fn spawn<L: Library>(count: u64) -> Memory {
    run(Threads::One, move |library: L| async move {
        let gates = Gates::default();
        let counting = Count::start();
        for nth in 1..=count {
            let actor = library.start(CAPACITY, gates.clone()).await;
            L::stop(actor, &gates, nth).await;
        }
        counting.end()
    })
}

/// Everything that is held for an actor which has started and waits: task, mailbox, state.
fn idle<L: Library>(capacity: usize) -> f64 {
    let memory = run(Threads::One, move |library: L| async move {
        let gates = Gates::default();
        let mut actors = Vec::with_capacity(IDLE);
        let mut started = 0;
        let mut memory = None;
        // The first time the executor's own lists grow, the second time they have.
        for _ in 0..2 {
            let counting = Count::start();
            for _ in 0..IDLE {
                actors.push(library.start(capacity, gates.clone()).await);
            }
            started += IDLE as u64;
            gates.started.wait_for(started).await;
            // Some say that they have started before they wait.
            for _ in 0..16 {
                others_turn().await;
            }
            memory = Some(counting.end());
            for (nth, actor) in (started + 1 - IDLE as u64..).zip(actors.drain(..)) {
                L::stop(actor, &gates, nth).await;
            }
        }
        memory
    });
    memory.map_or(f64::NAN, |memory| memory.held as f64 / IDLE as f64)
}
