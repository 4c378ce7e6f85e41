//! Where requests to a running supervisor come from.

use super::refused::Refused;
use crate::supervise::{events::event::ChildId, tree::info::ChildInfo};
use core::{
    pin::Pin,
    task::{Context, Poll},
};

/// What a running supervisor can be asked to do; `N` is a child to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request<N> {
    /// Add this child after all others and start it; done when it is ready.
    Start(N),
    /// Stop this child, which keeps its specification unless it is temporary; done when it is gone.
    Stop(ChildId),
    /// Start this child, which was stopped or has ended; done when it is ready.
    Restart(ChildId),
    /// Remove this child, which does not run.
    Delete(ChildId),
    /// Tell [`Requests::list`] of all children.
    List,
}

/// Where a supervisor's requests come from, and the answers go.
///
/// There is one request at a time: each is answered before the next one is asked for. A supervisor
/// that ends drops its source, with or without an answer to the last request.
pub trait Requests<N> {
    /// Whether there can be any; if not, a program is linked without what they ask for.
    const ANY: bool = true;

    /// Waits for the next request; `None` if no more will come.
    fn poll_request(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Request<N>>>;

    /// The last request has been done, or refused.
    fn answer(self: Pin<&mut Self>, answer: Result<(), Refused>);

    /// The last request was refused at once; here is the child that was to be added.
    fn give_back(self: Pin<&mut Self>, child: N, why: Refused);

    /// The last request was to list the children, which are these, in start order.
    fn list(self: Pin<&mut Self>, children: &mut dyn Iterator<Item = ChildInfo>);
}

/// No requests: the children of the supervisor are fixed.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRequests;

impl<N> Requests<N> for NoRequests {
    const ANY: bool = false;

    fn poll_request(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Request<N>>> {
        Poll::Ready(None)
    }

    fn answer(self: Pin<&mut Self>, _: Result<(), Refused>) {}

    fn give_back(self: Pin<&mut Self>, _: N, _: Refused) {}

    fn list(self: Pin<&mut Self>, _: &mut dyn Iterator<Item = ChildInfo>) {}
}
