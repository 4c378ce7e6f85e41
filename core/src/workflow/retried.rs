//! The work of a step that is retried.

use super::{StepContext, StepFailure, Work, step::sealed::Sealed};
use crate::{
    checkpoint::Persist,
    sync::{Arc, Lock},
};
use core::fmt;

/// What a step with a policy does; made by [`Step::retry`](super::Step::retry).
///
/// It is a future already, whose type says whether it is `Send`, and gets to know its step when that begins.
pub struct Retried<F> {
    step: Known,
    future: F,
}

/// Which step it is, once that is known.
#[derive(Clone)]
pub(super) struct Known(Arc<Lock<Option<StepContext>>>);

impl Known {
    /// The step, if it has begun.
    pub(super) fn get(&self) -> Option<StepContext> {
        self.0.with(|step| *step)
    }
}

impl<F> Retried<F> {
    pub(super) fn new(work: impl FnOnce(Known) -> F) -> Self {
        let step = Known(Arc::new(Lock::new(None)));
        Self { future: work(step.clone()), step }
    }
}

impl<F, T, X> Work for Retried<F>
where
    F: Future<Output = Result<T, X>>,
    T: Persist,
    X: StepFailure,
{
    type Value = T;
    type Failure = X;
    type Future = F;

    fn start(self, cx: StepContext) -> F {
        self.step.0.with(|step| *step = Some(cx));
        self.future
    }
}

impl<F> Sealed<F> for Retried<F> {}

impl<F> fmt::Debug for Retried<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retried").finish_non_exhaustive()
    }
}
