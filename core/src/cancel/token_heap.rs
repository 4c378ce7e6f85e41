//! Tokens on the heap, and the trees they make.

use super::{Cancel, CancelToken, Cancelled, token::Held};
use crate::sync::Arc;

/// A request below another one.
pub(super) struct Child {
    cancel: Arc<Cancel>,
    above: Option<Link>,
}

/// The token above, and the place among its children; none if it was cancelled already.
struct Link {
    token: CancelToken,
    place: Option<usize>,
}

impl CancelToken {
    /// A token for a request of its own, shared by its clones.
    #[must_use]
    pub fn new() -> Self {
        Self(Held::Shared(Arc::new(Cancel::new())))
    }

    /// A token that is cancelled with this one, and can be cancelled alone.
    ///
    /// It leaves the tree when its last clone is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let server = klaw::CancelToken::new();
    /// let (first, second) = (server.child_token(), server.child_token());
    /// first.cancel("client went away");
    /// assert!(!server.is_cancelled() && !second.is_cancelled());
    /// server.cancel("shutdown");
    /// assert_eq!((first.reason(), second.reason()), (Some("client went away"), Some("shutdown")));
    /// ```
    #[must_use]
    pub fn child_token(&self) -> Self {
        let cancel = Arc::new(Cancel::new());
        let place = self.get().children().add(&cancel);
        if place.is_none()
            && let Some(cancelled) = self.get().answer()
        {
            cancel.raise(cancelled);
        }
        let above = Some(Link { token: self.clone(), place });
        Self(Held::Child(Arc::new(Child { cancel, above })))
    }

    /// The answer of the outermost token that was cancelled, from this one up to the root.
    ///
    /// Where several were, that one takes it: what lies between ends with it.
    pub fn outermost(&self) -> Option<Cancelled> {
        let (mut token, mut outermost) = (self, None);
        loop {
            outermost = token.get().answer().or(outermost);
            match token.parent() {
                Some(parent) => token = parent,
                None => return outermost,
            }
        }
    }

    fn parent(&self) -> Option<&Self> {
        match &self.0 {
            Held::Child(child) => child.above.as_ref().map(|above| &above.token),
            Held::Static(_) | Held::Shared(_) => None,
        }
    }
}

impl Child {
    pub(super) fn cancel(&self) -> &Cancel {
        &self.cancel
    }
}

impl Drop for Child {
    /// The last handle on the lowest token may be the last on all of those above, too: one after the
    /// other in a loop, so that a deep tree needs no deep stack.
    fn drop(&mut self) {
        let mut above = self.above.take();
        while let Some(Link { token, place }) = above {
            if let Some(place) = place {
                token.get().children().remove(place);
            }
            above = match token.0 {
                Held::Child(child) => {
                    Arc::try_unwrap(child).ok().and_then(|mut child| child.above.take())
                }
                Held::Static(_) | Held::Shared(_) => None,
            };
        }
    }
}

impl Default for CancelToken {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn s14_a_tree_under_churn_does_not_grow() {
        let root = CancelToken::new();
        let mut kept = Vec::new();
        for round in 0..1_000 {
            kept.push(root.child_token());
            if kept.len() > 7 {
                kept.swap_remove(round % 7);
            }
        }
        assert_eq!(root.get().children().len(), kept.len());
        assert!(root.get().children().places() <= 16);
        kept.clear();
        assert_eq!(root.get().children().len(), 0);
    }

    #[test]
    fn a_cancelled_token_keeps_no_children() {
        let root = CancelToken::new();
        let child = root.child_token();
        root.cancel("stop");
        let late = root.child_token();
        assert_eq!(root.get().children().len(), 0);
        assert_eq!((child.reason(), late.reason()), (Some("stop"), Some("stop")));
    }
}
