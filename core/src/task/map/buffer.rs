//! Results on their way to a stream.

use super::outlet::{ItemResult, Kept, Outlet, Put};
use crate::sync::{Lock, Queue};
use core::num::NonZeroUsize;

/// In which order a stream gives its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::task) enum Order {
    /// As they come.
    Completion,
    /// As the items went in.
    Input,
}

/// Room for `width` results, those being worked on included (M1).
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct Buffer<T> {
    width: usize,
    order: Order,
    state: Lock<State<T>>,
}

struct State<T> {
    // Allocated for `width` at once, since nothing is allocated under the lock (K4).
    results: Queue<Option<ItemResult<T>>>,
    /// How many were taken; so the place in the input of the first that is here, if that is the order.
    taken: usize,
    /// For how many there was room: those taken, those here, and those being worked on.
    admitted: usize,
    closed: bool,
}

impl<T> Buffer<T> {
    /// A buffer for `width` results, or `most` if there are fewer.
    pub(super) fn new(width: NonZeroUsize, most: Option<usize>, order: Order) -> Self {
        let width = most.map_or(width.get(), |most| most.clamp(1, width.get()));
        let results = Queue::with_capacity(width);
        let state = State { results, taken: 0, admitted: 0, closed: false };
        Self { width, order, state: Lock::new(state) }
    }

    /// Takes the result that is next, which makes room for another; and says whether there was none.
    pub(super) fn take(&self) -> Option<(ItemResult<T>, bool)> {
        self.state.with(|state| {
            if !matches!(state.results.front(), Some(Some(_))) {
                return None;
            }
            let was_full = !state.has_room(self.width);
            state.taken += 1;
            state.results.pop_front().flatten().map(|result| (result, was_full))
        })
    }

    /// Drops every result, also those that are yet to come.
    pub(super) fn close(&self) {
        let results = self.state.with(|state| {
            state.closed = true;
            core::mem::take(&mut state.results)
        });
        drop(results); // outside the lock (K4)
    }
}

impl<T> State<T> {
    const fn keep_room(&mut self, width: usize) -> bool {
        let room = self.has_room(width);
        self.admitted += room as usize;
        room
    }

    const fn has_room(&self, width: usize) -> bool {
        self.admitted - self.taken < width
    }
}

impl<T> Outlet<T> for Buffer<T> {
    fn keep_room(&self) -> bool {
        self.state.with(|state| state.keep_room(self.width))
    }

    fn has_room(&self) -> bool {
        self.state.with(|state| state.has_room(self.width))
    }

    fn give_up_room(&self) {
        self.state.with(|state| state.admitted -= 1);
    }

    fn put(&self, _: &mut Kept<T>, index: usize, result: ItemResult<T>, more: bool) -> Put {
        let put = self.state.with(|state| {
            if state.closed {
                return Err(result);
            }
            // Both orders have at most `width` places in use.
            let at = match self.order {
                Order::Completion => state.results.len(),
                Order::Input => index - state.taken,
            };
            while state.results.len() <= at {
                state.results.push_back(None);
            }
            state.results[at] = Some(result);
            Ok(Put { is_next: at == 0, has_room: more && state.keep_room(self.width) })
        });
        // A result that nobody wants is dropped here, outside the lock; its room stays taken.
        put.unwrap_or(Put { is_next: false, has_room: false })
    }

    fn hand_in(&self, _: Kept<T>) {}
}
