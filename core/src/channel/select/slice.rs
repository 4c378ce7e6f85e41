//! As many receivers as there are when they are selected from.

use super::{IntoSelect, Select, Source};
use crate::{
    channel::{RecvError, ring::Take},
    sync::{Shared, Sharing},
    wait::{Row, Until},
};
use alloc::{boxed::Box, vec::Vec};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

/// Any number of receivers that are selected from, in one allocation.
pub struct Slice<'a, T, M: Sharing = Shared>(Box<[Until<Take<'a, T, M>>]>);

impl<'a, T, M: Sharing> Row<Take<'a, T, M>> for Slice<'a, T, M> {
    fn operations(&mut self) -> &mut [Until<Take<'a, T, M>>] {
        &mut self.0
    }
}

fn select<'a, S: Source + 'a>(
    sources: impl IntoIterator<Item = &'a S>,
) -> Select<Slice<'a, S::Message, S::Sharing>> {
    let operations = sources.into_iter().map(|source| source.begin().into_until());
    Select::new(Slice(operations.collect()))
}

impl<'a, S: Source> IntoSelect for &'a [S] {
    type Output = (usize, S::Message);
    type IntoFuture = Select<Slice<'a, S::Message, S::Sharing>>;

    fn into_select(self) -> Self::IntoFuture {
        select(self)
    }
}

impl<'a, S: Source> IntoSelect for &'a Vec<S> {
    type Output = (usize, S::Message);
    type IntoFuture = Select<Slice<'a, S::Message, S::Sharing>>;

    fn into_select(self) -> Self::IntoFuture {
        select(self)
    }
}

impl<'a, S: Source> IntoSelect for Vec<&'a S> {
    type Output = (usize, S::Message);
    type IntoFuture = Select<Slice<'a, S::Message, S::Sharing>>;

    fn into_select(self) -> Self::IntoFuture {
        select(self)
    }
}

impl<T, M: Sharing> Future for Select<Slice<'_, T, M>> {
    type Output = Result<(usize, T), RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_first(cx)
    }
}

impl<T, M: Sharing> fmt::Debug for Slice<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Slice").field(&self.0.len()).finish()
    }
}
