//! Lives between resets, the sampling interrupt, and what is told to the host; the same for both
//! applications.

use crate::signal;
use core::{
    mem::MaybeUninit,
    panic::PanicInfo,
    sync::atomic::{AtomicU32, Ordering},
};
use cortex_m::peripheral::SCB;
use klaw_firmware::{heap::NoHeap, host, stack, start_clock, timer};

#[global_allocator]
static HEAP: NoHeap = NoHeap;

/// The chip's cycles between two samples: a millisecond.
const CYCLES: u32 = 12_500;
/// How many reports make a good second life.
const ENOUGH: u32 = 20;
/// What the stack may take at most, interrupts included.
const STACK: usize = 4 * 1024;
const MAGIC: u32 = 0x5E45_0041;

/// What outlives a reset: memory that the start-up code leaves alone.
struct Kept {
    magic: AtomicU32,
    lives: AtomicU32,
    reports: AtomicU32,
    restarts: AtomicU32,
    lost: AtomicU32,
}

#[unsafe(link_section = ".uninit.KEPT")]
static KEPT: MaybeUninit<Kept> = MaybeUninit::uninit();

fn kept() -> &'static Kept {
    // SAFETY: any bits are valid atomics.
    unsafe { KEPT.assume_init_ref() }
}

/// Each counter has one writer, so that it needs no step that reads and writes at once.
fn count(counter: &AtomicU32) -> u32 {
    let counted = counter.load(Ordering::Relaxed) + 1;
    counter.store(counted, Ordering::Relaxed);
    counted
}

/// One life of the program, from a reset to the next.
pub(crate) struct Life;

impl Life {
    /// The first or the second; there is no third.
    pub(crate) fn begin() -> Self {
        stack::paint();
        let kept = kept();
        if kept.magic.load(Ordering::Relaxed) != MAGIC {
            kept.magic.store(MAGIC, Ordering::Relaxed);
            for counter in [&kept.lives, &kept.reports, &kept.restarts, &kept.lost] {
                counter.store(0, Ordering::Relaxed);
            }
        }
        match count(&kept.lives) {
            1 => host::say(&["first life, with faults\n"]),
            2 => {
                let found = [&kept.reports, &kept.restarts, &kept.lost];
                let found = found.map(|counter| counter.load(Ordering::Relaxed));
                tell(found);
                if found != [signal::REPORTS, signal::RESTARTED, 0] {
                    fail("not what the faults should have led to\n");
                }
                host::say(&["second life, after the reset\n"]);
                kept.reports.store(0, Ordering::Relaxed);
            }
            _ => fail("reset once more\n"),
        }
        if let Some(core) = cortex_m::Peripherals::take() {
            start_clock(core.SYST);
        }
        Self
    }

    /// Lets the interrupts begin.
    pub(crate) fn sample(self) {
        timer::start(CYCLES);
    }
}

fn tell(counters: [u32; 3]) {
    for (name, counter) in ["reports ", "restarts ", "lost "].into_iter().zip(counters) {
        host::say(&[name]);
        host::say_number(counter);
        host::say(&["\n"]);
    }
}

fn fail(why: &str) -> ! {
    host::say(&["FAILED  ", why]);
    host::end(false)
}

/// Something was restarted.
pub(crate) fn restarted() {
    count(&kept().restarts);
}

/// An average, the last stage.
pub(crate) fn report(average: u16) {
    if !signal::is_plausible(average) {
        fail("a broken sample in an average\n");
    }
    let kept = kept();
    if count(&kept.reports) == ENOUGH && kept.lives.load(Ordering::Relaxed) == 2 {
        let deepest = stack::deepest();
        host::say(&["stack "]);
        host::say_number(deepest as u32);
        host::say(&[" bytes\n"]);
        if deepest > STACK {
            fail("the stack is too deep\n");
        }
        if kept.lost.load(Ordering::Relaxed) > 0 {
            fail("samples were lost in the second life\n");
        }
        host::say(&["ok\n"]);
        host::end(true);
    }
}

/// The last resort.
pub(crate) fn reset() -> ! {
    SCB::sys_reset()
}

#[cortex_m_rt::exception]
unsafe fn DefaultHandler(_number: i16) {
    static SAMPLED: AtomicU32 = AtomicU32::new(0);
    timer::acknowledge();
    let n = count(&SAMPLED) - 1;
    let faults = kept().lives.load(Ordering::Relaxed) == 1;
    if !crate::sampled(signal::sample(n, faults)) {
        count(&kept().lost);
    }
}

#[panic_handler]
fn panicked(_: &PanicInfo<'_>) -> ! {
    fail("a panic\n")
}
