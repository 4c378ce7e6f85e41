//! The machine alone: any order, any part of what is recorded, and what is told apart.

use super::*;
use crate::{
    checkpoint::{Header, Persist, Record},
    workflow::{
        key::Operation,
        record::{DONE, FINISHED, Outcome, STARTED, Started, finished},
        seal::seal_into,
    },
};
use alloc::collections::BTreeSet;
use alloc::vec;
use proptest::prelude::*;

/// Places by number: names, scopes and keys in all combinations.
fn place(number: u8) -> Place {
    let mut scope = Vec::new();
    if number & 1 != 0 {
        crate::workflow::key::push_scope(&mut scope, "scope");
    }
    let name = if number & 2 != 0 { "a" } else { "b" };
    let place = Place::new(Operation::Step, &scope, name);
    if number & 4 != 0 { Place::keyed(&place.nth(1), "k") } else { place }
}

fn mark(input: u64) -> InputMark {
    InputMark::of(&input).unwrap()
}

/// A history of these uses, in this order; the value of each is its number.
fn history(uses: &[(u8, u64)], over: bool) -> Arc<History> {
    let mut history = History::new();
    let started = Started { version: 1, seed: 1, at: 0, id: "w", input: &[] };
    let mut entries = vec![started.entry()];
    for (number, &(at, nth)) in uses.iter().enumerate() {
        let mut entry = Outcome::entry(DONE, &place(at).nth(nth), &mark(nth));
        seal_into(&(number as u64), &mut entry.payload).unwrap();
        entries.push(entry);
    }
    if over {
        entries.push(finished(0));
    }
    assert_eq!(entries[0].kind, STARTED);
    for (seq, entry) in (1..).zip(&entries) {
        let (kind, schema, key) = (entry.kind, entry.schema, entry.key);
        let header = Header { epoch: 1, seq, synced_upto: 0, kind, schema, key };
        history.push(Record { header, payload: &entry.payload });
    }
    assert_eq!(entries.last().unwrap().kind == FINISHED, over);
    history.seal().unwrap();
    Arc::new(history)
}

fn value<T: Persist>(history: &History, at: usize) -> T {
    crate::checkpoint::open(history.outcome(at).unwrap().0.value).unwrap()
}

proptest! {
    /// Whatever was recorded and in whatever order it is asked for: each use gets its own outcome, what is not
    /// recorded is to be run, and what is left is what was not asked for.
    #[test]
    fn each_use_finds_its_own_outcome(
        recorded in prop::collection::btree_set((0..8_u8, 1..6_u64), 0..30)
            .prop_map(|uses| uses.into_iter().collect::<Vec<_>>())
            .prop_shuffle(),
        asked in prop::collection::vec(0..8_u8, 0..60),
    ) {
        let history = history(&recorded, false);
        let mut replay = Replay::new(history.clone(), Mode::Live, false);
        let mut counts = [0_u64; 8];
        let mut left: BTreeSet<_> = recorded.iter().copied().collect();
        for at in asked {
            let key = replay.enter(&place(at));
            let nth = &mut counts[usize::from(at)];
            *nth += 1;
            prop_assert_eq!(&key, &place(at).nth(*nth));
            let expected = recorded.iter().position(|&used| used == (at, *nth));
            match replay.begin(&key, &mark(*nth)).unwrap() {
                Begin::Recorded(found) => {
                    prop_assert_eq!(Some(value::<u64>(&history, found)), expected.map(|at| at as u64));
                }
                Begin::Run => prop_assert_eq!(expected, None),
                Begin::Park => prop_assert!(false, "nothing is parked in a live run"),
            }
            left.remove(&(at, *nth));
            replay.release(&key);
        }
        let unused: BTreeSet<_> = replay.unused().into_iter().collect();
        let expected: BTreeSet<_> = left.iter().map(|&(at, nth)| place(at).nth(nth)).collect();
        prop_assert_eq!(unused, expected);
        prop_assert_eq!(replay.unasked, left.len());
    }

    /// No record makes the history panic, and what it takes it can be asked for.
    #[test]
    fn no_record_panics(kind in 0..6_u8, schema in 0..3_u32, payload: Vec<u8>) {
        let mut history = History::new();
        let kind = crate::checkpoint::RecordKind::user(kind);
        let header = Header { epoch: 1, seq: 1, synced_upto: 0, kind, schema, key: 0 };
        history.push(Record { header, payload: &payload });
        if history.seal().is_ok() {
            let replay = Replay::new(Arc::new(history), Mode::Live, true);
            prop_assert_eq!(replay.unused().len(), replay.history.len());
        }
    }
}

