//! General purpose timer 0, which interrupts again and again.

use core::ptr;
use cortex_m::{interrupt::InterruptNumber, peripheral::NVIC};

/// Its number among the chip's interrupts.
pub const INTERRUPT: i16 = 19;

const CLOCK_GATE: *mut u32 = 0x400F_E104 as *mut u32;
const TIMER0: usize = 0x4003_0000;
const CONFIG: *mut u32 = TIMER0 as *mut u32;
const MODE: *mut u32 = (TIMER0 + 0x04) as *mut u32;
const CONTROL: *mut u32 = (TIMER0 + 0x0C) as *mut u32;
const MASK: *mut u32 = (TIMER0 + 0x18) as *mut u32;
const CLEAR: *mut u32 = (TIMER0 + 0x24) as *mut u32;
const LOAD: *mut u32 = (TIMER0 + 0x28) as *mut u32;

const GATE_TIMER0: u32 = 1 << 16;
const PERIODIC: u32 = 2;
const ENABLE: u32 = 1;
const TIMEOUT: u32 = 1;

#[derive(Clone, Copy)]
struct Timer0;

// SAFETY: the number is that of the data sheet, and is always the same.
unsafe impl InterruptNumber for Timer0 {
    fn number(self) -> u16 {
        INTERRUPT as u16
    }
}

fn write(register: *mut u32, value: u32) {
    // SAFETY: a register of timer 0 or its clock gate, which nothing else in the program uses.
    unsafe { ptr::write_volatile(register, value) }
}

/// Interrupts every `cycles` cycles of the core.
pub fn start(cycles: u32) {
    // SAFETY: as above.
    write(CLOCK_GATE, unsafe { ptr::read_volatile(CLOCK_GATE) } | GATE_TIMER0);
    write(CONTROL, 0);
    write(CONFIG, 0); // one timer of 32 bits
    write(MODE, PERIODIC);
    write(LOAD, cycles);
    write(MASK, TIMEOUT);
    write(CONTROL, ENABLE);
    // SAFETY: the handler is `DefaultHandler` of the program, and no critical section relies on
    // this interrupt being masked.
    unsafe { NVIC::unmask(Timer0) };
}

/// Interrupts no more.
pub fn stop() {
    NVIC::mask(Timer0);
    write(CONTROL, 0);
    acknowledge();
}

/// Tells the timer that its interrupt has been seen.
pub fn acknowledge() {
    write(CLEAR, TIMEOUT);
}
