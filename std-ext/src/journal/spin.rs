//! A moment of looking for more before a thread goes to sleep.
//!
//! To wake a thread on another core costs both sides more than a caller takes to come back with
//! its next record. So the writer keeps looking for that record a little while, as long as this
//! has paid off; when it has not, the next few times are left out. Several callers are not looked
//! out for: they need the cores.

use core::{hint::spin_loop, time::Duration};
use std::{thread, time::Instant};

/// About what falling asleep and being woken costs on a virtual machine.
const LONGEST: Duration = Duration::from_micros(40);

/// How often in between the clock is not looked at.
const LOOKS: u32 = 16;

/// After so many times in vain in a row, no more are left out.
const MOST_IN_VAIN: u32 = 8;

/// Whether looking is worth it.
#[derive(Debug)]
pub(super) struct Spin {
    longest: Duration,
    in_vain: u32,
    /// How many times are to be left out.
    left_out: u32,
}

impl Spin {
    /// On a single core whoever is looked out for could not run meanwhile.
    pub(super) fn new() -> Self {
        let one_core = thread::available_parallelism().is_ok_and(|cores| cores.get() == 1);
        Self::of(if one_core { Duration::ZERO } else { LONGEST })
    }

    const fn of(longest: Duration) -> Self {
        Self { longest, in_vain: 0, left_out: 0 }
    }

    /// Looks until `found` says so, or it takes too long.
    pub(super) fn until(&mut self, mut found: impl FnMut() -> bool) {
        if self.left_out > 0 || self.longest.is_zero() {
            self.left_out = self.left_out.saturating_sub(1);
            return;
        }
        let begun = Instant::now();
        while begun.elapsed() < self.longest {
            for _ in 0..LOOKS {
                if found() {
                    self.in_vain = 0;
                    return;
                }
                spin_loop();
            }
        }
        self.in_vain = (self.in_vain + 1).min(MOST_IN_VAIN);
        self.left_out = (1 << self.in_vain) - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often one call looks.
    fn looks(spin: &mut Spin, finds: bool) -> u32 {
        let mut looks = 0;
        spin.until(|| {
            looks += 1;
            finds
        });
        looks
    }

    #[test]
    fn what_pays_off_goes_on() {
        // So long that only a find can end it.
        let mut spin = Spin::of(Duration::from_secs(3600));
        for _ in 0..100 {
            assert_eq!(looks(&mut spin, true), 1);
        }
    }

    #[test]
    fn what_does_not_is_left_out_more_and_more_often() {
        let mut spin = Spin::of(Duration::from_nanos(1));
        let mut tried = vec![];
        for time in 0..20 {
            if spin.left_out == 0 {
                tried.push(time);
            }
            looks(&mut spin, false);
        }
        assert_eq!(tried, [0, 2, 6, 14]);
        // Until it pays off once.
        while spin.left_out > 0 {
            assert_eq!(looks(&mut spin, true), 0, "left out");
        }
        spin.longest = Duration::from_secs(3600);
        assert_eq!(looks(&mut spin, true), 1);
        assert_eq!((spin.in_vain, spin.left_out), (0, 0));
    }

    #[test]
    fn one_core_is_not_kept_busy() {
        assert_eq!(looks(&mut Spin::of(Duration::ZERO), false), 0);
    }
}
