//! The machine that decides: recorded or to be run. It knows no future, no clock and no log.
//!
//! It is given the recorded outcomes and then asked about each operation. Keys do not depend on the order in
//! which operations are asked for, so parallel ones may come in any.

use super::{
    Divergence,
    history::History,
    input::{InputDiffers, InputMark},
    key::{Place, StepKey},
};
use crate::sync::Arc;
use alloc::{boxed::Box, collections::BTreeMap, vec::Vec};

/// What to do about an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// It has an outcome: the one with this number.
    Recorded(usize),
    /// It has none, and is to be run.
    Run,
    /// It has none, and nothing is to be run.
    Park,
}

/// Whether a patch is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patch {
    /// As was recorded in this run, or needs no record.
    Known(bool),
    /// As the outcome with this number says.
    Recorded(usize),
    /// As was decided now, which is to be recorded.
    Decided(bool),
}

/// What may be done about what is not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Live,
    Check,
}

/// How often the name at a place was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Uses {
    count: u64,
    /// Those that are not over.
    live: u32,
    /// One of them has a recorded outcome.
    recorded: bool,
}

/// What was asked for so far.
#[derive(Debug)]
pub(super) struct Replay {
    history: Arc<History>,
    mode: Mode,
    strict: bool,
    /// Without the places that were used once, for something recorded, which is over: the history knows
    /// them. So a replay of many keys does not gather them all.
    uses: BTreeMap<Box<[u8]>, Uses>,
    /// Which outcomes were asked for.
    asked: Vec<bool>,
    pub(super) unasked: usize,
    /// Where the next one is likely to be.
    hint: usize,
    /// What was asked for and not run.
    pub(super) parked: Vec<StepKey>,
    /// The patches that were decided in this run, and whether that is recorded.
    patches: BTreeMap<StepKey, (bool, bool)>,
    finished: bool,
}

impl Replay {
    /// A run of code over `history`, which is sealed.
    pub(super) fn new(history: Arc<History>, mode: Mode, strict: bool) -> Self {
        // Of an answer that was recorded twice, the second one counts as asked for.
        let asked: Vec<bool> = (0..history.len()).map(|at| history.is_repeated(at)).collect();
        let unasked = asked.iter().filter(|asked| !**asked).count();
        Self {
            history,
            mode,
            strict,
            uses: BTreeMap::new(),
            asked,
            unasked,
            hint: 0,
            parked: Vec::new(),
            patches: BTreeMap::new(),
            finished: false,
        }
    }

    /// Counts a use of `place`, which lives until it is [let go](Self::release).
    pub(super) fn enter(&mut self, place: &Place) -> StepKey {
        if let Some(uses) = self.uses.get_mut(place.as_bytes()) {
            uses.count += 1;
            uses.live += 1;
            return place.nth(uses.count);
        }
        let first = place.nth(1);
        let found = self.history.find(&first, self.hint);
        let again = found.is_some_and(|at| self.asked.get(at).is_some_and(|asked| *asked));
        let count = if again { 2 } else { 1 };
        let uses = Uses { count, live: 1, recorded: false };
        self.uses.insert(place.as_bytes().into(), uses);
        if again { place.nth(count) } else { first }
    }

    /// Takes the use back: the operation has another place after all.
    pub(super) fn take_back(&mut self, key: &StepKey) {
        if let Some(uses) = self.uses.get_mut(key.place()) {
            uses.live -= 1;
            // If the name was used since, its numbers stay as they were given.
            if uses.count == key.nth_use() {
                uses.count -= 1;
            }
        }
    }

    /// The use is over.
    pub(super) fn release(&mut self, key: &StepKey) {
        let Some(uses) = self.uses.get_mut(key.place()) else { return };
        uses.live -= 1;
        if *uses == (Uses { count: 1, live: 0, recorded: true }) {
            self.uses.remove(key.place());
        }
    }

    /// Decides what to do about the operation `key`, asked for with `input`.
    pub(super) fn begin(&mut self, key: &StepKey, input: &InputMark) -> Result<Begin, Divergence> {
        if self.finished {
            return Err(Divergence::Finished);
        }
        let mut uses = self.uses.get_mut(key.place());
        if uses.as_ref().is_some_and(|uses| uses.live > 1) {
            return Err(Divergence::AmbiguousStep { step: key.clone() });
        }
        if let Some(at) = self.history.find(key, self.hint) {
            if let Some(uses) = &mut uses {
                uses.recorded = true;
            }
            self.mark(at);
            self.compare(at, key, input)?;
            return Ok(Begin::Recorded(at));
        }
        if self.mode == Mode::Live {
            return Ok(Begin::Run);
        }
        if self.history.finished_at().is_some() {
            return Err(Divergence::NotRecorded { step: key.clone() });
        }
        self.parked.push(key.clone());
        Ok(Begin::Park)
    }

    /// Decides whether the patch `key` is taken.
    ///
    /// What is recorded and was not asked for yet may belong to the code before the patch, which then runs.
    pub(super) fn patch(&mut self, key: &StepKey) -> Result<Patch, Divergence> {
        if self.finished {
            return Err(Divergence::Finished);
        }
        if let Some(&(taken, recorded)) = self.patches.get(key) {
            return Ok(if recorded { Patch::Known(taken) } else { Patch::Decided(taken) });
        }
        if let Some(at) = self.history.find(key, self.hint) {
            self.mark(at);
            return Ok(Patch::Recorded(at));
        }
        // A workflow that finished without the patch did so in the code before it.
        let taken = self.unasked == 0 && self.history.finished_at().is_none();
        if self.mode == Mode::Check {
            return Ok(Patch::Known(taken));
        }
        self.patches.insert(key.clone(), (taken, false));
        Ok(Patch::Decided(taken))
    }

    /// The answer about a patch is recorded.
    pub(super) fn patch_recorded(&mut self, key: &StepKey, taken: bool) {
        self.patches.insert(key.clone(), (taken, true));
    }

    fn mark(&mut self, at: usize) {
        self.hint = at + 1;
        if let Some(asked) = self.asked.get_mut(at).filter(|asked| !**asked) {
            *asked = true;
            self.unasked -= 1;
        }
    }

    fn compare(&self, at: usize, key: &StepKey, now: &InputMark) -> Result<(), Divergence> {
        let Some((recorded, _)) = self.history.outcome(at) else { return Ok(()) };
        recorded.input.compare(now).map_err(|differs| {
            let step = key.clone();
            match differs {
                InputDiffers::Changed => {
                    Divergence::InputChanged { step, recorded: recorded.input.hash, now: now.hash }
                }
                InputDiffers::Unreadable(error) => {
                    Divergence::Unreadable { step: Some(step), error }
                }
            }
        })
    }

    /// Ends the run: nothing may be asked for any more. Gives what was recorded and not asked for.
    pub(super) fn finish(&mut self) -> Result<Vec<StepKey>, Divergence> {
        if self.finished {
            return Err(Divergence::Finished);
        }
        let steps = self.unused();
        // An outcome that the code of a finished workflow does not ask for is one too many.
        let finished = self.mode == Mode::Check && self.history.finished_at().is_some();
        if (self.strict || finished) && !steps.is_empty() {
            return Err(Divergence::Unused { steps });
        }
        self.finished = true;
        Ok(steps)
    }

    /// What is recorded and was not asked for, in the order in which it was recorded.
    pub(super) fn unused(&self) -> Vec<StepKey> {
        let unasked = self.asked.iter().enumerate().filter(|(_, asked)| !**asked);
        unasked.filter_map(|(at, _)| self.history.key(at)).collect()
    }
}

#[cfg(test)]
mod tests;
