//! The ids of traces and spans, as the W3C recommendation has them.

use crate::time::Entropy;
use core::{
    fmt,
    num::{NonZeroU64, NonZeroU128},
};

/// Names a trace: 128 bits, not all zero; shown as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(NonZeroU128);

/// Names a span, one part of a trace: 64 bits, not all zero; shown as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(NonZeroU64);

/// What a caller says of its trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TraceFlags(u8);

impl TraceId {
    /// An id from its bits; `None` if all are zero.
    pub const fn new(bits: u128) -> Option<Self> {
        match NonZeroU128::new(bits) {
            Some(bits) => Some(Self(bits)),
            None => None,
        }
    }

    pub(super) fn random(entropy: &mut impl Entropy) -> Self {
        let bits = u128::from(entropy.next_u64()) << 64 | u128::from(entropy.next_u64());
        // Zero is not an id; this makes one of the others a little more likely.
        Self(NonZeroU128::new(bits).unwrap_or(NonZeroU128::MIN))
    }

    /// Its bits.
    pub const fn get(self) -> u128 {
        self.0.get()
    }
}

impl SpanId {
    /// An id from its bits; `None` if all are zero.
    pub const fn new(bits: u64) -> Option<Self> {
        match NonZeroU64::new(bits) {
            Some(bits) => Some(Self(bits)),
            None => None,
        }
    }

    pub(super) fn random(entropy: &mut impl Entropy) -> Self {
        Self(NonZeroU64::new(entropy.next_u64()).unwrap_or(NonZeroU64::MIN)) // as above
    }

    /// Its bits.
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl TraceFlags {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// The caller may have recorded its part of the trace.
    pub const SAMPLED: Self = Self(1);
    /// The trace id is random in its last 56 bits at least.
    pub const RANDOM: Self = Self(2);

    /// The flags among these bits; those without a meaning are left out.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & (Self::SAMPLED.0 | Self::RANDOM.0))
    }

    /// The bits of the flags.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether all of `flags` are set.
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.get())
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.get())
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_from_a_source_are_no_ids() {
        struct Zeros;
        impl Entropy for Zeros {
            fn next_u64(&mut self) -> u64 {
                0
            }
        }
        assert_eq!((TraceId::random(&mut Zeros).get(), SpanId::random(&mut Zeros).get()), (1, 1));
    }
}
