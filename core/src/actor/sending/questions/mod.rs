//! Questions whose answers go straight into the futures that wait for them.
//!
//! A mailbox has a table of its open questions. A question is an entry in it, under a number that no
//! other question has. Invariants, cited by number:
//!
//! - **Q1** An entry is open from when its question is asked until either side closes it, once, under
//!   the table's lock. A closed entry's number never opens again.
//! - **Q2** While an entry is open, the place that it points to is a live, pinned `Place<R>`, of the `R`
//!   of its [`Asker`]: the [`Answer`] that it lies in closes the entry before it is freed.
//! - **Q3** The replying side touches the place only in the critical section in which it closes the
//!   entry. The asking side does so only while no entry points to it: before it is open, or after it
//!   has seen under the lock that it is closed.
//! - **Q4** An `R` that is not `Send` stays on its thread: `Asker<R>` and `Answer<R>` are `Send` only if
//!   `R` is, and nothing else reaches a place.

mod answer;
#[cfg(all(test, loom))]
mod loom_tests;
mod table;

pub(in crate::actor) use answer::{Answer, Asker};
pub(crate) use table::{Questions, Ticket};
