//! A set of receivers of one type, as one.

use crate::{
    channel::{RecvError, ring::Take},
    sync::Sharing,
    wait::{Any, Row},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Receives from any channel of a set; made by [`select`](super::select).
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done costs the places in the queues. No message is lost.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Select<R> {
        #[pin]
        any: Any<R>,
    }
}

impl<R> Select<R> {
    pub(super) const fn new(receivers: R) -> Self {
        Self { any: Any::new(receivers) }
    }

    /// Receives from the first that has a message, and gives up waiting for the others.
    pub(super) fn poll_first<'a, T: 'a, M: Sharing>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(usize, T), RecvError>>
    where
        R: Row<Take<'a, T, M>>,
    {
        let mut any = self.project().any;
        let (mut count, mut taken) = (0, 0_usize);
        let _all = any.as_mut().each(0, |_, source| {
            count += 1;
            taken = taken.wrapping_add(source.operation().taken());
            Poll::<()>::Pending
        });
        if count == 0 {
            return Poll::Ready(Err(RecvError));
        }
        // Each message received moves the beginning on by one.
        let mut over = 0;
        let polled = any.as_mut().each(taken % count, |at, source| match source.poll(cx) {
            Poll::Ready(Ok(message)) => Poll::Ready(Ok((at, message))),
            Poll::Ready(Err(RecvError)) => {
                over += 1;
                if over == count { Poll::Ready(Err(RecvError)) } else { Poll::Pending }
            }
            Poll::Pending => Poll::Pending,
        });
        if polled.is_ready() {
            // Nobody polls these again, so their places and wakes go to others.
            let _all = any.each(0, |_, source| {
                source.give_up();
                Poll::<()>::Pending
            });
        }
        polled
    }
}

impl<R> fmt::Debug for Select<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Select").finish_non_exhaustive()
    }
}
