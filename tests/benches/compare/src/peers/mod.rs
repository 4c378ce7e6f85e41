//! Who is compared, and what each one has.

mod async_broadcast;
mod async_channel;
mod crossfire;
mod embassy;
mod flume;
mod futures;
mod kanal;
mod klaw;
mod oneshot;
mod postage;
mod tachyonix;
mod thingbuf;
mod tokio;

use crate::{
    oneshot::Shot,
    queue::{Flow, Shape},
    work::Work,
};

/// Tasks that send so many messages to all receivers.
pub type ToAll = fn(u64) -> Work;

/// One implementation: a row of the tables.
#[derive(Clone, Copy)]
pub struct Peer {
    pub name: &'static str,
    /// The package, as the lockfile has it.
    pub package: &'static str,
    /// Whether it loses messages or wakes when a future is dropped. At capacity 1 that is what
    /// makes it fast, so it is no measure there.
    pub loses: bool,
    /// Whether it works on one thread only, and is compared with such.
    pub one_thread: bool,
    pub bounded: fn(Shape, usize) -> Option<Flow>,
    pub unbounded: Option<Flow>,
    pub oneshot: Option<Shot>,
    pub broadcast: Option<ToAll>,
    pub watch: Option<ToAll>,
}

impl Peer {
    /// A peer that has nothing; each file says what its has.
    const fn new(name: &'static str, package: &'static str) -> Self {
        Self {
            name,
            package,
            loses: false,
            one_thread: false,
            bounded: |_, _| None,
            unbounded: None,
            oneshot: None,
            broadcast: None,
            watch: None,
        }
    }

    pub fn is_ours(&self) -> bool {
        self.package == "klaw"
    }
}

/// All rows, in the order of the tables.
pub fn all() -> Vec<Peer> {
    let mut peers = klaw::PEERS.to_vec();
    peers.extend([
        tokio::PEER,
        async_channel::PEER,
        flume::PEER,
        kanal::PEER,
        crossfire::PEER,
        thingbuf::PEER,
        tachyonix::PEER,
        futures::PEER,
        postage::PEER,
        oneshot::PEER,
        async_broadcast::PEER,
        embassy::PEER,
        embassy::ONE_THREAD,
    ]);
    peers
}
