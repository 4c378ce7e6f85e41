//! Without threads that klaw knows of there is no current context: it is passed by hand.

use super::Context;

/// The empty context.
pub(super) const fn current() -> Context {
    Context::empty()
}

/// Calls `f`.
pub(super) fn enter<R>(_: &mut Context, f: impl FnOnce() -> R) -> R {
    f()
}
