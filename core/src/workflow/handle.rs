//! A workflow as its code sees it.

use super::{
    Log, Open, Step, StepContext, StepFailure, Store, WorkflowError,
    inner::{Inner, Ticket},
    input::InputMark,
    key::{Operation, Place, StepKey, push_scope},
    record::{self, DONE, Outcome},
    replay::{Begin, Patch, Replay},
    trace,
};
use crate::{
    checkpoint::Persist,
    sync::Arc,
    time::{Clock, WallClock},
};
use alloc::vec::Vec;
use core::{fmt, future::pending, time::Duration};

/// A durable workflow: its code runs, and runs again after a crash, but each of its steps only until it is recorded.
///
/// Clones are handles on the same workflow. See the [module](super) for what is guaranteed.
///
/// # Examples
///
/// ```
/// use core::{num::NonZeroU32, time::Duration};
/// use klaw::{Backoff, Clock, WallClock, retry, timeout};
/// use klaw::workflow::{Failure, Log, StepContext, StepError, Workflow, WorkflowError};
///
/// async fn fetch(url: &str, cx: StepContext) -> Result<String, std::io::Error> {
/// #   let _ = (url, cx.idempotency_key());
///     Ok("three lines of text".into())
/// }
///
/// async fn import<L, C>(wf: Workflow<L, C>) -> Result<u64, Box<dyn std::error::Error>>
/// where
///     L: Log<Error: Send + Sync>,
///     C: Clock + WallClock,
/// {
///     let url: String = wf.input()?;
///     let policy = retry(Backoff::constant(Duration::from_secs(1)).attempts(NonZeroU32::MAX));
///     let text = wf.step("fetch", &url, |cx| fetch(&url, cx)).retry(policy).await?;
///     // However often this is run: until the moment that was recorded the first time.
///     wf.sleep("settle", Duration::from_millis(10)).await?;
///     let words = wf.step("count", &text, async |_| Ok::<_, std::io::Error>(text.len() as u64)).await?;
///     Ok(words)
/// }
/// ```
pub struct Workflow<L: Log, C> {
    pub(super) inner: Arc<Inner<L, C>>,
    scope: Arc<Vec<u8>>,
}

impl<L: Log, C> Workflow<L, C> {
    pub(super) fn new(inner: Inner<L, C>) -> Self {
        Self { inner: Arc::new(inner), scope: Arc::new(Vec::new()) }
    }

    /// Opens the workflow `id` of `store`, which begins with `input` if it is not there.
    ///
    /// Nothing happens before [`Open::run`] or [`Open::start`].
    pub fn open<'a, S: Store<Log = L>, I: Persist>(
        store: &'a S,
        id: &'a str,
        input: &I,
    ) -> Open<'a, S, C> {
        Open::new(store, id, Some(input))
    }

    /// Opens the workflow `id` of `store`, which has begun.
    ///
    /// For those that a process finds when it starts and whose inputs it does not know. A store may keep an empty log
    /// of one that has not begun.
    pub fn resume<'a, S: Store<Log = L>>(store: &'a S, id: &'a str) -> Open<'a, S, C> {
        Open::new::<()>(store, id, None)
    }

    /// The workflow's id.
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// The version in which the workflow began.
    pub fn version(&self) -> u32 {
        self.inner.version
    }

    /// The input with which the workflow began.
    ///
    /// # Errors
    ///
    /// [`Divergence::Unreadable`](super::Divergence::Unreadable) if it is no `I` that this release can read.
    pub fn input<I: Persist>(&self) -> Result<I, WorkflowError<L::Error>> {
        self.inner.read(None, &self.inner.input)
    }

    /// A part of the workflow with names of its own.
    ///
    /// Names of steps count within their scope. So parts that run at once, each in a scope of its own, may use the
    /// same names. Two handles on one scope are one scope.
    #[must_use = "it is a handle on a part of the workflow"]
    pub fn scope(&self, name: &str) -> Self {
        let mut scope = (*self.scope).clone();
        push_scope(&mut scope, name);
        Self { inner: self.inner.clone(), scope: Arc::new(scope) }
    }

    /// A step: `work` is run, and what it gives is recorded; once it is recorded it is never run again (D1).
    ///
    /// It is told from other steps by its scope, its name, and how often that name was used before; this call is a
    /// use. What comes out is what was recorded, decoded again (D2), and only when no crash can take it back.
    /// Recorded are values, and errors that are [`Failure::Terminal`](super::Failure); anything else that ends `work`,
    /// a panic or a cancellation among them, leaves it to be run again when the workflow is resumed (D6).
    ///
    /// `input` is whatever the value depends on. A hash of it is recorded, and compared at each replay.
    ///
    /// # Errors
    ///
    /// [`StepError`](super::StepError).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the work, and nothing is recorded; a record that was handed to the log is kept
    /// all the same (D7).
    pub fn step<I, W, Fut, T, X>(&self, name: &str, input: &I, work: W) -> Step<L, C, W>
    where
        I: Persist,
        // Not `FnOnce`: then no closure could be called again by `retry`.
        W: FnMut(StepContext) -> Fut,
        Fut: Future<Output = Result<T, X>>,
        T: Persist,
        X: StepFailure,
    {
        Step::new(self.ticket(Operation::Step, name, input), work)
    }

    /// 64 random bits, the same at each replay (D8).
    ///
    /// They follow from the workflow's seed, the scope, the name and how often it was used. Good for ids and
    /// jitter; not for secrets.
    pub fn random(&self, name: &str) -> u64 {
        let ticket = self.ticket(Operation::Random, name, &());
        mix(self.inner.seed ^ crate::checkpoint::key_hash(ticket.key.as_bytes()))
    }

    /// Whether the code behind this patch runs, also at each replay.
    ///
    /// A workflow that begins with the patch takes it. One that was past this place when the patch came does not,
    /// which shows by steps that are recorded and not yet asked for. The answer is recorded.
    ///
    /// # Errors
    ///
    /// [`WorkflowError`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing; the answer may have been recorded.
    pub fn patched(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<bool, WorkflowError<L::Error>>> + use<L, C> {
        // The same wherever in the scope it is asked for: without a count.
        let key = Place::new(Operation::Patch, &self.scope, id).nth(1);
        let inner = self.inner.clone();
        async move {
            match inner.ask(|replay| replay.patch(&key))? {
                Patch::Known(taken) => Ok(taken),
                Patch::Recorded(at) => inner.read(Some(&key), inner.recorded(at).0),
                Patch::Decided(taken) => {
                    let input = InputMark::of(&()).map_err(|error| inner.unencodable(error))?;
                    let entry = Outcome::entry(DONE, &key, &input);
                    let (entry, _) = inner.complete(entry, &taken)?;
                    inner.append(entry).await?;
                    inner.state.with(|state| state.replay.patch_recorded(&key, taken));
                    Ok(taken)
                }
            }
        }
    }

    /// Ends the workflow with `output`; from then on it is only read (D9).
    ///
    /// What comes out is what was recorded, decoded again. [`Open::run`] does this.
    ///
    /// # Errors
    ///
    /// [`Divergence::Unused`](super::Divergence::Unused) in a [strict](Open::strict) workflow;
    /// [`Divergence::Finished`](super::Divergence::Finished) if it is finished; and other
    /// [`WorkflowError`]s.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may leave the workflow finished, or not; in this process nothing more can be asked of
    /// it.
    pub async fn finish<T: Persist>(&self, output: &T) -> Result<T, WorkflowError<L::Error>>
    where
        C: WallClock,
    {
        let inner = &self.inner;
        let entry = record::finished(inner.clock.unix_millis());
        let (entry, copy) = inner.complete(entry, output)?;
        let unused = inner.ask(Replay::finish)?;
        trace::unused(&inner.id, &unused);
        drop(unused);
        inner.append(entry).await?;
        Ok(copy)
    }

    /// The steps that are recorded and were not asked for so far.
    pub fn unused(&self) -> Vec<StepKey> {
        self.inner.state.with(|state| state.replay.unused())
    }

    pub(super) fn ticket<I: Persist>(
        &self,
        operation: Operation,
        name: &str,
        input: &I,
    ) -> Ticket<L, C> {
        let place = Place::new(operation, &self.scope, name);
        Ticket::new(&self.inner, &place, InputMark::of(input))
    }
}

