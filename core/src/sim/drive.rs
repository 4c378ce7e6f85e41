//! What happens when: the next task, the next moment, or the end of a run.

use super::{
    Parked, RunError,
    executor::{Executor, Root},
    ready::Picked,
    task::Role,
};
use crate::{panic::catch, time::Clock};
use alloc::{borrow::Cow, boxed::Box, vec::Vec};
use core::cmp::Reverse;

impl Executor {
    /// Runs until the root is done.
    pub(super) fn run<F: Future>(&self, root: F) -> Result<F::Output, RunError> {
        let mut output = None;
        let mut task = Box::pin(async { output = Some(root.await) });
        let slot = self.add(Cow::Borrowed("root"), Role::Root, None);
        let id = self.tasks.borrow().get(slot).map(|task| task.id.clone());
        let ended = self.drive(Some((slot, task.as_mut())));
        self.remove(slot);
        if let (Err(panic), Some(id)) = (catch(|| drop(task)), id) {
            self.fail(id, Role::Root, panic);
        }
        // What a destructor raised counts if nothing went wrong before it.
        let late = self.failure.take();
        ended?;
        match (output, late) {
            (Some(output), None) => Ok(output),
            (_, Some(error)) => Err(error),
            (None, None) => unreachable!("a root that is done has an output"),
        }
    }

    /// Runs until the root is done or, without one, until nothing is ready.
    pub(super) fn drive(&self, mut root: Option<(usize, Root<'_>)>) -> Result<(), RunError> {
        let mut left = self.max_polls.get();
        loop {
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            if self.ready.len() == 0 {
                let Some(_) = root else { return Ok(()) };
                if !self.clock.advance() {
                    return Err(self.deadlock());
                }
                self.note_woken(0);
                continue;
            }
            if left == 0 {
                return Err(self.livelock());
            }
            left -= 1;
            let picked = self.ready.pick(&mut self.schedule.borrow_mut());
            let Some(Picked { slot, woken }) = picked else { continue };
            let root = root.as_mut().filter(|(its, _)| *its == slot).map(|(_, root)| root);
            let is_root = root.is_some();
            if self.poll(slot, root) && is_root {
                return self.failure.take().map_or(Ok(()), Err);
            }
            // A spurious poll must not bring about the next one, or there would be no end to them.
            if woken {
                self.strike();
            }
        }
    }

    fn deadlock(&self) -> RunError {
        let tasks = self.tasks.borrow();
        let mut parked: Vec<_> = tasks
            .live()
            .map(|(_, task)| Parked { task: task.id.clone(), since: task.polled_at })
            .collect();
        parked.sort_by_key(|parked| parked.task.number);
        RunError::Deadlock { at: self.clock.now(), parked }
    }

    fn livelock(&self) -> RunError {
        let tasks = self.tasks.borrow();
        let busiest = tasks.live().max_by_key(|(_, task)| (task.polls, Reverse(task.id.number)));
        let (_, busiest) = busiest.expect("some task is ready");
        RunError::Livelock {
            at: self.clock.now(),
            polls: self.max_polls.get(),
            busiest: busiest.id.clone(),
        }
    }
}
