//! Every interleaving of small programs on what tasks wait by.

use super::{Attempt, Flag, List, Until, WakerCell};
use core::{
    pin::pin,
    sync::atomic::AtomicUsize as Unseen,
    task::{Context, Poll, Waker},
};
use loom::{
    future::block_on,
    model,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use std::task::Wake;

struct Raised(Arc<Flag>);

impl Attempt for Raised {
    type Output = ();

    fn attempt(&mut self) -> Poll<()> {
        if self.0.is_raised() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.with_list(f)
    }
}

fn raised(flag: &Arc<Flag>) -> Until<Raised> {
    Until::new(Raised(flag.clone()))
}

/// A task that counts its wakes, unseen by loom.
struct Task(Unseen);

impl Wake for Task {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn loom_a_flag_raised_while_a_task_waits() {
    model(|| {
        let flag = Arc::new(Flag::new());
        let waiting = raised(&flag);
        let waiter = thread::spawn(move || block_on(waiting));
        flag.raise();
        waiter.join().unwrap();
    });
}

#[test]
fn loom_a_flag_raised_wakes_everyone() {
    model(|| {
        let flag = Arc::new(Flag::new());
        let waiting = raised(&flag);
        let waiter = thread::spawn(move || block_on(waiting));
        let raiser = {
            let flag = flag.clone();
            thread::spawn(move || flag.raise())
        };
        block_on(raised(&flag));
        waiter.join().unwrap();
        raiser.join().unwrap();
    });
}

#[test]
fn loom_a_flag_raised_twice_at_once_wakes_everyone() {
    model(|| {
        let flag = Arc::new(Flag::new());
        let waiting = raised(&flag);
        let waiter = thread::spawn(move || block_on(waiting));
        let raiser = {
            let flag = flag.clone();
            thread::spawn(move || flag.raise())
        };
        flag.raise();
        waiter.join().unwrap();
        raiser.join().unwrap();
    });
}

#[test]
fn loom_a_wait_given_up_while_the_flag_is_raised_takes_no_wake_with_it() {
    model(|| {
        let flag = Arc::new(Flag::new());
        let waiting = raised(&flag);
        let waiter = thread::spawn(move || block_on(waiting));
        let raiser = {
            let flag = flag.clone();
            thread::spawn(move || flag.raise())
        };
        {
            let mut given_up = pin!(raised(&flag));
            let _ = given_up.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
        waiter.join().unwrap();
        raiser.join().unwrap();
    });
}

/// What is seen through a raised flag was written before it.
#[test]
fn loom_a_flag_publishes() {
    model(|| {
        let flag = Arc::new(Flag::new());
        let cell = Arc::new(loom::cell::UnsafeCell::new(0));
        let (waiting, read) = (raised(&flag), cell.clone());
        let waiter = thread::spawn(move || {
            block_on(waiting);
            // SAFETY: written once, before the flag was raised.
            read.with(|cell| unsafe { *cell })
        });
        // SAFETY: read only after the flag is raised.
        cell.with_mut(|cell| unsafe { *cell = 7 });
        flag.raise();
        assert_eq!(waiter.join().unwrap(), 7);
    });
}

#[test]
fn loom_a_waker_cell_loses_no_wake() {
    model(|| {
        let shared = Arc::new((WakerCell::new(), AtomicBool::new(false)));
        let waker = {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.1.store(true, Ordering::Release);
                shared.0.wake();
            })
        };
        block_on(core::future::poll_fn(|cx| {
            shared.0.register(cx.waker());
            if shared.1.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
        }));
        waker.join().unwrap();
    });
}

#[test]
fn loom_a_waker_cell_wakes_the_task_registered_last() {
    model(|| {
        let shared = Arc::new((WakerCell::new(), AtomicBool::new(false)));
        shared.0.register(Waker::noop());
        let waker = {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.1.store(true, Ordering::Release);
                shared.0.wake();
            })
        };
        let task = std::sync::Arc::new(Task(Unseen::new(0)));
        shared.0.register(&Waker::from(task.clone()));
        let seen = shared.1.load(Ordering::Acquire);
        waker.join().unwrap();
        assert!(seen || task.0.load(Ordering::SeqCst) == 1);
    });
}
