//! What a queue has to offer, and what is done with it.
//!
//! Twice from one text: `shared` for queues whose futures may move between threads, `local` for
//! those that stay on one.

use crate::{
    clock,
    memory::{self, Memory},
    message::{Accepted, Block, Message, Received, Size, Word},
    run::{Tasks, hand},
    work::{Tally, Work},
};
use std::time::Duration;

/// How many ends a queue has on each side.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub senders: usize,
    pub receivers: usize,
}

impl Shape {
    pub const SPSC: Self = Self { senders: 1, receivers: 1 };
    pub const MPSC: Self = Self { senders: 4, receivers: 1 };
    pub const MPMC: Self = Self { senders: 4, receivers: 4 };

    pub const fn name(self) -> &'static str {
        match (self.senders, self.receivers) {
            (1, 1) => "spsc",
            (_, 1) => "mpsc",
            _ => "mpmc",
        }
    }
}

/// A stream of messages through one queue.
pub struct Traffic {
    pub shape: Shape,
    pub capacity: usize,
    pub size: Size,
    pub messages: u64,
    /// How many pass through before it begins.
    pub fill: usize,
    /// After how many messages a sender yields; where nothing makes it wait, it would never.
    pub burst: u64,
}

/// The ends of one queue.
pub type Ends<Tx, Rx> = (Vec<Tx>, Vec<Rx>);

/// One flavour of queue, as the cells use it.
#[derive(Clone, Copy)]
pub struct Flow {
    /// Whether its futures may move between threads.
    pub shared: bool,
    pub stream: fn(&Traffic) -> Work,
    pub ping_pong: fn(u64) -> Work,
    /// Sends and receives in turn without ever waiting; gives the processor time.
    pub uncontended: fn(usize, Size, u64) -> Duration,
    /// What an unused queue for words takes.
    pub create: fn(usize) -> Memory,
    pub idle: fn(Shape) -> Idle,
}

/// Receivers of an empty queue and senders to a full one, and what frees them.
pub struct Idle {
    pub parked: Work,
    pub release: Work,
}

/// What a sender tries to put into a queue for one; some peers hold a few more than asked for.
const STUFFING: u64 = 8;

/// Clones one end until there are `count`.
pub fn many<End: Clone>(end: End, count: usize) -> Vec<End> {
    vec![end; count]
}

/// The only end of its side.
pub fn one<End>(end: End, count: usize) -> Vec<End> {
    assert_eq!(count, 1, "this end cannot be cloned");
    vec![end]
}

