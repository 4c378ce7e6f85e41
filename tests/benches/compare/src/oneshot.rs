//! Channels for one message.

use crate::{
    clock,
    message::{Message, Received, Word},
};
use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

pub trait Oneshot {
    type Tx;
    type Rx;

    fn channel() -> (Self::Tx, Self::Rx);
    fn send(tx: Self::Tx, message: Word);
    fn recv(rx: Self::Rx) -> impl Future<Output: Received<Word>>;
}

/// Creates, sends and receives, one after the other; gives the processor time.
#[derive(Clone, Copy)]
pub struct Shot {
    /// The message is there when it is asked for.
    pub ready: fn(u64) -> Duration,
    /// The receiver waits first.
    pub parked: fn(u64) -> Duration,
}

pub const fn shot<O: Oneshot>() -> Shot {
    Shot { ready: shoot::<O, false>, parked: shoot::<O, true> }
}

/// A waker like an executor's: counted, and it leaves a mark.
struct Mark(AtomicBool);

impl Wake for Mark {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn shoot<O: Oneshot, const PARKED: bool>(count: u64) -> Duration {
    let mark = Arc::new(Mark(AtomicBool::new(false)));
    let waker = Waker::from(mark.clone());
    let mut context = Context::from_waker(&waker);
    let mut sum = 0;
    let start = clock::thread();
    for number in 0..count {
        let (tx, rx) = O::channel();
        let mut receiving = pin!(O::recv(rx));
        let message = if PARKED {
            assert!(receiving.as_mut().poll(&mut context).is_pending(), "nothing was sent");
            O::send(tx, Word::new(number));
            assert!(mark.0.swap(false, Ordering::Relaxed), "it was not woken");
            receiving.poll(&mut context)
        } else {
            O::send(tx, Word::new(number));
            receiving.poll(&mut context)
        };
        let Poll::Ready(message) = message else { panic!("a message is missing") };
        sum += message.message().number();
    }
    let taken = clock::thread() - start;
    assert_eq!(sum, count * (count - 1) / 2, "messages were lost or changed");
    taken
}
