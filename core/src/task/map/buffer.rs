//! Results on their way to a stream.

use super::outlet::{ItemResult, Kept, Outlet};
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
    /// The place in the input of the first of them, if that is the order.
    first: usize,
    /// Results that are here or being worked on.
    outstanding: usize,
    closed: bool,
}

impl<T> Buffer<T> {
    /// A buffer for `width` results, or `most` if there are fewer.
    pub(super) fn new(width: NonZeroUsize, most: Option<usize>, order: Order) -> Self {
        let width = most.map_or(width.get(), |most| most.clamp(1, width.get()));
        let results = Queue::with_capacity(width);
        let state = State { results, first: 0, outstanding: 0, closed: false };
        Self { width, order, state: Lock::new(state) }
    }

    /// Takes the result that is next, which makes room for another.
    pub(super) fn take(&self) -> Option<ItemResult<T>> {
        self.state.with(|state| {
            if !matches!(state.results.front(), Some(Some(_))) {
                return None;
            }
            state.first += 1;
            state.outstanding -= 1;
            state.results.pop_front().flatten()
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

impl<T> Outlet<T> for Buffer<T> {
    fn keep_room(&self) -> bool {
        self.state.with(|state| {
            let room = state.outstanding < self.width;
            state.outstanding += usize::from(room);
            room
        })
    }

    fn has_room(&self) -> bool {
        self.state.with(|state| state.outstanding < self.width)
    }

    fn give_up_room(&self) {
        self.state.with(|state| state.outstanding -= 1);
    }

    fn put(&self, _: &mut Kept<T>, index: usize, result: ItemResult<T>) -> bool {
        let put = self.state.with(|state| {
            if state.closed {
                return Err(result);
            }
            // Both orders have at most `outstanding` places in use.
            let at = match self.order {
                Order::Completion => state.results.len(),
                Order::Input => index - state.first,
            };
            while state.results.len() <= at {
                state.results.push_back(None);
            }
            state.results[at] = Some(result);
            Ok(at == 0)
        });
        put.is_ok_and(|front| front) // a result that nobody wants is dropped here, outside the lock
    }

    fn hand_in(&self, _: Kept<T>) {}
}
