//! One future of a group, and then its result.

use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};
use pin_project_lite::pin_project;

pin_project! {
    /// One future of a group, and then its result.
    ///
    /// The future is dropped as soon as it is done.
    #[project = Project]
    #[project_replace = Replace]
    pub enum Child<F: Future> {
        #[doc(hidden)]
        Running { #[pin] future: F },
        #[doc(hidden)]
        Done { output: F::Output },
        #[doc(hidden)]
        Gone,
    }
}

const REPOLLED: &str = "polled after it was done";

impl<F: Future> Child<F> {
    pub(super) const fn new(future: F) -> Self {
        Self::Running { future }
    }

    /// What it gave; then it is gone.
    pub(super) fn take(self: Pin<&mut Self>) -> F::Output {
        match self.project_replace(Self::Gone) {
            Replace::Done { output } => output,
            Replace::Running { .. } | Replace::Gone => panic!("{REPOLLED}"),
        }
    }
}

impl<T, E, F: Future<Output = Result<T, E>>> Child<F> {
    /// Polls it if it is running; whether it has succeeded, once it is done.
    pub(super) fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        match self.as_mut().project() {
            Project::Running { future } => {
                let output = ready!(future.poll(cx));
                let succeeded = output.is_ok();
                self.set(Self::Done { output });
                Poll::Ready(succeeded)
            }
            Project::Done { output } => Poll::Ready(output.is_ok()),
            Project::Gone => panic!("{REPOLLED}"),
        }
    }
}

impl<F: Future> fmt::Debug for Child<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running { .. } => "Running",
            Self::Done { .. } => "Done",
            Self::Gone => "Gone",
        })
    }
}