#[test]
fn a_use_is_live_from_the_call_to_its_end() {
    let mut replay = Replay::new(history(&[], false), Mode::Live, false);
    let first = replay.enter(&place(0));
    assert_eq!(replay.begin(&first, &mark(1)), Ok(Begin::Run));
    let second = replay.enter(&place(0));
    let ambiguous = Err(Divergence::AmbiguousStep { step: second.clone() });
    assert_eq!(replay.begin(&second, &mark(1)), ambiguous);
    replay.release(&first);
    assert_eq!(replay.begin(&second, &mark(1)), Ok(Begin::Run));
}

#[test]
fn a_number_that_is_taken_back_is_given_again_unless_a_later_one_is_in_use() {
    let mut replay = Replay::new(history(&[], false), Mode::Live, false);
    let first = replay.enter(&place(0));
    replay.take_back(&first);
    let again = replay.enter(&place(0));
    assert_eq!(first, again);
    let later = replay.enter(&place(0));
    replay.take_back(&again);
    assert_eq!((later.nth_use(), replay.enter(&place(0)).nth_use()), (2, 3));
}

#[test]
fn a_check_parks_what_is_not_recorded_unless_the_workflow_is_over() {
    let mut replay = Replay::new(history(&[], false), Mode::Check, false);
    let key = replay.enter(&place(0));
    assert_eq!(replay.begin(&key, &mark(1)), Ok(Begin::Park));
    assert_eq!(replay.parked, [key]);
    let mut replay = Replay::new(history(&[], true), Mode::Check, false);
    let step = replay.enter(&place(0));
    assert_eq!(replay.begin(&step, &mark(1)), Err(Divergence::NotRecorded { step }));
    assert_eq!(
        replay.patch(&Place::new(Operation::Patch, &[], "p").nth(1)),
        Ok(Patch::Known(false))
    );
}

#[test]
fn after_the_end_nothing_is_answered() {
    let mut replay = Replay::new(history(&[(0, 1)], false), Mode::Live, false);
    let key = replay.enter(&place(0));
    assert_eq!(replay.finish(), Ok(vec![key.clone()]));
    assert_eq!(replay.begin(&key, &mark(1)), Err(Divergence::Finished));
    assert_eq!(replay.patch(&key), Err(Divergence::Finished));
    assert_eq!(replay.finish(), Err(Divergence::Finished));
}

/// What a replay forgets of a place it finds again in the history.
#[test]
fn a_use_that_is_over_still_counts() {
    let mut replay = Replay::new(history(&[(4, 1), (5, 1)], false), Mode::Live, false);
    for at in [4, 5] {
        let key = replay.enter(&place(at));
        assert!(matches!(replay.begin(&key, &mark(1)), Ok(Begin::Recorded(_))));
        replay.release(&key);
    }
    assert!(replay.uses.is_empty(), "a long replay does not gather its keys");
    let second = replay.enter(&place(4));
    assert_eq!(second, place(4).nth(2));
    assert_eq!(replay.begin(&second, &mark(1)), Ok(Begin::Run));
    let third = replay.enter(&place(4));
    assert_eq!(third, place(4).nth(3));
    assert!(matches!(replay.begin(&third, &mark(1)), Err(Divergence::AmbiguousStep { .. })));
    replay.release(&third);
    replay.release(&second);
    assert_eq!(replay.enter(&place(4)), place(4).nth(4), "what is not in the history is kept");
}
