//! Watch channels on the heap.

use super::{
    receiver::Receiver,
    sender::Sender,
    shared::{Held, Shared},
};
use crate::sync::Arc;

/// Creates a channel with the value `initial`, which counts as seen.
///
/// # Examples
///
/// ```
/// let (tx, rx) = klaw::channel::watch::channel(0);
/// tx.send(1).unwrap();
/// assert_eq!(*rx.borrow(), 1);
/// ```
pub fn channel<T>(initial: T) -> (Sender<T>, Receiver<T>) {
    let held = Held::Counted(Arc::new(Shared::new(initial)));
    (Sender::counted(held.clone()), Receiver::counted(held))
}
