//! tachyonix.

use super::Peer;
use crate::{
    message::{Accepted, Message, Received},
    queue::{Ends, Shape, many, one, shared},
};
use tachyonix::{Receiver, Sender};

pub const PEER: Peer = Peer {
    bounded: |shape, _| (shape.receivers == 1).then(shared::flow::<Bounded>),
    ..Peer::new("tachyonix", "tachyonix")
};

struct Bounded;

impl shared::Queue for Bounded {
    type Tx<M: Message> = Sender<M>;
    type Rx<M: Message> = Receiver<M>;

    fn ends<M: Message>(capacity: usize, shape: Shape) -> Ends<Sender<M>, Receiver<M>> {
        let (tx, rx) = tachyonix::channel(capacity);
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
