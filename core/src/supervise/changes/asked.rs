//! Requests that come from references to a supervisor, through a bounded channel.

use super::{
    refused::Refused,
    requests::{Request, Requests},
};
use crate::channel::{Receiver, ReceiverStream, Sender, bounded, oneshot};
use crate::supervise::{events::event::ChildId, tree::info::ChildInfo};
use alloc::vec::Vec;
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use futures_core::Stream;
use pin_project_lite::pin_project;

/// A request, and where its answer goes.
pub(in crate::supervise) struct Call<N> {
    pub(in crate::supervise) request: Request<N>,
    pub(in crate::supervise) answer: oneshot::Sender<Answer<N>>,
}

pub(in crate::supervise) enum Answer<N> {
    Done(Option<ChildId>),
    /// With the child that was to be added, if there is one and it was not started.
    Refused(Refused, Option<N>),
    Children(Vec<ChildInfo>),
}

/// The asking end; clones ask the same supervisor.
pub(in crate::supervise) struct Calls<N>(Sender<Call<N>>);

impl<N> Calls<N> {
    /// # Panics
    ///
    /// If the capacity is zero.
    pub(in crate::supervise) fn new(capacity: usize) -> (Self, Receiver<Call<N>>) {
        let (calls, receiver) = bounded(capacity);
        (Self(calls), receiver)
    }

    pub(in crate::supervise) async fn ask(&self, request: Request<N>) -> Answer<N> {
        let (answer, answered) = oneshot::channel();
        if let Err(unsent) = self.0.send(Call { request, answer }).await {
            let unsent = match unsent.0.request {
                Request::Start(new) => Some(new),
                _ => None,
            };
            return Answer::Refused(Refused::SupervisorGone, unsent);
        }
        let gone = Answer::Refused(Refused::SupervisorGone, None);
        answered.await.unwrap_or(gone)
    }

    /// The same for what is answered without a value.
    pub(in crate::supervise) async fn have(&self, request: Request<N>) -> Result<(), Refused> {
        match self.ask(request).await {
            Answer::Refused(why, _) => Err(why),
            Answer::Done(_) | Answer::Children(_) => Ok(()),
        }
    }

    pub(in crate::supervise) async fn children(&self) -> Result<Vec<ChildInfo>, Refused> {
        match self.ask(Request::List).await {
            Answer::Children(children) => Ok(children),
            Answer::Refused(why, _) => Err(why),
            Answer::Done(_) => Ok(Vec::new()),
        }
    }
}

impl<N> Clone for Calls<N> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

pin_project! {
    /// The requests that references to a supervisor have made.
    pub struct Asked<N> {
        #[pin]
        calls: ReceiverStream<Call<N>>,
        answer: Option<oneshot::Sender<Answer<N>>>,
    }
}

impl<N> Asked<N> {
    pub(in crate::supervise) fn new(calls: Receiver<Call<N>>) -> Self {
        Self { calls: calls.into_stream(), answer: None }
    }

    pub(in crate::supervise) fn reply(self: Pin<&mut Self>, answer: Answer<N>) {
        if let Some(asking) = self.project().answer.take() {
            // Who asked need not have waited; what was asked is done all the same.
            let _ = asking.send(answer);
        }
    }

    pub(in crate::supervise) fn poll_call(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Request<N>>> {
        let this = self.project();
        let call = core::task::ready!(this.calls.poll_next(cx));
        Poll::Ready(call.map(|Call { request, answer }| {
            *this.answer = Some(answer);
            request
        }))
    }
}

impl<N> Requests<N> for Asked<N> {
    fn poll_request(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Request<N>>> {
        self.poll_call(cx)
    }

    fn answer(self: Pin<&mut Self>, answer: Result<(), Refused>) {
        self.reply(match answer {
            Ok(()) => Answer::Done(None),
            Err(why) => Answer::Refused(why, None),
        });
    }

    fn give_back(self: Pin<&mut Self>, child: N, why: Refused) {
        self.reply(Answer::Refused(why, Some(child)));
    }

    fn list(self: Pin<&mut Self>, children: &mut dyn Iterator<Item = ChildInfo>) {
        self.reply(Answer::Children(children.collect()));
    }
}

impl<N> fmt::Debug for Asked<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("answering", &self.answer.is_some()).finish_non_exhaustive()
    }
}
