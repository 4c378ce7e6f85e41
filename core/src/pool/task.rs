//! The task of a pool's keeper.

use super::{event::PoolEvent, keeper::Keeper, member::MemberFactory};
use crate::{
    context::WithContext,
    supervise::{Drive, Factory, Spawned},
    time::Clock,
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// The task that keeps a pool staffed.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct PoolTask<M, S, C, F, O>
    where
        M: 'static,
        MemberFactory<M, F>: Factory,
        Spawned<S>: Drive<<MemberFactory<M, F> as Factory>::Future>,
    {
        #[pin]
        pub(super) keeper: WithContext<Keeper<M, S, C, F, O>>,
    }
}

impl<M, S, C, F, O> Future for PoolTask<M, S, C, F, O>
where
    C: Clock,
    F: Clone,
    O: FnMut(&PoolEvent<'_>),
    MemberFactory<M, F>: Factory,
    Spawned<S>: Drive<<MemberFactory<M, F> as Factory>::Future>,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().keeper.poll(cx)
    }
}

impl<M, S, C, F, O> fmt::Debug for PoolTask<M, S, C, F, O>
where
    MemberFactory<M, F>: Factory,
    Spawned<S>: Drive<<MemberFactory<M, F> as Factory>::Future>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolTask").finish_non_exhaustive()
    }
}
