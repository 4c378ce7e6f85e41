//! Waiting: the one place where tasks park and are woken.
//!
//! Invariants, cited by number in the SAFETY comments of this folder:
//!
//! - **W1** A [`Waiter`] is in state `LINKED` exactly while it is in one [`List`], and exactly then
//!   its node is initialised. Only the holder of that list's lock moves it into or out of `LINKED`
//!   or touches its node, its ticket or what it lends meanwhile.
//! - **W2** A waiter that is `LINKED` is pinned, and its owner unlinks it before it is freed.
//! - **W3** Storing `WOKEN` (release) is the last thing a waking side does to a waiter. Who loads
//!   `IDLE` or `WOKEN` (acquire) as the owner is alone with it.
//! - **W4** `Until` calls its operation by `&mut`, and gives it out so, only while its waiter is not
//!   linked.

mod any;
mod batch;
mod cell;
mod element;
mod flag;
mod list;
#[cfg(all(test, not(loom), feature = "alloc"))]
mod list_tests;
#[cfg(all(test, loom))]
mod loom_tests;
mod parking;
#[cfg(feature = "std")]
mod thread;
mod until;

pub(crate) use any::{Any, Row};
pub(crate) use batch::Batch;
pub(crate) use cell::WakerCell;
pub(crate) use element::{count, element};
pub(crate) use flag::Flag;
pub(crate) use list::{List, Waiter};
pub(crate) use parking::Parking;
#[cfg(feature = "std")]
pub(crate) use thread::block_on_until;
pub(crate) use until::{Attempt, Until};
