//! Opening a workflow: what is recorded of it, and whether this code may go on with it.

use super::{
    Divergence, History, Log, Store, Workflow, WorkflowError,
    inner::{Inner, State},
    record::Started,
    replay::{Mode, Replay},
    seal::{seal_into, sealed},
};
use crate::{
    checkpoint::{Persist, PersistError, open},
    sync::{Arc, Mutex},
    time::{Entropy, WallClock},
};
use alloc::{boxed::Box, vec::Vec};
use core::{fmt, marker::PhantomData};

/// How a workflow is to be opened; made by [`Workflow::open`].
#[must_use = "nothing happens before it is started or run"]
pub struct Open<'a, S, C> {
    store: &'a S,
    id: &'a str,
    input: Option<Input>,
    versions: Versions<'a>,
    strict: bool,
    clock: PhantomData<fn(C)>,
}

/// Which code this is, and what it can go on with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Versions<'a> {
    pub(super) now: u32,
    pub(super) accepts: &'a [u32],
}

impl Versions<'_> {
    pub(super) const FIRST: Self = Self { now: 1, accepts: &[] };

    pub(super) fn check(self, recorded: u32) -> Result<(), Divergence> {
        if recorded == self.now || self.accepts.contains(&recorded) {
            return Ok(());
        }
        Err(Divergence::VersionMismatch { recorded, now: self.now })
    }
}

/// The input that was given.
struct Input {
    sealed: Result<Vec<u8>, PersistError>,
    /// Whether a recorded input is the same.
    is: fn(&[u8], &[u8]) -> Result<bool, PersistError>,
}

/// Whether `recorded` is what `given` is, as a value of this release.
fn is_same<I: Persist>(recorded: &[u8], given: &[u8]) -> Result<bool, PersistError> {
    let recorded: I = open(recorded)?;
    sealed(&recorded, |bytes| bytes == given)
}

/// A workflow that was opened.
pub enum Opened<L: Log, C> {
    /// Its code is to be run.
    Running(Workflow<L, C>),
    /// It is finished, and no code is to be run (D9).
    Finished(Finished),
}

/// What is recorded of a workflow that is finished.
#[derive(Debug)]
pub struct Finished {
    at: u64,
    output: Box<[u8]>,
}

impl Finished {
    /// When it ended, in milliseconds since the Unix epoch.
    pub const fn at(&self) -> u64 {
        self.at
    }

    /// Its output.
    ///
    /// # Errors
    ///
    /// [`Divergence::Unreadable`] if it is no `T` that this release can read.
    pub fn output<T: Persist>(&self) -> Result<T, Divergence> {
        open(&self.output).map_err(|error| Divergence::Unreadable { step: None, error })
    }
}

impl<'a, S: Store, C> Open<'a, S, C> {
    pub(super) fn new<I: Persist>(store: &'a S, id: &'a str, input: Option<&I>) -> Self {
        let input = input.map(|input| {
            let mut bytes = Vec::new();
            let sealed = seal_into(input, &mut bytes).map(|()| bytes);
            Input { sealed, is: is_same::<I> }
        });
        let versions = Versions::FIRST;
        Self { store, id, input, versions, strict: false, clock: PhantomData }
    }

    /// The version of the code, 1 unless set; recorded when the workflow begins.
    ///
    /// It goes up when the code takes other steps than before and says so nowhere else. A workflow that began in
    /// another version is refused, unless this one [accepts](Self::accepts) it.
    pub const fn version(mut self, version: u32) -> Self {
        self.versions.now = version;
        self
    }

    /// The other versions whose workflows this code can go on with.
    pub const fn accepts(mut self, versions: &'a [u32]) -> Self {
        self.versions.accepts = versions;
        self
    }

    /// Makes it an error to finish without having asked for all that is recorded.
    ///
    /// Unless this is asked for, it is a warning, and seen in [`Workflow::unused`].
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Opens the workflow, or records that it begins, and gives a handle to be used by hand.
    ///
    /// # Errors
    ///
    /// [`WorkflowError::Store`] with the store's own error, for one if the workflow is open elsewhere (D4);
    /// [`WorkflowError::Diverged`] if this code may not go on with what is recorded.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the workflow begun, or not.
    pub fn start<E: Entropy>(
        self,
        clock: C,
        entropy: &mut E,
    ) -> impl Future<Output = Result<Opened<S::Log, C>, WorkflowError<S::Error>>> + use<'a, S, C, E>
    where
        C: WallClock,
    {
        let seed = entropy.next_u64();
        self.start_from(clock, seed)
    }

