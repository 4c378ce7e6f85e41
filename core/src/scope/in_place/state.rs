//! What the parts of one scope in place share; it lies in the future that runs the scope.

use crate::{
    cancel::{CancelToken, Cancelled, Cause, Request},
    scope::{
        drive::Driven,
        life::Life,
        node::{Handle, Node},
    },
};
use core::fmt;

/// One scope. It borrows those around it, so no list of children is kept: what comes from above is
/// seen by looking up, and passed on by the future that runs the scope.
pub(super) struct State<'p> {
    cancel: Request,
    above: Above<'p>,
    life: Life,
    /// Whether the scope around counts this one.
    counted: bool,
}

/// What can cancel a scope besides itself.
#[derive(Clone, Copy)]
pub(super) enum Above<'p> {
    Nothing,
    Token(&'p CancelToken),
    Scope(&'p dyn Node),
}

/// A scope in place, as what belongs to it holds it.
#[derive(Clone, Copy)]
pub struct Borrowed<'a>(pub(super) &'a State<'a>);

impl<'p> State<'p> {
    pub(super) fn new(above: Above<'p>, life: Life) -> Self {
        let counted = match above {
            Above::Scope(scope) => scope.enter(),
            Above::Nothing | Above::Token(_) => false,
        };
        Self { cancel: Request::new(), above, life, counted }
    }

    /// Whether it may begin; asked where the scope will stay.
    pub(super) fn begins(&self) -> bool {
        if matches!(self.above, Above::Scope(_)) && !self.counted {
            self.cancel_for(Cause::Asked, "the scope around has ended");
        }
        self.answer().is_none()
    }

    /// Why a body did not come to its end.
    pub(super) fn why(&self) -> Cancelled {
        self.outermost().unwrap_or_else(|| unreachable!("only a cancel ends the body early"))
    }

    /// The next request above.
    pub(super) fn above(&self) -> Option<&Request> {
        match self.above {
            Above::Nothing => None,
            Above::Token(token) => Some(token.request()),
            Above::Scope(scope) => Some(scope.request()),
        }
    }

    fn answer_above(&self) -> Option<Cancelled> {
        match self.above {
            Above::Nothing => None,
            Above::Token(token) => token.checkpoint().err(),
            Above::Scope(scope) => scope.answer(),
        }
    }
}

impl Drop for State<'_> {
    fn drop(&mut self) {
        if let (Above::Scope(scope), true) = (self.above, self.counted) {
            scope.leave();
        }
    }
}

impl Node for State<'_> {
    fn life(&self) -> &Life {
        &self.life
    }

    fn request(&self) -> &Request {
        &self.cancel
    }

    fn around(&self) -> Option<&dyn Node> {
        match self.above {
            Above::Scope(scope) => Some(scope),
            Above::Nothing | Above::Token(_) => None,
        }
    }

    fn answer(&self) -> Option<Cancelled> {
        self.cancel.checkpoint().err().or_else(|| self.answer_above())
    }

    fn outermost(&self) -> Option<Cancelled> {
        let above = match self.above {
            Above::Nothing => None,
            Above::Token(token) => token.outermost(),
            Above::Scope(scope) => scope.outermost(),
        };
        above.or_else(|| self.cancel.answer())
    }

    fn cancel_for(&self, cause: Cause, reason: &'static str) -> bool {
        self.pass_on(); // what was asked for above came first
        self.cancel.raise(self.cancel.answer_for(cause, reason))
    }
}

impl Driven for State<'_> {
    fn pass_on(&self) {
        if let Some(cancelled) = self.answer_above() {
            self.cancel.raise(cancelled);
        }
    }

    fn close_if_empty(&self) -> bool {
        true // nothing runs elsewhere
    }
}

impl Handle for Borrowed<'_> {
    fn node(&self) -> &dyn Node {
        self.0
    }
}

impl fmt::Debug for Borrowed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Borrowed").field(&self.0.answer()).finish()
    }
}
