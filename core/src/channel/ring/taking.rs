//! A message on its way out of the ring.

use super::{Ring, Slot};
use crate::{
    channel::error::{RecvError, TryRecvError},
    sync::Sharing,
    wait::{Attempt, List, Parking, Until},
};
use core::{
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll},
};

/// The attempt to take one message.
pub(crate) struct Take<'a, T, M: Sharing>(&'a Ring<T, [Slot<T>], M>);

impl<'a, T, M: Sharing> Take<'a, T, M> {
    #[inline]
    pub(crate) const fn new(ring: &'a Ring<T, [Slot<T>], M>) -> Self {
        Self(ring)
    }

    /// How many messages were ever taken from the ring, modulo the word.
    pub(crate) fn taken(&self) -> usize {
        self.0.taken()
    }
}

impl<T, M: Sharing> Attempt for Take<'_, T, M> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn attempt(&mut self) -> Poll<Self::Output> {
        answer(self.0.try_take())
    }

    fn spin(&self) -> bool {
        self.0.spin_for_message()
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.with_waiting_receivers(f)
    }
}

/// The same into a place, where there is a message if the answer is `Ok`.
struct TakeInto<'p, 'a, T, M: Sharing> {
    take: &'p Take<'a, T, M>,
    place: &'p mut MaybeUninit<T>,
}

impl<T, M: Sharing> Attempt for TakeInto<'_, '_, T, M> {
    type Output = Result<(), RecvError>;

    #[inline(always)]
    fn attempt(&mut self) -> Poll<Self::Output> {
        answer(self.take.0.take_into_waiting(self.place))
    }

    #[inline(always)]
    fn attempt_first(&mut self) -> Poll<Self::Output> {
        answer(self.take.0.take_into(self.place))
    }

    fn spin(&self) -> bool {
        self.take.spin()
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.take.with_list(f)
    }

    fn place(&self) -> &dyn Parking {
        self.take
    }
}

#[inline(always)]
fn answer<T>(taken: Result<T, TryRecvError>) -> Poll<Result<T, RecvError>> {
    match taken {
        Ok(taken) => Poll::Ready(Ok(taken)),
        Err(TryRecvError::Empty) => Poll::Pending,
        Err(TryRecvError::Closed) => Poll::Ready(Err(RecvError)),
    }
}

impl<T, M: Sharing> Until<Take<'_, T, M>> {
    /// `poll`, in a way that spares large messages a copy.
    ///
    /// What is returned is made here, from a place that nothing but the message was ever in: so the
    /// compiler sees that this place can be the one where the caller wants it.
    #[inline(always)]
    pub(crate) fn poll_message(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<T, RecvError>> {
        /// Messages beyond this size are fetched out of line.
        const LARGE: usize = 64;
        let mut place = MaybeUninit::uninit();
        let polled = if const { size_of::<T>() > LARGE } {
            let polled = self.as_mut().poll_out_of_line(cx, &mut place);
            if polled.is_ready() {
                self.settled();
            }
            polled
        } else {
            self.poll_as(cx, |take| TakeInto { take, place: &mut place })
        };
        match polled {
            // SAFETY: the answer is `Ok`, so there is a message in it.
            Poll::Ready(Ok(())) => Poll::Ready(Ok(unsafe { place.assume_init() })),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    #[inline(never)]
    fn poll_out_of_line(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        place: &mut MaybeUninit<T>,
    ) -> Poll<Result<(), RecvError>> {
        self.poll_as(cx, |take| TakeInto { take, place })
    }
}
