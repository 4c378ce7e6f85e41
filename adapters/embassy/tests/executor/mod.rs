//! Embassy's executor on the host, polled by hand under the mock driver's time.

use core::{cell::Cell, ptr};
use embassy_executor::{
    Spawner,
    raw::{Executor, TaskStorage},
};
use embassy_time::{Duration, MockDriver};
use std::{
    rc::Rc,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// An executor is asked to poll; these are polled until nothing is to be done.
#[unsafe(export_name = "__pender")]
fn pender(context: *mut ()) {
    // SAFETY: `new` leaks what it passes as the context of its executor.
    unsafe { &*context.cast::<Pended>() }.0.store(true, core::sync::atomic::Ordering::SeqCst);
}

struct Pended(core::sync::atomic::AtomicBool);

/// One executor, and all of the time: tests that use it run one after the other.
pub(crate) struct Chip {
    executor: &'static Executor,
    pended: &'static Pended,
    _alone: MutexGuard<'static, ()>,
}

impl Chip {
    pub(crate) fn new() -> Self {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        // Leaked: embassy's executors and tasks live for ever.
        let pended: &Pended = Box::leak(Box::new(Pended(false.into())));
        let context = ptr::from_ref(pended).cast_mut().cast();
        let executor = Box::leak(Box::new(Executor::new(context)));
        Self { executor, pended, _alone: alone }
    }

    pub(crate) fn spawner(&self) -> Spawner {
        self.executor.spawner()
    }

    /// Polls what is ready, until nothing is.
    pub(crate) fn settle(&self) {
        while self.pended.0.swap(false, core::sync::atomic::Ordering::SeqCst) {
            // SAFETY: on one thread, and never from within itself.
            unsafe { self.executor.poll() };
        }
    }

    /// Starts `future` as a task of embassy's; the result is there once it has ended.
    pub(crate) fn start<F: Future + 'static>(&self, future: F) -> Rc<Cell<Option<F::Output>>> {
        let result = Rc::new(Cell::new(None));
        let place = result.clone();
        let future = async move { place.set(Some(future.await)) };
        let storage = Box::leak(Box::new(TaskStorage::new()));
        self.spawner().spawn(storage.spawn(|| future).unwrap());
        self.settle();
        result
    }

    /// Runs `future` to its end; whenever all tasks wait, `step` passes.
    pub(crate) fn run<F: Future + 'static>(&self, step: Duration, future: F) -> F::Output {
        let result = self.start(future);
        for _ in 0..1_000_000 {
            if let Some(result) = result.take() {
                return result;
            }
            self.advance(step);
        }
        panic!("the task did not end");
    }

    /// Lets time pass, and runs what is ready then.
    pub(crate) fn advance(&self, time: Duration) {
        MockDriver::get().advance(time);
        self.settle();
    }
}
