//! Running children in place, as the constants of a supervisor allow.

use super::{
    drive::{Drive, ErrorOf, InPlace, Place, poll_place},
    incarnation::{Incarnation, Retire},
};
use crate::{
    actor::Exit,
    supervise::policy::{Constants, Fixed, Policy},
};
use core::{
    pin::Pin,
    task::{Context, Poll},
};

/// As [`InPlace`], where a child that is always killed has no way to be asked.
impl<T: Incarnation, F: Fixed> Drive<T> for Constants<F> {
    type Run = Place<T>;

    const ASKS: bool = <Self as Policy>::ASKS;

    const ERRORS: bool = F::ERRORS;

    fn start(&self, run: Pin<&mut Place<T>>, future: T) {
        InPlace.start(run, future);
    }

    fn poll_exit(run: Pin<&mut Place<T>>, cx: &mut Context<'_>) -> Poll<Exit<ErrorOf<T>>> {
        poll_place(run, |future| poll_out_of_line(future, cx))
    }

    fn is_ready(run: Pin<&mut Place<T>>) -> bool {
        <InPlace as Drive<T>>::is_ready(run)
    }

    fn kill(run: Pin<&mut Place<T>>) {
        <InPlace as Drive<T>>::kill(run);
    }

    fn abandon(run: Pin<&mut Place<T>>, last: Retire<T::Control>) {
        <InPlace as Drive<T>>::abandon(run, last);
    }
}

/// What a child does is long, and inlined it would spread the little that is done around it.
#[inline(never)]
fn poll_out_of_line<T: Future>(future: Pin<&mut T>, cx: &mut Context<'_>) -> Poll<T::Output> {
    future.poll(cx)
}