    async fn start_from(
        self,
        clock: C,
        seed: u64,
    ) -> Result<Opened<S::Log, C>, WorkflowError<S::Error>>
    where
        C: WallClock,
    {
        let Self { store, id, input, versions, strict, .. } = self;
        let mut history = History::new();
        let opened = store.open(id, |record| history.push(record)).await;
        let log = opened.map_err(WorkflowError::Store)?;
        history.seal()?;
        let (seed, version, input) = match (history.started(), input) {
            (Some(started), input) => {
                admit(&started, id, input.as_ref())?;
                if let Some((at, output)) = history.finished() {
                    return Ok(Opened::Finished(Finished { at, output: output.into() }));
                }
                versions.check(started.version)?;
                (started.seed, started.version, started.input.into())
            }
            (None, None) => return Err(Divergence::NotStarted.into()),
            (None, Some(input)) => {
                let input = input.sealed.map_err(WorkflowError::Unencodable)?;
                let version = versions.now;
                let at = clock.unix_millis();
                let entry = Started { version, seed, at, id, input: &input }.entry();
                log.append(entry).await.map_err(WorkflowError::Store)?;
                (seed, version, input.into_boxed_slice())
            }
        };
        let history = Arc::new(history);
        let replay = Replay::new(history.clone(), Mode::Live, strict);
        let state = Mutex::new(State { replay, stopped: None });
        let id = id.into();
        let inner = Inner { id, seed, version, input, history, state, log, clock };
        Ok(Opened::Running(Workflow::new(inner)))
    }

    /// Runs `code` to its end and [finishes](Workflow::finish) with what it gives.
    ///
    /// If the workflow is finished already, that is its recorded output, and `code` does not run (D9).
    ///
    /// # Errors
    ///
    /// The errors of `code`, after which the workflow can be opened again and goes on; those of
    /// [`start`](Self::start) and [`Workflow::finish`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the code. When it is run again, it goes on from what was recorded.
    pub fn run<T, X, E, F, Fut>(
        self,
        clock: C,
        entropy: &mut E,
        code: F,
    ) -> impl Future<Output = Result<T, X>> + use<'a, T, X, E, F, Fut, S, C>
    where
        C: WallClock,
        E: Entropy,
        T: Persist,
        X: From<WorkflowError<S::Error>>,
        F: FnOnce(Workflow<S::Log, C>) -> Fut,
        Fut: Future<Output = Result<T, X>>,
    {
        let started = self.start(clock, entropy);
        async move {
            match started.await? {
                Opened::Finished(over) => Ok(over.output().map_err(WorkflowError::Diverged)?),
                Opened::Running(workflow) => {
                    let output = code(workflow.clone()).await?;
                    Ok(workflow.finish(&output).await?)
                }
            }
        }
    }
}

/// Whether what is recorded is the workflow that was asked for.
fn admit(started: &Started<'_>, id: &str, input: Option<&Input>) -> Result<(), Divergence> {
    if started.id != id {
        return Err(Divergence::OtherWorkflow { found: started.id.into() });
    }
    let unreadable = |error| Divergence::Unreadable { step: None, error };
    let Some(Input { sealed, is }) = input else { return Ok(()) };
    let given = sealed.as_ref().map_err(|error| unreadable(*error))?;
    if is(started.input, given).map_err(unreadable)? { Ok(()) } else { Err(Divergence::OtherInput) }
}

impl<L: Log, C> fmt::Debug for Opened<L, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running(workflow) => f.debug_tuple("Running").field(workflow).finish(),
            Self::Finished(finished) => f.debug_tuple("Finished").field(finished).finish(),
        }
    }
}

impl<S, C> fmt::Debug for Open<'_, S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open")
            .field("id", &self.id)
            .field("versions", &self.versions)
            .field("strict", &self.strict)
            .finish_non_exhaustive()
    }
}
