//! A future with a context of its own.

use super::Context;
use core::{
    fmt,
    pin::Pin,
    task::{self, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// A future that is polled and dropped in a context; made by [`Context::run`].
    ///
    /// # Panics
    ///
    /// If it is polled again after it gave its result.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct WithContext<F> {
        // There until it has given its result.
        #[pin]
        future: Option<F>,
        context: Context,
    }

    impl<F> PinnedDrop for WithContext<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.context.enter_mut(|| this.future.set(None));
        }
    }
}

impl<F> WithContext<F> {
    pub(super) const fn new(context: Context, future: F) -> Self {
        Self { future: Some(future), context }
    }

    /// The context that the future runs in.
    pub const fn context(&self) -> &Context {
        &self.context
    }
}

impl<F: Future> Future for WithContext<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        this.context.enter_mut(|| {
            let Some(future) = this.future.as_mut().as_pin_mut() else {
                panic!("a future was polled after it had given its result")
            };
            let polled = future.poll(cx);
            if polled.is_ready() {
                this.future.set(None);
            }
            polled
        })
    }
}

impl<F> fmt::Debug for WithContext<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithContext").field("context", &self.context).finish_non_exhaustive()
    }
}
