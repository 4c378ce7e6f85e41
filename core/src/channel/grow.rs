//! Growing a heap ring up to its bound.

use super::{ring::Ring, slot::Slot};
use alloc::vec::Vec;

/// The slots of a heap ring; empty for an inline one.
pub(crate) type Grown<T> = Vec<Slot<T>>;

/// The buffer of a ring that has not grown.
pub(crate) const fn nothing<T>() -> Grown<T> {
    Vec::new()
}

/// Replaces a buffer of `from` slots by a larger one, unless another task did so meanwhile.
#[cold]
pub(super) fn grow<T>(ring: &Ring<T>, from: usize) {
    let to = from.saturating_mul(2).max(4).min(ring.capacity());
    // Allocated before the locks are taken: an allocator is foreign code (K4).
    let mut larger: Vec<Slot<T>> = (0..to).map(|_| Slot::new()).collect();
    ring.consumers.0.lock.with(|take| {
        ring.producers.0.lock.with(|put| {
            ring.grown.with_mut(|grown| {
                // SAFETY: both locks are held, so nobody else reads or replaces it (R4).
                let grown = unsafe { &mut *grown };
                if grown.len() != from {
                    return;
                }
                let mut count = 0;
                for at in (take.index..from).chain(0..take.index) {
                    if !grown[at].is_full() {
                        break;
                    }
                    // A whole slot moves, flag and value together.
                    core::mem::swap(&mut grown[at], &mut larger[count]);
                    count += 1;
                }
                take.index = 0;
                put.index = if count == to { 0 } else { count };
                core::mem::swap(grown, &mut larger);
            });
        });
    });
    drop(larger); // now the old buffer, all empty
}
