//! Jobs that block: tasks that are closures.

use super::{
    BlockingJob, JoinError, OnExit, TaskHandle, cell::Cell, report::Report, span::TaskSpan,
};
use crate::{
    cancel::CancelToken,
    context::Context,
    panic::catch,
    spawn::{SpawnBlocking, SpawnError, SpawnErrorKind},
    sync::{Arc, Lock},
};
use alloc::boxed::Box;

/// A job as the pool sees it; dropped before it ran, it ends as abandoned.
struct Job<J, T, X: OnExit<T>> {
    job: Option<J>,
    asked: CancelToken,
    context: Context,
    span: TaskSpan,
    report: Report<T, X>,
}

impl<T, J: FnOnce(CancelToken) -> T, X: OnExit<T>> Job<J, T, X> {
    fn run(mut self) {
        // Looked at once: from here on the token alone speaks to the job (H9).
        let result = match (self.asked.checkpoint(), self.job.take()) {
            (Ok(()), Some(job)) => {
                let asked = self.asked.clone();
                let (span, context) = (&self.span, &mut self.context);
                let run = || span.enter(|| context.enter_mut(|| job(asked)));
                catch(run).map_err(JoinError::Panicked)
            }
            (Err(cancelled), job) => {
                self.job = job;
                Err(JoinError::Cancelled(cancelled))
            }
            (Ok(()), None) => Err(JoinError::Abandoned),
        };
        self.end(result);
    }
}

impl<J, T, X: OnExit<T>> Job<J, T, X> {
    fn end(&mut self, result: Result<T, JoinError>) {
        let Self { job, context, span, report, .. } = self;
        span.enter(|| report.send(context, result, || *job = None));
    }
}

impl<J, T, X: OnExit<T>> Drop for Job<J, T, X> {
    fn drop(&mut self) {
        if !self.report.is_sent() {
            let result = match self.asked.checkpoint() {
                Ok(()) => JoinError::Abandoned,
                Err(cancelled) => JoinError::Cancelled(cancelled),
            };
            self.end(Err(result));
        }
    }
}

pub(super) fn submit<T, J, X, B>(
    pool: &B,
    name: &'static str,
    job: J,
    context: Context,
    hook: X,
) -> Result<TaskHandle<T>, SpawnError<J>>
where
    J: FnOnce(CancelToken) -> T + Send + 'static,
    T: Send + 'static,
    X: OnExit<T> + Send + 'static,
    B: SpawnBlocking<BlockingJob>,
{
    let cell = Cell::new();
    let asked = CancelToken::new();
    let handle = TaskHandle::new(name, cell.clone(), Some(asked.clone()));
    let (span, report) = (TaskSpan::new(name), Report::new(cell, hook));
    let job = Job { job: Some(job), asked, context, span, report };
    match queue(pool, job, Job::run) {
        Ok(()) => Ok(handle),
        Err((kind, job)) => {
            let refused = job.and_then(|mut job| job.job.take());
            Err(SpawnError { kind, refused })
        }
    }
}

/// Queues `run(work)`; gives `work` back if the pool refuses, whatever it does with the box.
pub(super) fn queue<W: Send + 'static, B: SpawnBlocking<BlockingJob>>(
    pool: &B,
    work: W,
    run: impl FnOnce(W) + Send + 'static,
) -> Result<(), (SpawnErrorKind, Option<W>)> {
    let place = Arc::new(Lock::new(Some(work)));
    let queued = place.clone();
    let boxed: BlockingJob = Box::new(move || {
        if let Some(work) = queued.with(Option::take) {
            run(work);
        }
    });
    pool.spawn_blocking(boxed).map_err(|error| (error.kind, place.with(Option::take)))
}
