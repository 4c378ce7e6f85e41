//! futures-channel, sent to through `SinkExt`.

use super::Peer;
use crate::{
    message::{Accepted, Message, Received, Word},
    oneshot::{self, Oneshot},
    queue::{Ends, Shape, many, one, shared},
};
use futures_channel::{
    mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender},
    oneshot as single,
};
use futures_util::{SinkExt, StreamExt};
use std::future::ready;

pub const PEER: Peer = Peer {
    bounded: |shape, _| (shape.receivers == 1).then(shared::flow::<Bounded>),
    unbounded: Some(shared::flow::<Unbounded>()),
    oneshot: Some(oneshot::shot::<One>()),
    ..Peer::new("futures", "futures-channel")
};

struct Bounded;
struct Unbounded;

impl shared::Queue for Bounded {
    type Tx<M: Message> = Sender<M>;
    type Rx<M: Message> = Receiver<M>;

    /// Every sender brings room for one more; but `SinkExt::send` also flushes, which waits until
    /// no more than the capacity are inside, so what has been sent fits the capacity after all.
    fn ends<M: Message>(capacity: usize, shape: Shape) -> Ends<Sender<M>, Receiver<M>> {
        let (tx, rx) = mpsc::channel(capacity);
        (many(tx, shape.senders), one(rx, shape.receivers))
    }
}

impl shared::Queue for Unbounded {
    type Tx<M: Message> = UnboundedSender<M>;
    type Rx<M: Message> = UnboundedReceiver<M>;

    fn ends<M: Message>(_: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let (tx, rx) = mpsc::unbounded();
        (many(tx, shape.senders), one(rx, shape.receivers))
    }
}

impl<M: Message> shared::Tx<M> for Sender<M> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> + Send {
        SinkExt::send(self, message)
    }
}

impl<M: Message> shared::Rx<M> for Receiver<M> {
    #[inline]
    fn recv(&mut self) -> impl Future<Output: Received<M>> + Send {
        self.next()
    }
}

impl<M: Message> shared::Tx<M> for UnboundedSender<M> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> + Send {
        ready(self.unbounded_send(message))
    }
}

impl<M: Message> shared::Rx<M> for UnboundedReceiver<M> {
    #[inline]
    fn recv(&mut self) -> impl Future<Output: Received<M>> + Send {
        self.next()
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
