//! How deep the stack has been.

use core::ptr;

const PAINT: u32 = 0x57AC_57AC;
/// Left alone below the present end of the stack: the painter's own frame.
const MARGIN: usize = 256;

unsafe extern "C" {
    // From cortex-m-rt: where the statics end, and where the stack begins.
    static mut __sheap: u32;
    static _stack_start: u32;
}

/// Paints the memory below the stack; call it once, first of all.
pub fn paint() {
    let end = cortex_m::register::msp::read() as usize - MARGIN;
    let mut word = &raw mut __sheap;
    while (word as usize) < end {
        // SAFETY: between the statics and the stack lies nothing (there is no heap).
        unsafe {
            ptr::write_volatile(word, PAINT);
            word = word.add(1);
        }
    }
}

/// How many bytes the stack has taken at most since it was painted.
pub fn deepest() -> usize {
    let start = (&raw const _stack_start) as usize;
    let mut word = (&raw const __sheap).cast::<u32>();
    while (word as usize) < start {
        // SAFETY: memory of the chip, between the statics and the start of the stack.
        if unsafe { ptr::read_volatile(word) } != PAINT {
            break;
        }
        word = word.wrapping_add(1);
    }
    start - word as usize
}
