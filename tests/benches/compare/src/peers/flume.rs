//! flume.

use super::Peer;
use crate::{
    message::{Accepted, Message, Received},
    queue::{Ends, Shape, many, shared},
};
use flume::{Receiver, Sender};

pub const PEER: Peer = Peer {
    bounded: |_, _| Some(shared::flow::<Bounded>()),
    unbounded: Some(shared::flow::<Unbounded>()),
    ..Peer::new("flume", "flume")
};

struct Bounded;
struct Unbounded;

impl shared::Queue for Bounded {
    type Tx<M: Message> = Sender<M>;
    type Rx<M: Message> = Receiver<M>;

    fn ends<M: Message>(capacity: usize, shape: Shape) -> Ends<Sender<M>, Receiver<M>> {
        let (tx, rx) = flume::bounded(capacity);
        (many(tx, shape.senders), many(rx, shape.receivers))
    }
}

impl shared::Queue for Unbounded {
    type Tx<M: Message> = Sender<M>;
    type Rx<M: Message> = Receiver<M>;

    fn ends<M: Message>(_: usize, shape: Shape) -> Ends<Sender<M>, Receiver<M>> {
        let (tx, rx) = flume::unbounded();
        (many(tx, shape.senders), many(rx, shape.receivers))
    }
}

impl<M: Message> shared::Tx<M> for Sender<M> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> + Send {
        self.send_async(message)
    }
}

impl<M: Message> shared::Rx<M> for Receiver<M> {
    #[inline]
    fn recv(&mut self) -> impl Future<Output: Received<M>> + Send {
        self.recv_async()
    }
}
