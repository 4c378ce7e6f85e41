//! What all handles on one workflow share, and the steps under way.

use super::{
    Divergence, History, IdempotencyKey, Log, WorkflowError,
    input::InputMark,
    key::{Place, StepKey},
    log::Entry,
    record::Outcome,
    replay::{Begin, Replay},
    seal::seal_into,
};
use crate::{
    checkpoint::{Persist, PersistError, RecordKind, open},
    sync::{Arc, Mutex},
};
use alloc::boxed::Box;

/// One workflow, open.
pub(super) struct Inner<L: Log, C> {
    pub(super) id: Box<str>,
    pub(super) seed: u64,
    /// The version in which it began.
    pub(super) version: u32,
    /// Its input, sealed.
    pub(super) input: Box<[u8]>,
    pub(super) history: Arc<History>,
    // Not a `Lock`, since keys are allocated and errors cloned under it.
    pub(super) state: Mutex<State<L::Error>>,
    pub(super) log: L,
    pub(super) clock: C,
}

pub(super) struct State<E> {
    pub(super) replay: Replay,
    /// Why nothing more is done, once nothing is.
    pub(super) stopped: Option<WorkflowError<E>>,
}

impl<L: Log, C> Inner<L, C> {
    /// Stops the workflow, unless it has stopped; what it stopped for.
    pub(super) fn stop(
        &self,
        error: impl Into<WorkflowError<L::Error>>,
    ) -> WorkflowError<L::Error> {
        let error = error.into();
        self.state.with(|state| state.stopped.get_or_insert_with(|| error.clone()).clone())
    }

    pub(super) fn unencodable(&self, error: PersistError) -> WorkflowError<L::Error> {
        self.stop(WorkflowError::Unencodable(error))
    }

    /// Appends a record; once one could not be kept, the workflow stops (D5).
    pub(super) async fn append(&self, entry: Entry) -> Result<(), WorkflowError<L::Error>> {
        let written = self.log.append(entry).await;
        written.map_err(|error| self.stop(WorkflowError::Store(error)))
    }

    /// Asks the machine about something, and stops if the answer is a divergence.
    pub(super) fn ask<T>(
        &self,
        ask: impl FnOnce(&mut Replay) -> Result<T, Divergence>,
    ) -> Result<T, WorkflowError<L::Error>> {
        let answer = self.state.with(|state| match &state.stopped {
            Some(error) => Err(error.clone()),
            None => ask(&mut state.replay).map_err(WorkflowError::from),
        });
        answer.map_err(|error| self.stop(error))
    }

    /// The sealed value of recorded outcome number `at`, and whether it is a terminal error.
    pub(super) fn recorded(&self, at: usize) -> (&[u8], bool) {
        self.history
            .outcome(at)
            .map_or((&[], false), |(outcome, terminal)| (outcome.value, terminal))
    }

    /// Reads a recorded value of `step`, or of the workflow itself.
    pub(super) fn read<T: Persist>(
        &self,
        step: Option<&StepKey>,
        bytes: &[u8],
    ) -> Result<T, WorkflowError<L::Error>> {
        open(bytes)
            .map_err(|error| self.stop(Divergence::Unreadable { step: step.cloned(), error }))
    }

    /// Appends `value`, sealed, to a record, and gives what will be read back from it (D2).
    pub(super) fn complete<T: Persist>(
        &self,
        mut entry: Entry,
        value: &T,
    ) -> Result<(Entry, T), WorkflowError<L::Error>> {
        let at = entry.payload.len();
        let copy = seal_into(value, &mut entry.payload).and_then(|()| open(&entry.payload[at..]));
        match copy {
            Ok(copy) => Ok((entry, copy)),
            Err(error) => Err(self.unencodable(error)),
        }
    }
}

/// A use of a name, from the call that asked for it until it is over.
pub(super) struct Ticket<L: Log, C> {
    pub(super) inner: Arc<Inner<L, C>>,
    pub(super) key: StepKey,
    input: Result<InputMark, PersistError>,
    live: bool,
}

impl<L: Log, C> Ticket<L, C> {
    pub(super) fn new(
        inner: &Arc<Inner<L, C>>,
        place: &Place,
        input: Result<InputMark, PersistError>,
    ) -> Self {
        let key = inner.state.with(|state| state.replay.enter(place));
        Self { inner: inner.clone(), key, input, live: true }
    }

    /// Moves it to the place with `key` beside its name.
    pub(super) fn set_key(&mut self, key: &str) {
        let place = Place::keyed(&self.key, key);
        let key = self.inner.state.with(|state| {
            state.replay.take_back(&self.key);
            state.replay.enter(&place)
        });
        self.key = key;
    }

    /// What is to be done about it.
    pub(super) fn begin(&self) -> Result<Begin, WorkflowError<L::Error>> {
        match &self.input {
            Ok(input) => self.inner.ask(|replay| replay.begin(&self.key, input)),
            Err(error) => Err(self.inner.unencodable(*error)),
        }
    }

    /// The record of its outcome, and what will be read back from it.
    pub(super) fn outcome<T: Persist>(
        &self,
        kind: RecordKind,
        value: &T,
    ) -> Result<(Entry, T), WorkflowError<L::Error>> {
        match &self.input {
            Ok(input) => self.inner.complete(Outcome::entry(kind, &self.key, input), value),
            Err(error) => Err(self.inner.unencodable(*error)),
        }
    }

    /// The use is over, also if the future that it belongs to stays.
    pub(super) fn release(&mut self) {
        if core::mem::take(&mut self.live) {
            self.inner.state.with(|state| state.replay.release(&self.key));
        }
    }

    pub(super) fn idempotency_key(&self) -> IdempotencyKey {
        IdempotencyKey::new(&self.inner.id, &self.key)
    }
}

impl<L: Log, C> Drop for Ticket<L, C> {
    fn drop(&mut self) {
        self.release();
    }
}
