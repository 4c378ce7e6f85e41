//! Actors: state that is owned by one task and reached by messages.
//!
//! The mailbox is the actor's identity: it owns the queue and outlives every restart, and so does
//! every [`ActorRef`]. One incarnation of the actor is a plain future, [`serve`]; whatever runs
//! futures can run it. An [`Actor`] needs no `Send`: whether one is needed is decided where its
//! future meets an executor.
//!
//! Messages and control are two planes. Messages wait in a bounded queue; stopping and killing are
//! flags beside it, which need no room in it and overtake what waits in it.
//!
//! When an incarnation fails, the message in hand is gone (at most once), whoever asked gets
//! [`AskError::NoReply`], the state is dropped, and what waits in the queue waits for the next one.

mod actor_ref;
#[cfg(feature = "alloc")]
mod at_end;
#[cfg(not(feature = "alloc"))]
#[path = "at_end_none.rs"]
mod at_end;
mod control_word;
mod ctx;
mod exit;
mod inbox;
#[cfg(all(test, loom))]
mod loom_tests;
mod mailbox;
#[cfg(feature = "alloc")]
mod mailbox_heap;
#[cfg(feature = "alloc")]
mod seldom;
#[cfg(not(feature = "alloc"))]
#[path = "seldom_none.rs"]
mod seldom;
mod sending;
mod serving;
mod weak;

pub use actor_ref::{ActorRef, Closed};
pub use ctx::Ctx;
pub use exit::Exit;
pub use mailbox::Mailbox;
#[cfg(feature = "alloc")]
pub use mailbox_heap::{mailbox, mailbox_named};
pub use sending::ctx_tell::TellError;
pub use sending::reply::{AskError, Reply};
pub use sending::reply_slot::ReplySlot;
pub use sending::tell::Tell;
pub(crate) use serving::between::{Between, run_between};
pub use serving::serve::{Serve, serve};
#[cfg(feature = "alloc")]
pub(crate) use serving::serve_beside::serve_beside;
pub use serving::serve_with::{serve_queue, serve_with};
pub use weak::WeakActorRef;
#[cfg(feature = "alloc")]
pub use {sending::try_ask::TryAskError, serving::stash::StashFull, serving::timers::TimerKey};

use core::fmt;

/// The name of an actor that was given none.
pub(crate) const UNNAMED: &str = "actor";

/// State that handles messages, one at a time.
///
/// # Examples
///
/// ```
/// use klaw::{Actor, Ctx, Reply};
///
/// enum Msg { Add(u64), Get(Reply<u64>) }
///
/// #[derive(Default)]
/// struct Counter { n: u64 }
///
/// impl Actor for Counter {
///     type Msg = Msg;
///     type Error = &'static str;
///
///     async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
///         match msg {
///             Msg::Add(0) => return Err("nothing to add"), // this incarnation ends here
///             Msg::Add(x) => self.n += x,
///             Msg::Get(reply) => reply.send(self.n),
///         }
///         Ok(())
///     }
/// }
/// ```
#[allow(async_fn_in_trait, reason = "whether `Send` is needed is decided at the concrete spawn")]
pub trait Actor {
    /// What it is told.
    type Msg: 'static;
    /// Why it fails.
    type Error: fmt::Debug;

    /// Called once before the first message.
    ///
    /// # Errors
    ///
    /// An error ends this incarnation as a failure.
    ///
    /// # Cancel safety
    ///
    /// A kill drops the future at an await, and the actor's state after it.
    async fn started(&mut self, ctx: &mut Ctx<'_, Self::Msg>) -> Result<(), Self::Error> {
        let _ = ctx;
        Ok(())
    }

    /// Called with each message in turn.
    ///
    /// # Errors
    ///
    /// An error ends this incarnation as a failure; whether another one starts is its
    /// supervisor's decision.
    ///
    /// # Cancel safety
    ///
    /// A kill drops the future at an await, and the actor's state after it; who asked is told that
    /// no answer will come.
    async fn handle(
        &mut self,
        msg: Self::Msg,
        ctx: &mut Ctx<'_, Self::Msg>,
    ) -> Result<(), Self::Error>;

    /// Called last, unless this incarnation was killed or has panicked.
    ///
    /// # Cancel safety
    ///
    /// A kill drops the future at an await, and the actor's state after it.
    async fn stopped(&mut self, why: &Exit<Self::Error>) {
        let _ = why;
    }
}
