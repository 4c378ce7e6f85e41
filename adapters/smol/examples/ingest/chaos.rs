//! Panics on purpose, the same ones for the same seed.

/// Which attempts at which files panic.
#[derive(Clone, Copy, Debug)]
pub struct Chaos {
    probability: f64,
    seed: u64,
}

impl Chaos {
    pub const fn new(probability: f64, seed: u64) -> Self {
        Self { probability, seed }
    }

    pub fn is_on(self) -> bool {
        self.probability > 0.0
    }

    /// Whether this attempt at this file is to panic, whatever worker makes it and when.
    pub fn strikes(self, path: &[u8], attempt: u32) -> bool {
        if !self.is_on() {
            return false;
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.seed.to_le_bytes()).update(&attempt.to_le_bytes()).update(path);
        let mut draw = [0; 8];
        hasher.finalize_xof().fill(&mut draw);
        // 53 bits, as many as a float holds: a uniform draw from 0 up to 1.
        ((u64::from_le_bytes(draw) >> 11) as f64) * 2f64.powi(-53) < self.probability
    }

    /// Panics if this attempt is to; silently, since it was asked for.
    pub fn strike(self, path: &[u8], attempt: u32) {
        if self.strikes(path, attempt) {
            let text = format!("chaos at {}", String::from_utf8_lossy(path));
            std::panic::resume_unwind(Box::new(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strikes_about_as_often_as_asked() {
        let chaos = Chaos::new(0.05, 1);
        let strikes = (0..10_000u32).filter(|n| chaos.strikes(&n.to_le_bytes(), 0)).count();
        assert!((400..600).contains(&strikes), "{strikes}");
        assert!(!Chaos::new(0.0, 1).strikes(b"x", 0));
        assert!(Chaos::new(1.0, 1).strikes(b"x", 0));
    }
}
