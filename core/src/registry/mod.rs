//! Names by which actors are found.
//!
//! A registry is an object that is handed to whoever needs it; there is no global one. Names go to
//! mailboxes, which are the actors' identities: they stay over every restart, and with them every
//! reference that was looked up.
//!
//! An actor that has ended for good is never found, and its name is free: both hold at the latest
//! when [`ActorRef::closed`](crate::ActorRef::closed) completes. One that was asked to stop keeps
//! its name until it has done so; what was found may end at any time, and then says so when it is
//! told or asked. A mailbox that was closed before anything ran on it never ends: its name is free
//! once its last reference is dropped, or after `unregister`.
//!
//! [`Registry`] is on the heap and keeps no mailbox alive. [`StaticRegistry`] needs no heap; it holds
//! names of mailboxes in `static`s.

mod entry;
mod error;
#[cfg(feature = "alloc")]
mod heap;
mod inline;
#[cfg(all(test, loom))]
mod loom_tests;
mod table;

pub use entry::Registered;
pub use error::{ActorNotFound, ActorNotFoundKind, RegisterError, RegisterErrorKind};
#[cfg(feature = "alloc")]
pub use heap::Registry;
pub use inline::StaticRegistry;
