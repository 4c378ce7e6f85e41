//! A pair of each storage. The handles are of one type, so one test body runs over both.

#![allow(dead_code, reason = "every test binary uses a part of it")]

use klaw::channel::oneshot::{self, Oneshot, Receiver, Sender};
use std::{any::Any, sync::Mutex};

/// One pair on the heap, one in what is as good as a `static`.
pub(crate) fn pairs<T: Send + 'static>() -> [(Sender<T>, Receiver<T>); 2] {
    [oneshot::channel(), room().channel().unwrap()]
}

/// A room that is kept for good, as a `static` is; a leak detector finds it reachable.
pub(crate) fn room<T: Send + 'static>() -> &'static Oneshot<T> {
    static KEPT: Mutex<Vec<&'static (dyn Any + Send + Sync)>> = Mutex::new(Vec::new());
    let kept: &'static Oneshot<T> = Box::leak(Box::new(Oneshot::new()));
    KEPT.lock().unwrap().push(kept);
    kept
}
