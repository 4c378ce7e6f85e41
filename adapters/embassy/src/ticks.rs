//! Nanoseconds and the ticks of a driver, for any rate of ticks.

const NANOS: u64 = 1_000_000_000;

/// When tick number `ticks` comes, rounded down; of `HZ` ticks a second.
pub(crate) const fn to_nanos<const HZ: u64>(ticks: u64) -> u64 {
    if NANOS.is_multiple_of(HZ) {
        let (most, each) = const { (u64::MAX / NANOS.div_ceil(HZ), NANOS.div_ceil(HZ)) };
        // Not `saturating_mul`, which is ten times as long where words have 32 bits.
        return if ticks > most { u64::MAX } else { ticks * each };
    }
    // Below a second first: the product fits for any rate up to 18 GHz.
    let rest = (ticks % HZ) * NANOS / HZ;
    (ticks / HZ).saturating_mul(NANOS).saturating_add(rest)
}

/// The first tick that comes at `nanos` or later.
pub(crate) const fn from_nanos<const HZ: u64>(nanos: u64) -> u64 {
    if NANOS.is_multiple_of(HZ) {
        return div_ceil(nanos, NANOS / HZ, const { u64::MAX / (NANOS.div_ceil(HZ)) });
    }
    let rest = ((nanos % NANOS) * HZ).div_ceil(NANOS);
    (nanos / NANOS).saturating_mul(HZ).saturating_add(rest)
}

/// `value / by`, rounded up; `reciprocal` is `u64::MAX / by`.
///
/// A chip of 32 bits divides 64 by a routine of a kilobyte; it multiplies by an instruction.
#[inline]
const fn div_ceil(value: u64, by: u64, reciprocal: u64) -> u64 {
    let quotient = high_half(value, reciprocal);
    // Too small by one at most, since the reciprocal was rounded: `rest` is less than twice `by`.
    let rest = value - quotient * by;
    quotient + (rest > 0) as u64 + (rest > by) as u64
}

/// The upper half of the product.
const fn high_half(a: u64, b: u64) -> u64 {
    const LOW: u64 = u32::MAX as u64;
    let (a_high, a_low) = (a >> 32, a & LOW);
    let (b_high, b_low) = (b >> 32, b & LOW);
    let (one, two) = (a_high * b_low, a_low * b_high);
    let carry = ((a_low * b_low) >> 32) + (one & LOW) + (two & LOW);
    a_high * b_high + (one >> 32) + (two >> 32) + (carry >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a generic test at rates of embassy-time: slow, a power of two, a millionth, one that
    /// does not divide a second's nanoseconds, more than a nanosecond allows.
    macro_rules! at_each_rate {
        ($test:ident) => {
            $test::<1>();
            $test::<1_000>();
            $test::<32_768>();
            $test::<1_000_000>();
            $test::<84_000_000>();
            $test::<1_000_000_000>();
            $test::<5_242_880_000>();
        };
    }

    #[test]
    fn the_tick_of_a_moment_is_the_first_that_is_not_before_it() {
        fn test<const HZ: u64>() {
            let mut nanos = 0;
            while nanos < u64::MAX / 4 {
                for nanos in nanos..nanos + 3 {
                    let tick = from_nanos::<HZ>(nanos);
                    assert!(to_nanos::<HZ>(tick) >= nanos || HZ > NANOS, "{nanos} ns at {HZ} Hz");
                    let before = tick.checked_sub(1).map(to_nanos::<HZ>);
                    assert!(before.is_none_or(|it| it < nanos), "{nanos} ns at {HZ} Hz");
                }
                nanos = nanos * 2 + nanos % 7 + 1;
            }
        }
        at_each_rate!(test);
    }

    #[test]
    fn a_moment_that_was_read_is_reached_by_its_own_tick() {
        fn test<const HZ: u64>() {
            for tick in [0, 1, 2, 3, 1_000, 32_767, 32_769, 999_999_999, 12_345_678_901] {
                assert!(from_nanos::<HZ>(to_nanos::<HZ>(tick)) <= tick, "tick {tick} at {HZ} Hz");
            }
        }
        at_each_rate!(test);
    }

    #[test]
    fn nothing_overflows() {
        fn test<const HZ: u64>() {
            let (nanos, tick) = (to_nanos::<HZ>(u64::MAX), from_nanos::<HZ>(u64::MAX));
            assert!(nanos > u64::MAX / 10 && tick > u64::MAX / 2_000_000_000, "{HZ} Hz");
        }
        at_each_rate!(test);
        assert_eq!(to_nanos::<1_000>(u64::MAX), u64::MAX);
    }

    #[test]
    fn the_division_is_a_division() {
        let mut value = 1_u64;
        for step in 0..100_000_u64 {
            value = value.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step);
            let (value, by) = (value >> (step % 64), (value % 1_000_003) + 1);
            for value in [value, value / by * by, u64::MAX - step % 3] {
                assert_eq!(div_ceil(value, by, u64::MAX / by), value.div_ceil(by), "{value}/{by}");
            }
        }
    }
}
