//! Both ends for threads that run no executor.

use super::{
    error::{RecvError, RecvTimeoutError, SendError, SendTimeoutError},
    handle::{Receiver, Sender},
};
use crate::wait::block_on_until;
use core::{pin::pin, time::Duration};
use std::time::Instant;

impl<T> Sender<T> {
    /// Sends `message`, blocking the thread until there is room.
    ///
    /// Not for tasks: it keeps their executor from running others.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the message if the channel is closed.
    pub fn send_blocking(&self, message: T) -> Result<(), SendError<T>> {
        self.send_before(None, message).map_err(|refused| SendError(refused.into_inner()))
    }

    /// Sends `message`, blocking the thread until there is room, at most as long as `limit`.
    ///
    /// # Errors
    ///
    /// [`SendTimeoutError`] with the message if there was no room in time or the channel is closed.
    pub fn send_blocking_timeout(
        &self,
        limit: Duration,
        message: T,
    ) -> Result<(), SendTimeoutError<T>> {
        // A time beyond what the clock can tell is no limit.
        self.send_before(Instant::now().checked_add(limit), message)
    }

    /// Sends `message`, blocking the thread until there is room, at most until `deadline`.
    ///
    /// # Errors
    ///
    /// [`SendTimeoutError`] with the message if there was no room in time or the channel is closed.
    pub fn send_blocking_deadline(
        &self,
        deadline: Instant,
        message: T,
    ) -> Result<(), SendTimeoutError<T>> {
        self.send_before(Some(deadline), message)
    }

    fn send_before(
        &self,
        deadline: Option<Instant>,
        message: T,
    ) -> Result<(), SendTimeoutError<T>> {
        let mut send = pin!(self.send(message));
        match block_on_until(send.as_mut(), deadline) {
            Some(sent) => sent.map_err(|refused| SendTimeoutError::Closed(refused.0)),
            None => send.cancel().map_or(Ok(()), |message| Err(SendTimeoutError::Timeout(message))),
        }
    }
}

impl<T> Receiver<T> {
    /// Receives the oldest message, blocking the thread until there is one.
    ///
    /// Not for tasks: it keeps their executor from running others.
    ///
    /// # Errors
    ///
    /// [`RecvError`] if the channel is closed and empty.
    pub fn recv_blocking(&self) -> Result<T, RecvError> {
        self.recv_before(None).map_err(|_| RecvError)
    }

    /// Receives the oldest message, blocking the thread until there is one, at most as long as
    /// `limit`.
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`] if there was no message in time, or the channel is closed and empty.
    pub fn recv_blocking_timeout(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        // A time beyond what the clock can tell is no limit.
        self.recv_before(Instant::now().checked_add(limit))
    }

    /// Receives the oldest message, blocking the thread until there is one, at most until `deadline`.
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`] if there was no message in time, or the channel is closed and empty.
    pub fn recv_blocking_deadline(&self, deadline: Instant) -> Result<T, RecvTimeoutError> {
        self.recv_before(Some(deadline))
    }

    fn recv_before(&self, deadline: Option<Instant>) -> Result<T, RecvTimeoutError> {
        match block_on_until(pin!(self.recv()), deadline) {
            Some(received) => received.map_err(|_| RecvTimeoutError::Closed),
            None => Err(RecvTimeoutError::Timeout),
        }
    }
}
