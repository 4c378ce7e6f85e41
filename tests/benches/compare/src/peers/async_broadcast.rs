//! async-broadcast, by its futures that are not boxed.

use super::Peer;
use crate::{
    broadcast::{Broadcast, CAPACITY, RECEIVERS, work},
    message::{Accepted, Received, Word},
};
use async_broadcast::{Receiver, Sender};

pub const PEER: Peer =
    Peer { broadcast: Some(work::<ToAll>), ..Peer::new("async-broadcast", "async-broadcast") };

struct ToAll;

impl Broadcast for ToAll {
    type Tx = Sender<Word>;
    type Rx = Receiver<Word>;

    const OVERWRITES: bool = false;

    fn channel() -> (Self::Tx, [Self::Rx; RECEIVERS]) {
        let (tx, rx) = async_broadcast::broadcast(CAPACITY);
        (tx, [rx.clone(), rx.clone(), rx.clone(), rx])
    }

    fn send(tx: &mut Self::Tx, message: Word) -> impl Future<Output: Accepted> + Send {
        tx.broadcast_direct(message)
    }

    fn recv(rx: &mut Self::Rx) -> impl Future<Output: Received<Word>> + Send {
        rx.recv_direct()
    }
}
