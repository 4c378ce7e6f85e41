//! What is measured, and what is made of it; the same for both applications.

/// How many restarts within the window are allowed.
pub(crate) const RESTARTS: usize = 2;
/// The window within which they count.
pub(crate) const WINDOW_MS: u64 = 100;

/// What a broken measurement reads as.
const BROKEN: u16 = u16::MAX;
/// How many samples an average is made of.
const COUNT: u16 = 8;

/// The measurement is not one.
#[derive(Debug)]
pub(crate) struct Fault;

/// Sample number `n`, one each millisecond; in the first life with faults.
///
/// Two are alone in their window of 100 ms; of the three at the end, the last is one too many.
pub(crate) fn sample(n: u32, faults: bool) -> u16 {
    match n {
        40 | 200 | 400..=402 if faults => BROKEN,
        _ => 100 + (n % 16) as u16,
    }
}

/// How many averages the samples up to the last fault make: 40, then 159, then 199, by eights.
pub(crate) const REPORTS: u32 = 5 + 19 + 24;
/// How often the faults lead to a restart, the last one not.
pub(crate) const RESTARTED: u32 = 4;

/// Millivolts, or still broken.
pub(crate) fn scaled(raw: u16) -> u16 {
    if raw == BROKEN { BROKEN } else { raw * 10 }
}

/// Whether an average can be one of good samples.
pub(crate) fn is_plausible(average: u16) -> bool {
    (1_000..=1_150).contains(&average)
}

/// The average of each so many samples.
pub(crate) struct Average {
    sum: u16,
    count: u16,
}

impl Average {
    pub(crate) const fn new() -> Self {
        Self { sum: 0, count: 0 }
    }

    /// Takes a sample; gives the average when there are enough.
    pub(crate) fn push(&mut self, sample: u16) -> Result<Option<u16>, Fault> {
        if sample == BROKEN {
            return Err(Fault);
        }
        self.sum += sample;
        self.count += 1;
        if self.count < COUNT {
            return Ok(None);
        }
        let average = self.sum / COUNT;
        *self = Self::new();
        Ok(Some(average))
    }
}
