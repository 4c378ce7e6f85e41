//! The scenarios of the firmware in WebAssembly: one task, polled by hand under virtual time.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

#[path = "../../firmware/scenarios/actor.rs"]
mod actor;
#[path = "../../firmware/scenarios/cancel.rs"]
mod cancel;
#[path = "../../firmware/scenarios/channel.rs"]
mod channel;
#[allow(unreachable_pub, reason = "it is a module of a library, too")]
#[path = "../../src/counter.rs"]
mod counter;
#[path = "../../firmware/scenarios/cycle.rs"]
mod cycle;
#[path = "../../firmware/scenarios/retry.rs"]
mod retry;
#[path = "../../firmware/scenarios/scope.rs"]
mod scope;
#[path = "../../firmware/scenarios/supervise.rs"]
mod supervise;

/// Ends a scenario with the condition that does not hold.
macro_rules! check {
    ($holds:expr) => {
        if !$holds {
            return Err(concat!(file!(), ":", line!(), ": ", stringify!($holds)));
        }
    };
}
pub(crate) use check;

/// The condition that did not hold.
type Checked = Result<(), &'static str>;

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Writes a line.
    safe fn say(text: *const u8, length: usize);
}

fn note(name: &str, result: Checked) -> bool {
    let line = match result {
        Ok(()) => format!("ok      {name}"),
        Err(condition) => format!("FAILED  {name}: {condition}"),
    };
    say(line.as_ptr(), line.len());
    result.is_ok()
}

async fn scenarios() -> bool {
    let mut passed = true;
    macro_rules! run {
        ($($module:ident: $($scenario:ident)*;)*) => {$($(
            let name = concat!(stringify!($module), "::", stringify!($scenario));
            passed &= note(name, $module::$scenario().await);
        )*)*};
    }
    run! {
        channel: a_full_one_holds_the_sender_back a_closed_one_drains
            select_takes_from_several one_value_once everything_for_everybody the_latest_value;
        cancel: a_request_reaches_who_waits time_runs_out timers_end_in_order;
        scope: a_scope_ends_in_time a_failure_cancels_the_others;
        retry: attempts_wait_between;
        actor: an_answer_comes_back what_waits_is_handled_before_a_stop the_same_actor_as_on_hosts;
        cycle: a_circle_is_refused_and_no_wait_is_left_behind;
        supervise: a_failed_child_is_restarted_with_its_queue
            one_restart_too_many_is_given_up a_nested_failure_is_passed_up;
    }
    passed
}

/// Virtual time, and the earliest moment that the one task wants to be woken at.
struct Time {
    now: AtomicU64,
    alarm: AtomicU64,
}

embassy_time_driver::time_driver_impl!(static TIME: Time = Time {
    now: AtomicU64::new(0),
    alarm: AtomicU64::new(u64::MAX),
});

impl embassy_time_driver::Driver for Time {
    fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    fn schedule_wake(&self, at: u64, _: &Waker) {
        self.alarm.fetch_min(at, Ordering::Relaxed);
    }
}

/// Embassy's executor is linked, but none runs.
#[unsafe(export_name = "__pender")]
fn pender(_: *mut ()) {}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs everything; 0 if it passed.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> u32 {
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(woken.clone());
    let mut scenarios = pin!(scenarios());
    loop {
        if let Poll::Ready(passed) = scenarios.as_mut().poll(&mut Context::from_waker(&waker)) {
            return u32::from(!passed);
        }
        if woken.0.swap(false, Ordering::Relaxed) {
            continue;
        }
        // Nobody is to run: time goes on to the alarm.
        let alarm = TIME.alarm.swap(u64::MAX, Ordering::Relaxed);
        if alarm == u64::MAX {
            note("scenarios", Err("everything waits, and nothing will wake it"));
            return 1;
        }
        TIME.now.store(alarm, Ordering::Relaxed);
    }
}
