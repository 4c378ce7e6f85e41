//! The cleanups of a scope: one after the other, the last one first.

use super::{node::Node, shared::Shared};
use crate::{
    cancel::{CancelToken, WaitCancelled},
    sync::{Arc, AtomicBool, Ordering},
    time::{Clock, Instant},
};
use alloc::boxed::Box;
use core::{future::poll_fn, task::Poll, time::Duration};

/// Those that are not gone yet. Kept behind the scope's lock, so nothing here allocates or frees.
pub(super) struct Cleanups {
    first: Option<Link>,
    /// Those that were called or went before; freed with the scope.
    passed: Option<Link>,
    until: Instant,
    phase: Phase,
    left: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The scope has not come to its cleanups.
    Waiting,
    Running,
    /// None is left and none will come.
    Over,
}

/// One that waits, and those that come after it.
pub(super) type Link = Box<Waiting>;

pub(super) struct Waiting {
    turn: Turn,
    next: Option<Link>,
}

/// The turn of one cleanup.
#[derive(Clone)]
pub(super) struct Turn(Arc<State>);

struct State {
    come: CancelToken,
    /// Both are used under the scope's lock only.
    called: AtomicBool,
    gone: AtomicBool,
}

impl Turn {
    pub(super) fn new() -> Self {
        let (called, gone) = (AtomicBool::new(false), AtomicBool::new(false));
        Self(Arc::new(State { come: CancelToken::new(), called, gone }))
    }

    pub(super) fn link(&self) -> Link {
        Box::new(Waiting { turn: self.clone(), next: None })
    }

    pub(super) fn come(&self) {
        self.0.come.cancel("its turn has come");
    }

    pub(super) fn wait(&self) -> WaitCancelled {
        self.0.come.cancelled()
    }
}

impl Cleanups {
    pub(super) const fn new() -> Self {
        let (until, phase) = (Instant::FAR_FUTURE, Phase::Waiting);
        Self { first: None, passed: None, until, phase, left: 0 }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.left == 0
    }

    pub(super) const fn until(&self) -> Instant {
        self.until
    }

    /// Puts `cleanup` before the others; gives it back if the last of them is gone.
    pub(super) fn push(&mut self, mut cleanup: Link) -> Result<(), Link> {
        if self.phase == Phase::Over {
            return Err(cleanup);
        }
        cleanup.next = self.first.take();
        self.first = Some(cleanup);
        self.left += 1;
        Ok(())
    }

    /// Whether all are gone, after which no more are taken; asked when the scope has come to them.
    pub(super) fn finish(&mut self) -> bool {
        if self.left == 0 {
            self.phase = Phase::Over;
        }
        self.phase == Phase::Over
    }

    /// Whose turn it is, the first time that this is asked.
    pub(super) fn start(&mut self, until: Instant) -> Option<Turn> {
        if self.finish() || self.phase == Phase::Running {
            return None;
        }
        self.phase = Phase::Running;
        self.until = until;
        self.next()
    }

    /// Whose turn it is now that `turn` is gone, unless it is still that of another one.
    pub(super) fn gone(&mut self, turn: &Turn) -> Option<Turn> {
        self.left -= 1;
        turn.0.gone.store(true, Ordering::Relaxed);
        if self.phase == Phase::Running {
            self.finish();
        }
        if turn.0.called.load(Ordering::Relaxed) { self.next() } else { None }
    }

    fn next(&mut self) -> Option<Turn> {
        while let Some(mut waiting) = self.first.take() {
            self.first = waiting.next.take();
            waiting.next = self.passed.take();
            let turn = self.passed.insert(waiting).turn.clone();
            if !turn.0.gone.load(Ordering::Relaxed) {
                turn.0.called.store(true, Ordering::Relaxed);
                return Some(turn);
            }
        }
        None
    }
}

impl Drop for Waiting {
    /// In a loop, so that many cleanups need no deep stack.
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut waiting) = next {
            next = waiting.next.take();
        }
    }
}

/// Lets the cleanups run and waits for them.
pub(super) async fn clean_up<C: Clock>(shared: &Shared, clock: &C, limit: Duration) {
    if shared.finish_cleanups() {
        return;
    }
    shared.start_cleanups(clock.now().saturating_add(limit));
    poll_fn(|cx| {
        shared.life().driver().register(cx.waker());
        if shared.finish_cleanups() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
