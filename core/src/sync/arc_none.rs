//! Shared ownership where there is no heap: a type without values, so that handles need no cfg.

use core::{convert::Infallible, marker::PhantomData, ops::Deref};

#[allow(missing_debug_implementations, reason = "it has no values")]
pub struct Arc<T>(Infallible, PhantomData<T>);

impl<T> Clone for Arc<T> {
    fn clone(&self) -> Self {
        match self.0 {}
    }
}

impl<T> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self.0 {}
    }
}