impl<L: Log, C: WallClock> Workflow<L, C> {
    /// The time in milliseconds since the Unix epoch, as it was recorded the first time (D8).
    ///
    /// # Errors
    ///
    /// [`WorkflowError`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing; the time may have been recorded.
    pub fn now(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<u64, WorkflowError<L::Error>>> + use<L, C> {
        let ticket = self.ticket(Operation::Now, name, &());
        async move { settle(&ticket, || ticket.inner.clock.unix_millis()).await }
    }
}

impl<L: Log, C: Clock + WallClock> Workflow<L, C> {
    /// Waits until `duration` after the first time this was asked for (D8).
    ///
    /// Recorded is the moment when it ends, in civil time: a process that is not there meanwhile, or a
    /// replay, does not make it longer. It does not end before that moment by the clock.
    ///
    /// # Errors
    ///
    /// [`WorkflowError`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing; the moment may have been recorded.
    pub fn sleep(
        &self,
        name: &str,
        duration: Duration,
    ) -> impl Future<Output = Result<(), WorkflowError<L::Error>>> + use<L, C> {
        // Rounded up: never too short.
        let millis = u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        let ticket = self.ticket(Operation::Sleep, name, &millis);
        async move {
            let clock = &ticket.inner.clock;
            let until = settle(&ticket, || clock.unix_millis().saturating_add(millis)).await?;
            loop {
                let left = until.saturating_sub(clock.unix_millis());
                if left == 0 {
                    return Ok(());
                }
                clock.sleep(Duration::from_millis(left)).await;
            }
        }
    }
}

/// The recorded value of an operation, or the one of now, recorded.
async fn settle<L: Log, C, T: Persist>(
    ticket: &Ticket<L, C>,
    value: impl FnOnce() -> T,
) -> Result<T, WorkflowError<L::Error>> {
    let inner = &ticket.inner;
    match ticket.begin()? {
        Begin::Recorded(at) => inner.read(Some(&ticket.key), inner.recorded(at).0),
        Begin::Park => pending().await,
        Begin::Run => {
            let (entry, copy) = ticket.outcome(DONE, &value())?;
            inner.append(entry).await?;
            Ok(copy)
        }
    }
}

/// The mixing function of splitmix64.
const fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl<L: Log, C> Clone for Workflow<L, C> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), scope: self.scope.clone() }
    }
}

impl<L: Log, C> fmt::Debug for Workflow<L, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workflow")
            .field("id", &self.id())
            .field("version", &self.version())
            .finish_non_exhaustive()
    }
}
