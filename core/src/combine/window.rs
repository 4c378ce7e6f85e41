//! Futures that are made as there is room for them, as many at a time as were asked for.

use super::{child::Child, turn::Turn};
use alloc::{boxed::Box, vec::Vec};
use core::{
    future::poll_fn,
    num::NonZeroUsize,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// The place of a future that runs, and which it is.
    struct Place<F: Future> {
        at: usize,
        #[pin]
        child: Child<F>,
    }
}

/// Runs what `source` gives, at most `width` at a time.
pub(super) struct Window<I: Iterator<Item: Future>> {
    // Gone when it has given all.
    source: Option<I>,
    made: usize,
    width: usize,
    // Made when first needed, and used again; all are taken before another one is made.
    places: Vec<Pin<Box<Place<I::Item>>>>,
    turn: Turn,
}

impl<T, E, I: Iterator<Item: Future<Output = Result<T, E>>>> Window<I> {
    pub(super) fn new(width: NonZeroUsize, source: impl IntoIterator<IntoIter = I>) -> Self {
        let source = Some(source.into_iter());
        Self { source, made: 0, width: width.get(), places: Vec::new(), turn: Turn::new() }
    }

    /// The next result in the order they come, with the place of its future in the input.
    pub(super) async fn next(&mut self) -> Option<(usize, Result<T, E>)> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<(usize, Result<T, E>)>> {
        self.fill();
        let mut running = false;
        for index in self.turn.next(self.places.len()) {
            let mut place = self.places[index].as_mut().project();
            if matches!(*place.child, Child::Gone) {
                continue;
            }
            if place.child.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Some((*place.at, place.child.take())));
            }
            running = true;
        }
        if running { Poll::Pending } else { Poll::Ready(None) }
    }

    /// Makes futures while there is room.
    fn fill(&mut self) {
        for place in &mut self.places {
            if matches!(place.child, Child::Gone) {
                let Some((at, future)) = make(&mut self.source, &mut self.made) else { return };
                place.set(Place { at, child: Child::new(future) });
            }
        }
        while self.places.len() < self.width {
            let Some((at, future)) = make(&mut self.source, &mut self.made) else { return };
            self.places.push(Box::pin(Place { at, child: Child::new(future) }));
        }
    }
}

fn make<I: Iterator>(source: &mut Option<I>, made: &mut usize) -> Option<(usize, I::Item)> {
    let Some(future) = source.as_mut()?.next() else {
        *source = None;
        return None;
    };
    let at = *made;
    *made += 1;
    Some((at, future))
}
