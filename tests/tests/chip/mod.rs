//! Embassy on a host as if on a chip: an executor that sleeps until it is woken, and a clock that ticks.
//!
//! Its own `platform-std` would do as well, but features are one for the whole workspace, and the tests of
//! the adapter need time that stands still.

use core::ptr;
use embassy_executor::{
    Spawner,
    raw::{Executor, TaskStorage},
};
use embassy_time::MockDriver;
use std::{
    rc::Rc,
    sync::{Condvar, Mutex, Once},
    thread,
    time::{Duration, Instant},
};

/// How many tasks a scenario may have.
pub(crate) const TASKS: usize = 8_192;

/// How often the clock ticks.
const TICK: Duration = Duration::from_micros(500);

/// What a chip sleeps on while there is nothing to do.
#[derive(Default)]
struct Interrupt {
    pending: Mutex<bool>,
    raised: Condvar,
}

#[unsafe(export_name = "__pender")]
fn pender(context: *mut ()) {
    // SAFETY: `run` leaks what it passes as the context of its executor.
    unsafe { &*context.cast::<Interrupt>() }.raise();
}

impl Interrupt {
    fn raise(&self) {
        *self.pending.lock().unwrap() = true;
        self.raised.notify_one();
    }

    fn wait(&self) {
        let pending = self.pending.lock().unwrap();
        *self.raised.wait_while(pending, |pending| !*pending).unwrap() = false;
    }
}

pub(crate) struct Chip;

impl Chip {
    /// Runs `main` as a task on an executor of this thread.
    pub(crate) fn run(main: impl AsyncFnOnce(Spawner) + 'static) {
        start_time();
        // Leaked: embassy's executors and tasks live for ever.
        let interrupt: &Interrupt = Box::leak(Box::default());
        let context = ptr::from_ref(interrupt).cast_mut().cast();
        let executor: &Executor = Box::leak(Box::new(Executor::new(context)));
        let done = Rc::new(());
        let running = Rc::downgrade(&done);
        let spawner = executor.spawner();
        let main = async move {
            main(spawner).await;
            drop(done);
        };
        let storage = Box::leak(Box::new(TaskStorage::new()));
        spawner.spawn(storage.spawn(|| main).unwrap());
        while running.strong_count() > 0 {
            interrupt.wait();
            // SAFETY: on one thread, and never from within itself.
            unsafe { executor.poll() };
        }
    }
}

/// Lets the driver's time be that of the operating system.
fn start_time() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let (begin, driver) = (Instant::now(), MockDriver::get());
        thread::spawn(move || {
            let mut ticks = 0;
            loop {
                thread::sleep(TICK);
                let now = embassy_time::Duration::from_micros(begin.elapsed().as_micros() as u64);
                driver.advance(embassy_time::Duration::from_ticks(now.as_ticks() - ticks));
                ticks = now.as_ticks();
            }
        });
    });
}
