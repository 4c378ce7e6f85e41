//! What holds of scopes on every executor; the numbers are those of the rules in `klaw::scope`.

mod cancel;
mod deadline;
mod ended;
mod ending;
mod in_place;
mod shield;
mod tasks;

use super::{
    AnyFuture, AnyScope, Rt, run, run_few,
    witness::{Dropped, Drops, Log, Noted, busy, yield_a_little},
};
use core::{
    future::{pending, poll_fn},
    pin::pin,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};
use futures_util::{FutureExt, poll};
use klaw::{
    Cancelled, Cause, Clock, Instant, JoinError, SpawnErrorKind,
    scope::{Join, cancel_scope, scope},
    timeout,
};
use std::sync::{Arc, Mutex};

const TICK: Duration = Duration::from_millis(10);
const LONG: Duration = Duration::from_secs(3_600);
