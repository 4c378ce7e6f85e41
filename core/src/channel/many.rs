//! Receiving several messages at once.

use super::{
    error::{RecvError, TryRecvError},
    ring::{Ring, Slot},
};
use crate::{
    sync::{Shared, Sharing},
    wait::{Attempt, List, Until},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// Where [`recv_many`](super::Receiver::recv_many) puts messages; sealed.
///
/// Implemented for `Vec` and `VecDeque`, which grow, and for [`heapless::Vec`], which does not.
pub trait Buffer<T>: sealed::Sealed {
    /// Makes room for up to `count` more, and says for how many there is.
    #[doc(hidden)]
    fn make_room(&mut self, count: usize) -> usize;

    /// Adds a message; there is room, so it neither allocates nor panics.
    #[doc(hidden)]
    fn push(&mut self, message: T);
}

pub(super) mod sealed {
    pub trait Sealed {}
}

impl<T, const N: usize> sealed::Sealed for heapless::Vec<T, N> {}

impl<T, const N: usize> Buffer<T> for heapless::Vec<T, N> {
    fn make_room(&mut self, count: usize) -> usize {
        count.min(N - self.len())
    }

    fn push(&mut self, message: T) {
        let refused = Self::push(self, message);
        debug_assert!(refused.is_ok());
    }
}

pin_project! {
    /// Receives several messages, waiting for the first; made by `recv_many`.
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done costs the place in the queue. No message is lost.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct RecvMany<'a, T, B: Buffer<T>, M: Sharing = Shared> {
        #[pin]
        until: Until<TakeMany<'a, T, B, M>>,
    }
}

struct TakeMany<'a, T, B, M: Sharing> {
    ring: &'a Ring<T, [Slot<T>], M>,
    buffer: &'a mut B,
    limit: usize,
}

impl<'a, T, B: Buffer<T>, M: Sharing> RecvMany<'a, T, B, M> {
    pub(super) fn new(ring: &'a Ring<T, [Slot<T>], M>, buffer: &'a mut B, limit: usize) -> Self {
        Self { until: Until::new(TakeMany { ring, buffer, limit }) }
    }
}

impl<T, B: Buffer<T>, M: Sharing> Attempt for TakeMany<'_, T, B, M> {
    type Output = Result<usize, RecvError>;

    fn attempt(&mut self) -> Poll<Self::Output> {
        assert!(self.limit > 0, "no message at all was asked for");
        // The length may change until the lock is taken: then it is a smaller batch.
        let room = self.buffer.make_room(self.ring.len().clamp(1, self.limit));
        assert!(room > 0, "a buffer without room for a message");
        match self.ring.try_take_many(room, |message| self.buffer.push(message)) {
            Ok(count) => Poll::Ready(Ok(count)),
            Err(TryRecvError::Empty) => Poll::Pending,
            Err(TryRecvError::Closed) => Poll::Ready(Err(RecvError)),
        }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.ring.with_waiting_receivers(f)
    }
}

impl<T, B: Buffer<T>, M: Sharing> Future for RecvMany<'_, T, B, M> {
    type Output = Result<usize, RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().until.poll(cx)
    }
}

impl<T, B: Buffer<T>, M: Sharing> fmt::Debug for RecvMany<'_, T, B, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvMany").finish_non_exhaustive()
    }
}
