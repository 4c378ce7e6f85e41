//! What the parts of one scope share.

use super::{
    cleanups::{Cleanups, Link, Turn},
    drive::Driven,
    join::{End, Join, Stop, Tally},
    life::Life,
    node::Node,
    task_node::Inside,
};
use crate::{
    cancel::{CancelToken, Cancelled, Cause, Request},
    sync::{Arc, Lock},
    time::Instant,
    wait::List,
};
use core::fmt;

/// A scope, kept by what belongs to it.
#[derive(Clone)]
pub struct Owned(pub(super) Inside);

/// One scope.
pub(super) struct Shared {
    /// The request to stop.
    pub(super) token: CancelToken,
    /// The end of all patience: tasks are dropped.
    pub(super) abort: Request,
    pub(super) join: Join,
    /// The scope that this one is in, which does not end before it.
    parent: Option<Inside>,
    life: Life,
    /// The tasks that end when no shield is up any more.
    waiting_for_shields: Lock<List>,
    state: Lock<State>,
}

struct State {
    /// Tasks and scopes inside that are not gone yet.
    members: usize,
    tally: Tally,
    cleanups: Cleanups,
    /// Nobody drives the scope any more: its last member starts the cleanups, which end by then.
    abandoned: Option<Instant>,
    /// Nothing may join any more.
    closed: bool,
    /// Whether the parent still counts this scope.
    counted: bool,
}

impl Shared {
    /// A scope, and whether it may begin: its parent may have ended.
    pub(super) fn new(
        parent: Option<Inside>,
        above: Option<&CancelToken>,
        join: Join,
        deadline: Instant,
    ) -> Arc<Self> {
        let counted = parent.as_ref().is_some_and(|parent| parent.shared().enter());
        let above = parent.as_ref().map(|parent| &parent.shared().token).or(above);
        let token = above.map_or_else(CancelToken::new, CancelToken::child_token);
        if parent.is_some() && !counted {
            token.cancel("the scope around has ended");
        }
        let state = State {
            members: 0,
            tally: Tally::default(),
            cleanups: Cleanups::new(),
            abandoned: None,
            closed: false,
            counted,
        };
        Arc::new(Self {
            token,
            abort: Request::new(),
            join,
            parent,
            life: Life::new(deadline),
            waiting_for_shields: Lock::new(List::new()),
            state: Lock::new(state),
        })
    }

    pub(super) const fn has_parent(&self) -> bool {
        self.parent.is_some()
    }

    /// Counts one more member; false if the scope has ended.
    pub(super) fn enter(&self) -> bool {
        self.state.with(|state| {
            if !state.closed {
                state.members += 1;
            }
            !state.closed
        })
    }

    /// A task has ended.
    pub(super) fn exit(&self, end: End) {
        self.state.with(|state| state.tally.count(end));
        match self.join.stops(end) {
            None => {}
            Some(Stop::Everything(reason)) => {
                self.token.cancel_for(Cause::Failed, reason);
            }
            Some(Stop::OtherTasks(reason)) => {
                self.abort_for(reason);
            }
        }
    }

    /// Has all tasks dropped where they stand.
    fn abort_for(&self, reason: &'static str) {
        self.abort.raise(self.abort.answer_for(Cause::Asked, reason));
    }

    /// A member is gone; if it was the last of a scope that is over, so is that scope in its parent.
    pub(super) fn leave(&self) {
        let mut scope = Some(self);
        while let Some(this) = scope {
            let last = this.state.with(|state| {
                state.members -= 1;
                state.members == 0
            });
            scope = None;
            if last {
                this.life.driver().wake();
                this.start_abandoned();
                scope = this.release();
            }
        }
    }

    /// Lets the scope end without anyone who drives it.
    pub(super) fn abandon(&self, until: Instant) {
        self.state.with(|state| state.abandoned = Some(until));
        self.start_abandoned();
        self.close();
    }

    fn start_abandoned(&self) {
        let until = self.state.with(|state| state.abandoned.filter(|_| state.members == 0));
        if let Some(until) = until {
            self.start_cleanups(until);
        }
    }

    pub(super) fn members(&self) -> usize {
        self.state.with(|state| state.members)
    }

    pub(super) fn tally(&self) -> Tally {
        self.state.with(|state| state.tally)
    }

    /// Lets nobody in any more; those who are inside count for the parent until they are gone.
    pub(super) fn close(&self) {
        self.state.with(|state| state.closed = true);
        if let Some(parent) = self.release() {
            parent.leave();
        }
    }

    /// The parent, if it is to be told now that all of this scope is gone.
    fn release(&self) -> Option<&Self> {
        let counted = self.state.with(|state| {
            let over = state.closed && state.members == 0 && state.cleanups.is_empty();
            over && core::mem::take(&mut state.counted)
        });
        if counted { self.parent.as_ref().map(|parent| &**parent.shared()) } else { None }
    }

    /// The list of the tasks that wait for the last of their shields to go.
    pub(super) const fn waiting_for_shields(&self) -> &Lock<List> {
        &self.waiting_for_shields
    }

    /// Puts a cleanup before the others; false if the scope has ended.
    pub(super) fn push_cleanup(&self, cleanup: Link) -> bool {
        let pushed = self.state.with(|state| state.cleanups.push(cleanup));
        pushed.is_ok() // a refused one is freed here, outside the lock (K4)
    }

    pub(super) fn cleanups_until(&self) -> Instant {
        self.state.with(|state| state.cleanups.until())
    }

    /// Lets the first cleanup run, if it was not told so yet.
    pub(super) fn start_cleanups(&self, until: Instant) {
        let first = self.state.with(|state| state.cleanups.start(until));
        first.inspect(Turn::come);
    }

    /// Whether no cleanup is left; from then on none is taken. For a scope that has come to them.
    pub(super) fn finish_cleanups(&self) -> bool {
        self.state.with(|state| state.cleanups.finish())
    }

    /// A cleanup is gone, whether its turn had come or not.
    pub(super) fn cleanup_gone(&self, turn: &Turn) {
        let (next, over) = self.state.with(|state| {
            let next = state.cleanups.gone(turn);
            (next, state.cleanups.is_empty())
        });
        next.inspect(Turn::come);
        if over {
            self.life.driver().wake();
            if let Some(parent) = self.release() {
                parent.leave();
            }
        }
    }

    pub(super) fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("cancelled", &self.token.answer())
            .field("members", &self.members())
            .finish_non_exhaustive()
    }
}

impl Node for Shared {
    fn life(&self) -> &Life {
        &self.life
    }

    fn request(&self) -> &Request {
        self.token.request()
    }

    fn around(&self) -> Option<&dyn Node> {
        self.parent.as_ref().map(Inside::node)
    }

    fn answer(&self) -> Option<Cancelled> {
        self.token.checkpoint().err()
    }

    fn outermost(&self) -> Option<Cancelled> {
        self.token.outermost()
    }

    fn cancel_for(&self, cause: Cause, reason: &'static str) -> bool {
        self.token.cancel_for(cause, reason)
    }

    fn enter(&self) -> bool {
        Self::enter(self)
    }

    fn leave(&self) {
        Self::leave(self);
    }

    fn has_anyone(&self) -> bool {
        self.state.with(|state| !state.closed || state.members > 0)
    }

    fn unshielded(&self) {
        while let Some(waker) = self.waiting_for_shields.with(List::pop_front) {
            waker.wake();
        }
    }
}

impl Driven for Shared {
    fn pass_on(&self) {} // the tokens do

    fn close_if_empty(&self) -> bool {
        self.state.with(|state| {
            state.closed |= state.members == 0;
            state.closed
        })
    }
}
