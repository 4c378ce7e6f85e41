//! Group commit: when a write waits for the callers that the last one released.
//!
//! Of several callers that each wait for their record and then append the next, the first to come
//! back would get a sync to itself and the others would share the one after it: two syncs for each
//! record of theirs. So the writer waits a moment until as many have come as were released. A
//! caller by itself is never waited for: its next record is what the writer wakes up for.

use core::time::Duration;
use std::time::Instant;

/// The longest wait, however slow the disk is.
const LONGEST: Duration = Duration::from_millis(1);

/// After so many waits in vain in a row, waits get no shorter.
const SHORTEST: u32 = 6;

/// What the writer knows of those it released last.
#[derive(Debug)]
pub(super) struct Group {
    /// The number that the last record has when all have come back.
    wanted: u64,
    /// When they will not come any more.
    until: Option<Instant>,
    /// How many waits in a row were in vain; each halves the next.
    in_vain: u32,
}

impl Group {
    pub(super) const fn new() -> Self {
        Self { wanted: 0, until: None, in_vain: 0 }
    }

    /// A sync that took `took` is over now, and releases `callers`, who had written `records`.
    ///
    /// `last` is the number of the last record queued meanwhile.
    pub(super) fn release(
        &mut self,
        callers: usize,
        records: u64,
        last: u64,
        now: Instant,
        took: Duration,
    ) {
        // Who only watches does not come back with a record.
        self.wanted = last + records.min(callers as u64);
        self.until = now.checked_add((took / 2).min(LONGEST) / (1 << self.in_vain));
    }

    /// For how long to wait for more, when `last` is the last number queued.
    pub(super) fn wait(&self, last: u64, now: Instant) -> Option<Duration> {
        let left = self.until?.checked_duration_since(now)?;
        (last < self.wanted && !left.is_zero()).then_some(left)
    }

    /// Up to which number to wait.
    pub(super) const fn wanted(&self) -> u64 {
        self.wanted
    }

    /// What came of a wait: `last` was queued at its end.
    pub(super) fn waited(&mut self, last: u64) {
        self.in_vain = if last < self.wanted { (self.in_vain + 1).min(SHORTEST) } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYNC: Duration = Duration::from_micros(160);

    #[test]
    fn all_who_were_released_are_waited_for_and_nobody_else() {
        let (mut group, now) = (Group::new(), Instant::now());
        assert_eq!(group.wait(0, now), None, "nobody was released yet");
        // Three of a batch of three; one other has come meanwhile.
        group.release(3, 3, 11, now, SYNC);
        assert_eq!(group.wanted(), 14);
        assert_eq!(group.wait(12, now), Some(SYNC / 2));
        assert_eq!(group.wait(14, now), None);
        // Eight who watch one record: whoever wrote it comes back.
        group.release(8, 1, 20, now, SYNC);
        assert_eq!(group.wait(21, now), None);
        // A hundred records of one caller.
        group.release(1, 100, 120, now, SYNC);
        assert_eq!(group.wait(121, now), None);
    }

    #[test]
    fn who_comes_late_waits_for_nobody() {
        let (mut group, now) = (Group::new(), Instant::now());
        group.release(8, 8, 8, now, SYNC);
        assert_eq!(group.wait(9, now + SYNC / 4), Some(SYNC / 4));
        assert_eq!(group.wait(9, now + SYNC / 2), None);
        assert_eq!(group.wait(9, now + SYNC), None);
        group.release(8, 8, 16, now, Duration::from_secs(1));
        assert_eq!(group.wait(17, now), Some(LONGEST));
    }

    #[test]
    fn waits_in_vain_get_shorter_until_one_is_not() {
        let (mut group, now) = (Group::new(), Instant::now());
        let mut expected = SYNC / 2;
        for _ in 0..SHORTEST {
            group.release(4, 4, 4, now, SYNC);
            assert_eq!(group.wait(5, now), Some(expected));
            group.waited(6);
            expected /= 2;
        }
        group.waited(7);
        group.release(4, 4, 4, now, SYNC);
        assert_eq!(group.wait(5, now), Some(SYNC / 2 / (1 << SHORTEST)), "no shorter than that");
        group.waited(8);
        group.release(4, 4, 8, now, SYNC);
        assert_eq!(group.wait(9, now), Some(SYNC / 2));
    }
}
