//! tokio's `sync`.

use super::Peer;
use crate::{
    broadcast::{self, Broadcast},
    message::{Accepted, Message, Received, Word},
    oneshot::{self, Oneshot},
    queue::{Ends, Shape, many, one, shared},
    watch::{self, Watch},
};
use std::future::ready;
use tokio::sync::{
    broadcast as all,
    mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender},
    oneshot as single, watch as watched,
};

pub const PEER: Peer = Peer {
    bounded: |shape, _| (shape.receivers == 1).then(shared::flow::<Bounded>),
    unbounded: Some(shared::flow::<Unbounded>()),
    oneshot: Some(oneshot::shot::<One>()),
    broadcast: Some(broadcast::work::<ToAll>),
    watch: Some(watch::work::<Watched>),
    ..Peer::new("tokio", "tokio")
};

struct Bounded;
struct Unbounded;

impl shared::Queue for Bounded {
    type Tx<M: Message> = Sender<M>;
    type Rx<M: Message> = Receiver<M>;

    fn ends<M: Message>(capacity: usize, shape: Shape) -> Ends<Sender<M>, Receiver<M>> {
        let (tx, rx) = mpsc::channel(capacity);
        (many(tx, shape.senders), one(rx, shape.receivers))
    }
}

impl shared::Queue for Unbounded {
    type Tx<M: Message> = UnboundedSender<M>;
    type Rx<M: Message> = UnboundedReceiver<M>;

    fn ends<M: Message>(_: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let (tx, rx) = mpsc::unbounded_channel();
        (many(tx, shape.senders), one(rx, shape.receivers))
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

impl<M: Message> shared::Tx<M> for UnboundedSender<M> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> + Send {
        ready(Self::send(self, message))
    }
}

impl<M: Message> shared::Rx<M> for UnboundedReceiver<M> {
    #[inline]
    fn recv(&mut self) -> impl Future<Output: Received<M>> + Send {
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

    const OVERWRITES: bool = true;

    fn channel() -> (Self::Tx, [Self::Rx; broadcast::RECEIVERS]) {
        let (tx, rx) = all::channel(broadcast::CAPACITY);
        let (a, b, c) = (tx.subscribe(), tx.subscribe(), tx.subscribe());
        (tx, [rx, a, b, c])
    }

    fn send(tx: &mut Self::Tx, message: Word) -> impl Future<Output: Accepted> + Send {
        ready(tx.send(message).map(drop))
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
        rx.borrow_and_update().clone()
    }
}
