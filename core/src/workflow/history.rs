//! What a workflow's log holds, decoded once and never changed.

use super::{
    Divergence,
    key::StepKey,
    record::{self, DONE, FINISHED, LAYOUT, Outcome, STARTED, Started, TERMINAL},
};
use crate::checkpoint::{Record, key_hash};
use alloc::vec::Vec;
use core::{fmt, ops::Range};

/// The records of one workflow, as its log showed them.
///
/// # Examples
///
/// ```
/// use klaw::workflow::History;
///
/// let mut history = History::new();
/// // for record in log { history.push(record) }
/// assert!(!history.is_started() && history.finished_at().is_none());
/// ```
#[derive(Clone, Default)]
pub struct History {
    /// The payloads, one behind the other.
    bytes: Vec<u8>,
    started: Option<Range<usize>>,
    finished: Option<Range<usize>>,
    outcomes: Vec<Place>,
    /// The outcomes sorted by the hashes of their keys, and made when all of them are there. Sorted and not
    /// hashed again: names may come from outside, and a table could be flooded.
    index: Vec<(u64, u32)>,
    /// The first record that does not belong here.
    bad: Option<Divergence>,
}

/// Where an outcome lies.
#[derive(Clone, Copy)]
struct Place {
    begin: usize,
    end: usize,
    terminal: bool,
    /// The same answer about a patch was recorded before.
    repeated: bool,
}

impl History {
    /// That of a workflow which has not begun.
    pub const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            started: None,
            finished: None,
            outcomes: Vec::new(),
            index: Vec::new(),
            bad: None,
        }
    }

    /// Takes the next record of the log; those that are the log's own are passed over.
    ///
    /// A record that cannot be understood shows when the history is used.
    pub fn push(&mut self, record: Record<'_>) {
        if record.header.kind.is_system() || self.bad.is_some() {
            return;
        }
        if self.take(&record).is_none() {
            self.bad = Some(Divergence::BadRecord { seq: record.header.seq });
        }
    }

    fn take(&mut self, record: &Record<'_>) -> Option<()> {
        let Record { header, payload } = *record;
        // What comes behind the end, or before the beginning, is not of this workflow.
        if header.schema != LAYOUT
            || self.finished.is_some()
            || self.started.is_some() == (header.kind == STARTED)
        {
            return None;
        }
        let begin = self.bytes.len();
        let place = begin..begin + payload.len();
        match header.kind {
            STARTED => {
                Started::decode(payload)?;
                self.started = Some(place);
            }
            FINISHED => {
                record::decode_finished(payload)?;
                self.finished = Some(place);
            }
            DONE | TERMINAL => {
                let outcome = Outcome::decode(payload)?;
                if header.key != key_hash(outcome.key) || !StepKey::is_valid(outcome.key) {
                    return None;
                }
                let number = u32::try_from(self.outcomes.len()).ok()?;
                self.index.push((header.key, number));
                let terminal = header.kind == TERMINAL;
                self.outcomes.push(Place { begin, end: place.end, terminal, repeated: false });
            }
            _ => return None,
        }
        self.bytes.extend_from_slice(payload);
        Some(())
    }

    /// Makes it ready to be asked.
    pub(super) fn seal(&mut self) -> Result<(), Divergence> {
        if let Some(bad) = &self.bad {
            return Err(bad.clone());
        }
        let mut index = core::mem::take(&mut self.index);
        index.sort_unstable();
        self.index = index;
        let value = |at: u32| self.outcome(at as usize).map(|(outcome, _)| outcome);
        let mut repeated = Vec::new();
        for pair in self.index.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let (first, second) = (value(pair[0].1), value(pair[1].1));
            if first.map(|outcome| outcome.key) != second.map(|outcome| outcome.key) {
                continue;
            }
            let Some(step) = self.key(pair[1].1 as usize) else { continue };
            // Whoever asked for a patch may have gone before it was known whether the answer was kept.
            if !step.is_patch() || first != second {
                return Err(Divergence::RecordedTwice { step });
            }
            repeated.push(pair[1].1 as usize);
        }
        repeated.into_iter().for_each(|at| self.outcomes[at].repeated = true);
        Ok(())
    }

    /// Whether the workflow has begun.
    pub const fn is_started(&self) -> bool {
        self.started.is_some()
    }

    /// When the workflow ended, in milliseconds since the Unix epoch; none while it has not.
    pub fn finished_at(&self) -> Option<u64> {
        self.finished().map(|(at, _)| at)
    }

    /// The workflow's id; none while it has not begun.
    pub fn id(&self) -> Option<&str> {
        self.started().map(|started| started.id)
    }

    /// How many outcomes are recorded.
    pub const fn len(&self) -> usize {
        self.outcomes.len()
    }

    /// Whether no outcome is recorded.
    pub const fn is_empty(&self) -> bool {
        self.outcomes.is_empty()
    }

    /// What has an outcome, in the order in which it was recorded.
    pub fn steps(&self) -> impl Iterator<Item = StepKey> {
        (0..self.len()).filter_map(|at| self.key(at))
    }

    pub(super) fn started(&self) -> Option<Started<'_>> {
        Started::decode(&self.bytes[self.started.clone()?])
    }

    pub(super) fn finished(&self) -> Option<(u64, &[u8])> {
        record::decode_finished(&self.bytes[self.finished.clone()?])
    }

    /// Outcome number `at`, and whether it is a terminal error.
    pub(super) fn outcome(&self, at: usize) -> Option<(Outcome<'_>, bool)> {
        let place = self.outcomes.get(at)?;
        Some((Outcome::decode(&self.bytes[place.begin..place.end])?, place.terminal))
    }

    /// The number of the outcome of `key`; looked for at `hint` first.
    pub(super) fn find(&self, key: &StepKey, hint: usize) -> Option<usize> {
        let is = |at: usize| self.outcome(at).is_some_and(|(found, _)| found.key == key.as_bytes());
        if is(hint) {
            return Some(hint);
        }
        let hash = key_hash(key.as_bytes());
        let begin = self.index.partition_point(|&(other, _)| other < hash);
        let same = self.index[begin..].iter().take_while(|(other, _)| *other == hash);
        same.map(|&(_, at)| at as usize).find(|&at| is(at))
    }

    pub(super) fn is_repeated(&self, at: usize) -> bool {
        self.outcomes.get(at).is_some_and(|place| place.repeated)
    }

    /// The key of outcome number `at`.
    pub(super) fn key(&self, at: usize) -> Option<StepKey> {
        StepKey::from_bytes(self.outcome(at)?.0.key)
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("id", &self.id())
            .field("outcomes", &self.len())
            .field("finished_at", &self.finished_at())
            .finish_non_exhaustive()
    }
}
