//! What the program says to the host that runs it, by semihosting.

use core::fmt::{self, Write};
use cortex_m_semihosting::{
    debug::{EXIT_FAILURE, EXIT_SUCCESS, exit},
    hio,
};

/// Writes the parts one after the other; without formatting, which costs flash.
pub fn say(parts: &[&str]) {
    // Without a host there is nobody to tell that it did not work.
    let Ok(mut out) = hio::hstdout() else { return };
    for part in parts {
        let _: Result<(), ()> = out.write_all(part.as_bytes());
    }
}

/// Writes a number.
pub fn say_number(number: u32) {
    let (mut digits, mut at, mut left) = ([0; 10], 10, number);
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if let Ok(text) = str::from_utf8(&digits[at..]) {
        say(&[text]);
    }
}

/// Writes formatted text; for panics of programs that are tests.
pub fn say_formatted(text: fmt::Arguments<'_>) {
    if let Ok(mut out) = hio::hstdout() {
        let _: fmt::Result = out.write_fmt(text);
    }
}

/// Ends the program with exit status 0, or 1.
pub fn end(success: bool) -> ! {
    exit(if success { EXIT_SUCCESS } else { EXIT_FAILURE });
    // A debugger may let the program go on after it.
    loop {
        cortex_m::asm::wfi();
    }
}
