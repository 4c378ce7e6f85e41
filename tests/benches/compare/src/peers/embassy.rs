//! embassy-sync: under a critical section, and without a lock on one thread.
//!
//! Its channels are made for a `static` and know their capacity at compile time; here they are
//! shared by counting, as the others are.

use super::Peer;
use crate::{
    broadcast::{self, Broadcast},
    message::{Accepted, Message, Received, Word},
    oneshot::{self, Oneshot},
    queue::{Ends, Shape, local, many, shared},
    watch::{self, Watch},
};
use embassy_sync::{
    blocking_mutex::raw::{CriticalSectionRawMutex, NoopRawMutex, RawMutex},
    channel::Channel,
    pubsub::{PubSubChannel, Publisher, Subscriber, WaitResult},
    signal::Signal,
    watch as watched,
};
use std::{marker::PhantomData, ops::Deref, rc::Rc, sync::Arc};

pub const PEER: Peer = Peer {
    bounded: |_, capacity| match capacity {
        1 => Some(shared::flow::<Bounded<1>>()),
        100 => Some(shared::flow::<Bounded<100>>()),
        10_000 => Some(shared::flow::<Bounded<10_000>>()),
        _ => None,
    },
    oneshot: Some(oneshot::shot::<One<CriticalSectionRawMutex, Arc<_>>>()),
    broadcast: Some(broadcast::work::<ToAll>),
    watch: Some(watch::work::<Watched>),
    ..Peer::new("embassy", "embassy-sync")
};

pub const ONE_THREAD: Peer = Peer {
    one_thread: true,
    bounded: |_, capacity| match capacity {
        1 => Some(local::flow::<Bounded<1>>()),
        100 => Some(local::flow::<Bounded<100>>()),
        10_000 => Some(local::flow::<Bounded<10_000>>()),
        _ => None,
    },
    oneshot: Some(oneshot::shot::<One<NoopRawMutex, Rc<_>>>()),
    ..Peer::new("embassy no lock", "embassy-sync")
};

struct Bounded<const N: usize>;

type Locked<M, const N: usize> = Arc<Channel<CriticalSectionRawMutex, M, N>>;
type Unlocked<M, const N: usize> = Rc<Channel<NoopRawMutex, M, N>>;

impl<const N: usize> shared::Queue for Bounded<N> {
    type Tx<M: Message> = Locked<M, N>;
    type Rx<M: Message> = Locked<M, N>;

    fn ends<M: Message>(_: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let channel = Arc::new(Channel::new());
        (many(channel.clone(), shape.senders), many(channel, shape.receivers))
    }
}

impl<M: Message, const N: usize> shared::Tx<M> for Locked<M, N> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> + Send {
        Channel::send(self, message)
    }
}

impl<M: Message, const N: usize> shared::Rx<M> for Locked<M, N> {
    const CLOSES: bool = false;

    #[inline]
    fn recv(&mut self) -> impl Future<Output: Received<M>> + Send {
        self.receive()
    }
}

impl<const N: usize> local::Queue for Bounded<N> {
    type Tx<M: Message> = Unlocked<M, N>;
    type Rx<M: Message> = Unlocked<M, N>;

    fn ends<M: Message>(_: usize, shape: Shape) -> Ends<Self::Tx<M>, Self::Rx<M>> {
        let channel = Rc::new(Channel::new());
        (many(channel.clone(), shape.senders), many(channel, shape.receivers))
    }
}

impl<M: Message, const N: usize> local::Tx<M> for Unlocked<M, N> {
    #[inline]
    fn send(&mut self, message: M) -> impl Future<Output: Accepted> {
        Channel::send(self, message)
    }
}

impl<M: Message, const N: usize> local::Rx<M> for Unlocked<M, N> {
    const CLOSES: bool = false;

    #[inline]
    fn recv(&mut self) -> impl Future<Output: Received<M>> {
        self.receive()
    }
}

/// A signal, used once.
struct One<R, Handle>(PhantomData<(R, Handle)>);

impl<R, Handle> Oneshot for One<R, Handle>
where
    R: RawMutex,
    Handle: Deref<Target = Signal<R, Word>> + From<Signal<R, Word>> + Clone,
{
    type Tx = Handle;
    type Rx = Handle;

    fn channel() -> (Handle, Handle) {
        let signal = Handle::from(Signal::new());
        (signal.clone(), signal)
    }

    fn send(tx: Handle, message: Word) {
        tx.signal(message);
    }

    fn recv(rx: Handle) -> impl Future<Output: Received<Word>> {
        async move { rx.wait().await }
    }
}

/// In effect a `static`: 5 kB are leaked for each sample.
struct ToAll;

const CAPACITY: usize = broadcast::CAPACITY;
const RECEIVERS: usize = broadcast::RECEIVERS;

type Locks = CriticalSectionRawMutex;

impl Broadcast for ToAll {
    type Tx = Publisher<'static, Locks, Word, CAPACITY, RECEIVERS, 1>;
    type Rx = Subscriber<'static, Locks, Word, CAPACITY, RECEIVERS, 1>;

    const OVERWRITES: bool = false;

    fn channel() -> (Self::Tx, [Self::Rx; RECEIVERS]) {
        let channel = Box::leak(Box::new(PubSubChannel::new()));
        let rx = [(); RECEIVERS].map(|()| channel.subscriber().expect("one of its subscribers"));
        (channel.publisher().expect("its only publisher"), rx)
    }

    fn send(tx: &mut Self::Tx, message: Word) -> impl Future<Output: Accepted> + Send {
        tx.publish(message)
    }

    fn recv(rx: &mut Self::Rx) -> impl Future<Output: Received<Word>> + Send {
        rx.next_message()
    }
}

impl<M: Message> Received<M> for WaitResult<M> {
    #[inline]
    fn received(self) -> Option<M> {
        match self {
            Self::Message(message) => Some(message),
            Self::Lagged(_) => panic!("messages were overwritten"),
        }
    }
}

/// Leaked as well.
struct Watched;

impl Watch for Watched {
    type Tx = watched::Sender<'static, Locks, Word, { watch::RECEIVERS }>;
    type Rx = watched::Receiver<'static, Locks, Word, { watch::RECEIVERS }>;

    fn channel() -> (Self::Tx, [Self::Rx; watch::RECEIVERS]) {
        let channel = Box::leak(Box::new(watched::Watch::new()));
        let rx = [(); watch::RECEIVERS].map(|()| channel.receiver().expect("one of its receivers"));
        (channel.sender(), rx)
    }

    fn set(tx: &mut Self::Tx, value: Word) {
        tx.send(value);
    }

    async fn changed(rx: &mut Self::Rx) -> Word {
        rx.changed().await
    }
}
