//! What holds on a chip without a heap: one line for each scenario, and the exit status.

#![no_std]
#![no_main]

mod actor;
mod cancel;
mod channel;
#[allow(unreachable_pub, reason = "it is a module of a library, too")]
#[path = "../../src/counter.rs"]
mod counter;
mod cycle;
mod interrupt;
mod retry;
mod scope;
mod supervise;

use core::panic::PanicInfo;
use embassy_executor::Spawner;
use klaw_firmware::{heap::NoHeap, host, stack, start_clock, timer};

#[global_allocator]
static HEAP: NoHeap = NoHeap;

/// What the stack may take at most, interrupts included.
const STACK: usize = 8 * 1024;

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

struct Tally {
    failed: bool,
}

impl Tally {
    fn note(&mut self, name: &str, result: Checked) {
        match result {
            Ok(()) => host::say(&["ok      ", name, "\n"]),
            Err(condition) => {
                self.failed = true;
                host::say(&["FAILED  ", name, ": ", condition, "\n"]);
            }
        }
    }
}

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    stack::paint();
    start_clock(cortex_m::Peripherals::take().expect("taken once").SYST);
    let mut tally = Tally { failed: false };
    macro_rules! run {
        ($($module:ident: $($scenario:ident)*;)*) => {$($(
            let name = concat!(stringify!($module), "::", stringify!($scenario));
            tally.note(name, $module::$scenario().await);
        )*)*};
    }
    run! {
        channel: a_full_one_holds_the_sender_back a_closed_one_drains
            select_takes_from_several one_value_once everything_for_everybody the_latest_value;
        cancel: a_request_reaches_who_waits time_runs_out timers_end_in_order;
        scope: a_scope_ends_in_time a_failure_cancels_the_others;
        retry: attempts_wait_between;
        actor: an_answer_comes_back what_waits_is_handled_before_a_stop
            the_same_actor_as_on_hosts;
        cycle: a_circle_is_refused_and_no_wait_is_left_behind each_of_many_waits_at_once_is_seen;
        supervise: a_failed_child_is_restarted_with_its_queue
            one_restart_too_many_is_given_up a_nested_failure_is_passed_up;
        interrupt: an_interrupt_sends_while_a_task_receives an_interrupt_tells_an_actor
            an_interrupt_cancels;
    }
    let deepest = stack::deepest();
    host::say(&["stack   "]);
    host::say_number(deepest as u32);
    host::say(&[" bytes\n"]);
    let enough = if deepest <= STACK { Ok(()) } else { Err("the stack is too deep") };
    tally.note("stack", enough);
    host::end(!tally.failed);
}

#[cortex_m_rt::exception]
unsafe fn DefaultHandler(number: i16) {
    assert_eq!(number, timer::INTERRUPT, "an interrupt that nobody asked for");
    timer::acknowledge();
    interrupt::handle();
}

#[panic_handler]
fn panicked(info: &PanicInfo<'_>) -> ! {
    host::say_formatted(format_args!("FAILED  {info}\n"));
    host::end(false)
}
