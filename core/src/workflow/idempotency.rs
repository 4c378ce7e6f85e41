//! The key by which others tell a step's attempts from a new request.

use super::key::StepKey;
use core::fmt;

/// The same on every attempt at one step of one workflow, and for no other step.
///
/// Given to a service that knows such keys, it makes a step that runs twice take effect once. Shown as 32
/// hexadecimal digits.
///
/// It is the 128 bits of FNV-1a over the workflow's id and the step's key: no two steps clash by
/// accident, but who may choose ids or names could make them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(u128);

impl IdempotencyKey {
    pub(super) fn new(workflow: &str, step: &StepKey) -> Self {
        let hash = fnv_1a(BASIS, &(workflow.len() as u64).to_le_bytes());
        Self(fnv_1a(fnv_1a(hash, workflow.as_bytes()), step.as_bytes()))
    }

    /// The key as a number.
    pub const fn as_u128(self) -> u128 {
        self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdempotencyKey({self})")
    }
}

const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = (1 << 88) + 0x13b;

fn fnv_1a(hash: u128, bytes: &[u8]) -> u128 {
    bytes.iter().fold(hash, |hash, &byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::key::{Operation, Place};
    use alloc::string::ToString;

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(fnv_1a(BASIS, b""), BASIS);
        assert_eq!(fnv_1a(BASIS, b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(fnv_1a(BASIS, b"foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }

    #[test]
    fn it_depends_on_all_that_names_a_step_and_never_changes() {
        let step = |name, n| Place::new(Operation::Step, &[], name).nth(n);
        let key = IdempotencyKey::new("import-42", &step("fetch", 1));
        assert_eq!(key.to_string(), "ca0026f8017cb00f86bce902d52cf145");
        assert_ne!(key, IdempotencyKey::new("import-43", &step("fetch", 1)));
        assert_ne!(key, IdempotencyKey::new("import-42", &step("fetch", 2)));
        assert_ne!(key, IdempotencyKey::new("import-42", &step("fetc", 1)));
    }
}