macro_rules! family {
    ($family:ident, $shared:literal, $tasks:path, [$($send:tt)*]) => {
        pub mod $family {
            use super::*;

            pub trait Tx<M>: 'static $($send)* {
                fn send(&mut self, message: M) -> impl Future<Output: Accepted> $($send)*;
            }

            pub trait Rx<M>: 'static $($send)* {
                /// Whether it ends when the last sender is dropped.
                const CLOSES: bool = true;

                fn recv(&mut self) -> impl Future<Output: Received<M>> $($send)*;
            }

            pub trait Queue: 'static {
                type Tx<M: Message>: Tx<M>;
                type Rx<M: Message>: Rx<M>;

                fn ends<M: Message>(
                    capacity: usize,
                    shape: Shape,
                ) -> Ends<Self::Tx<M>, Self::Rx<M>>;
            }

            pub const fn flow<Q: Queue>() -> Flow {
                Flow {
                    shared: $shared,
                    stream: |traffic| match traffic.size {
                        Size::Word => stream::<Q, Word>(traffic),
                        Size::Block => stream::<Q, Block>(traffic),
                    },
                    ping_pong: ping_pong::<Q>,
                    uncontended: |capacity, size, messages| match size {
                        Size::Word => uncontended::<Q, Word>(capacity, messages),
                        Size::Block => uncontended::<Q, Block>(capacity, messages),
                    },
                    create: create::<Q>,
                    idle: idle::<Q>,
                }
            }

            async fn produce<M: Message>(mut tx: impl Tx<M>, from: u64, count: u64, burst: u64) {
                let (mut next, end) = (from, from + count);
                loop {
                    let pause = end.min(next.saturating_add(burst));
                    while next < pause {
                        tx.send(M::new(next)).await.accepted();
                        next += 1;
                    }
                    if next == end {
                        return;
                    }
                    smol::future::yield_now().await;
                }
            }

            async fn consume<M: Message>(mut rx: impl Rx<M>, most: u64, tally: Tally) {
                let (mut count, mut sum) = (0, 0);
                while count < most {
                    let Some(message) = rx.recv().await.received() else { break };
                    sum += message.number();
                    count += 1;
                }
                tally.add(count, sum);
            }

            /// How many a receiver takes of those that are meant for it: as many as it can get
            /// until the channel closes, if it ever does.
            fn most<M, X: Rx<M>>(_: &X, part: u64) -> u64 {
                if X::CLOSES { u64::MAX } else { part }
            }

            /// Some allocate when made and some when used; a stream begins with all memory there.
            fn fill_and_drain<M: Message>(
                tx: &mut impl Tx<M>,
                rx: &mut impl Rx<M>,
                messages: usize,
            ) {
                hand::ready(async {
                    for _ in 0..messages {
                        tx.send(M::new(0)).await.accepted();
                    }
                    for _ in 0..messages {
                        rx.recv().await.message();
                    }
                });
            }

            fn stream<Q: Queue, M: Message>(traffic: &Traffic) -> Work {
                let (mut txs, mut rxs) = Q::ends::<M>(traffic.capacity, traffic.shape);
                fill_and_drain(&mut txs[0], &mut rxs[0], traffic.fill);
                let (senders, receivers) = (txs.len() as u64, rxs.len() as u64);
                let messages = traffic.messages.next_multiple_of(senders * receivers);
                let (sent, received) = (messages / senders, messages / receivers);
                let (tally, burst) = (Tally::default(), traffic.burst);
                let mut tasks: Vec<Box<dyn Future<Output = ()> $($send)*>> = vec![];
                for rx in rxs {
                    let most = most::<M, _>(&rx, received);
                    tasks.push(Box::new(consume::<M>(rx, most, tally.clone())));
                }
                for (at, tx) in (0..).zip(txs) {
                    tasks.push(Box::new(produce::<M>(tx, at * sent, sent, burst)));
                }
                let tasks = tasks.into_iter().map(Box::into_pin).collect();
                Work::new($tasks(tasks), tally, messages, messages * (messages - 1) / 2)
            }

            fn ping_pong<Q: Queue>(rounds: u64) -> Work {
                let (mut there, mut arrived) = Q::ends::<Word>(1, Shape::SPSC);
                let (mut back, mut returned) = Q::ends::<Word>(1, Shape::SPSC);
                let (mut there, mut arrived) = (there.remove(0), arrived.remove(0));
                let (mut back, mut returned) = (back.remove(0), returned.remove(0));
                let tally = Tally::default();
                let count = tally.clone();
                let serve = async move {
                    let mut sum = 0;
                    for number in 0..rounds {
                        there.send(Word::new(number)).await.accepted();
                        sum += returned.recv().await.message().number();
                    }
                    count.add(rounds, sum);
                };
                let reply = async move {
                    for _ in 0..rounds {
                        let ball = arrived.recv().await.message();
                        back.send(ball).await.accepted();
                    }
                };
                let tasks = $tasks(vec![Box::pin(serve), Box::pin(reply)]);
                Work::new(tasks, tally, rounds, rounds * (rounds - 1) / 2)
            }

            fn uncontended<Q: Queue, M: Message>(capacity: usize, messages: u64) -> Duration {
                let (mut txs, mut rxs) = Q::ends::<M>(capacity, Shape::SPSC);
                let (tx, rx) = (&mut txs[0], &mut rxs[0]);
                let turns = async {
                    let mut sum = 0;
                    for number in 0..messages {
                        tx.send(M::new(number)).await.accepted();
                        sum += rx.recv().await.message().number();
                    }
                    assert_eq!(sum, messages * (messages - 1) / 2, "messages were lost");
                };
                let start = clock::thread();
                hand::ready(turns);
                clock::thread() - start
            }

            fn create<Q: Queue>(capacity: usize) -> Memory {
                let (ends, Memory { calls, bytes, held }) =
                    memory::count(|| Q::ends::<Word>(capacity, Shape::SPSC));
                // The ends come in a list for each side, which is none of the queue's doing.
                let lists = (size_of_val(&*ends.0) + size_of_val(&*ends.1)) as u64;
                Memory { calls: calls - 2, bytes: bytes - lists, held: held - lists }
            }

            fn idle<Q: Queue>(shape: Shape) -> Idle {
                let (mut feed, hungry) = Q::ends::<Word>(1, shape);
                let (stuffed, mut drain) = Q::ends::<Word>(1, shape);
                let (tally, freed) = (Tally::default(), Tally::default());
                let (waiting, stuffing) = (hungry.len() as u64, STUFFING * stuffed.len() as u64);
                let mut parked: Vec<Box<dyn Future<Output = ()> $($send)*>> = vec![];
                for rx in hungry {
                    parked.push(Box::new(consume::<Word>(rx, 1, tally.clone())));
                }
                for tx in stuffed {
                    parked.push(Box::new(produce::<Word>(tx, 0, STUFFING, u64::MAX)));
                }
                let count = freed.clone();
                let release = async move {
                    for number in 0..waiting {
                        feed[0].send(Word::new(number)).await.accepted();
                    }
                    for _ in 0..stuffing {
                        drain[0].recv().await.message();
                    }
                    count.add(stuffing, 0);
                };
                let parked = parked.into_iter().map(Box::into_pin).collect();
                Idle {
                    parked: Work::new($tasks(parked), tally, waiting, waiting * (waiting - 1) / 2),
                    release: Work::new($tasks(vec![Box::pin(release)]), freed, stuffing, 0),
                }
            }
        }
    };
}

family!(shared, true, Tasks::Shared, [+ Send]);
family!(local, false, Tasks::Local, []);
