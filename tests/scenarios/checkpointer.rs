//! What every store of checkpoints does, written once and run on each of them.
//!
//! A test binary implements [`Medium`] for its store, has the macro `on_medium` make a test of each
//! scenario, and brings a module `block_on`.

use crate::block_on::block_on;
use core::{
    fmt::Debug,
    pin::pin,
    task::{Context, Poll, Waker},
};
use klaw::Checkpointer;

/// Where a store keeps its values, also while it is not open.
pub(crate) trait Medium: Default {
    type Store: Checkpointer<Error: Debug>;

    /// The longest value under a key of one byte.
    const LARGEST: usize;

    fn open(&mut self) -> Self::Store;

    fn close(&mut self, store: Self::Store);

    /// What a load needs whose buffer was too small.
    fn needed(error: &<Self::Store as Checkpointer>::Error) -> Option<usize>;

    fn is_too_long(error: &<Self::Store as Checkpointer>::Error) -> bool;
}

/// Makes a test of each scenario.
macro_rules! on_medium {
    ($medium:ty) => {
        $crate::checkpointer::on_medium! { $medium:
            nothing_is_loaded_before_something_was_saved
            what_was_saved_last_is_loaded
            what_was_removed_is_gone_and_may_be_saved_again
            many_keys_are_kept_apart
            a_key_that_begins_another_is_another
            empty_keys_and_values_are_kept
            a_buffer_that_is_too_small_is_told_what_is_needed
            everything_is_there_when_it_is_opened_again
            many_saves_of_few_keys_leave_the_last
            a_dropped_save_is_done_or_is_not
            a_dropped_removal_is_done_or_is_not
            a_dropped_load_changes_nothing
            the_largest_value_is_kept_and_a_larger_one_refused
        }
    };
    ($medium:ty: $($scenario:ident)*) => {$(
        #[test]
        fn $scenario() {
            $crate::checkpointer::$scenario::<$medium>();
        }
    )*};
}
pub(crate) use on_medium;

fn load<S: Checkpointer<Error: Debug>>(store: &mut S, key: &[u8]) -> Option<Vec<u8>> {
    let mut buf = [0xcc; 512];
    block_on(store.load(key, &mut buf)).unwrap().map(<[u8]>::to_vec)
}

fn save<S: Checkpointer<Error: Debug>>(store: &mut S, key: &[u8], value: &[u8]) {
    block_on(store.save(key, value)).unwrap();
}

fn remove<S: Checkpointer<Error: Debug>>(store: &mut S, key: &[u8]) {
    block_on(store.remove(key)).unwrap();
}

/// Opens the store of a medium again.
fn again<M: Medium>(medium: &mut M, store: M::Store) -> M::Store {
    medium.close(store);
    medium.open()
}

/// Polls so many times and drops the future; whether it was through.
fn dropped_after<F: Future>(polls: usize, future: F) -> bool {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    (0..polls).any(|_| matches!(future.as_mut().poll(&mut cx), Poll::Ready(_)))
}

pub(crate) fn nothing_is_loaded_before_something_was_saved<M: Medium>() {
    let mut medium = M::default();
    let mut store = medium.open();
    assert_eq!(load(&mut store, b"key"), None);
    assert_eq!(load(&mut store, b""), None);
    remove(&mut store, b"key");
    let mut store = again(&mut medium, store);
    assert_eq!(load(&mut store, b"key"), None);
}

pub(crate) fn what_was_saved_last_is_loaded<M: Medium>() {
    let mut medium = M::default();
    let mut store = medium.open();
    for value in [&b"first"[..], b"second, which is longer", b"3rd"] {
        save(&mut store, b"key", value);
        assert_eq!(load(&mut store, b"key").unwrap(), value);
    }
    assert_eq!(load(&mut again(&mut medium, store), b"key").unwrap(), b"3rd");
}

pub(crate) fn what_was_removed_is_gone_and_may_be_saved_again<M: Medium>() {
    let mut medium = M::default();
    let mut store = medium.open();
    save(&mut store, b"gone", b"value");
    save(&mut store, b"kept", b"value");
    remove(&mut store, b"gone");
    remove(&mut store, b"gone");
    assert_eq!(load(&mut store, b"gone"), None);
    let mut store = again(&mut medium, store);
    assert_eq!(load(&mut store, b"gone"), None);
    assert_eq!(load(&mut store, b"kept").unwrap(), b"value");
    save(&mut store, b"gone", b"back");
    assert_eq!(load(&mut again(&mut medium, store), b"gone").unwrap(), b"back");
}

pub(crate) fn many_keys_are_kept_apart<M: Medium>() {
    let mut medium = M::default();
    let mut store = medium.open();
    for key in 0..40_u8 {
        save(&mut store, &[b'k', key], &vec![key; usize::from(key) % 9]);
    }
    for key in (0..40).step_by(3) {
        remove(&mut store, &[b'k', key]);
    }
    for _ in 0..2 {
        for key in 0..40 {
            let expected = (key % 3 > 0).then(|| vec![key; usize::from(key) % 9]);
            assert_eq!(load(&mut store, &[b'k', key]), expected, "key {key}");
        }
        store = again(&mut medium, store);
    }
}

