//! Children in place whose futures refer to themselves: for Miri, which sees every reference.

#![cfg(feature = "std")]

mod executor;
mod probe;
mod supervised;
mod virtual_clock;

use core::{
    cell::Cell,
    future::poll_fn,
    task::{Poll, Waker},
};
use klaw::{
    CancelToken, Clock, Restart, Shutdown,
    supervise::{AnyChild, ChildId, InPlace, nested},
    task,
};
use std::rc::Rc;
use supervised::{Bench, SECOND, supervisor};

/// A number on its way to a child, and who waits for it.
#[derive(Clone, Default)]
struct Told(Rc<Cell<Option<i32>>>, Rc<Cell<Option<Waker>>>);

impl Told {
    fn tell(&self, number: i32) {
        self.0.set(Some(number));
        if let Some(waker) = self.1.take() {
            waker.wake();
        }
    }

    /// Holds no cell in place: Miri looks closely only at futures without one.
    async fn next(&self) -> i32 {
        poll_fn(|cx| {
            self.1.set(Some(cx.waker().clone()));
            self.0.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

/// A child that adds up what it is told through a reference into itself; zero makes it fail.
macro_rules! counter {
    () => {{
        let (told, total) = (Told::default(), Rc::new(Cell::new(0)));
        let (hears, seen) = (told.clone(), total.clone());
        let factory = move || {
            let (hears, seen) = (hears.clone(), seen.clone());
            task(async move {
                let mut sum = 0;
                let into = &mut sum;
                loop {
                    match hears.next().await {
                        0 => return Err("told to fail"),
                        more => *into += more,
                    }
                    seen.set(*into);
                }
            })
        };
        (told, total, factory)
    }};
}

/// Whatever a supervisor does between two polls of a child leaves the child's references intact.
#[test]
fn a_child_in_place_may_refer_to_itself() {
    let bench = Bench::with(0, |_| InPlace);
    let (numbers, total, factory) = counter!();
    let (inner_numbers, inner_total, inner) = counter!();
    let (sibling_numbers, sibling_total, sibling) = counter!();
    let clock = bench.clock.clone();
    let children = supervisor()
        .max_restarts(3)
        .shutdown(Shutdown::Drain(SECOND))
        .child("sibling", Restart::Always, sibling)
        .child("counter", Restart::Always, factory)
        .child("below", Restart::Always, move || {
            nested(supervisor().child("inner", Restart::Always, inner.clone()).run(&clock))
        });
    let (running, supervisor) = children.run_open::<_, dyn AnyChild, _>(InPlace, &bench.clock);
    let (running, view) = running.seen();
    let stop = CancelToken::new();
    let result = bench.executor.start(running.until(stop.cancelled()));
    bench.executor.run();
    let mut sums = [0; 3];
    for round in 1..=3 {
        for (sum, numbers) in sums.iter_mut().zip([&numbers, &inner_numbers, &sibling_numbers]) {
            numbers.tell(round);
            *sum += round;
        }
        bench.executor.run();
        assert_eq!([total.get(), inner_total.get(), sibling_total.get()], sums);
        assert_eq!(view.snapshot(bench.clock.now()).children.len(), 3);
        let asking = supervisor.clone();
        let listed = bench.executor.settle(async move { asking.which_children().await });
        assert_eq!(listed.unwrap().unwrap().len(), 3);
        // A restart next to it, by its supervisor and by hand.
        sibling_numbers.tell(0);
        bench.executor.run();
        sums[2] = 0;
        let (asking, id) = (supervisor.clone(), ChildId { name: "sibling", index: None });
        let again = bench.executor.settle(async move {
            asking.stop_child(id).await?;
            asking.restart_child(id).await
        });
        assert_eq!(again, Some(Ok(())));
        bench.advance(SECOND);
    }
    stop.cancel("the test is over");
    bench.executor.run();
    bench.advance(SECOND);
    assert!(result.is_ready());
}
