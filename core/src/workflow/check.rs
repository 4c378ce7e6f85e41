//! A workflow's code against what is recorded, without running a step.

use super::{
    Divergence, Entry, History, Log, StepKey, Workflow, WorkflowError,
    inner::{Inner, State},
    open::Versions,
    replay::{Mode, Replay},
    seal::sealed,
};
use crate::{
    checkpoint::Persist,
    sync::{self, Mutex},
    time::{Clock, Instant, Sleep, WallClock},
};
use alloc::{sync::Arc, task::Wake, vec::Vec};
use core::{
    convert::Infallible,
    fmt,
    future::{Pending, pending},
    pin::{Pin, pin},
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll, Waker},
};

/// Checks whether a workflow's code agrees with what is recorded of one.
///
/// The code runs as it would when the workflow is resumed, but what is not recorded is not run, nothing is
/// written, and no time passes: where nothing else is left to do, it stops. So the histories of real
/// workflows, kept as files, tell in continuous integration whether new code can go on with them.
///
/// # Examples
///
/// ```
/// use klaw::workflow::{Divergence, History, Log, Workflow, WorkflowError, replay_check};
///
/// async fn import<L: Log, C>(wf: Workflow<L, C>) -> Result<u64, Box<dyn std::error::Error>> {
///     let url: String = wf.input()?;
///     Ok(wf.step("fetch", &url, async |_| Ok::<_, std::io::Error>(3_u64)).await?)
/// }
///
/// let history = History::new(); // as a store gives it
/// let checked = replay_check(history).version(2).accepts(&[1]).run(|wf| import(wf));
/// assert_eq!(checked.unwrap_err(), Divergence::NotStarted);
/// ```
pub const fn replay_check(history: History) -> ReplayCheck<'static> {
    ReplayCheck { history, versions: Versions::FIRST, strict: false }
}

/// What code is to be checked against; made by [`replay_check`].
#[derive(Debug)]
#[must_use = "nothing is checked before it is run"]
pub struct ReplayCheck<'a> {
    history: History,
    versions: Versions<'a>,
    strict: bool,
}

/// How far code and history agree, which is as far as the history goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How many recorded outcomes the code asked for.
    pub replayed: usize,
    /// What it asked for that is not recorded: where the workflow would go on.
    pub next: Vec<StepKey>,
    /// What is recorded and it did not ask for: in a workflow that is not finished, it may still.
    pub unused: Vec<StepKey>,
}

impl ReplayCheck<'_> {
    /// As [`Open::version`](super::Open::version).
    pub const fn version(mut self, version: u32) -> Self {
        self.versions.now = version;
        self
    }

    /// As [`Open::accepts`](super::Open::accepts).
    pub fn accepts(self, versions: &[u32]) -> ReplayCheck<'_> {
        let versions = Versions { now: self.versions.now, accepts: versions };
        ReplayCheck { history: self.history, versions, strict: self.strict }
    }

    /// As [`Open::strict`](super::Open::strict); the history of a finished workflow is always compared strictly.
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Runs `code` as far as it is recorded.
    ///
    /// # Errors
    ///
    /// The first [`Divergence`].
    pub fn run<T, X, Fut>(
        self,
        code: impl FnOnce(Workflow<Replayed, Replayed>) -> Fut,
    ) -> Result<Checked, Divergence>
    where
        T: Persist,
        Fut: Future<Output = Result<T, X>>,
    {
        let Self { mut history, versions, strict } = self;
        history.seal()?;
        let started = history.started().ok_or(Divergence::NotStarted)?;
        versions.check(started.version)?;
        let (id, input) = (started.id.into(), started.input.into());
        let (seed, version) = (started.seed, started.version);
        let history = sync::Arc::new(history);
        let replay = Replay::new(history.clone(), Mode::Check, strict);
        let state = Mutex::new(State { replay, stopped: None });
        let (log, clock) = (Replayed, Replayed);
        let inner = Inner { id, seed, version, input, history, state, log, clock };
        let workflow = Workflow::new(inner);
        let inner = workflow.inner.clone();

        let ended = until_stalled(pin!(code(workflow)));
        match inner.state.with(|state| state.stopped.clone()) {
            Some(WorkflowError::Diverged(divergence)) => return Err(divergence),
            Some(WorkflowError::Unencodable(error)) => {
                return Err(Divergence::Unreadable { step: None, error });
            }
            Some(WorkflowError::Store(never)) => match never {},
            None => {}
        }
        let recorded = inner.history.finished().map(|(_, output)| output);
        match (&ended, recorded) {
            (Some(Ok(output)), recorded) => {
                // The code may have finished by itself, and then has been asked about what is unused.
                inner.state.with(|state| match state.replay.finish() {
                    Ok(_) | Err(Divergence::Finished) => Ok(()),
                    Err(divergence) => Err(divergence),
                })?;
                let same =
                    sealed(output, |bytes| recorded.is_none_or(|recorded| recorded == bytes));
                let unreadable = |error| Divergence::Unreadable { step: None, error };
                if !same.map_err(unreadable)? {
                    return Err(Divergence::OutputChanged);
                }
            }
            // It finished, and now it fails, or waits for something that is not recorded.
            (Some(Err(_)) | None, Some(_)) => return Err(Divergence::OutputChanged),
            (Some(Err(_)) | None, None) => {}
        }
        Ok(inner.state.with(|state| Checked {
            replayed: inner.history.len() - state.replay.unasked,
            next: state.replay.parked.clone(),
            unused: state.replay.unused(),
        }))
    }
}

/// The log and the clock of a workflow that is only replayed: nothing is written, and no time passes.
#[derive(Clone, Copy, Debug)]
pub struct Replayed;

impl Log for Replayed {
    type Error = Infallible;
    type Append = Pending<Result<(), Infallible>>;

    /// # Cancel safety
    ///
    /// Nothing is ever written.
    fn append(&self, _: Entry) -> Self::Append {
        pending()
    }
}

impl Clock for Replayed {
    type Sleep = Standstill;

    fn now(&self) -> Instant {
        Instant::EPOCH
    }

    fn sleep_until(&self, _: Instant) -> Standstill {
        Standstill
    }
}

impl WallClock for Replayed {
    // What was to be waited for is over: it was recorded in the past.
    fn unix_millis(&self) -> u64 {
        u64::MAX
    }
}

/// A timer of a clock that stands still.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Standstill;

impl Future for Standstill {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

impl Sleep for Standstill {
    fn reset(self: Pin<&mut Self>, _: Instant) {}
}

/// Polls `future` as long as somebody wakes it.
fn until_stalled<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(woken.clone());
    while woken.0.swap(false, Ordering::Acquire) {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
    }
    None
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { replayed, next, unused } = self;
        write!(f, "{replayed} replayed, {} to be run, {} not asked for", next.len(), unused.len())
    }
}
