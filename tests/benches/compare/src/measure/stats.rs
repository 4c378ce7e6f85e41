//! The middle of some samples, and how far they spread.

#[derive(Clone, Copy)]
pub struct Stats {
    pub median: f64,
    pub lower: f64,
    pub upper: f64,
}

impl Stats {
    /// Median and quartiles; there must be a sample.
    pub fn of(samples: &mut [f64]) -> Self {
        samples.sort_by(f64::total_cmp);
        Self {
            median: quantile(samples, 0.5),
            lower: quantile(samples, 0.25),
            upper: quantile(samples, 0.75),
        }
    }

    /// Half the distance of the quartiles, in percent of the median.
    pub fn spread(&self) -> f64 {
        (self.upper - self.lower) / 2.0 / self.median * 100.0
    }
}

fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}
