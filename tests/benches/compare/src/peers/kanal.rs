//! kanal.

use super::Peer;
use crate::{
    message::{Accepted, Message, Received},
    queue::{Ends, Shape, many, shared},
};
use kanal::{AsyncReceiver, AsyncSender};

pub const PEER: Peer = Peer {
    loses: true,
    bounded: |_, _| Some(shared::flow::<Bounded>()),
    unbounded: Some(shared::flow::<Unbounded>()),
    ..Peer::new("kanal", "kanal")
};

struct Bounded;
struct Unbounded;

impl shared::Queue for Bounded {
    type Tx<M: Message> = AsyncSender<M>;
    type Rx<M: Message> = AsyncReceiver<M>;

    fn ends<M: Message>(capacity: usize, shape: Shape) -> Ends<AsyncSender<M>, AsyncReceiver<M>> {
        let (tx, rx) = kanal::bounded_async(capacity);
        (many(tx, shape.senders), many(rx, shape.receivers))
    }
}

impl shared::Queue for Unbounded {
    type Tx<M: Message> = AsyncSender<M>;
    type Rx<M: Message> = AsyncReceiver<M>;

    fn ends<M: Message>(_: usize, shape: Shape) -> Ends<AsyncSender<M>, AsyncReceiver<M>> {
        let (tx, rx) = kanal::unbounded_async();
        (many(tx, shape.senders), many(rx, shape.receivers))
    }
}

impl<M: Message> shared::Tx<M> for AsyncSender<M> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> + Send {
        Self::send(self, message)
    }
}

impl<M: Message> shared::Rx<M> for AsyncReceiver<M> {
    #[inline]
    fn recv(&mut self) -> impl Future<Output: Received<M>> + Send {
        Self::recv(self)
    }
}
