//! klaw: a row for each variant.

use super::Peer;
use crate::{
    broadcast::{self, Broadcast},
    message::{Accepted, Message, Received, Word},
    oneshot::{self, Oneshot},
    queue::{Ends, Shape, local, many, shared},
    watch::{self, Watch},
};
use klaw::channel::{
    self, Local, Receiver, Sender,
    broadcast::{self as all, Overflow},
    oneshot as single, watch as watched,
};

pub const PEERS: [Peer; 3] = [
    Peer {
        bounded: |_, _| Some(shared::flow::<Bounded>()),
        unbounded: Some(shared::flow::<Unbounded>()),
        oneshot: Some(oneshot::shot::<One>()),
        broadcast: Some(broadcast::work::<ToAll>),
        watch: Some(watch::work::<Watched>),
        ..Peer::new("klaw", "klaw")
    },
    Peer { bounded: |_, _| Some(shared::flow::<Pull>()), ..Peer::new("klaw pull", "klaw") },
    Peer {
        one_thread: true,
        bounded: |_, _| Some(local::flow::<Bounded>()),
        unbounded: Some(local::flow::<Unbounded>()),
        ..Peer::new("klaw local", "klaw")
    },
];

struct Bounded;
struct Unbounded;
struct Pull;

impl shared::Queue for Bounded {
    type Tx<M: Message> = Sender<M>;
    type Rx<M: Message> = Receiver<M>;

    fn ends<M: Message>(capacity: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let (tx, rx) = channel::bounded(capacity);
        (many(tx, shape.senders), many(rx, shape.receivers))
    }
}

impl shared::Queue for Unbounded {
    type Tx<M: Message> = Sender<M>;
    type Rx<M: Message> = Receiver<M>;

    fn ends<M: Message>(_: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let (tx, rx) = channel::unbounded();
        (many(tx, shape.senders), many(rx, shape.receivers))
    }
}

impl shared::Queue for Pull {
    type Tx<M: Message> = Sender<M>;
    type Rx<M: Message> = Receiver<M>;

    fn ends<M: Message>(capacity: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let (tx, rx) = channel::bounded_pull(capacity);
        (many(tx, shape.senders), many(rx, shape.receivers))
    }
}

impl<M: Message> shared::Tx<M> for Sender<M> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> + Send {
        Self::send(self, message)
    }
}

impl<M: Message> shared::Rx<M> for Receiver<M> {
    #[inline]
    fn recv(&mut self) -> impl Future<Output: Received<M>> + Send {
        Self::recv(self)
    }
}

impl local::Queue for Bounded {
    type Tx<M: Message> = Sender<M, Local>;
    type Rx<M: Message> = Receiver<M, Local>;

    fn ends<M: Message>(capacity: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let (tx, rx) = channel::local::bounded(capacity);
        (many(tx, shape.senders), many(rx, shape.receivers))
    }
}

impl local::Queue for Unbounded {
    type Tx<M: Message> = Sender<M, Local>;
    type Rx<M: Message> = Receiver<M, Local>;

    fn ends<M: Message>(_: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let (tx, rx) = channel::local::unbounded();
        (many(tx, shape.senders), many(rx, shape.receivers))
    }
}

impl<M: Message> local::Tx<M> for Sender<M, Local> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> {
        Self::send(self, message)
    }
}

impl<M: Message> local::Rx<M> for Receiver<M, Local> {
    #[inline]
    fn recv(&mut self) -> impl Future<Output: Received<M>> {
        Self::recv(self)
    }
}

struct One;

impl Oneshot for One {
    type Tx = single::Sender<Word>;
    type Rx = single::Receiver<Word>;

    fn channel() -> (Self::Tx, Self::Rx) {
        single::channel()
    }

    fn send(tx: Self::Tx, message: Word) {
        tx.send(message).accepted();
    }

    fn recv(rx: Self::Rx) -> impl Future<Output: Received<Word>> {
        rx
    }
}

struct ToAll;

impl Broadcast for ToAll {
    type Tx = all::Sender<Word>;
    type Rx = all::Receiver<Word>;

    const OVERWRITES: bool = false;

    fn channel() -> (Self::Tx, [Self::Rx; broadcast::RECEIVERS]) {
        let (tx, rx) = all::channel(broadcast::CAPACITY, Overflow::Backpressure);
        (tx, [rx.clone(), rx.clone(), rx.clone(), rx])
    }

    fn send(tx: &mut Self::Tx, message: Word) -> impl Future<Output: Accepted> + Send {
        async { tx.send(message).await.map(drop) }
    }

    fn recv(rx: &mut Self::Rx) -> impl Future<Output: Received<Word>> + Send {
        rx.recv()
    }
}

struct Watched;

impl Watch for Watched {
    type Tx = watched::Sender<Word>;
    type Rx = watched::Receiver<Word>;

    fn channel() -> (Self::Tx, [Self::Rx; watch::RECEIVERS]) {
        let (tx, rx) = watched::channel(Word::new(0));
        (tx, [rx.clone(), rx.clone(), rx.clone(), rx])
    }

    fn set(tx: &mut Self::Tx, value: Word) {
        tx.send(value).accepted();
    }

    async fn changed(rx: &mut Self::Rx) -> Word {
        rx.changed().await.accepted();
        rx.borrow_and_update().into_inner()
    }
}
