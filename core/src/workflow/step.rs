//! One step: run once, recorded, and from then on only read.

use super::{
    Failure, IdempotencyKey, Log, StepError, StepFailure, WorkflowError,
    inner::Ticket,
    record::{DONE, TERMINAL},
    replay::Begin,
    retried::Retried,
};
use crate::{
    checkpoint::Persist,
    retry::{AttemptLimit, Exhausted, Judge, Policy},
    time::Clock,
};
use alloc::string::ToString;
use core::{
    fmt,
    future::pending,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use pin_project_lite::pin_project;

/// What a step knows of itself.
#[derive(Clone, Copy, Debug)]
pub struct StepContext {
    idempotency_key: IdempotencyKey,
}

impl StepContext {
    /// The same on every attempt at this step, in this process and any later one.
    pub const fn idempotency_key(&self) -> IdempotencyKey {
        self.idempotency_key
    }
}

/// What a step does: every closure from a [`StepContext`] to a future of a result, and [`Retried`]. Sealed.
pub trait Work: sealed::Sealed<Self::Future> {
    /// What it gives.
    type Value: Persist;
    /// What it fails with.
    type Failure: StepFailure;
    /// What it does.
    type Future: Future<Output = Result<Self::Value, Self::Failure>>;

    #[doc(hidden)]
    fn start(self, cx: StepContext) -> Self::Future;
}

impl<F, Fut, T, X> Work for F
where
    F: FnOnce(StepContext) -> Fut,
    Fut: Future<Output = Result<T, X>>,
    T: Persist,
    X: StepFailure,
{
    type Value = T;
    type Failure = X;
    type Future = Fut;

    fn start(self, cx: StepContext) -> Fut {
        self(cx)
    }
}

/// What a step gives if it fails for good.
type Terminal<W> = <<W as Work>::Failure as StepFailure>::Terminal;
/// What else it fails with.
type Transient<W> = <<W as Work>::Failure as StepFailure>::Transient;
/// What is recorded of it.
type Recorded<W> = Result<<W as Work>::Value, Terminal<W>>;
/// What the attempts of a policy gave.
type Attempted<T, X, E> = Result<T, Failure<<X as StepFailure>::Terminal, Exhausted<E>>>;
/// What the caller gets.
type Output<W, E> = Result<<W as Work>::Value, StepError<Terminal<W>, Transient<W>, E>>;

pin_project! {
    /// A step of a workflow, a future; made by [`Workflow::step`](super::Workflow::step).
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Step<L: Log, C, W: Work> {
        ticket: Ticket<L, C>,
        work: Option<W>,
        #[pin]
        stage: Stage<W::Future, L::Append, Recorded<W>>,
    }
}

pin_project! {
    #[project = StageProjected]
    enum Stage<F, A, R> {
        Asked,
        Running { #[pin] future: F },
        Writing { #[pin] append: A, outcome: Option<R> },
        Parked,
    }
}

impl<L: Log, C, W: Work> Step<L, C, W> {
    pub(super) const fn new(ticket: Ticket<L, C>, work: W) -> Self {
        Self { ticket, work: Some(work), stage: Stage::Asked }
    }

    /// Tells the step from others of its name: the name and `key` together have a count of their own.
    ///
    /// Steps of one name that run at once need it, each another one.
    ///
    /// # Cancel safety
    ///
    /// As that of the step.
    pub fn key(mut self, key: impl fmt::Display) -> Self {
        self.ticket.set_key(&key.to_string());
        self
    }

    /// Runs the step again after `policy` when it fails, but not when it fails for good.
    ///
    /// The attempts of one process are counted, not those of earlier ones.
    ///
    /// # Cancel safety
    ///
    /// As that of the step: the attempt that is under way is dropped.
    #[allow(clippy::type_complexity, reason = "a future's own type stands in no alias")]
    pub fn retry<'p, S, J, N, Fut, T, X>(
        self,
        policy: Policy<'p, S, J, N>,
    ) -> Step<
        L,
        C,
        Retried<
            impl Future<Output = Attempted<T, X, N::Error<X::Transient>>>
            + use<'p, L, C, W, S, J, N, Fut, T, X>,
        >,
    >
    where
        C: Clock,
        W: FnMut(StepContext) -> Fut,
        Fut: Future<Output = Result<T, X>>,
        T: Persist,
        X: StepFailure,
        S: Iterator<Item = Duration>,
        N: AttemptLimit,
        N::Error<X::Transient>: fmt::Debug,
        J: Judge<X::Transient>,
    {
        let Self { ticket, work, .. } = self;
        let clock = ticket.inner.clock.clone();
        let work = work.map(|mut work| {
            Retried::new(|step| async move {
                let attempt = || {
                    // It is polled when the step has begun, and so knows which it is.
                    let attempt = step.get().map(&mut work);
                    async {
                        let Some(attempt) = attempt else { return pending().await };
                        // What is final is a success for the policy, which does not ask about it.
                        attempt.await.map(Ok).or_else(|error| match error.into_failure() {
                            Failure::Terminal(error) => Ok(Err(error)),
                            Failure::Transient(error) => Err(error),
                        })
                    }
                };
                match policy.run(&clock, attempt).await {
                    Ok(outcome) => outcome.map_err(Failure::Terminal),
                    Err(exhausted) => Err(Failure::Transient(exhausted)),
                }
            })
        });
        Step { ticket, work, stage: Stage::Asked }
    }
}

/// # Cancel safety
///
/// Dropping it while it runs drops what it does, and nothing is recorded. Dropped while it is being recorded, it is
/// recorded all the same (D7); its value is seen when the workflow is replayed. Either way its name was used once.
impl<L: Log, C, W: Work> Future for Step<L, C, W> {
    type Output = Output<W, L::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let output = ready!(self.as_mut().drive(cx));
        self.project().ticket.release();
        Poll::Ready(output)
    }
}

impl<L: Log, C, W: Work> Step<L, C, W> {
    fn drive(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Output<W, L::Error>> {
        let mut this = self.project();
        let inner = &this.ticket.inner;
        loop {
            match this.stage.as_mut().project() {
                StageProjected::Asked => match this.ticket.begin()? {
                    Begin::Recorded(at) => {
                        this.stage.set(Stage::Parked);
                        let (bytes, terminal) = inner.recorded(at);
                        let key = Some(&this.ticket.key);
                        return Poll::Ready(if terminal {
                            Err(StepError::Terminal(inner.read(key, bytes)?))
                        } else {
                            Ok(inner.read(key, bytes)?)
                        });
                    }
                    Begin::Park => this.stage.set(Stage::Parked),
                    Begin::Run => {
                        let Some(work) = this.work.take() else { return Poll::Pending };
                        let idempotency_key = this.ticket.idempotency_key();
                        let future = work.start(StepContext { idempotency_key });
                        this.stage.set(Stage::Running { future });
                    }
                },
                StageProjected::Running { future } => {
                    let ended = ready!(future.poll(cx)).map_err(StepFailure::into_failure);
                    let (entry, outcome) = match ended {
                        Ok(value) => {
                            let (entry, value) = this.ticket.outcome(DONE, &value)?;
                            (entry, Ok(value))
                        }
                        Err(Failure::Terminal(error)) => {
                            let (entry, error) = this.ticket.outcome(TERMINAL, &error)?;
                            (entry, Err(error))
                        }
                        Err(Failure::Transient(error)) => {
                            this.stage.set(Stage::Parked);
                            return Poll::Ready(Err(StepError::Failed(error)));
                        }
                    };
                    let (append, outcome) = (inner.log.append(entry), Some(outcome));
                    this.stage.set(Stage::Writing { append, outcome });
                }
                StageProjected::Writing { append, outcome } => {
                    let written = ready!(append.poll(cx));
                    let outcome = outcome.take();
                    this.stage.set(Stage::Parked);
                    if let Err(error) = written {
                        return Poll::Ready(Err(inner.stop(WorkflowError::Store(error)).into()));
                    }
                    let Some(outcome) = outcome else { return Poll::Pending };
                    return Poll::Ready(outcome.map_err(StepError::Terminal));
                }
                StageProjected::Parked => return Poll::Pending,
            }
        }
    }
}

impl<L: Log, C, W: Work> fmt::Debug for Step<L, C, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step").field("key", &self.ticket.key).finish_non_exhaustive()
    }
}

pub(super) mod sealed {
    pub trait Sealed<Fut> {}
    impl<F: FnOnce(super::StepContext) -> Fut, Fut> Sealed<Fut> for F {}
}
