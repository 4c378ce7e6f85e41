//! Randomness for ids where nothing better was passed in.

use crate::time::Entropy;
use core::{cell::Cell, hash::BuildHasher};
use std::{hash::RandomState, thread_local};

thread_local! {
    static DRAWN: (RandomState, Cell<u64>) = (RandomState::new(), Cell::new(0));
}

/// Random bits from a generator that each thread has for itself.
///
/// It hashes a counter with the keys of [`RandomState`], which come from the operating system. Good
/// for ids that must not clash; not for secrets.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadEntropy;

impl Entropy for ThreadEntropy {
    fn next_u64(&mut self) -> u64 {
        DRAWN.with(|(keys, count)| keys.hash_one(count.replace(count.get().wrapping_add(1))))
    }
}
