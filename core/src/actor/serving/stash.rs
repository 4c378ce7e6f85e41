//! Messages put aside; they belong to the mailbox, so a restart loses none.

use crate::actor::{Ctx, seldom::Seldom, sending::envelope::Envelope};
use alloc::{boxed::Box, collections::VecDeque};
use core::{error::Error, fmt, mem};

/// The part of a mailbox that holds what was put aside; its memory follows use.
pub(in crate::actor) struct Stash<'a, M>(&'a Seldom<M>);

pub(in crate::actor) struct Stashed<M> {
    /// Put aside, not brought back so far.
    aside: VecDeque<M>,
    /// Brought back, to be handled before what waits in the queue.
    back: VecDeque<M>,
}

impl<M> Stashed<M> {
    const fn new() -> Self {
        Self { aside: VecDeque::new(), back: VecDeque::new() }
    }

    fn len(&self) -> usize {
        self.aside.len() + self.back.len()
    }

    /// Brings all back, those put aside before those brought back earlier: they came from there.
    fn bring_back(&mut self) {
        self.aside.append(&mut self.back);
        mem::swap(&mut self.aside, &mut self.back);
    }
}

impl<'a, M> Stash<'a, M> {
    /// Whether there can be any.
    pub(in crate::actor) const ANY: bool = true;

    pub(in crate::actor) const fn new(seldom: &'a Seldom<M>) -> Self {
        Self(seldom)
    }

    /// The next message that was brought back.
    pub(in crate::actor) fn take(&self) -> Option<M> {
        let (msg, spare) = self.0.0.with(|parts| {
            let Some(stashed) = &mut parts.stashed else { return (None, None) };
            let msg = stashed.back.pop_front();
            let spare = if stashed.len() == 0 { parts.stashed.take() } else { None };
            (msg, spare)
        });
        drop(spare); // outside the lock: the allocator is foreign code (K4)
        msg
    }

    /// Brings back all that was put aside; false if there is nothing.
    pub(in crate::actor) fn bring_back(&self) -> bool {
        let Some(mut stashed) = self.0.0.with(|parts| parts.stashed.take()) else { return false };
        stashed.bring_back();
        let some = !stashed.back.is_empty();
        self.put(stashed);
        some
    }

    /// Puts `msg` aside if fewer than `bound` messages are there; a closed stash drops it.
    fn stash(&self, msg: M, bound: usize) -> Result<(), StashFull<M>> {
        let open = self
            .0
            .0
            .with(|parts| if parts.stash_closed { None } else { Some(parts.stashed.take()) });
        let Some(stashed) = open else { return Ok(()) };
        let mut stashed = stashed.unwrap_or_else(|| Box::new(Stashed::new()));
        let full = stashed.len() >= bound;
        let refused = if full {
            Some(msg)
        } else {
            stashed.aside.push_back(msg);
            None
        };
        self.put(stashed);
        refused.map_or(Ok(()), |msg| Err(StashFull(msg)))
    }

    /// Puts back what was taken out to be worked on without the lock.
    fn put(&self, mut mine: Box<Stashed<M>>) {
        loop {
            let rest = self.0.0.with(|parts| {
                if parts.stash_closed {
                    return Err(mine); // closed meanwhile: dropped outside the lock
                }
                match parts.stashed.take() {
                    Some(theirs) => Ok(Some((mine, theirs))),
                    None => {
                        parts.stashed = Some(mine);
                        Ok(None)
                    }
                }
            });
            // A second incarnation on the same mailbox stashed meanwhile: what both did counts.
            let Ok(Some((kept, mut theirs))) = rest else { return };
            mine = kept;
            mine.aside.append(&mut theirs.aside);
            mine.back.append(&mut theirs.back);
        }
    }

    /// Keeps nothing from now on; gives what there was, to be dropped.
    pub(in crate::actor) fn close(&self) -> Option<Box<Stashed<M>>> {
        self.0.0.with(|parts| {
            parts.stash_closed = true;
            parts.stashed.take()
        })
    }
}

impl<M> Ctx<'_, M> {
    /// Puts `msg` aside, until [`unstash_all`](Self::unstash_all) or the next incarnation.
    ///
    /// What is put aside belongs to the mailbox: a restart loses nothing of it, and the next
    /// incarnation handles it first. It is dropped when the actor ends for good, and an actor that
    /// was told to [stop now](crate::actor::ActorRef::stop_now) drops it at once. It does not count in
    /// [`len`](crate::actor::ActorRef::len).
    ///
    /// # Errors
    ///
    /// [`StashFull`] with the message if as many as the capacity of the mailbox are put aside, or
    /// brought back and not handled.
    ///
    /// # Examples
    ///
    /// ```
    /// use klaw::{Actor, Ctx, actor::StashFull};
    ///
    /// enum Msg { Query(u32), Connected }
    ///
    /// #[derive(Default)]
    /// struct Client { connected: bool, sent: Vec<u32> }
    ///
    /// impl Actor for Client {
    ///     type Msg = Msg;
    ///     type Error = StashFull<Msg>;
    ///
    ///     async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<'_, Msg>) -> Result<(), Self::Error> {
    ///         match msg {
    ///             Msg::Query(query) if self.connected => self.sent.push(query),
    ///             Msg::Query(_) => ctx.stash(msg)?,
    ///             Msg::Connected => {
    ///                 self.connected = true;
    ///                 ctx.unstash_all();
    ///             }
    ///         }
    ///         Ok(())
    ///     }
    /// }
    /// ```
    pub fn stash(&mut self, msg: M) -> Result<(), StashFull<M>> {
        let inbox = self.me().inbox();
        let stashed = inbox.stash().stash(Envelope::new(msg), inbox.ring().capacity());
        stashed.map_err(|StashFull(envelope)| StashFull(envelope.into_msg()))
    }

    /// Brings back all messages put aside, in that order, before what waits in the mailbox.
    ///
    /// They come before timers and streams, too, and before those that were brought back earlier and
    /// are not handled so far: so the order in which they came is kept.
    pub fn unstash_all(&mut self) {
        self.unstashed = self.me().inbox().stash().bring_back();
    }
}

/// A message was not put aside: as many as the mailbox has room for are already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StashFull<M>(
    /// The message.
    pub M,
);

impl<M> StashFull<M> {
    /// The message that was not put aside.
    pub fn into_inner(self) -> M {
        self.0
    }
}

impl<M> fmt::Debug for StashFull<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StashFull").finish_non_exhaustive()
    }
}

impl<M> fmt::Display for StashFull<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("as many messages are put aside as the mailbox has room for")
    }
}

impl<M> Error for StashFull<M> {}
