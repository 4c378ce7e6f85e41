//! Where a task and its handle meet.

use super::{ExitReason, JoinError};
use crate::{
    cancel::{Cancelled, Cause, Origin},
    sync::{Arc, AtomicU8, Lock, Ordering},
    wait::{Attempt, List},
};
use core::{
    mem::replace,
    task::{Poll, Waker},
};

/// What one task comes to, who waits for it, and what its handle asks of it.
///
/// All of it in one lock and a byte, and no larger than it must be: it is most of what a task costs.
pub(super) struct Cell<T> {
    // Changed under the lock, and looked at without it.
    stage: AtomicU8,
    state: Lock<State<T>>,
}

/// How far a task is; only ever further.
const RUNNING: u8 = 0;
/// It was asked to stop.
const ASKED: u8 = 1;
/// The point of which H2 and H4 speak.
const OVER: u8 = 2;
/// And nothing is left for the handle to take.
const TAKEN: u8 = 3;

struct State<T> {
    /// Those who wait for the end.
    waiting: List,
    /// How to wake the task when it is asked to stop, if it is the cell that it hears it from.
    task: Option<Waker>,
    /// Whether there is still a handle to give the result to.
    wanted: bool,
    outcome: Outcome<T>,
}

enum Outcome<T> {
    /// None yet, and what the task was asked.
    Open(Option<Cancelled>),
    Result(Result<T, JoinError>),
    /// The result was taken, or nobody wanted it.
    Gone(ExitReason),
}

impl<T> State<T> {
    fn take(&mut self) -> Option<Result<T, JoinError>> {
        let Outcome::Result(result) = &self.outcome else { return None };
        let gone = Outcome::Gone(ExitReason::of(result));
        match replace(&mut self.outcome, gone) {
            Outcome::Result(result) => Some(result),
            Outcome::Open(_) | Outcome::Gone(_) => None,
        }
    }
}

/// What is left to do when the task has ended.
struct Settled {
    /// To be dropped.
    task: Option<Waker>,
    /// To be woken.
    first: Option<Waker>,
    /// Whether others wait.
    more: bool,
}

impl<T> Cell<T> {
    pub(super) fn new() -> Arc<Self> {
        let outcome = Outcome::Open(None);
        let state = State { waiting: List::new(), task: None, wanted: true, outcome };
        Arc::new(Self { stage: AtomicU8::new(RUNNING), state: Lock::new(state) })
    }

    /// Asks the task to stop; true if nobody had asked before and it had not ended.
    pub(super) fn cancel(&self, reason: &'static str) -> bool {
        self.stop(Cancelled { reason, cause: Cause::Asked, origin: Origin::of(self) })
    }

    /// The same with an answer that was made elsewhere.
    pub(super) fn stop(&self, cancelled: Cancelled) -> bool {
        let task = self.state.with(|state| {
            let Outcome::Open(asked @ None) = &mut state.outcome else { return Err(()) };
            *asked = Some(cancelled);
            self.stage.store(ASKED, Ordering::Release);
            Ok(state.task.take())
        });
        task.map(|task| task.into_iter().for_each(Waker::wake)).is_ok()
    }

    /// Why the task is to stop, for the task itself.
    #[inline]
    pub(super) fn asked(&self) -> Option<Cancelled> {
        if self.stage.load(Ordering::Acquire) == RUNNING {
            return None;
        }
        self.state.with(|state| match &state.outcome {
            Outcome::Open(asked) => *asked,
            Outcome::Result(_) | Outcome::Gone(_) => None,
        })
    }

    /// The same, and has the task woken by `waker` if it is asked later.
    pub(super) fn park(&self, waker: &Waker) -> Option<Cancelled> {
        let known =
            |state: &mut State<T>| state.task.as_ref().is_some_and(|known| known.will_wake(waker));
        // Whoever asks takes the waker, so one that is here was not needed yet.
        if !self.state.with(known) {
            let waker = waker.clone();
            let previous = self.state.with(|state| state.task.replace(waker));
            drop(previous); // outside the lock: a waker's destructor is foreign code (K4)
        }
        self.asked()
    }

