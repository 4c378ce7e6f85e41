//! oneshot.

use super::Peer;
use crate::{
    message::{Accepted, Received, Word},
    oneshot::{Oneshot, shot},
};
use oneshot::{AsyncReceiver, Sender};

pub const PEER: Peer = Peer { oneshot: Some(shot::<One>()), ..Peer::new("oneshot", "oneshot") };

struct One;

impl Oneshot for One {
    type Tx = Sender<Word>;
    type Rx = AsyncReceiver<Word>;

    fn channel() -> (Self::Tx, Self::Rx) {
        oneshot::async_channel()
    }

    fn send(tx: Self::Tx, message: Word) {
        tx.send(message).accepted();
    }

    fn recv(rx: Self::Rx) -> impl Future<Output: Received<Word>> {
        rx
    }
}
