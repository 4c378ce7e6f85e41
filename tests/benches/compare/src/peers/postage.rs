//! postage: `mpsc` where it fits, `dispatch` for many receivers.

use super::Peer;
use crate::{
    broadcast::{self, Broadcast},
    message::{Accepted, Message, Received, Word},
    oneshot::{self, Oneshot},
    queue::{Ends, Shape, many, one, shared},
    watch::{self, Watch},
};
use postage::{
    broadcast as all, dispatch, mpsc, oneshot as single, sink::Sink, stream::Stream,
    watch as watched,
};

pub const PEER: Peer = Peer {
    bounded: |shape, _| match shape.receivers {
        1 => Some(shared::flow::<Mpsc>()),
        _ => Some(shared::flow::<Dispatch>()),
    },
    oneshot: Some(oneshot::shot::<One>()),
    broadcast: Some(broadcast::work::<ToAll>),
    watch: Some(watch::work::<Watched>),
    ..Peer::new("postage", "postage")
};

struct Mpsc;
struct Dispatch;

impl shared::Queue for Mpsc {
    type Tx<M: Message> = mpsc::Sender<M>;
    type Rx<M: Message> = mpsc::Receiver<M>;

    fn ends<M: Message>(capacity: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let (tx, rx) = mpsc::channel(capacity);
        (many(tx, shape.senders), one(rx, shape.receivers))
    }
}

impl shared::Queue for Dispatch {
    type Tx<M: Message> = dispatch::Sender<M>;
    type Rx<M: Message> = dispatch::Receiver<M>;

    fn ends<M: Message>(capacity: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let (tx, rx) = dispatch::channel(capacity);
        (many(tx, shape.senders), many(rx, shape.receivers))
    }
}

impl<M: Message> shared::Tx<M> for mpsc::Sender<M> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> + Send {
        Sink::send(self, message)
    }
}

impl<M: Message> shared::Rx<M> for mpsc::Receiver<M> {
    #[inline]
    fn recv(&mut self) -> impl Future<Output: Received<M>> + Send {
        Stream::recv(self)
    }
}

impl<M: Message> shared::Tx<M> for dispatch::Sender<M> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> + Send {
        Sink::send(self, message)
    }
}

impl<M: Message> shared::Rx<M> for dispatch::Receiver<M> {
    #[inline]
    fn recv(&mut self) -> impl Future<Output: Received<M>> + Send {
        Stream::recv(self)
    }
}

struct One;

impl Oneshot for One {
    type Tx = single::Sender<Word>;
    type Rx = single::Receiver<Word>;

    fn channel() -> (Self::Tx, Self::Rx) {
        single::channel()
    }

    fn send(mut tx: Self::Tx, message: Word) {
        tx.try_send(message).accepted();
    }

    fn recv(mut rx: Self::Rx) -> impl Future<Output: Received<Word>> {
        async move { Stream::recv(&mut rx).await }
    }
}

struct ToAll;

impl Broadcast for ToAll {
    type Tx = all::Sender<Word>;
    type Rx = all::Receiver<Word>;

    const OVERWRITES: bool = false;

    fn channel() -> (Self::Tx, [Self::Rx; broadcast::RECEIVERS]) {
        let (tx, rx) = all::channel(broadcast::CAPACITY);
        let (a, b, c) = (tx.subscribe(), tx.subscribe(), tx.subscribe());
        (tx, [rx, a, b, c])
    }

    fn send(tx: &mut Self::Tx, message: Word) -> impl Future<Output: Accepted> + Send {
        Sink::send(tx, message)
    }

    fn recv(rx: &mut Self::Rx) -> impl Future<Output: Received<Word>> + Send {
        Stream::recv(rx)
    }
}

struct Watched;

impl Watch for Watched {
    type Tx = watched::Sender<Word>;
    type Rx = watched::Receiver<Word>;

    fn channel() -> (Self::Tx, [Self::Rx; watch::RECEIVERS]) {
        let (tx, rx) = watched::channel();
        (tx, [rx.clone(), rx.clone(), rx.clone(), rx])
    }

    fn set(tx: &mut Self::Tx, value: Word) {
        *tx.borrow_mut() = value;
    }

    async fn changed(rx: &mut Self::Rx) -> Word {
        Stream::recv(rx).await.message()
    }
}
