//! A thread as the one that waits.

use alloc::{sync::Arc, task::Wake};
use core::{
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll, Waker},
};
use std::{
    thread::{self, Thread},
    time::Instant,
};

struct Parked {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// Runs `future` on this thread, parked in between; `None` if it is not done by `deadline`.
pub(crate) fn block_on_until<F: Future>(
    mut future: Pin<&mut F>,
    deadline: Option<Instant>,
) -> Option<F::Output> {
    // Most often it need not wait, and needs no waker of its own then.
    if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        return Some(output);
    }
    let parked = Arc::new(Parked { thread: thread::current(), woken: AtomicBool::new(true) });
    let waker = Waker::from(parked.clone());
    loop {
        // The flag, since someone else's `unpark` may come in between, and theirs be taken here.
        if parked.woken.swap(false, Ordering::Acquire)
            && let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker))
        {
            return Some(output);
        }
        match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
            _ if parked.woken.load(Ordering::Acquire) => {}
            None => thread::park(),
            Some(left) if left.is_zero() => return None,
            Some(left) => thread::park_timeout(left),
        }
    }
}