pub(crate) fn a_key_that_begins_another_is_another<M: Medium>() {
    let mut medium = M::default();
    let mut store = medium.open();
    for key in [&b"ab"[..], b"a", b"abc", b""] {
        save(&mut store, key, &[key, b"!"].concat());
    }
    remove(&mut store, b"ab");
    let mut store = again(&mut medium, store);
    assert_eq!(load(&mut store, b"ab"), None);
    for key in [&b"a"[..], b"abc", b""] {
        assert_eq!(load(&mut store, key).unwrap(), [key, b"!"].concat());
    }
}

pub(crate) fn empty_keys_and_values_are_kept<M: Medium>() {
    let mut medium = M::default();
    let mut store = medium.open();
    save(&mut store, b"key", b"");
    save(&mut store, b"", b"value");
    let mut store = again(&mut medium, store);
    assert_eq!(load(&mut store, b"key").unwrap(), b"");
    assert_eq!(block_on(store.load(b"key", &mut [])).unwrap(), Some(&[][..]));
    assert_eq!(load(&mut store, b"").unwrap(), b"value");
    save(&mut store, b"", b"");
    assert_eq!(load(&mut store, b"").unwrap(), b"");
    remove(&mut store, b"");
    assert_eq!(load(&mut again(&mut medium, store), b""), None);
}

pub(crate) fn a_buffer_that_is_too_small_is_told_what_is_needed<M: Medium>() {
    let mut store = M::default().open();
    save(&mut store, b"key", b"value");
    for room in 0..5 {
        let error = block_on(store.load(b"key", &mut vec![0; room])).unwrap_err();
        assert_eq!(M::needed(&error), Some(5), "{error:?}");
    }
    assert_eq!(block_on(store.load(b"key", &mut [0; 5])).unwrap(), Some(&b"value"[..]));
}

pub(crate) fn everything_is_there_when_it_is_opened_again<M: Medium>() {
    let mut medium = M::default();
    let mut store = medium.open();
    for round in 0..6_u8 {
        save(&mut store, b"round", &[round]);
        save(&mut store, &[round], b"once");
        store = again(&mut medium, store);
        assert_eq!(load(&mut store, b"round").unwrap(), [round]);
        for earlier in 0..=round {
            assert_eq!(load(&mut store, &[earlier]).unwrap(), b"once");
        }
    }
}

pub(crate) fn many_saves_of_few_keys_leave_the_last<M: Medium>() {
    let mut medium = M::default();
    let mut store = medium.open();
    save(&mut store, b"constant", b"state");
    for n in 0..200_u32 {
        save(&mut store, &[n as u8 % 3], &n.to_le_bytes());
    }
    let mut store = again(&mut medium, store);
    for n in 197..200_u32 {
        assert_eq!(load(&mut store, &[n as u8 % 3]).unwrap(), n.to_le_bytes());
    }
    assert_eq!(load(&mut store, b"constant").unwrap(), b"state");
}

pub(crate) fn a_dropped_save_is_done_or_is_not<M: Medium>() {
    let mut medium = M::default();
    let mut store = medium.open();
    for polls in 0..40 {
        save(&mut store, b"key", b"old");
        let through = dropped_after(polls, store.save(b"key", b"new"));
        let found = load(&mut store, b"key").unwrap();
        assert!(found == b"new" || !through && found == b"old", "{found:?}");
        store = again(&mut medium, store);
        assert_eq!(load(&mut store, b"key").unwrap(), found, "what was seen stays");
    }
}

pub(crate) fn a_dropped_removal_is_done_or_is_not<M: Medium>() {
    let mut medium = M::default();
    let mut store = medium.open();
    for polls in 0..40 {
        save(&mut store, b"key", b"old");
        let through = dropped_after(polls, store.remove(b"key"));
        let found = load(&mut store, b"key");
        assert!(found.is_none() || !through && found.as_deref() == Some(b"old"), "{found:?}");
        store = again(&mut medium, store);
        assert_eq!(load(&mut store, b"key"), found, "what was seen stays");
    }
}

pub(crate) fn a_dropped_load_changes_nothing<M: Medium>() {
    let mut store = M::default().open();
    save(&mut store, b"key", b"value");
    for polls in 0..20 {
        dropped_after(polls, store.load(b"key", &mut [0; 9]));
        assert_eq!(load(&mut store, b"key").unwrap(), b"value");
    }
}

pub(crate) fn the_largest_value_is_kept_and_a_larger_one_refused<M: Medium>() {
    let mut medium = M::default();
    let mut store = medium.open();
    let mut value = vec![0xa5; M::LARGEST];
    save(&mut store, b"k", &value);
    value[0] = 0;
    save(&mut store, b"k", &value);
    let larger = block_on(store.save(b"k", &vec![1; M::LARGEST + 1])).unwrap_err();
    assert!(M::is_too_long(&larger), "{larger:?}");
    let mut buf = vec![0; M::LARGEST];
    for _ in 0..2 {
        assert!(block_on(store.load(b"k", &mut buf)).unwrap() == Some(&value[..]));
        store = again(&mut medium, store);
    }
}
