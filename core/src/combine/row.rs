//! Futures of one type, side by side in an array or a box.

use super::{
    child::Child,
    group::{Group, IntoGroup, Uniform, failed, succeeded},
};
use crate::wait::{count, element};
use core::{
    array,
    pin::Pin,
    task::{Context, Poll},
};

/// What futures of one type lie in.
pub trait Row {
    type Future: Future;
    type List<T>;

    fn children(self: Pin<&mut Self>) -> Pin<&mut [Child<Self::Future>]>;

    /// The `len` values that `value` gives.
    fn list<T>(len: usize, value: impl FnMut(usize) -> T) -> Self::List<T>;
}

impl<F: Future, const N: usize> Row for [Child<F>; N] {
    type Future = F;
    type List<T> = [T; N];

    fn children(self: Pin<&mut Self>) -> Pin<&mut [Child<F>]> {
        self
    }

    fn list<T>(_: usize, value: impl FnMut(usize) -> T) -> [T; N] {
        array::from_fn(value)
    }
}

impl<T, E, F: Future<Output = Result<T, E>>, const N: usize> IntoGroup for [F; N] {
    type Group = [Child<F>; N];

    fn into_group(self) -> Self::Group {
        self.map(Child::new)
    }
}

impl<T, E, R: Row<Future: Future<Output = Result<T, E>>>> Group for R {
    type Error = E;
    type Values = R::List<T>;

    fn count(self: Pin<&mut Self>) -> usize {
        count(self.children())
    }

    fn poll_at(self: Pin<&mut Self>, at: usize, cx: &mut Context<'_>) -> Poll<bool> {
        element(self.children(), at).poll(cx)
    }

    fn take_error(self: Pin<&mut Self>, at: usize) -> E {
        failed(self.take(at))
    }

    fn take_values(mut self: Pin<&mut Self>) -> R::List<T> {
        R::list(self.as_mut().count(), |at| succeeded(self.as_mut().take(at)))
    }

    fn clear(mut self: Pin<&mut Self>) {
        for at in 0..self.as_mut().count() {
            element(self.as_mut().children(), at).set(Child::Gone);
        }
    }
}

impl<T, E, R: Row<Future: Future<Output = Result<T, E>>>> Uniform for R {
    type Value = T;
    type Errors = R::List<E>;

    fn take(self: Pin<&mut Self>, at: usize) -> Result<T, E> {
        element(self.children(), at).take()
    }

    fn take_errors(mut self: Pin<&mut Self>) -> R::List<E> {
        R::list(self.as_mut().count(), |at| failed(self.as_mut().take(at)))
    }
}
