//! A trace as its spans share it, and one span of it.

use super::{
    id::{SpanId, TraceFlags, TraceId},
    traceparent::TraceParent,
    tracestate::TraceState,
};
use crate::{
    sync::{Arc, Lock},
    time::Entropy,
};

/// What all spans of a trace in this process have in common.
pub(super) struct Trace {
    pub(super) id: TraceId,
    pub(super) flags: TraceFlags,
    pub(super) state: Option<TraceState>,
    /// Where the ids of spans come from: splitmix64, which repeats itself after all 64-bit numbers.
    seed: Lock<u64>,
}

/// One part of a trace.
#[derive(Clone)]
pub(super) struct Span {
    pub(super) trace: Arc<Trace>,
    pub(super) id: SpanId,
    pub(super) parent: Option<SpanId>,
}

impl Trace {
    pub(super) fn new(flags: TraceFlags, entropy: &mut impl Entropy) -> Self {
        Self {
            id: TraceId::random(entropy),
            flags,
            state: None,
            seed: Lock::new(entropy.next_u64()),
        }
    }

    pub(super) fn continued(
        caller: TraceParent,
        state: Option<TraceState>,
        entropy: &mut impl Entropy,
    ) -> Self {
        let TraceParent { trace_id: id, flags, .. } = caller;
        Self { id, flags, state, seed: Lock::new(entropy.next_u64()) }
    }

    fn next_span(&self) -> SpanId {
        self.seed.with(|seed| {
            loop {
                // Of all seeds one gives zero, which is not an id.
                if let Some(id) = SpanId::new(splitmix64(seed)) {
                    return id;
                }
            }
        })
    }
}

impl Span {
    pub(super) fn first(trace: Trace) -> Self {
        let id = trace.next_span();
        Self { trace: Arc::new(trace), id, parent: None }
    }

    pub(super) fn child(&self) -> Self {
        let id = self.trace.next_span();
        Self { trace: self.trace.clone(), id, parent: Some(self.id) }
    }
}

fn splitmix64(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_that_gives_zero_gives_the_next_id() {
        // The step before the state zero, which splitmix64 maps to zero.
        let seed = Lock::new(0_u64.wrapping_sub(0x9e37_79b9_7f4a_7c15));
        let id = const { TraceId::new(1).unwrap() };
        let trace = Trace { id, flags: TraceFlags::NONE, state: None, seed };
        // The first output for the seed zero, from the generator's reference implementation.
        assert_eq!(trace.next_span().get(), 0xe220_a839_7b1d_cdaf);
    }
}
