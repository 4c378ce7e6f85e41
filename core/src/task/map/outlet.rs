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

    /// Takes the result of item `index`, or leaves it with the worker in `kept`; and keeps room for one
    /// `more`, if that is wanted and there is any.
    fn put(&self, kept: &mut Kept<T>, index: usize, result: ItemResult<T>, more: bool) -> Put;

    /// Takes what a worker kept, at its end.
    fn hand_in(&self, kept: Kept<T>);
}

/// What came of putting a result.
#[derive(Debug)]
pub struct Put {
    /// Whether the consumer has something to do now.
    pub(super) is_next: bool,
    /// Whether room for another result is kept.
    pub(super) has_room: bool,
}
