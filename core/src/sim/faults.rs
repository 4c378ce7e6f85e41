//! Injecting: whom it hits, and doing it.

use super::{
    EventKind, Fault, FaultKind, Injection, executor::Executor, inject::InjectionKind,
    random::SplitMix64, ready::Resume,
};
use crate::{panic::catch, time::Clock};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::{
    pin::Pin,
    task::{Context, Waker},
    time::Duration,
};
use std::panic::resume_unwind;

/// What is injected, and what was.
pub(super) struct Faults {
    pub(super) injections: Vec<Injection>,
    pub(super) record: Vec<Fault>,
    random: SplitMix64,
}

/// What an injected panic is raised with.
struct Injected;

impl Faults {
    pub(super) const fn new(random: SplitMix64) -> Self {
        Self { injections: Vec::new(), record: Vec::new(), random }
    }
}

impl Executor {
    /// Gives every injection its chance.
    pub(super) fn strike(&self) {
        // By index, since a destructor that is run in between may add more.
        let mut index = 0;
        while index < self.faults.borrow().injections.len() {
            if let Some((slot, kind)) = self.draw(index) {
                self.inflict(slot, kind);
            }
            index += 1;
        }
    }

    /// Whether this injection strikes now, and whom.
    fn draw(&self, index: usize) -> Option<(usize, FaultKind)> {
        let Faults { injections, random, .. } = &mut *self.faults.borrow_mut();
        let injection = &mut injections[index];
        if injection.left == 0 || !random.chance(injection.probability) {
            return None;
        }
        let tasks = self.tasks.borrow();
        let hit = |(slot, task): &(usize, &_)| injection.may_hit(task, self.ready.state(*slot));
        let count = tasks.live().filter(hit).count();
        if count == 0 {
            return None;
        }
        let (slot, _) = tasks.live().filter(hit).nth(random.index(count))?;
        let kind = match injection.kind {
            InjectionKind::Panic => FaultKind::Panic,
            InjectionKind::Cancel => FaultKind::Cancel,
            InjectionKind::Spurious => FaultKind::Spurious,
            InjectionKind::Stall { longest } => FaultKind::Stall(up_to(longest, random)),
        };
        injection.left -= 1;
        Some((slot, kind))
    }

    fn inflict(&self, slot: usize, kind: FaultKind) {
        let Some(task) = self.tasks.borrow().get(slot).map(|task| task.id.clone()) else { return };
        self.note(slot, EventKind::Injected(kind));
        let fault = Fault { at: self.clock.now(), task, kind };
        self.faults.borrow_mut().record.push(fault);
        match kind {
            FaultKind::Cancel => self.end(slot, None),
            FaultKind::Panic => {
                let Some(task) = self.remove(slot) else { return };
                // The future is dropped by the unwinding, as if the panic had come out of its poll;
                // so what is caught can only be what was raised here. No hook: nothing is printed.
                drop(catch(|| -> () {
                    let _future = task.future;
                    resume_unwind(Box::new(Injected))
                }));
            }
            FaultKind::Stall(time) => self.stall(slot, time),
            FaultKind::Spurious => self.ready.disturb(slot),
        }
    }

    fn stall(&self, slot: usize, time: Duration) {
        let Some(task) = self.tasks.borrow().get(slot).map(|task| task.id.number) else { return };
        self.ready.stall(slot);
        let mut sleep = self.clock.sleep(time);
        let waker = Waker::from(Arc::new(Resume { ready: self.ready.clone(), slot, task }));
        // Its end is heard by the waker alone.
        if Pin::new(&mut sleep).poll(&mut Context::from_waker(&waker)).is_ready() {
            waker.wake();
        } else if let Some(task) = self.tasks.borrow_mut().get_mut(slot) {
            task.stall = Some(sleep);
        }
    }
}

/// A random time, not zero unless it must be.
fn up_to(longest: Duration, random: &mut SplitMix64) -> Duration {
    let nanos = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
    match nanos {
        0 => Duration::ZERO,
        nanos => Duration::from_nanos(random.below(nanos) + 1),
    }
}
