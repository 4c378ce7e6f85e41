//! crossfire: the type that fits each shape best.

use super::Peer;
use crate::{
    message::{Accepted, Message, Received, Word},
    oneshot::{self, Oneshot},
    queue::{Ends, Shape, many, one, shared},
};
use crossfire::{
    AsyncRx, AsyncTx, MAsyncRx, MAsyncTx, MTx, flavor::Flavor, mpmc, mpsc, oneshot as single, spsc,
};
use std::future::ready;

pub const PEER: Peer = Peer {
    bounded: |shape, _| {
        Some(match shape {
            Shape::SPSC => shared::flow::<Spsc>(),
            Shape { receivers: 1, .. } => shared::flow::<Mpsc>(),
            _ => shared::flow::<Mpmc>(),
        })
    },
    unbounded: Some(shared::flow::<Unbounded>()),
    oneshot: Some(oneshot::shot::<One>()),
    ..Peer::new("crossfire", "crossfire")
};

struct Spsc;
struct Mpsc;
struct Mpmc;
struct Unbounded;

impl shared::Queue for Spsc {
    type Tx<M: Message> = AsyncTx<spsc::Array<M>>;
    type Rx<M: Message> = AsyncRx<spsc::Array<M>>;

    fn ends<M: Message>(capacity: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let (tx, rx) = spsc::bounded_async(capacity);
        (one(tx, shape.senders), one(rx, shape.receivers))
    }
}

impl shared::Queue for Mpsc {
    type Tx<M: Message> = MAsyncTx<mpsc::Array<M>>;
    type Rx<M: Message> = AsyncRx<mpsc::Array<M>>;

    fn ends<M: Message>(capacity: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let (tx, rx) = mpsc::bounded_async(capacity);
        (many(tx, shape.senders), one(rx, shape.receivers))
    }
}

impl shared::Queue for Mpmc {
    type Tx<M: Message> = MAsyncTx<mpmc::Array<M>>;
    type Rx<M: Message> = MAsyncRx<mpmc::Array<M>>;

    fn ends<M: Message>(capacity: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let (tx, rx) = mpmc::bounded_async(capacity);
        (many(tx, shape.senders), many(rx, shape.receivers))
    }
}

impl shared::Queue for Unbounded {
    type Tx<M: Message> = MTx<mpsc::List<M>>;
    type Rx<M: Message> = AsyncRx<mpsc::List<M>>;

    fn ends<M: Message>(_: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let (tx, rx) = mpsc::unbounded_async();
        (many(tx, shape.senders), one(rx, shape.receivers))
    }
}

impl<M: Message, F: Flavor<Item = M>> shared::Tx<M> for AsyncTx<F> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> + Send {
        Self::send(self, message)
    }
}

impl<M: Message, F: Flavor<Item = M>> shared::Tx<M> for MAsyncTx<F> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> + Send {
        AsyncTx::send(self, message)
    }
}

impl<M: Message> shared::Tx<M> for MTx<mpsc::List<M>> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> + Send {
        ready(crossfire::Tx::send(self, message))
    }
}

impl<M: Message, F: Flavor<Item = M>> shared::Rx<M> for AsyncRx<F> {
    #[inline]
    fn recv(&mut self) -> impl Future<Output: Received<M>> + Send {
        Self::recv(self)
    }
}

impl<M: Message, F: Flavor<Item = M>> shared::Rx<M> for MAsyncRx<F> {
    #[inline]
    fn recv(&mut self) -> impl Future<Output: Received<M>> + Send {
        AsyncRx::recv(self)
    }
}

struct One;

impl Oneshot for One {
    type Tx = single::TxOneshot<Word>;
    type Rx = single::RxOneshot<Word>;

    fn channel() -> (Self::Tx, Self::Rx) {
        single::oneshot()
    }

    fn send(tx: Self::Tx, message: Word) {
        tx.send(message);
    }

    fn recv(rx: Self::Rx) -> impl Future<Output: Received<Word>> {
        rx
    }
}
