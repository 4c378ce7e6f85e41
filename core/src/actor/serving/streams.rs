//! Streams whose items are messages.

use crate::actor::Ctx;
use alloc::{boxed::Box, vec::Vec};
use core::{
    pin::Pin,
    task::{Context, Poll},
};
use futures_core::Stream;

type Attached<M> = Pin<Box<dyn Stream<Item = M> + Send>>;

/// The streams of one incarnation; a place is empty once its stream has ended.
pub(in crate::actor) struct Streams<M>(Vec<Option<Attached<M>>>);

impl<M> Streams<M> {
    pub(in crate::actor) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(in crate::actor) const fn count(&self) -> usize {
        self.0.len()
    }

    /// The next message of the stream at `at`; one that has ended is dropped, and stays pending.
    pub(in crate::actor) fn poll(&mut self, at: usize, cx: &mut Context<'_>) -> Poll<M> {
        let place = &mut self.0[at];
        let Some(stream) = place else { return Poll::Pending };
        match stream.as_mut().poll_next(cx) {
            Poll::Ready(Some(msg)) => Poll::Ready(msg),
            Poll::Ready(None) => {
                *place = None;
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }

    pub(in crate::actor) fn forget_ended(&mut self) {
        self.0.retain(Option::is_some);
    }
}

impl<M> Ctx<'_, M> {
    /// Handles every item of `stream` as a message; the stream lies in a box.
    ///
    /// The mailbox and all streams have their turns one after the other. A stream that ends is
    /// dropped, and the actor runs on. The streams end with the incarnation, with all that is still
    /// in them. A receiver keeps its place in the queue while a message is handled: one that others
    /// share is given to [`serve_queue`](crate::actor::serve_queue). What an actor should listen to from the start, without a heap or without `Send`, is
    /// given to [`serve_with`](crate::actor::serve_with).
    ///
    /// # Examples
    ///
    /// ```
    /// use klaw::{Actor, Ctx, Receiver};
    ///
    /// enum Msg { Line(String), Listen(Receiver<Msg>) }
    ///
    /// struct Reader { lines: Vec<String> }
    ///
    /// impl Actor for Reader {
    ///     type Msg = Msg;
    ///     type Error = core::convert::Infallible;
    ///
    ///     async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<'_, Msg>) -> Result<(), Self::Error> {
    ///         match msg {
    ///             Msg::Line(line) => self.lines.push(line),
    ///             Msg::Listen(lines) => ctx.attach(lines.into_stream()),
    ///         }
    ///         Ok(())
    ///     }
    /// }
    /// ```
    pub fn attach(&mut self, stream: impl Stream<Item = M> + Send + 'static) {
        self.extras.inputs().streams.0.push(Some(Box::pin(stream)));
    }
}
