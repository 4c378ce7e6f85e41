//! Every interleaving of a task's end with what is done to its handle.

use super::{ExitReason, JoinError, NoHook, Priority, Task, TaskHandle};
use crate::context::Context as TaskContext;
use core::{
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};
use loom::{
    future::block_on,
    model,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use std::boxed::Box;

fn task<F: Future>(future: F) -> (Pin<Box<Task<F>>>, TaskHandle<F::Output>) {
    let context = TaskContext::current();
    let (task, handle) = Task::new("task", future, None, context, Priority::Normal, NoHook);
    (Box::pin(task), handle)
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Counts the times it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn loom_task_ends_while_it_is_awaited() {
    model(|| {
        let (mut task, handle) = task(core::future::ready(7));
        let ended = handle.ended();
        let runner = thread::spawn(move || poll(task.as_mut()).is_ready());
        let other = thread::spawn(move || block_on(ended));
        assert!(matches!(block_on(handle.into_future()), Ok(7)));
        assert_eq!(other.join().unwrap(), ExitReason::Finished);
        assert!(runner.join().unwrap());
    });
}

/// What a task's destructors wrote is seen by who learns of its end in any way.
#[test]
fn loom_task_publishes_what_its_destructors_did() {
    model(|| {
        // Relaxed on both sides: only the end of the task brings it over.
        let dropped = Arc::new(AtomicUsize::new(0));
        let captured = Counted(dropped.clone());
        let (task, handle) = task(async move {
            let _captured = captured;
        });
        // Dropped without a poll: the longer way round.
        let runner = thread::spawn(move || drop(task));
        if handle.is_running() {
            assert_eq!(block_on(handle.ended()), ExitReason::Abandoned);
        }
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
        runner.join().unwrap();
    });
}

#[test]
fn loom_task_cancelled_while_it_ends_has_one_result() {
    model(|| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let value = Counted(dropped.clone());
        let (mut task, handle) = task(core::future::ready(value));
        let runner = thread::spawn(move || poll(task.as_mut()).is_ready());
        handle.cancel("enough");
        match block_on(handle.into_future()) {
            Ok(value) => drop(value),
            Err(JoinError::Cancelled(cancelled)) => assert_eq!(cancelled.reason, "enough"),
            Err(error) => panic!("{error}"),
        }
        assert!(runner.join().unwrap());
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
    });
}

/// A request that arrives while the task parks wakes it.
#[test]
fn loom_task_cancelled_while_it_parks_hears_of_it() {
    model(|| {
        let (task, handle) = task(core::future::pending::<()>());
        let runner = thread::spawn(move || block_on(task));
        handle.cancel("enough");
        assert!(matches!(block_on(handle.into_future()), Err(JoinError::Cancelled(_))));
        runner.join().unwrap();
    });
}

#[test]
fn loom_task_ends_while_its_handle_is_dropped() {
    model(|| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let value = Counted(dropped.clone());
        let (mut task, handle) = task(core::future::ready(value));
        let runner = thread::spawn(move || poll(task.as_mut()).is_ready());
        drop(handle);
        assert!(runner.join().unwrap());
        assert_eq!(dropped.load(Ordering::Relaxed), 1, "once, whoever came last");
    });
}

#[test]
fn loom_task_ends_while_a_wait_is_given_up() {
    model(|| {
        let (mut task, mut handle) = task(core::future::ready(7));
        let runner = thread::spawn(move || poll(task.as_mut()).is_ready());
        let first = poll(pin!((&mut handle).into_future()));
        let result = match first {
            Poll::Ready(result) => result,
            Poll::Pending => block_on((&mut handle).into_future()),
        };
        assert!(matches!(result, Ok(7)));
        assert!(runner.join().unwrap());
    });
}
