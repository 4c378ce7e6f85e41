//! Which member a key belongs to.

use core::hash::{Hash, Hasher};

/// FNV-1a: small, and the same on every machine.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

pub(super) fn hash<K: Hash + ?Sized>(key: &K) -> u64 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    key.hash(&mut hasher);
    hasher.finish()
}

/// How much the key of this hash belongs into this place: the place of the largest weight has it.
///
/// So a place that goes gives its keys to all others, and no other key moves.
pub(super) fn weight(hash: u64, place: usize) -> u64 {
    // The finalizer of splitmix64.
    let mut z = hash ^ (place as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn place(key: u32, places: &[usize]) -> usize {
        let hash = hash(&key);
        places.iter().copied().max_by_key(|&place| weight(hash, place)).unwrap()
    }

    #[test]
    fn a_place_that_goes_moves_its_own_keys_only() {
        let all: Vec<usize> = (0..5).collect();
        let mut moved_to = Vec::new();
        for key in 0..1000 {
            let (before, after) = (place(key, &all), place(key, &[0, 1, 3, 4]));
            if before == 2 {
                moved_to.push(after);
            } else {
                assert_eq!(before, after);
            }
        }
        assert!((150..250).contains(&moved_to.len()), "{}", moved_to.len());
        assert!([0, 1, 3, 4].iter().all(|place| moved_to.contains(place)));
    }
}