    /// Puts the result in and wakes who waits; called once.
    ///
    /// A result that nobody wants any more is dropped here, before anybody is woken.
    pub(super) fn finish(&self, result: Result<T, JoinError>) {
        /// Ends the task also if the destructor of the result panics.
        struct Settle<'a, T>(&'a Cell<T>, ExitReason);
        impl<T> Drop for Settle<'_, T> {
            fn drop(&mut self) {
                let settled =
                    self.0.state.with(|state| self.0.settle(state, Outcome::Gone(self.1)));
                self.0.wake(settled);
            }
        }

        let settled = self.state.with(|state| {
            if state.wanted { Ok(self.settle(state, Outcome::Result(result))) } else { Err(result) }
        });
        match settled {
            Ok(settled) => self.wake(settled),
            Err(unwanted) => {
                let _settle = Settle(self, ExitReason::of(&unwanted));
                drop(unwanted);
            }
        }
    }

    /// From here on the task has ended; what is given is for [`wake`](Self::wake), without the lock.
    fn settle(&self, state: &mut State<T>, outcome: Outcome<T>) -> Settled {
        debug_assert!(matches!(state.outcome, Outcome::Open(_)), "no destructor runs here (K4)");
        state.outcome = outcome;
        self.stage.store(OVER, Ordering::Release);
        let first = state.waiting.pop_front();
        Settled { task: state.task.take(), first, more: !state.waiting.is_empty() }
    }

    fn wake(&self, Settled { task, first, more }: Settled) {
        first.into_iter().for_each(Waker::wake);
        // Nobody parks any more.
        while more && let Some(waker) = self.state.with(|state| state.waiting.pop_front()) {
            waker.wake();
        }
        drop(task);
    }

    #[inline]
    pub(super) fn is_over(&self) -> bool {
        self.stage.load(Ordering::Acquire) >= OVER
    }

    pub(super) fn reason(&self) -> Option<ExitReason> {
        if !self.is_over() {
            return None;
        }
        self.state.with(|state| match &state.outcome {
            Outcome::Open(_) => None,
            Outcome::Result(result) => Some(ExitReason::of(result)),
            Outcome::Gone(reason) => Some(*reason),
        })
    }

    /// Takes the result, if it is there and was not taken before.
    pub(super) fn take(&self) -> Option<Result<T, JoinError>> {
        self.state.with(|state| {
            let result = state.take()?;
            self.stage.store(TAKEN, Ordering::Release);
            Some(result)
        })
    }

    /// The handle is gone.
    pub(super) fn forsake(&self) {
        if self.stage.load(Ordering::Acquire) == TAKEN {
            return;
        }
        let unwanted = self.state.with(|state| {
            state.wanted = false;
            state.take()
        });
        drop(unwanted); // outside the lock (K4)
    }
}

/// What refers to a cell.
pub(super) trait Refer {
    type Value;

    fn cell(&self) -> &Cell<Self::Value>;
}

impl<T> Refer for Arc<Cell<T>> {
    type Value = T;

    fn cell(&self) -> &Cell<T> {
        self
    }
}

impl<R: Refer> Refer for &mut R {
    type Value = R::Value;

    fn cell(&self) -> &Cell<R::Value> {
        (**self).cell()
    }
}

/// The end of a task, as something to wait for.
pub(super) struct Over<R>(pub(super) R);

impl<R: Refer> Attempt for Over<R> {
    type Output = ();

    fn attempt(&mut self) -> Poll<()> {
        if self.0.cell().is_over() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn with_list<Q>(&self, f: impl FnOnce(&mut List, bool) -> Q) -> Q {
        let cell = self.0.cell();
        cell.state.with(|state| f(&mut state.waiting, cell.is_over()))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// Freed on another thread than it comes from, a piece of up to 120 bytes goes back to glibc's
    /// allocator without its lock.
    #[test]
    fn a_cell_with_its_counts_fits_120_bytes() {
        let counts = 2 * size_of::<usize>();
        assert!(size_of::<Cell<u64>>() + counts <= 120, "{}", size_of::<Cell<u64>>());
    }
}
