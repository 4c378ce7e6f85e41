//! Sending and receiving with a limit on the time, by a clock that the caller brings.

use super::{
    error::{RecvTimeoutError, SendTimeoutError},
    handle::{Receiver, Sender},
    recv::Recv,
    send::Send,
};
use crate::{
    sync::{Shared, Sharing},
    time::Clock,
};
use core::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use pin_project_lite::pin_project;

pin_project! {
    /// Sends one message within a limit of time; made by `send_timeout`.
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done: the message is certainly not sent, and dropped.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct SendTimeout<'a, T, S, M: Sharing = Shared> {
        #[pin]
        send: Send<'a, T, M>,
        #[pin]
        sleep: S,
    }
}

pin_project! {
    /// Receives one message within a limit of time; made by `recv_timeout`.
    ///
    /// # Panics
    ///
    /// When polled after the time ran out.
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done costs the place in the queue. No message is lost.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct RecvTimeout<'a, T, S, M: Sharing = Shared> {
        // Gone once the time ran out, and its place in the queue with it.
        #[pin]
        recv: Option<Recv<'a, T, M>>,
        #[pin]
        sleep: S,
    }
}

const POLLED_AGAIN: &str = "polled after the time ran out";

impl<T, M: Sharing> Sender<T, M> {
    /// Sends `message`, waiting for room as long as `limit`, by `clock`; the message comes back if
    /// the time runs out.
    ///
    /// # Errors
    ///
    /// [`SendTimeoutError`] with the message if there was no room in time or the channel is closed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; the message is then not sent.
    pub fn send_timeout<C: Clock>(
        &self,
        clock: &C,
        limit: Duration,
        message: T,
    ) -> SendTimeout<'_, T, C::Sleep, M> {
        SendTimeout { send: self.send(message), sleep: clock.sleep(limit) }
    }
}

impl<T, M: Sharing> Receiver<T, M> {
    /// Receives the oldest message, waiting for one as long as `limit`, by `clock`.
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`] if there was no message in time, or the channel is closed and empty.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; no message is lost.
    pub fn recv_timeout<C: Clock>(
        &self,
        clock: &C,
        limit: Duration,
    ) -> RecvTimeout<'_, T, C::Sleep, M> {
        RecvTimeout { recv: Some(self.recv()), sleep: clock.sleep(limit) }
    }
}

impl<T, S: Future<Output = ()>, M: Sharing> Future for SendTimeout<'_, T, S, M> {
    type Output = Result<(), SendTimeoutError<T>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Poll::Ready(sent) = this.send.as_mut().poll(cx) {
            return Poll::Ready(sent.map_err(|refused| SendTimeoutError::Closed(refused.0)));
        }
        this.sleep.poll(cx).map(|()| match this.send.cancel() {
            Some(message) => Err(SendTimeoutError::Timeout(message)),
            None => Ok(()), // sent meanwhile
        })
    }
}

impl<T, S: Future<Output = ()>, M: Sharing> Future for RecvTimeout<'_, T, S, M> {
    type Output = Result<T, RecvTimeoutError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let recv = this.recv.as_mut().as_pin_mut().expect(POLLED_AGAIN);
        if let Poll::Ready(received) = recv.poll(cx) {
            return Poll::Ready(received.map_err(|_| RecvTimeoutError::Closed));
        }
        ready!(this.sleep.poll(cx));
        this.recv.set(None);
        Poll::Ready(Err(RecvTimeoutError::Timeout))
    }
}
