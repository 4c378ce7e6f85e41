//! A journal whose writer runs on the caller's thread, so that a seed gives the same history again.

use super::{Disk, JournalError, Options, path};
use crate::journal::{Journal, queue::Shared, writer::Writer};
use alloc::sync::Arc;
use core::{
    ops::ControlFlow,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};
use klaw::checkpoint::Record;

/// The writer of a journal. Dropping it is what the death of the process is to a journal.
pub(crate) struct Driver {
    shared: Arc<Shared>,
    writer: Option<Writer>,
}

/// Opens the journal on `disk`.
pub(crate) fn open(
    disk: &Disk,
    options: &Options,
    visit: impl FnMut(Record<'_>),
) -> Result<(Driver, Journal), JournalError> {
    let (file, place) = disk.open();
    let (shared, writer, recovery) = options.prepare(path(), file, place, visit)?;
    let driver = Driver { shared: Arc::clone(&shared), writer: Some(writer) };
    Ok((driver, Journal { shared, recovery }))
}

impl Driver {
    /// Polls `future` and lets the writer do one thing, in turns.
    pub(crate) fn run<T>(&mut self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            if let Some(output) = poll_once(future.as_mut()) {
                return output;
            }
            assert!(self.turn(), "neither the caller nor the writer can go on");
        }
    }

    /// As [`run`](Self::run), but drops the future after so many turns if it is not ready by then.
    pub(crate) fn run_partly<T>(
        &mut self,
        turns: usize,
        future: impl Future<Output = T>,
    ) -> Option<T> {
        let mut future = pin!(future);
        let mut turns = 0..turns;
        loop {
            let output = poll_once(future.as_mut());
            if output.is_some() || turns.next().is_none() {
                return output;
            }
            assert!(self.turn(), "neither the caller nor the writer can go on");
        }
    }

    /// Lets the writer do one thing, if it has anything to do.
    fn turn(&mut self) -> bool {
        let Some(mut writer) = self.writer.take() else { return false };
        if !writer.has_work(&self.shared.lock()) {
            self.writer = Some(writer);
            return false;
        }
        match writer.turn() {
            Ok(ControlFlow::Continue(())) => self.writer = Some(writer),
            Ok(ControlFlow::Break(())) => writer.finish(Ok(())),
            Err(error) => writer.finish(Err(error)),
        }
        true
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if self.writer.take().is_some() {
            self.shared.end(None);
        }
    }
}

/// Polls `future` without waiting for anything.
fn poll_once<F: Future>(future: Pin<&mut F>) -> Option<F::Output> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
