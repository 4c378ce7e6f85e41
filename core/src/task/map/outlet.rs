//! Where the results of a map go.

use crate::task::JoinError;
use alloc::vec::Vec;

/// The result of one item.
pub(super) type ItemResult<T> = Result<T, JoinError>;

/// Results that one worker keeps by itself, with their places.
pub(super) type Kept<T> = Vec<(usize, ItemResult<T>)>;

/// What takes the results of the workers.
///
/// Before it takes an item a worker keeps room for the result, which then is either put or given up.
pub trait Outlet<T> {
    /// Keeps room for one result, if there is any.
    fn keep_room(&self) -> bool;

    /// Whether there is room.
    fn has_room(&self) -> bool;

    /// Gives up room that was kept.
    fn give_up_room(&self);

    /// Takes the result of item `index`, or leaves it with the worker in `kept`; true if the consumer
    /// has something to do now.
    fn put(&self, kept: &mut Kept<T>, index: usize, result: ItemResult<T>) -> bool;

    /// Takes what a worker kept, at its end.
    fn hand_in(&self, kept: Kept<T>);
}
