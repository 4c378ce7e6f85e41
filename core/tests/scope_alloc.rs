//! What a task of a scope and a limit on time allocate, counted by the allocator.

#![cfg(feature = "std")]

mod counting;
mod virtual_clock;

use core::{cell::RefCell, future::ready, pin::Pin, task::Poll, time::Duration};
use counting::{allocations, poll};
use klaw::{Runtime, Spawn, SpawnError, scope, timeout};
use std::{pin::pin, rc::Rc};
use virtual_clock::VirtualClock;

type Boxed = Pin<Box<dyn Future<Output = ()>>>;

/// Keeps each task in one box, in a row with room for some; polls them when it is told to.
#[derive(Clone)]
struct Boxes(Rc<RefCell<Vec<Boxed>>>);

impl Boxes {
    fn new() -> Self {
        Self(Rc::new(RefCell::new(Vec::with_capacity(16))))
    }

    fn run(&self) {
        let mut tasks = self.0.borrow_mut();
        tasks.retain_mut(|task| poll(task.as_mut()).is_pending());
    }
}

impl<F: Future<Output = ()> + 'static> Spawn<F> for Boxes {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        self.0.borrow_mut().push(Box::pin(future));
        Ok(())
    }
}

/// What the executor allocates by itself.
const EXECUTOR: usize = 1;

#[test]
fn a_task_of_a_scope_allocates_three_times() {
    let boxes = Boxes::new();
    let runtime = Runtime::new(boxes.clone(), VirtualClock::new());
    let mut counted = None;
    let run = scope(&runtime).run(async |scope| {
        // The first has the scope make a place for those that hear of its cancellation.
        for _ in 0..2 {
            let all = allocations(|| {
                let mut handle = pin!(scope.spawn(ready(7)).unwrap().into_future());
                boxes.run();
                assert!(matches!(poll(handle.as_mut()), Poll::Ready(Ok(7))));
            });
            counted = Some(all);
        }
    });
    assert_eq!(poll(pin!(run)), Poll::Ready(Ok(())));
    assert_eq!(counted, Some(EXECUTOR + 3), "the meeting place, a token and its place in the tree");
}

#[test]
fn a_limit_on_what_is_ready_allocates_nothing() {
    let clock = VirtualClock::new();
    let limited = || {
        let limited = pin!(timeout(&clock, Duration::from_secs(1), ready(7)));
        assert_eq!(poll(limited), Poll::Ready(Ok(7)));
    };
    assert_eq!(allocations(|| (0..100).for_each(|_| limited())), 0);
}
