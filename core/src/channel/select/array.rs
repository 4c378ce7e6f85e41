//! As many receivers as an array has.

use super::{IntoSelect, Select, Source};
use crate::{
    channel::{RecvError, ring::Take},
    sync::{Shared, Sharing},
    wait::{Row, Until},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

/// `N` receivers that are selected from; nothing is allocated.
pub struct Array<'a, T, const N: usize, M: Sharing = Shared>([Until<Take<'a, T, M>>; N]);

impl<'a, T, const N: usize, M: Sharing> Row<Take<'a, T, M>> for Array<'a, T, N, M> {
    fn operations(&mut self) -> &mut [Until<Take<'a, T, M>>] {
        &mut self.0
    }
}

impl<'a, S: Source, const N: usize> IntoSelect for [&'a S; N] {
    type Output = (usize, S::Message);
    type IntoFuture = Select<Array<'a, S::Message, N, S::Sharing>>;

    fn into_select(self) -> Self::IntoFuture {
        Select::new(Array(self.map(|source| source.begin().into_until())))
    }
}

impl<T, const N: usize, M: Sharing> Future for Select<Array<'_, T, N, M>> {
    type Output = Result<(usize, T), RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_first(cx)
    }
}

impl<T, const N: usize, M: Sharing> fmt::Debug for Array<'_, T, N, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Array").field(&N).finish()
    }
}
